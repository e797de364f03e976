// RUN: nn-opt %s --train-build-entries --canonicalize --cse --split-input-file | FileCheck %s

// A model without a recipe: init and predict.
// CHECK-LABEL: train.model @plain dims ["batch"] entries [@plain.init, @plain.predict_any] {
// CHECK: train.parameter "w" : tensor<4xf32>{{$}}
train.model @plain dims ["batch"] forward @plain.forward {
  train.input "x" : tensor<?x4xf32> dims ["batch"]
  train.output "y" : tensor<?x4xf32> dims ["batch"]
  train.parameter "w" : tensor<4xf32> init @plain.init.w
}
// CHECK-NOT: @plain.forward
func.func private @plain.forward(%batch: index, %x: tensor<?x4xf32>, %w: tensor<4xf32>) -> tensor<?x4xf32> {
  %b = nn.broadcast %w [1] to [%batch, 4] : tensor<4xf32> -> tensor<?x4xf32>
  %y = nn.mul %x, %b : tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}
// CHECK-NOT: @plain.init.w
func.func private @plain.init.w(%seed: tensor<i64>) -> tensor<4xf32> {
  %r = nn.random "normal" site 1 %seed [4] : tensor<4xf32>
  return %r : tensor<4xf32>
}
// CHECK: func.func @plain.init(%[[SEED:.+]]: i64 {nn.binding = ["seed", 0]})
// CHECK-SAME: -> (tensor<4xf32> {nn.binding = ["parameter", 0]}) attributes {nn.entry = "init"}
// CHECK: %[[KEY:.+]] = tensor.from_elements %[[SEED]] : tensor<i64>
// CHECK: %[[W:.+]] = nn.random "normal" site 1 %[[KEY]]
// CHECK: return %[[W]]
// CHECK: func.func @plain.predict_any(%[[BATCH:.+]]: index {nn.binding = ["dim", 0]},
// CHECK-SAME: %[[X:.+]]: tensor<?x4xf32> {nn.binding = ["input", 0], nn.dims = array<i64: 0>},
// CHECK-SAME: %[[W:.+]]: tensor<4xf32> {nn.binding = ["parameter", 0]})
// CHECK-SAME: -> (tensor<?x4xf32> {nn.binding = ["output", 0], nn.dims = array<i64: 0>}) attributes {nn.entry = "predict"}
// CHECK: %[[B:.+]] = nn.broadcast %[[W]] [1] to [%[[BATCH]], 4]
// CHECK: %[[Y:.+]] = nn.mul %[[X]], %[[B]]
// CHECK: return %[[Y]]

// -----

// Two losses, an extra field, a metric, a state, a frozen parameter, a buffer.
// CHECK-LABEL: train.model @net dims ["batch"] entries [@net.init, @net.predict_any, @net.step_any, @net.eval_any]
// CHECK: train.recipe optimizer "momentum" batch 32 seed 0 metrics ["sum"] {
// CHECK: train.update "w" {
// CHECK-NEXT: train.state "m" : tensor<f32>{{$}}
train.model @net dims ["batch"] forward @net.forward {
  train.input "x" : tensor<?xf32> dims ["batch"]
  train.output "y" : tensor<?xf32> dims ["batch"]
  train.parameter "frozen" : tensor<f32> init @net.init.zero
  train.parameter "w" : tensor<f32> init @net.init.zero
  train.parameter buffer "count" : tensor<f32> init @net.init.zero
  train.recipe optimizer "momentum" batch 32 seed 0 loss @net.loss metrics ["sum"] @net.metrics {
    train.data "d" format "idx" {
      train.field "t" : tensor<?xf32> dims ["batch"]
      train.field "features" as "x" : tensor<?xf32> dims ["batch"]
    }
    train.update "w" rule @net.update.w {
      train.state "m" : tensor<f32> init @net.state.w.m
    }
  }
}
func.func private @net.init.zero(%seed: tensor<i64>) -> tensor<f32> {
  %zero = nn.constant dense<0.0> : tensor<f32>
  return %zero : tensor<f32>
}
func.func private @net.forward(%batch: index, %x: tensor<?xf32>, %frozen: tensor<f32>, %w: tensor<f32>, %count: tensor<f32>)
    -> (tensor<?xf32>, tensor<f32>) {
  %f = nn.mul %w, %frozen : tensor<f32>
  %b = nn.broadcast %f [] to [%batch] : tensor<f32> -> tensor<?xf32>
  %y = nn.mul %x, %b : tensor<?xf32>
  %one = nn.constant dense<1.0> : tensor<f32>
  %new = nn.add %count, %one : tensor<f32>
  return %y, %new : tensor<?xf32>, tensor<f32>
}
func.func private @net.loss(%batch: index, %y: tensor<?xf32>, %x: tensor<?xf32>, %t: tensor<?xf32>)
    -> (tensor<f32>, tensor<f32>) {
  %d = nn.sub %y, %t : tensor<?xf32>
  %a = nn.abs %d : tensor<?xf32>
  %l = nn.reduce_sum %a [0] : tensor<?xf32> -> tensor<f32>
  %m = nn.reduce_max %y [0] : tensor<?xf32> -> tensor<f32>
  return %l, %m : tensor<f32>, tensor<f32>
}
func.func private @net.metrics(%batch: index, %y: tensor<?xf32>, %x: tensor<?xf32>, %t: tensor<?xf32>) -> tensor<f64> {
  %c = nn.cast %t : tensor<?xf32> to tensor<?xf64>
  %s = nn.reduce_sum %c [0] : tensor<?xf64> -> tensor<f64>
  return %s : tensor<f64>
}
func.func private @net.update.w(%w: tensor<f32>, %grad: tensor<f32>, %m: tensor<f32>, %step: tensor<i64>)
    -> (tensor<f32>, tensor<f32>) {
  %s = nn.cast %step : tensor<i64> to tensor<f32>
  %ms = nn.mul %m, %s : tensor<f32>
  %new = nn.add %ms, %grad : tensor<f32>
  %u = nn.sub %w, %new : tensor<f32>
  return %u, %new : tensor<f32>, tensor<f32>
}
func.func private @net.state.w.m(%seed: tensor<i64>, %w: tensor<f32>) -> tensor<f32> {
  %n = nn.neg %w : tensor<f32>
  return %n : tensor<f32>
}
// CHECK-NOT: func.func private
// CHECK: func.func @net.init
// CHECK-SAME: -> (tensor<f32> {nn.binding = ["parameter", 0]}, tensor<f32> {nn.binding = ["parameter", 1]}, tensor<f32> {nn.binding = ["parameter", 2]}, tensor<f32> {nn.binding = ["state", 0]})
// CHECK: func.func @net.predict_any

