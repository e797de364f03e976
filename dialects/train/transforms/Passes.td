// The passes of the train dialect.
#ifndef NNC_DIALECTS_TRAIN_TRANSFORMS_PASSES
#define NNC_DIALECTS_TRAIN_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def TrainBuildEntries : Pass<"train-build-entries", "::mlir::ModuleOp"> {
  let summary = "Build the functions that a program runs from those that a model describes";
  let description = [{
    Turns every described `train.model` into a built one. No name of the language has a dot, so
    that entries of one model never take the name of another one or of its entries:

    | Entry | Arguments | Results |
    |---|---|---|
    | `<model>.init` | seed | parameters, buffers, states |
    | `<model>.predict_any` | dims; inputs, parameters, buffers | outputs |
    | `<model>.step_any` | dims, step; fields, parameters, buffers, states | updated parameters, buffers, states; loss |
    | `<model>.eval_any` | dims; fields, parameters, buffers | loss, metrics |

    The last two exist where the model has a recipe. `step` is the forward computation, the sum of
    the losses, the gradients with respect to every parameter that has a `train.update` (by
    `nn-differentiate`), and the update rules. The rules come last: whatever reads an old parameter
    comes before the new one, which can therefore take its place in memory. Loss and metrics are
    f32.

    An entry has the attribute `nn.entry` with its kind. Each argument and result has `nn.binding`,
    what it is and which one of these: `["dim" | "step" | "seed" | "field" | "input" | "parameter" |
    "state" | "output" | "loss" | "metric", index]`; buffers count after the parameters. A result
    that takes the place of an argument has `nn.tied`, that argument's number; an argument or result
    with dynamic dimensions has `nn.dims`, the argument numbers of these. The functions that the
    model named are inlined, and erased where nothing else uses them.

    Before:

    ```mlir
    train.model @net dims ["batch"] forward @net.forward {
      train.input "x" : tensor<?x4xf32> dims ["batch"]
      train.output "y" : tensor<?x4xf32> dims ["batch"]
    }
    func.func private @net.forward(%batch: index, %x: tensor<?x4xf32>) -> tensor<?x4xf32> {
      %y = nn.exp %x : tensor<?x4xf32>
      return %y : tensor<?x4xf32>
    }
    ```

    After:

    ```mlir
    train.model @net dims ["batch"] entries [@net.init, @net.predict_any] {
      train.input "x" : tensor<?x4xf32> dims ["batch"]
      train.output "y" : tensor<?x4xf32> dims ["batch"]
    }
    func.func @net.init(%seed: i64 {nn.binding = ["seed", 0]}) attributes {nn.entry = "init"} {
      return
    }
    func.func @net.predict_any(%batch: index {nn.binding = ["dim", 0]},
                               %x: tensor<?x4xf32> {nn.binding = ["input", 0],
                                                    nn.dims = array<i64: 0>})
        -> (tensor<?x4xf32> {nn.binding = ["output", 0], nn.dims = array<i64: 0>})
        attributes {nn.entry = "predict"} {
      %y = nn.exp %x : tensor<?x4xf32>
      return %y : tensor<?x4xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::func::FuncDialect", "::mlir::nn::NnDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numEntries", "num-entries", "Number of entry functions built">
  ];
}

def TrainSpecializeBatch : Pass<"train-specialize-batch", "::mlir::ModuleOp"> {
  let summary = "Compile the training step and the evaluation for the recipe's batch too";
  let description = [{
    Clones the entries `<model>.step_any` and `<model>.eval_any` of each built model with a recipe
    as `<model>.step` and `<model>.eval`, in which the first dimension of the model is the recipe's
    batch: shapes that depend on it become static. The clones have the attribute `nn.batch`. The
    argument for that dimension stays, unused, so that both forms are called alike.

    Before:

    ```mlir
    train.model @net dims ["batch"] entries [@net.eval_any] {
      train.input "x" : tensor<?xf32> dims ["batch"]
      train.output "y" : tensor<?xf32> dims ["batch"]
      train.recipe optimizer "sgd()" batch 32 seed 0 metrics [] {
        train.data "points" format "npy" {
          train.field "x" : tensor<?xf32> dims ["batch"]
        }
      }
    }
    func.func @net.eval_any(%batch: index {nn.binding = ["dim", 0]},
                            %x: tensor<?xf32> {nn.binding = ["field", 0],
                                               nn.dims = array<i64: 0>})
        -> (tensor<f32> {nn.binding = ["loss", 0]}) attributes {nn.entry = "eval"} {
      %loss = nn.reduce_sum %x [0] : tensor<?xf32> -> tensor<f32>
      return %loss : tensor<f32>
    }
    ```

    After:

    ```mlir
    train.model @net dims ["batch"] entries [@net.eval_any, @net.eval] {
      train.input "x" : tensor<?xf32> dims ["batch"]
      train.output "y" : tensor<?xf32> dims ["batch"]
      train.recipe optimizer "sgd()" batch 32 seed 0 metrics [] {
        train.data "points" format "npy" {
          train.field "x" : tensor<?xf32> dims ["batch"]
        }
      }
    }
    func.func @net.eval_any(%batch: index {nn.binding = ["dim", 0]},
                            %x: tensor<?xf32> {nn.binding = ["field", 0],
                                               nn.dims = array<i64: 0>})
        -> (tensor<f32> {nn.binding = ["loss", 0]}) attributes {nn.entry = "eval"} {
      %loss = nn.reduce_sum %x [0] : tensor<?xf32> -> tensor<f32>
      return %loss : tensor<f32>
    }
    func.func @net.eval(%batch: index {nn.binding = ["dim", 0]},
                        %x: tensor<32xf32> {nn.binding = ["field", 0]})
        -> (tensor<f32> {nn.binding = ["loss", 0]})
        attributes {nn.batch = 32 : i64, nn.entry = "eval"} {
      %loss = nn.reduce_sum %x [0] : tensor<32xf32> -> tensor<f32>
      return %loss : tensor<f32>
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
    Erases every `train.model` and the module's `train.*` attributes: the last step before the
    translation to LLVM IR, when the descriptor has been read from them. Refuses a model whose
    entries are not built.

    Before:

    ```mlir
    module attributes {train.source = "model net(x: f32[4]) -> y: f32[4] { x }"} {
      train.model @net dims [] entries [@net.init] {
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
