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
    compiled model must know: its inputs, outputs, parameters, the optimizer's states, the data set
    and the recipe. It names the functions of `nn` operations that give these a meaning.
    `train-build-entries` makes from them the entry functions that are compiled (`init`, `step`,
    `eval`, `predict`); the model then lists those in their place, and stays to the end as the
    source of the descriptor that a compiled program carries.

    A model has two forms:

    - *described*: `forward` is there, and every operation names its function;
    - *built*: `entries` is there, and none of the functions is.

    ### Signatures

    Each function that a model names has a signature that follows from the model. D stands for one
    `index` argument per name in `dims`, in that order; a `?` in a type is the value of the
    dimension that `dims` of the port names.

    | Function | Arguments | Results |
    |---|---|---|
    | `forward` of `train.model` | D, inputs, parameters, buffers | outputs, new buffers |
    | `init` of `train.parameter` | seed | the tensor |
    | `loss` of `train.recipe` | D, outputs, inputs, fields that are no inputs | rank-0 floats of one type |
    | `metrics` of `train.recipe` | as of `loss` | a rank-0 float per metric |
    | `rule` of `train.update` | parameter, gradient, states, step | parameter, states |
    | `init` of `train.state` | seed, parameter | the tensor |

    Seed and step are `tensor<i64>`; the step counts from 1.

    ### Attributes of a module

    - `train.source`: the text of the `.nn` file; `train.source_file`: its name;
      `train.source_sha256`: the hash of the text in hex.
  }];
  let hasOperationAttrVerify = 1;
}

#endif
