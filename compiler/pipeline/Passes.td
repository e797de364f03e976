// The pass that guards the stages of the pipeline.
#ifndef NNC_COMPILER_PIPELINE_PASSES
#define NNC_COMPILER_PIPELINE_PASSES

include "mlir/Pass/PassBase.td"

def NncVerifyStage : Pass<"nnc-verify-stage", "::mlir::ModuleOp"> {
  let summary = "Verify that a module is at a stage of the pipeline";
  let description = [{
    Each phase begins with this pass, so that a module which isn't what the phase expects is refused
    with the operation that is out of place, and not by whatever pass meets it first. Beyond what
    the verifiers of operations say:

    | Stage | Models | Operations in functions |
    |---|---|---|
    | `nn` | `train.model` | of nn, arith, func, tensor |
    | `grad` | `train.program`; every entry's arguments and results are bound | of nn, arith, func, tensor |
    | `linalg` | `train.program`; every entry's arguments and results are bound | none of nn or train |
    | `kernels` | `train.program` | none of nn or train, and none of linalg outside of kernels |
    | `bufferized` | `train.program` | none of nn or train, and none with a tensor operand or result |

    It changes nothing. For example,

    ```mlir
    func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
      %y = nn.exp %x : tensor<4xf32>
      return %y : tensor<4xf32>
    }
    ```

    passes at stages `nn` and `grad` and is refused by `stage=linalg`, with "'nn.exp' op is not
    expected at stage linalg".
  }];
  let options = [
    Option<"stage", "stage", "std::string", "\"nn\"", "The stage: nn, grad, linalg, kernels or bufferized">
  ];
}

#endif
