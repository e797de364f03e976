// The train dialect itself.
#ifndef NNC_DIALECTS_TRAIN_IR_TRAINDIALECT
#define NNC_DIALECTS_TRAIN_IR_TRAINDIALECT

include "mlir/IR/OpBase.td"

def Train_Dialect : Dialect {
  let name = "train";
  let cppNamespace = "::mlir::train";
  let summary = "What a model is made of and how it is trained";
  let description = [{
    The `nn` dialect computes; this one describes. A `train.model` lists what whoever runs a
    compiled model must know: its inputs, outputs, parameters, states, data and recipe. It names the
    functions of `nn` operations that give these a meaning. `train-build-entries` makes from it a
    `train.program`: the tensors of each arena, and the entry functions that are compiled, which
    stays to the end as the source of the descriptor that a compiled program carries
    (runtime/include/nnrt/abi.h).

    ### Bindings

    What an argument of a function is, its attribute `train.bind` says, and so nothing depends on
    the order of arguments. `#train.bind<parameter, 2>` is the third parameter, `#train.bind<dim, 0>`
    the value of the first symbolic dimension. Sources and what they count are those of the C ABI:

    | Source | Of | Type in the functions that a model names |
    |---|---|---|
    | `dim` | `dims` of the model | `index` |
    | `step`, `steps` | | `tensor<f64>`: the block's own updates, from 1; how many there will be |
    | `batch` | | `tensor<f64>`: the examples of a whole batch, as training is asked for |
    | `seed`, `draw`, `example` | | `tensor<i64>`: the number of the batch, of its first example |
    | `number` | the recipe's numbers | `tensor<f64>` |
    | `class` | the classes that the data asks for | `tensor<i64>` |
    | `parameter`, `state`, `fit` | `train.parameter`, `train.state`, `train.fitted` | the tensor's |
    | `optimizer` | `train.optimizer_state`, through all blocks | the tensor's |
    | `average`, `gradient` | parameters | the parameter's |
    | `input`, `output`, `field`, `column` | the operation of that name | the port's |
    | `loss` | the block's losses | a rank-0 float |
    | `total`, `partial` | results of rank 0 of all passes | `tensor<f64>` |
    | `collected` | the operation of that name: of a batch in passes, of the part in `finish` | the port's |
    | `result` | results of `finish` | `tensor<f64>` |
    | `passes`, `place`, `width`, `table`, `order` | what an entry for GPUs takes that goes through several batches (`codegen-repeat-batches`) | none |

    Arguments of entries are bound the same way, and their results too; there a scalar is an `i64`
    (`index` for a dimension), which for a `number` has the bits of an f64.

    ### Functions of a model

    | Function | Arguments | Results |
    |---|---|---|
    | `predict` of `train.model` | dim, input, parameter, state, seed, draw, example, number | the outputs |
    | `init` of `train.parameter`, `train.state` | seed | the tensor |
    | `objective` of `train.block` | dim, field, parameter, state, step, steps, seed, draw, number | losses, rank-0 floats; the new value of each state |
    | `limit` of `train.block` | step, steps, batch, number | `tensor<f64>` |
    | `rule` of `train.update` | parameter, gradient, optimizer, step, steps, batch, number | the parameter, its states |
    | `init` of `train.optimizer_state` | seed, parameter | the tensor |
    | `accumulate` of `train.pass` | as `objective`, example, total | a `tensor<f64>` for each total, then what is collected |
    | `finish` of `train.recipe` | dim, parameter, state, seed, number, total, collected | a `tensor<f64>` for each loss and metric |
    | `fit` of `train.preparation` | dim, column, class | the fitted tensors |
    | `prepare` of `train.preparation` | dim, column, fit, class | the fields |

    ### Attributes of a module

    - `train.source`: the text of the `.nn` file; `train.source_file`: its name;
      `train.source_sha256`: the hash of the text in hex.

    ### Attributes of entries

    - `train.bind` on arguments and results.
    - `train.dims`: for each dimension of the model the one value that the entry is compiled for, or
      0: any. None: any for all.
    - `train.needs`, on the functions of a model too: what every call's dimensions must be, as an
      array of `#train.need`. An entry needs what the functions need that it is made of.
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
}

#endif
