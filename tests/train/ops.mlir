// The operations of the train dialect print as they parse, in the custom and the generic form.
// RUN: nn-opt %s | nn-opt | FileCheck %s
// RUN: nn-opt %s --mlir-print-op-generic | nn-opt | FileCheck %s

// CHECK: module attributes {train.source = "model net {}", train.source_file = "net.nn", train.source_sha256 = "00ff"}
module attributes {train.source = "model net {}", train.source_file = "net.nn", train.source_sha256 = "00ff"} {
// CHECK-LABEL: train.model @net dims ["batch", "rows"] batch 0 rows 1 predict @net.predict {
train.model @net dims ["batch", "rows"] batch 0 rows 1 predict @net.predict {
// CHECK: train.input "image" : tensor<?x28x28xui8> dims ["batch"]
  train.input "image" : tensor<?x28x28xui8> dims ["batch"]
// CHECK: train.output "logits" : tensor<?x10xf32> dims ["batch"]
  train.output "logits" : tensor<?x10xf32> dims ["batch"]
// CHECK: train.column "0" : tensor<?x28x28xui8> dims ["rows"]
  train.column "0" : tensor<?x28x28xui8> dims ["rows"]
// CHECK: train.column "1" : tensor<?xui8> dims ["rows"]
  train.column "1" : tensor<?xui8> dims ["rows"]
// CHECK: train.field "image" : tensor<?x28x28xui8> dims ["batch"]
  train.field "image" : tensor<?x28x28xui8> dims ["batch"]
// CHECK: train.field "label" : tensor<?xui8> dims ["batch"] in 0 to 10
  train.field "label" : tensor<?xui8> dims ["batch"] in 0 to 10
// CHECK: train.parameter "w" : tensor<784x10xf32> init @net.init.w
  train.parameter "w" : tensor<784x10xf32> init @net.init.w
// CHECK: train.state "centre" : tensor<10xf32> init @net.init.centre
  train.state "centre" : tensor<10xf32> init @net.init.centre
// CHECK: train.fitted "mnist.0" : tensor<f32>
  train.fitted "mnist.0" : tensor<f32>
// CHECK: train.recipe settings {batch = 32 : i64, numbers = [{name = "lr", value = 1.000000e-01 : f64}]} finish @net.finish {
  train.recipe settings {batch = 32, numbers = [{name = "lr", value = 0.1 : f64} ]} finish @net.finish {
// CHECK: train.block "" objective @net.objective clip norm @net.limit {
    train.block "" objective @net.objective clip norm @net.limit {
// CHECK: train.update "w" rule @net.update.w {
      train.update "w" rule @net.update.w {
// CHECK: train.optimizer_state "w.m" : tensor<784x10xf32> init @net.optimizer.w.m
        train.optimizer_state "w.m" : tensor<784x10xf32> init @net.optimizer.w.m
      }
    }
// CHECK: train.pass accumulate @net.pass
    train.pass accumulate @net.pass
// CHECK: train.preparation fit @net.fit prepare @net.prepare
    train.preparation fit @net.fit prepare @net.prepare
  }
}
func.func private @net.predict(
    index {train.bind = #train.bind<dim, 0>},
    tensor<?x28x28xui8> {train.bind = #train.bind<input, 0>},
    tensor<784x10xf32> {train.bind = #train.bind<parameter, 0>}) -> tensor<?x10xf32>
func.func private @net.init.w(tensor<i64> {train.bind = #train.bind<seed, 0>}) -> tensor<784x10xf32>
func.func private @net.init.centre() -> tensor<10xf32>
func.func private @net.objective(
    index {train.bind = #train.bind<dim, 0>},
    tensor<?x28x28xui8> {train.bind = #train.bind<field, 0>},
    tensor<?xui8> {train.bind = #train.bind<field, 1>},
    tensor<784x10xf32> {train.bind = #train.bind<parameter, 0>},
    tensor<10xf32> {train.bind = #train.bind<state, 0>}) -> (tensor<f32>, tensor<10xf32>)
func.func private @net.limit() -> tensor<f64>
func.func private @net.update.w(
    tensor<784x10xf32> {train.bind = #train.bind<parameter, 0>},
    tensor<784x10xf32> {train.bind = #train.bind<gradient, 0>},
    tensor<784x10xf32> {train.bind = #train.bind<optimizer, 0>},
    tensor<f64> {train.bind = #train.bind<number, 0>}) -> (tensor<784x10xf32>, tensor<784x10xf32>)
func.func private @net.optimizer.w.m() -> tensor<784x10xf32>
func.func private @net.pass(
    index {train.bind = #train.bind<dim, 0>},
    tensor<?xui8> {train.bind = #train.bind<field, 1>}) -> (tensor<f64>, tensor<f64>)
func.func private @net.finish(
    tensor<f64> {train.bind = #train.bind<total, 0>},
    tensor<f64> {train.bind = #train.bind<total, 1>}) -> (tensor<f64>, tensor<f64>)
func.func private @net.fit(
    index {train.bind = #train.bind<dim, 1>},
    tensor<?x28x28xui8> {train.bind = #train.bind<column, 0>}) -> tensor<f32>
func.func private @net.prepare(
    index {train.bind = #train.bind<dim, 1>},
    tensor<?x28x28xui8> {train.bind = #train.bind<column, 0>},
    tensor<?xui8> {train.bind = #train.bind<column, 1>},
    tensor<f32> {train.bind = #train.bind<fit, 0>}) -> (tensor<?x28x28xui8>, tensor<?xui8>)
// CHECK-LABEL: train.program @tiny dims ["batch"] batch 0 entries [@tiny.init, @tiny.predict_any] totals 0 results 0 {
train.program @tiny dims ["batch"] batch 0 entries [@tiny.init, @tiny.predict_any] totals 0 results 0 {
// CHECK: train.input "x" : tensor<?x4xf32> dims ["batch"]
  train.input "x" : tensor<?x4xf32> dims ["batch"]
// CHECK: train.output "y" : tensor<?x4xf32> dims ["batch"]
  train.output "y" : tensor<?x4xf32> dims ["batch"]
// CHECK: train.tensor parameters "w" : tensor<4xf32>
  train.tensor parameters "w" : tensor<4xf32>
}
func.func private @tiny.init(i64 {train.bind = #train.bind<seed, 0>})
    -> (tensor<4xf32> {train.bind = #train.bind<parameter, 0>}) attributes {nn.entry = "init"}
func.func private @tiny.predict_any(
    index {train.bind = #train.bind<dim, 0>},
    tensor<4xf32> {train.bind = #train.bind<parameter, 0>},
    tensor<?x4xf32> {nn.dims = array<i64: 0>, train.bind = #train.bind<input, 0>})
    -> (tensor<?x4xf32> {nn.dims = array<i64: 0>, train.bind = #train.bind<output, 0>})
    attributes {nn.entry = "predict"}
}
