// RUN: nn-opt %s --train-specialize-batch --canonicalize | FileCheck %s --check-prefixes=CHECK,B32
// RUN: nn-opt %s --train-specialize-batch=batch=8 --canonicalize | FileCheck %s --check-prefixes=CHECK,B8
// Doing it again changes nothing.
// RUN: nn-opt %s --train-specialize-batch --canonicalize > %t
// RUN: nn-opt %t --train-specialize-batch --canonicalize | diff %t -

// CHECK-LABEL: train.model @net dims ["batch", "time"] entries [@net.predict_any, @net.eval_any, @net.eval]
train.model @net dims ["batch", "time"] entries [@net.predict_any, @net.eval_any] {
  // B32: train.recipe optimizer "" batch 32
  // B8: train.recipe optimizer "" batch 8
  train.recipe optimizer "" batch 32 seed 0 metrics [] {
    train.data "d" format "idx" {
      train.field "x" : tensor<?x?xf32> dims ["batch", "time"]
      train.field "t" : tensor<?xui8> dims ["batch"]
    }
  }
}

func.func @net.predict_any() attributes {nn.entry = "predict"} { return }

// The entry for any batch stays as it is.
// CHECK-LABEL: func.func @net.eval_any(
// CHECK-SAME: tensor<?x?xf32> {nn.binding = ["field", 0], nn.dims = array<i64: 0, 1>}
// CHECK: nn.broadcast {{.*}} to [%{{.+}}, %{{.+}}]
func.func @net.eval_any(%batch: index {nn.binding = ["dim", 0]}, %time: index {nn.binding = ["dim", 1]},
                        %x: tensor<?x?xf32> {nn.binding = ["field", 0], nn.dims = array<i64: 0, 1>},
                        %t: tensor<?xui8> {nn.binding = ["field", 1], nn.dims = array<i64: 0>})
    -> (tensor<f32> {nn.binding = ["loss", 0]}) attributes {nn.entry = "eval"} {
  %c = nn.constant dense<2.0> : tensor<f32>
  %b = nn.broadcast %c [] to [%batch, %time] : tensor<f32> -> tensor<?x?xf32>
  %y = nn.mul %x, %b : tensor<?x?xf32>
  %l = nn.reduce_sum %y [0, 1] : tensor<?x?xf32> -> tensor<f32>
  return %l : tensor<f32>
}

// The clone keeps its arguments.
// CHECK-LABEL: func.func @net.eval(
// CHECK-SAME: %{{.+}}: index {nn.binding = ["dim", 0]}, %[[TIME:.+]]: index {nn.binding = ["dim", 1]}
// B32-SAME: tensor<32x?xf32> {nn.binding = ["field", 0], nn.dims = array<i64: 1>}, %{{.+}}: tensor<32xui8> {nn.binding = ["field", 1]})
// B8-SAME: tensor<8x?xf32> {nn.binding = ["field", 0], nn.dims = array<i64: 1>}, %{{.+}}: tensor<8xui8> {nn.binding = ["field", 1]})
// B32-SAME: nn.batch = 32 : i64
// B8-SAME: nn.batch = 8 : i64
// B32: nn.broadcast {{.*}} to [32, %[[TIME]]]
// B8: nn.broadcast {{.*}} to [8, %[[TIME]]]
