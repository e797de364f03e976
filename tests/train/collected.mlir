// What metrics need of all examples at once: passes write it batch by batch, `finish` reads all of it.
// RUN: nn-opt %s --train-build-entries --train-specialize-batch | FileCheck %s

// CHECK: train.program @net dims ["batch"] batch 0
// CHECK-SAME: entries [@net.init, @net.predict_any, @net.init_training, @net.evaluate.0_any, @net.evaluate.1_any, @net.finish, @net.evaluate.0, @net.evaluate.1]
// CHECK-SAME: totals 1 results 1
// CHECK: train.collected "0" : tensor<?xf32> dims ["batch"]
// CHECK-NEXT: train.collected "1" : tensor<?x2xi1> dims ["batch"]
train.model @net dims ["batch"] batch 0 predict @net.predict {
  train.field "x" : tensor<?xf32> dims ["batch"]
  train.field "hit" : tensor<?x2xi1> dims ["batch"]
  train.collected "0" : tensor<?xf32> dims ["batch"]
  train.collected "1" : tensor<?x2xi1> dims ["batch"]
  train.recipe settings {batch = 8} finish @net.finishing {
    train.pass accumulate @net.first
    train.pass accumulate @net.second
  }
}
func.func private @net.predict() {
  return
}
func.func private @net.first(%n: index {train.bind = #train.bind<dim, 0>},
    %x: tensor<?xf32> {nn.dims = array<i64: 0>, train.bind = #train.bind<field, 0>})
    -> (tensor<f64>, tensor<?xf32>) {
  %sum = nn.reduce_sum %x [0] : tensor<?xf32> -> tensor<f32>
  %total = nn.cast %sum : tensor<f32> to tensor<f64>
  %double = nn.add %x, %x : tensor<?xf32>
  return %total, %double : tensor<f64>, tensor<?xf32>
}
func.func private @net.second(%n: index {train.bind = #train.bind<dim, 0>},
    %x: tensor<?x2xi1> {nn.dims = array<i64: 0>, train.bind = #train.bind<field, 1>}) -> tensor<?x2xi1> {
  return %x : tensor<?x2xi1>
}

// The rows of a batch come with their number, which may be that of the recipe; of the part it is never known.
// CHECK: func.func @net.evaluate.0_any(%{{.*}}: index {train.bind = #train.bind<dim, 0>}, %{{[^:]*}}: tensor<?xf32> {nn.dims = array<i64: 0>, train.bind = #train.bind<field, 0>})
// CHECK-SAME: -> (tensor<f64> {train.bind = #train.bind<partial, 0>}, tensor<?xf32> {nn.dims = array<i64: 0>, train.bind = #train.bind<collected, 0>})
// CHECK: func.func @net.evaluate.0(
// CHECK-SAME: tensor<8xf32> {train.bind = #train.bind<collected, 0>})
// CHECK: func.func @net.evaluate.1_any(
// CHECK-SAME: -> (tensor<?x2xi1> {nn.dims = array<i64: 0>, train.bind = #train.bind<collected, 1>})
// CHECK: func.func @net.finish(%{{.*}}: index {train.bind = #train.bind<dim, 0>}, %{{.*}}: tensor<?xf32> {nn.dims = array<i64: 0>, train.bind = #train.bind<collected, 0>})
// CHECK-SAME: -> (tensor<f64> {train.bind = #train.bind<result, 0>})
func.func private @net.finishing(%n: index {train.bind = #train.bind<dim, 0>},
    %x: tensor<?xf32> {nn.dims = array<i64: 0>, train.bind = #train.bind<collected, 0>}) -> tensor<f64> {
  %most = nn.reduce_max %x [0] : tensor<?xf32> -> tensor<f32>
  %result = nn.cast %most : tensor<f32> to tensor<f64>
  return %result : tensor<f64>
}
