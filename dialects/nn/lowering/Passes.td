// The lowering of the nn dialect.
#ifndef NNC_DIALECTS_NN_LOWERING_PASSES
#define NNC_DIALECTS_NN_LOWERING_PASSES

include "mlir/Pass/PassBase.td"

def ConvertNnToLinalgPass : Pass<"convert-nn-to-linalg"> {
  let summary = "lower nn to linalg on tensors";
  let description = [{
    Every nn operation becomes linalg, tensor, arith, math or scf operations on signless types: ui8 is
    i8 in signatures too, and its signedness lives on in the operations chosen (`arith.uitofp`). The
    operations of all dialects but nn stay; those on ui8 tensors change their types.

    - elementwise operations: one `linalg.generic` with the scalar code of
      `NnElementwiseOpInterface`; splat constants become scalars of its body;
    - `nn.contract`: `linalg.generic` with a multiply-add body into zeros, iterators in the order of the
      result, then the summed letters; elementwise code where nothing is summed; where many
      products are summed in blocks along a dimension, where a size is a value, or the sums of all
      blocks are large, in a `scf.for` over blocks;
    - reductions: `linalg.generic` into the neutral element; sums of more than 64 floats, or of who
      knows how many, in f64, of fewer f16 and bf16 in f32;
    - `nn.broadcast`, `nn.transpose`, `nn.iota`, `nn.random`, `nn.gather`: `linalg.generic`;
    - `nn.reshape`: `tensor.collapse_shape` and `tensor.expand_shape`;
    - `nn.slice`, `nn.pad`, `nn.concat`: `tensor.extract_slice`, `tensor.insert_slice`;
    - `nn.scan`: `scf.for`, which carries its values and stacks; slices are `tensor.extract_slice`,
      stacks `tensor.insert_slice`;
    - `nn.with_gradient`: its first body;
    - `nn.scatter_add`: a sequential `scf.for` over the indices, so that sums have one order.

    `nn.gradient` must have been expanded (`nn-expand-gradients`).

    ```mlir
    func.func @f(%x: tensor<4xui8>) -> tensor<4xf32> {
      %y = nn.cast %x : tensor<4xui8> to tensor<4xf32>
      return %y : tensor<4xf32>
    }
    ```
    becomes
    ```mlir
    #id = affine_map<(i) -> (i)>
    func.func @f(%x: tensor<4xi8>) -> tensor<4xf32> {
      %e = tensor.empty() : tensor<4xf32>
      %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
          ins(%x : tensor<4xi8>) outs(%e : tensor<4xf32>) {
      ^bb0(%in: i8, %out: f32):
        %0 = arith.uitofp %in : i8 to f32
        linalg.yield %0 : f32
      } -> tensor<4xf32>
      return %y : tensor<4xf32>
    }
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"
  ];
  let statistics = [
    Statistic<"numLowered", "lowered", "Operations of nn that became others">,
  ];
}

#endif // NNC_DIALECTS_NN_LOWERING_PASSES