// Scalars first, then fields in the data set's order, parameters, states. Updates are tied; the loss is not.
// CHECK: func.func @net.step_any(%[[BATCH:.+]]: index {nn.binding = ["dim", 0]}, %[[STEP:.+]]: i64 {nn.binding = ["step", 0]},
// CHECK-SAME: %[[T:.+]]: tensor<?xf32> {nn.binding = ["field", 0], nn.dims = array<i64: 0>},
// CHECK-SAME: %[[X:.+]]: tensor<?xf32> {nn.binding = ["field", 1], nn.dims = array<i64: 0>},
// CHECK-SAME: %[[FROZEN:.+]]: tensor<f32> {nn.binding = ["parameter", 0]},
// CHECK-SAME: %[[W:.+]]: tensor<f32> {nn.binding = ["parameter", 1]},
// CHECK-SAME: %[[COUNT:.+]]: tensor<f32> {nn.binding = ["parameter", 2]},
// CHECK-SAME: %[[M:.+]]: tensor<f32> {nn.binding = ["state", 0]})
// CHECK-SAME: -> (tensor<f32> {nn.binding = ["parameter", 1], nn.tied = 5 : i64},
// CHECK-SAME: tensor<f32> {nn.binding = ["state", 0], nn.tied = 7 : i64},
// CHECK-SAME: tensor<f32> {nn.binding = ["parameter", 2], nn.tied = 6 : i64},
// CHECK-SAME: tensor<f32> {nn.binding = ["loss", 0]}) attributes {nn.entry = "step"}
// CHECK-DAG: %[[KEY:.+]] = tensor.from_elements %[[STEP]]
// CHECK-DAG: %[[DIFF:.+]] = nn.sub %{{.+}}, %[[T]]
// CHECK-DAG: %[[NEWCOUNT:.+]] = nn.add %[[COUNT]]
// CHECK-DAG: %[[SUM:.+]] = nn.reduce_sum %{{.+}} [0]
// CHECK-DAG: %[[MAX:.+]] = nn.reduce_max %{{.+}} [0]
// CHECK-DAG: %[[LOSS:.+]] = nn.add %[[SUM]], %[[MAX]]
// The rule comes last.
// CHECK: %[[NEWM:.+]] = nn.add %{{.+}}, %{{.+}} : tensor<f32>
// CHECK-NEXT: %[[NEWW:.+]] = nn.sub %[[W]], %[[NEWM]]
// CHECK-NEXT: return %[[NEWW]], %[[NEWM]], %[[NEWCOUNT]], %[[LOSS]]

// CHECK: func.func @net.eval_any
// CHECK-SAME: -> (tensor<f32> {nn.binding = ["loss", 0]}, tensor<f32> {nn.binding = ["metric", 0]}) attributes {nn.entry = "eval"}
// No new count is computed: nothing reads it.
// CHECK-NOT: nn.constant
// CHECK: %[[LOSS:.+]] = nn.add
// CHECK: %[[F64:.+]] = nn.reduce_sum %{{.+}} [0] : tensor<?xf64> -> tensor<f64>
// CHECK: %[[METRIC:.+]] = nn.cast %[[F64]] : tensor<f64> to tensor<f32>
// CHECK: return %[[LOSS]], %[[METRIC]]

// -----

// A function that something else uses stays; names that are taken are avoided.
// CHECK-LABEL: train.model @taken dims [] entries [@taken.init_0, @taken.predict_any]
// CHECK: func.func private @taken.forward
// CHECK: func.func @user
// CHECK: func.func @taken.init()
// CHECK: func.func @taken.init_0(
train.model @taken dims [] forward @taken.forward {}
func.func private @taken.forward() {
  return
}
func.func @user() {
  call @taken.forward() : () -> ()
  return
}
func.func @taken.init() {
  return
}
