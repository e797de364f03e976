// Every operation made says where its origin is.
// RUN: nn-opt %s --convert-nn-to-linalg --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s

// CHECK-LABEL: func @f
// CHECK: tensor.empty() : tensor<4xf32> loc("model.nn":7:3)
// CHECK: math.exp %{{.*}} : f32 loc("model.nn":7:3)
// CHECK: linalg.yield {{.*}} loc("model.nn":7:3)
func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = nn.exp %x : tensor<4xf32> loc("model.nn":7:3)
  return %0 : tensor<4xf32>
}
