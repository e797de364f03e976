// The passes of the train dialect.
#ifndef NNC_DIALECTS_TRAIN_TRANSFORMS_PASSES
#define NNC_DIALECTS_TRAIN_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def TrainBuildEntries : Pass<"train-build-entries", "::mlir::ModuleOp"> {
  let summary = "Build the functions that a program runs from those that a model describes";
  let description = [{
    Turns every `train.model` into a `train.program`. No name of the language has a dot, so that
    entries of one model never take the name of another one or of its entries. Each entry is named by
    its attribute `nn.entry`; the symbol is the model's name, that name, and `_any` where it takes
    any batch.

    | Entry | Computes | In place |
    |---|---|---|
    | `init` | parameters, states | |
    | `init_training` | optimizer states; averages, which begin as the parameters | |
    | `predict` | outputs | |
    | `next` | the output at one position, from one unit of a text | caches |
    | `step`, `step.BLOCK` | losses | the block's parameters, their optimizer states and averages; states |
    | `gradient`, `gradient.BLOCK` | losses | sums of gradients; states |
    | `update`, `update.BLOCK` | | the block's parameters, their optimizer states and averages |
    | `evaluate.PASS` | what the batch adds to the pass's totals | |
    | `finish` | losses and metrics | |
    | `fit` | what preparation fits | |
    | `prepare` | fields | |

    `step` is the objective, the gradients of the sum of its losses with respect to every parameter
    that the block updates (by `nn-differentiate`), clipping, the rules, and averages. The rules come
    last: whatever reads an old parameter comes before the new one, which can therefore take its
    place in memory. Where `accumulate` of the recipe's settings is n > 1, `gradient` adds to sums
    what `update` divides by n. Losses are f64. Sums of gradients are f32 where the parameter is f16
    or bf16, and so are the averages as they go on: then `average` is that, rounded, and what it is
    rounded from is a further state of the optimizer, `PARAMETER.ema.f32`, behind all others.

    `next` is there where the examples are windows of a text, the one input is `[batch, positions]` of
    units and the one output has the same positions and a last axis of what may follow. It is derived
    from predict for a batch of 1: each operation is done at one position alone, and what others of a
    position's operands are needed at all positions, as keys and values of attention are, are caches,
    of which each call writes its position; a scan over positions makes one pass, and what it carries
    is a cache. Where an operation mixes positions in another way, there is no `next`.

    Each argument and result has `train.bind`, what it is. An argument of a dimension is an `index`,
    other scalars are `i64`: a `number` has the bits of an f64. A result that takes the place of an
    argument has `nn.tied`, that argument's number; an argument or result with dynamic dimensions has
    `nn.dims`, the argument numbers of these. The functions that the model named are inlined, and
    erased where nothing else uses them.

    Before:

    ```mlir
    train.model @net dims ["batch"] batch 0 predict @net.forward {
      train.input "x" : tensor<?x4xf32> dims ["batch"]
      train.output "y" : tensor<?x4xf32> dims ["batch"]
    }
    func.func private @net.forward(
        %batch: index {train.bind = #train.bind<dim, 0>},
        %x: tensor<?x4xf32> {train.bind = #train.bind<input, 0>}) -> tensor<?x4xf32> {
      %y = nn.exp %x : tensor<?x4xf32>
      return %y : tensor<?x4xf32>
    }
    ```

    After:

    ```mlir
    train.program @net dims ["batch"] batch 0 entries [@net.init, @net.predict_any]
        totals 0 results 0 {
      train.input "x" : tensor<?x4xf32> dims ["batch"]
      train.output "y" : tensor<?x4xf32> dims ["batch"]
    }
    func.func @net.init(%seed: i64 {train.bind = #train.bind<seed, 0>})
        attributes {nn.entry = "init"} {
      return
    }
    func.func @net.predict_any(%batch: index {train.bind = #train.bind<dim, 0>},
                               %x: tensor<?x4xf32> {nn.dims = array<i64: 0>,
                                                    train.bind = #train.bind<input, 0>})
        -> (tensor<?x4xf32> {nn.dims = array<i64: 0>, train.bind = #train.bind<output, 0>})
        attributes {nn.entry = "predict"} {
      %y = nn.exp %x : tensor<?x4xf32>
      return %y : tensor<?x4xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
                           "::mlir::nn::NnDialect", "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numEntries", "num-entries", "Number of entry functions built">
  ];
}

def TrainSpecializeBatch : Pass<"train-specialize-batch", "::mlir::ModuleOp"> {
  let summary = "Compile entries that take a batch for the recipe's size of it too";
  let description = [{
    Clones each entry of a built model that takes the batch, the dimension that `batch` numbers:
    shapes that depend on it are static in the clone. It has the attribute `train.dims`, which tells
    the values of dimensions that it is for. The argument for the batch stays, unused, so that both
    forms are called alike. An entry whose `train.needs` ask for a larger batch keeps the one form.

    Before:

    ```mlir
    train.program @net dims ["batch"] batch 0 entries [@net.predict_any] totals 0 results 0
        settings {batch = 32} {
      train.input "x" : tensor<?xf32> dims ["batch"]
      train.output "y" : tensor<?xf32> dims ["batch"]
    }
    func.func @net.predict_any(%batch: index {train.bind = #train.bind<dim, 0>},
                               %x: tensor<?xf32> {nn.dims = array<i64: 0>,
                                                  train.bind = #train.bind<input, 0>})
        -> (tensor<?xf32> {nn.dims = array<i64: 0>, train.bind = #train.bind<output, 0>})
        attributes {nn.entry = "predict"} {
      %y = nn.exp %x : tensor<?xf32>
      return %y : tensor<?xf32>
    }
    ```

    After:

    ```mlir
    train.program @net dims ["batch"] batch 0 entries [@net.predict_any, @net.predict]
        totals 0 results 0 settings {batch = 32} {
      train.input "x" : tensor<?xf32> dims ["batch"]
      train.output "y" : tensor<?xf32> dims ["batch"]
    }
    func.func @net.predict_any(%batch: index {train.bind = #train.bind<dim, 0>},
                               %x: tensor<?xf32> {nn.dims = array<i64: 0>,
                                                  train.bind = #train.bind<input, 0>})
        -> (tensor<?xf32> {nn.dims = array<i64: 0>, train.bind = #train.bind<output, 0>})
        attributes {nn.entry = "predict"} {
      %y = nn.exp %x : tensor<?xf32>
      return %y : tensor<?xf32>
    }
    func.func @net.predict(%batch: index {train.bind = #train.bind<dim, 0>},
                           %x: tensor<32xf32> {train.bind = #train.bind<input, 0>})
        -> (tensor<32xf32> {train.bind = #train.bind<output, 0>})
        attributes {nn.entry = "predict", train.dims = array<i64: 32>} {
      %y = nn.exp %x : tensor<32xf32>
      return %y : tensor<32xf32>
    }
    ```
  }];
  let options = [
    Option<"batch", "batch", "int64_t", "0",
           "Takes the place of the recipe's batch, in the recipe too; 0: the recipe's">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let statistics = [
    Statistic<"numSpecialized", "num-specialized", "Number of entries specialized">
  ];
}

def TrainEraseModels : Pass<"train-erase-models", "::mlir::ModuleOp"> {
  let summary = "Erase what only describes";
  let description = [{
    Erases every `train.program` and all attributes of the dialect: the last step before the
    translation to LLVM IR, when the descriptor has been read from them. Refuses a `train.model`,
    whose entries are yet to be built.

    Before:

    ```mlir
    module attributes {train.source = "model net(x: f32[4]) -> y: f32[4] { x }"} {
      train.program @net dims [] entries [@net.init] totals 0 results 0 {
      }
      llvm.func @net.init(!llvm.ptr)
    }
    ```

    After:

    ```mlir
    module {
      llvm.func @net.init(!llvm.ptr)
    }
    ```
  }];
  let statistics = [
    Statistic<"numErased", "num-erased", "Number of models erased">
  ];
}

#endif
