// RUN: nn-opt %s --train-specialize-batch --split-input-file | FileCheck %s
// RUN: nn-opt %s --train-specialize-batch=batch=7 --split-input-file | FileCheck %s --check-prefix=BATCH
// A second run replaces what the first one made.
// RUN: nn-opt %s --train-specialize-batch=batch=7 --train-specialize-batch=batch=32 --split-input-file | FileCheck %s --check-prefix=AGAIN

// Whatever takes the batch is compiled for it too; other dimensions stay open.
// CHECK: train.program @net dims ["k", "batch"] batch 1 entries [@net.init, @net.predict_any, @net.predict] totals 0 results 0 settings {batch = 32 : i64}
// BATCH: settings {batch = 7 : i64}
// AGAIN: entries [@net.init, @net.predict_any, @net.predict] totals 0 results 0 settings {batch = 32 : i64}
train.program @net dims ["k", "batch"] batch 1 entries [@net.init, @net.predict_any] totals 0 results 0 settings {batch = 32} {
  train.input "x" : tensor<?x?xf32> dims ["batch", "k"]
  train.output "y" : tensor<?x?xf32> dims ["batch", "k"]
}
func.func @net.init(%seed: i64 {train.bind = #train.bind<seed, 0>}) attributes {nn.entry = "init"} {
  return
}
func.func @net.predict_any(%k: index {train.bind = #train.bind<dim, 0>}, %batch: index {train.bind = #train.bind<dim, 1>},
                           %x: tensor<?x?xf32> {nn.dims = array<i64: 1, 0>, train.bind = #train.bind<input, 0>})
    -> (tensor<?x?xf32> {nn.dims = array<i64: 1, 0>, train.bind = #train.bind<output, 0>}) attributes {nn.entry = "predict"} {
  %y = nn.exp %x : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
// CHECK: func.func @net.predict(
// CHECK-SAME: tensor<32x?xf32> {nn.dims = array<i64: 0>, train.bind = #train.bind<input, 0>})
// CHECK-SAME: -> (tensor<32x?xf32> {nn.dims = array<i64: 0>, train.bind = #train.bind<output, 0>})
// CHECK-SAME: train.dims = array<i64: 0, 32>
// BATCH: func.func @net.predict(
// BATCH-SAME: train.dims = array<i64: 0, 7>

// -----

// Without a recipe no batch is known, unless it is told.
// CHECK: train.program @plain dims ["batch"] batch 0 entries [@plain.predict_any]
// BATCH: train.program @plain dims ["batch"] batch 0 entries [@plain.predict_any, @plain.predict]
train.program @plain dims ["batch"] batch 0 entries [@plain.predict_any] totals 0 results 0 {
  train.input "x" : tensor<?xf32> dims ["batch"]
  train.output "y" : tensor<?xf32> dims ["batch"]
}
func.func @plain.predict_any(%batch: index {train.bind = #train.bind<dim, 0>},
                             %x: tensor<?xf32> {nn.dims = array<i64: 0>, train.bind = #train.bind<input, 0>})
    -> (tensor<?xf32> {nn.dims = array<i64: 0>, train.bind = #train.bind<output, 0>}) attributes {nn.entry = "predict"} {
  %y = nn.exp %x : tensor<?xf32>
  return %y : tensor<?xf32>
}

// -----

// No batch: nothing to do.
// CHECK: train.program @fixed dims [] entries [@fixed.predict_any] totals 0 results 0 settings {batch = 32 : i64}
train.program @fixed dims [] entries [@fixed.predict_any] totals 0 results 0 settings {batch = 32} {}
func.func @fixed.predict_any() attributes {nn.entry = "predict"} {
  return
}

// -----

// What needs a larger batch is not compiled for this one.
// CHECK: train.program @needy dims ["batch"] batch 0 entries [@needy.predict_any] totals 0 results 0 settings {batch = 32 : i64}
// BATCH: train.program @needy dims ["batch"] batch 0 entries [@needy.predict_any] totals 0 results 0 settings {batch = 7 : i64}
train.program @needy dims ["batch"] batch 0 entries [@needy.predict_any] totals 0 results 0 settings {batch = 32} {
  train.input "x" : tensor<?xf32> dims ["batch"]
  train.output "y" : tensor<?xf32> dims ["batch"]
}
func.func @needy.predict_any(%batch: index {train.bind = #train.bind<dim, 0>},
                             %x: tensor<?xf32> {nn.dims = array<i64: 0>, train.bind = #train.bind<input, 0>})
    -> (tensor<?xf32> {nn.dims = array<i64: 0>, train.bind = #train.bind<output, 0>})
    attributes {nn.entry = "predict", train.needs = [#train.need<#train.size<"batch" [1] [1]> from 33 at "needy.nn:2">]} {
  %y = nn.exp %x : tensor<?xf32>
  return %y : tensor<?xf32>
}
