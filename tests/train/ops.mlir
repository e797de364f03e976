// The operations of the train dialect print as they parse, in the custom and the generic form.
// RUN: nn-opt %s | nn-opt | FileCheck %s
// RUN: nn-opt %s --mlir-print-op-generic | nn-opt | FileCheck %s

// CHECK: module attributes {train.source = "model net {}", train.source_file = "net.nn", train.source_sha256 = "00ff"}
module attributes {train.source = "model net {}", train.source_file = "net.nn", train.source_sha256 = "00ff"} {

// CHECK-LABEL: train.model @net dims ["batch"] forward @net.forward doc "Two layers." {
train.model @net dims ["batch"] forward @net.forward doc "Two layers." {
  // CHECK-NEXT: train.input "x" : tensor<?x4xui8> dims ["batch"] in 0 to 10
  train.input "x" : tensor<?x4xui8> dims ["batch"] in 0 to 10
  // CHECK-NEXT: train.output "y" : tensor<?xf32> dims ["batch"]
  train.output "y" : tensor<?xf32> dims ["batch"]
  // CHECK-NEXT: train.parameter "dense.w" : tensor<4xf32> init @net.init.w
  train.parameter "dense.w" : tensor<4xf32> init @net.init.w
  // CHECK-NEXT: train.parameter buffer "norm.mean" : tensor<f32> init @net.init.mean
  train.parameter buffer "norm.mean" : tensor<f32> init @net.init.mean
  // CHECK-NEXT: train.recipe optimizer "momentum(lr: 0.1)" batch 32 epochs 5 steps 100 seed 7
  // CHECK-SAME: loss @net.loss metrics ["mae", "bias"] @net.metrics {
  train.recipe optimizer "momentum(lr: 0.1)" batch 32 epochs 5 steps 100 seed 7
      loss @net.loss metrics ["mae", "bias"] @net.metrics {
    // CHECK-NEXT: train.data "table" format "idx" {
    train.data "table" format "idx" {
      // CHECK-NEXT: train.field "features" as "x" : tensor<?x4xui8> dims ["batch"]
      train.field "features" as "x" : tensor<?x4xui8> dims ["batch"]
      // CHECK-NEXT: train.field "target" : tensor<?xi32> dims ["batch"] in -1 to 10
      train.field "target" : tensor<?xi32> dims ["batch"] in -1 to 10
      // CHECK-NEXT: train.file "train" of "features" path "x.gz"
      train.file "train" of "features" path "x.gz"
    }
    // CHECK: train.update "dense.w" rule @net.update.w {
    train.update "dense.w" rule @net.update.w {
      // CHECK-NEXT: train.state "m" : tensor<4xf32> init @net.state.w.m
      train.state "m" : tensor<4xf32> init @net.state.w.m
    }
  }
}

func.func private @net.forward(index, tensor<?x4xui8>, tensor<4xf32>, tensor<f32>) -> (tensor<?xf32>, tensor<f32>)
func.func private @net.init.w(tensor<i64>) -> tensor<4xf32>
func.func private @net.init.mean(tensor<i64>) -> tensor<f32>
func.func private @net.loss(index, tensor<?xf32>, tensor<?x4xui8>, tensor<?xi32>) -> (tensor<f32>, tensor<f32>)
func.func private @net.metrics(index, tensor<?xf32>, tensor<?x4xui8>, tensor<?xi32>) -> (tensor<f32>, tensor<f32>)
func.func private @net.update.w(tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<i64>) -> (tensor<4xf32>, tensor<4xf32>)
func.func private @net.state.w.m(tensor<i64>, tensor<4xf32>) -> tensor<4xf32>

// CHECK-LABEL: train.model @built dims [] entries [@built.init] {
// CHECK-NEXT: train.output "y" : tensor<2xf32>
// CHECK-NEXT: train.parameter "w" : tensor<2xf32>
train.model @built dims [] entries [@built.init] {
  train.output "y" : tensor<2xf32>
  train.parameter "w" : tensor<2xf32>
}
func.func private @built.init(i64) -> tensor<2xf32>

}
