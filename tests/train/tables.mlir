// Totals and results that are tables: each is bound by the number of its first one.
// RUN: nn-opt %s --split-input-file --verify-diagnostics --train-build-entries | FileCheck %s

// CHECK: train.program @net dims ["batch"] batch 0
// CHECK-SAME: totals 6 results 7
train.model @net dims ["batch"] batch 0 predict @net.predict {
  train.field "x" : tensor<?x2xf64> dims ["batch"]
  train.recipe settings {batch = 8} finish @net.finishing {
    train.pass accumulate @net.first
    train.pass accumulate @net.second
  }
}
func.func private @net.predict() {
  return
}
// CHECK: func.func @net.evaluate.0_any(
// CHECK-SAME: -> (tensor<2x2xf64> {train.bind = #train.bind<partial, 0>}, tensor<f64> {train.bind = #train.bind<partial, 4>})
func.func private @net.first(%n: index {train.bind = #train.bind<dim, 0>},
    %x: tensor<?x2xf64> {nn.dims = array<i64: 0>, train.bind = #train.bind<field, 0>})
    -> (tensor<2x2xf64>, tensor<f64>) {
  %gram = nn.contract "ab,ac->bc" %x, %x : (tensor<?x2xf64>, tensor<?x2xf64>) -> tensor<2x2xf64>
  %sum = nn.reduce_sum %x [0, 1] : tensor<?x2xf64> -> tensor<f64>
  return %gram, %sum : tensor<2x2xf64>, tensor<f64>
}
// CHECK: func.func @net.evaluate.1_any(%{{[^:]*}}: tensor<2x2xf64> {train.bind = #train.bind<total, 0>})
// CHECK-SAME: -> (tensor<f64> {train.bind = #train.bind<partial, 5>})
func.func private @net.second(%gram: tensor<2x2xf64> {train.bind = #train.bind<total, 0>}) -> tensor<f64> {
  %sum = nn.reduce_sum %gram [0, 1] : tensor<2x2xf64> -> tensor<f64>
  return %sum : tensor<f64>
}
// CHECK: func.func @net.finish(
// CHECK-SAME: -> (tensor<f64> {train.bind = #train.bind<result, 0>}, tensor<2x2xf64> {train.bind = #train.bind<result, 1>}, tensor<2xf64> {train.bind = #train.bind<result, 5>})
func.func private @net.finishing(%gram: tensor<2x2xf64> {train.bind = #train.bind<total, 0>},
    %sum: tensor<f64> {train.bind = #train.bind<total, 4>}) -> (tensor<f64>, tensor<2x2xf64>, tensor<2xf64>) {
  %rows = nn.reduce_sum %gram [1] : tensor<2x2xf64> -> tensor<2xf64>
  return %sum, %gram, %rows : tensor<f64>, tensor<2x2xf64>, tensor<2xf64>
}

// -----

train.model @inside dims [] predict @f {
  // expected-error@+1 {{'train.recipe' op binds argument 0 of @g to total number 1, which the model doesn't have}}
  train.recipe settings {batch = 1} finish @g {
    train.pass accumulate @one
  }
}
func.func private @f()
func.func private @one() -> tensor<2xf64>
// expected-note@+1 {{the function is here}}
func.func private @g(tensor<f64> {train.bind = #train.bind<total, 1>}) -> tensor<f64>
