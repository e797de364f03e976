// Passes over the nn dialect.
#ifndef NNC_DIALECTS_NN_TRANSFORMS_PASSES
#define NNC_DIALECTS_NN_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def DifferentiatePass : Pass<"nn-differentiate", "::mlir::func::FuncOp"> {
  let summary = "give a function the gradients of its first result";
  let description = [{
    A function with arguments marked `nn.wrt` and a rank-0 float as result 0 is given one more result
    per such argument, in their order: the gradient of result 0. The marks go away; each new result
    has the attribute `nn.gradient_of`, the number of its argument. A gradient that is zero whatever
    the input is a constant.

    Reverse mode over the function's body, loops (`nn.scan`) included: operations are asked for their
    vector-Jacobian product through `NnDifferentiableOpInterface`, from last to first. Only values
    between a marked argument and result 0 get a cotangent. An operation that lies between them and
    lacks the interface is an error, and so is one whose regions use such a value without having it as
    an operand: only operands get a cotangent. A cotangent that a choice made zero stays zero through
    elementwise operations, so where(x > 0, sqrt(x), x) has a gradient everywhere. The code of a product lies at `loc("vjp"(<where its operation
    is>))`.

    ```mlir
    func.func @loss(%w: tensor<f32> {nn.wrt}, %x: tensor<f32>) -> tensor<f32> {
      %y = nn.mul %w, %x : tensor<f32>
      return %y : tensor<f32>
    }
    ```
    becomes
    ```mlir
    func.func @loss(%w: tensor<f32>, %x: tensor<f32>)
        -> (tensor<f32>, tensor<f32> {nn.gradient_of = 0 : i64}) {
      %y = nn.mul %w, %x : tensor<f32>
      return %y, %x : tensor<f32>, tensor<f32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::nn::NnDialect", "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numAdjoints", "adjoints", "Operations whose product was built">,
  ];
}

def ExpandGradientsPass : Pass<"nn-expand-gradients"> {
  let summary = "replace gradients that are values by the code that computes them";
  let description = [{
    Each `nn.gradient`, innermost first, is replaced by its body and the adjoint of it: ordinary
    code, which `nn-differentiate` or a further gradient around it differentiates again. Runs before
    anything else, so that simplifications see the whole.

    ```mlir
    func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
      %g = nn.gradient wrt (%x : tensor<4xf32>) captures () dims () -> (tensor<4xf32>) {
      ^bb0(%a: tensor<4xf32>):
        %0 = nn.sin %a : tensor<4xf32>
        nn.yield %0 : tensor<4xf32>
      }
      return %g : tensor<4xf32>
    }
    ```
    becomes (after `canonicalize`)
    ```mlir
    func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
      %0 = nn.cos %x : tensor<4xf32>
      return %0 : tensor<4xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::nn::NnDialect", "::mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"numExpanded", "expanded", "Gradients that became code">];
}

def InlineForwardPass : Pass<"nn-inline-forward"> {
  let summary = "forget declared gradients";
  let description = [{
    Each `nn.with_gradient` is replaced by its first body. Runs when all derivatives have been taken;
    `convert-nn-to-linalg` does it for what is left.

    ```mlir
    func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
      %y = nn.with_gradient inputs (%x : tensor<4xf32>) captures () dims () -> (tensor<4xf32>) {
      ^bb0(%a: tensor<4xf32>):
        %0 = nn.sign %a : tensor<4xf32>
        nn.yield %0 : tensor<4xf32>
      }, {
      ^bb0(%a: tensor<4xf32>, %dy: tensor<4xf32>):
        nn.yield %dy : tensor<4xf32>
      }
      return %y : tensor<4xf32>
    }
    ```
    becomes
    ```mlir
    func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
      %0 = nn.sign %x : tensor<4xf32>
      return %0 : tensor<4xf32>
    }
    ```
  }];
  let statistics = [Statistic<"numInlined", "inlined", "Operations replaced by their first body">];
}

def SpecializeDimsPass : Pass<"nn-specialize-dims", "::mlir::func::FuncOp"> {
  let summary = "compile a function for one value of an index argument";
  let description = [{
    Takes the `index` argument number `arg` for the constant `size`, and infers all types anew, those
    of the function included. The argument stays, unused, so that callers needn't change. Without
    options, the function's own attribute `nn.specialize` says what to do: one number per argument,
    -1 for those that stay. Which `?` of the other arguments go with the index is said by their
    attribute `nn.dims`; where they have none, the function's only index argument is all of them.

    ```mlir
    func.func @f(%n: index, %x: tensor<?x4xf32>) -> tensor<?x4xf32>
        attributes {nn.specialize = array<i64: 32, -1>} {
      %y = nn.exp %x : tensor<?x4xf32>
      return %y : tensor<?x4xf32>
    }
    ```
    becomes
    ```mlir
    func.func @f(%n: index, %x: tensor<32x4xf32>) -> tensor<32x4xf32> {
      %y = nn.exp %x : tensor<32x4xf32>
      return %y : tensor<32x4xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let options = [
    Option<"arg", "arg", "int64_t", "-1", "Number of the index argument, -1: see nn.specialize">,
    Option<"size", "size", "int64_t", "0", "Its value">,
  ];
  let statistics = [
    Statistic<"numSpecialized", "specialized", "Arguments that became constants">,
  ];
}

#endif // NNC_DIALECTS_NN_TRANSFORMS_PASSES
