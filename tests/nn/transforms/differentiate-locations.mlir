// The code of a derivative says which operation it is of.
// RUN: nn-opt %s --nn-differentiate --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s

// CHECK-LABEL: func @f
// CHECK: nn.sin %{{.*}} loc("model.nn":3:7)
// CHECK: nn.cos %{{.*}} loc("vjp"("model.nn":3:7))
func.func @f(%x: tensor<f32> {nn.wrt}) -> tensor<f32> {
  %0 = nn.sin %x : tensor<f32> loc("model.nn":3:7)
  return %0 : tensor<f32>
}
