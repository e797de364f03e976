// RUN: nn-opt %s --train-build-entries --canonicalize --cse | FileCheck %s
// RUN: sed -e 's/accumulate = 1/accumulate = 4/; s/clip norm/clip value/' %s | nn-opt --train-build-entries --canonicalize --cse | FileCheck %s --check-prefix=SUMS

// RUN: sed -e 's/accumulate = 1/accumulate = 4/; s/tensor<4xf32>/tensor<4xbf16>/g; s/tensor<?x4xf32>/tensor<?x4xbf16>/g; s/tensor<f32>/tensor<bf16>/g; s/tensor<?xf32>/tensor<?xbf16>/g' %s | nn-opt --train-build-entries --canonicalize --cse | FileCheck %s --check-prefix=NARROW

// What is added to is wider than bf16 parameters.
// NARROW: train.tensor optimizer "w.m" : tensor<4xbf16>
// NARROW-NEXT: train.tensor optimizer "w.ema.f32" : tensor<4xf32>
// NARROW-NEXT: train.tensor averages "w" : tensor<4xbf16>
// NARROW-NEXT: train.tensor gradients "w" : tensor<4xf32>
// NARROW: func.func @net.gradient_any
// NARROW-SAME: tensor<4xf32> {train.bind = #train.bind<gradient, 0>}
// NARROW: func.func @net.update
// NARROW-SAME: tensor<4xf32> {train.bind = #train.bind<optimizer, 1>}

// One of each: a state of a layer, a number, averages, clipping, a pass, preparation.
// CHECK: train.program @net dims ["batch", "rows"] batch 0 rows 1
// CHECK-SAME: entries [@net.init, @net.predict_any, @net.init_training, @net.step_any, @net.evaluate.0_any, @net.finish, @net.fit, @net.prepare]
// CHECK-SAME: totals 1 results 1 settings
// CHECK-NEXT: train.input "x"
// CHECK-NEXT: train.output "y"
// CHECK-NEXT: train.column "x"
// CHECK-NEXT: train.field "x"
// CHECK-NEXT: train.tensor parameters "w" : tensor<4xf32>
// CHECK-NEXT: train.tensor states "c" : tensor<f32>
// CHECK-NEXT: train.tensor optimizer "w.m" : tensor<4xf32>
// CHECK-NEXT: train.tensor averages "w" : tensor<4xf32>
// CHECK-NEXT: train.tensor fitted "d.0" : tensor<4xf32>
// CHECK-NEXT: }
// SUMS: entries [@net.init, @net.predict_any, @net.init_training, @net.gradient_any, @net.update, @net.evaluate.0_any,
// SUMS: train.tensor gradients "w" : tensor<4xf32>
train.model @net dims ["batch", "rows"] batch 0 rows 1 predict @net.forward {
  train.input "x" : tensor<?x4xf32> dims ["batch"]
  train.output "y" : tensor<?xf32> dims ["batch"]
  train.column "x" : tensor<?x4xf32> dims ["rows"]
  train.field "x" : tensor<?x4xf32> dims ["batch"]
  train.parameter "w" : tensor<4xf32> init @net.init.w
  train.state "c" : tensor<f32> init @net.init.c
  train.fitted "d.0" : tensor<4xf32>
  train.recipe settings {batch = 8, average = 0.9 : f64, accumulate = 1, numbers = [{name = "lr", value = 0.1 : f64}]} finish @net.finishing {
    train.block "" objective @net.objective clip norm @net.limit {
      train.update "w" rule @net.rule {
        train.optimizer_state "w.m" : tensor<4xf32> init @net.m
      }
    }
    train.pass accumulate @net.pass
    train.preparation fit @net.fitting prepare @net.preparing
  }
}
func.func private @net.forward(%b: index {train.bind = #train.bind<dim, 0>}, %x: tensor<?x4xf32> {train.bind = #train.bind<input, 0>}, %w: tensor<4xf32> {train.bind = #train.bind<parameter, 0>}) -> tensor<?xf32> {
  %wb = nn.broadcast %w [1] to [%b, 4] : tensor<4xf32> -> tensor<?x4xf32>
  %m = nn.mul %x, %wb : tensor<?x4xf32>
  %y = nn.reduce_sum %m [1] : tensor<?x4xf32> -> tensor<?xf32>
  return %y : tensor<?xf32>
}
func.func private @net.init.w(%seed: tensor<i64> {train.bind = #train.bind<seed, 0>}) -> tensor<4xf32> {
  %r = nn.random "normal" site 1 %seed [4] : tensor<4xf32>
  return %r : tensor<4xf32>
}
func.func private @net.init.c() -> tensor<f32> {
  %r = nn.constant dense<0.0> : tensor<f32>
  return %r : tensor<f32>
}
func.func private @net.m(%w: tensor<4xf32> {train.bind = #train.bind<parameter, 0>}) -> tensor<4xf32> {
  return %w : tensor<4xf32>
}
func.func private @net.objective(%b: index {train.bind = #train.bind<dim, 0>}, %x: tensor<?x4xf32> {train.bind = #train.bind<field, 0>}, %w: tensor<4xf32> {train.bind = #train.bind<parameter, 0>}, %c: tensor<f32> {train.bind = #train.bind<state, 0>}) -> (tensor<f32>, tensor<f32>) attributes {train.needs = [#train.need<#train.size<"batch" [1] [1, 0]> from 3 at "net.nn:2">]} {
  %wb = nn.broadcast %w [1] to [%b, 4] : tensor<4xf32> -> tensor<?x4xf32>
  %m = nn.mul %x, %wb : tensor<?x4xf32>
  %y = nn.reduce_sum %m [0, 1] : tensor<?x4xf32> -> tensor<f32>
  %c2 = nn.add %c, %y : tensor<f32>
  return %y, %c2 : tensor<f32>, tensor<f32>
}
func.func private @net.limit(%s: tensor<f64> {train.bind = #train.bind<step, 0>}) -> tensor<f64> {
  return %s : tensor<f64>
}
func.func private @net.rule(%w: tensor<4xf32> {train.bind = #train.bind<parameter, 0>}, %g: tensor<4xf32> {train.bind = #train.bind<gradient, 0>}, %m: tensor<4xf32> {train.bind = #train.bind<optimizer, 0>}, %lr: tensor<f64> {train.bind = #train.bind<number, 0>}) -> (tensor<4xf32>, tensor<4xf32>) {
  %l = nn.cast %lr : tensor<f64> to tensor<f32>
  %lb = nn.broadcast %l [] to [4] : tensor<f32> -> tensor<4xf32>
  %m2 = nn.add %m, %g : tensor<4xf32>
  %d = nn.mul %m2, %lb : tensor<4xf32>
  %w2 = nn.sub %w, %d : tensor<4xf32>
  return %w2, %m2 : tensor<4xf32>, tensor<4xf32>
}
func.func private @net.pass(%b: index {train.bind = #train.bind<dim, 0>}, %x: tensor<?x4xf32> {train.bind = #train.bind<field, 0>}) -> tensor<f64> {
  %y = nn.reduce_sum %x [0, 1] : tensor<?x4xf32> -> tensor<f32>
  %l = nn.cast %y : tensor<f32> to tensor<f64>
  return %l : tensor<f64>
}
func.func private @net.finishing(%x: tensor<f64> {train.bind = #train.bind<total, 0>}) -> tensor<f64> {
  return %x : tensor<f64>
}
func.func private @net.fitting(%x: tensor<?x4xf32> {train.bind = #train.bind<column, 0>}) -> tensor<4xf32> {
  %m = nn.reduce_max %x [0] : tensor<?x4xf32> -> tensor<4xf32>
  return %m : tensor<4xf32>
}
func.func private @net.preparing(%rows: index {train.bind = #train.bind<dim, 1>}, %x: tensor<?x4xf32> {train.bind = #train.bind<column, 0>}, %m: tensor<4xf32> {train.bind = #train.bind<fit, 0>}) -> tensor<?x4xf32> {
  %mb = nn.broadcast %m [1] to [%rows, 4] : tensor<4xf32> -> tensor<?x4xf32>
  %y = nn.div %x, %mb : tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// The functions that the model named are gone.
// CHECK-NOT: func.func private

// CHECK: func.func @net.init(%{{.*}}: i64 {train.bind = #train.bind<seed, 0>})
// CHECK-SAME: -> (tensor<4xf32> {train.bind = #train.bind<parameter, 0>}, tensor<f32> {train.bind = #train.bind<state, 0>}) attributes {nn.entry = "init"}

// CHECK: func.func @net.predict_any(
// CHECK-SAME: -> (tensor<?xf32> {nn.dims = array<i64: 0>, train.bind = #train.bind<output, 0>}) attributes {nn.entry = "predict"}

// Averages begin as the parameters.
// CHECK: func.func @net.init_training(%{{.*}}: i64 {{.*}}, %[[W:.+]]: tensor<4xf32> {train.bind = #train.bind<parameter, 0>})
// CHECK-SAME: tensor<4xf32> {train.bind = #train.bind<average, 0>}) attributes {nn.entry = "init_training"}
// CHECK: return %{{.*}}, %[[W]]

// Scalars come first, then tensors; what is renewed is renewed in place.
// CHECK: func.func @net.step_any(
// CHECK-SAME: index {train.bind = #train.bind<dim, 0>}
// CHECK-SAME: i64 {train.bind = #train.bind<step, 0>}
// CHECK-SAME: %[[NUMBER:[a-z0-9]+]]: i64 {train.bind = #train.bind<number, 0>}
// CHECK-SAME: %[[W:[a-z0-9]+]]: tensor<4xf32> {train.bind = #train.bind<parameter, 0>}
// CHECK-SAME: %[[C:[a-z0-9]+]]: tensor<f32> {train.bind = #train.bind<state, 0>}
// CHECK-SAME: %[[M:[a-z0-9]+]]: tensor<4xf32> {train.bind = #train.bind<optimizer, 0>}
// CHECK-SAME: %[[A:[a-z0-9]+]]: tensor<4xf32> {train.bind = #train.bind<average, 0>}
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x4xf32> {nn.dims = array<i64: 0>, train.bind = #train.bind<field, 0>})
// CHECK-SAME: -> (tensor<f32> {nn.tied = 4 : i64, train.bind = #train.bind<state, 0>}
// CHECK-SAME: tensor<f64> {train.bind = #train.bind<loss, 0>}
// CHECK-SAME: tensor<4xf32> {nn.tied = 3 : i64, train.bind = #train.bind<parameter, 0>}
// CHECK-SAME: tensor<4xf32> {nn.tied = 5 : i64, train.bind = #train.bind<optimizer, 0>}
// CHECK-SAME: tensor<4xf32> {nn.tied = 6 : i64, train.bind = #train.bind<average, 0>})
// An entry needs what the functions need that it is made of.
// CHECK-SAME: attributes {nn.entry = "step", train.needs = [#train.need<#train.size<"batch" [1] [1, 0]> from 3 at "net.nn:2">]}
// CHECK-DAG: %[[REST:.+]] = nn.constant dense<1.000000e-01> : tensor<4xf32>
// CHECK-DAG: %[[DECAY:.+]] = nn.constant dense<0.899999976> : tensor<4xf32>
// CHECK-DAG: %[[ONE:.+]] = nn.constant dense<1.000000e+00> : tensor<f64>
// A number has the bits of a double; a step is counted in whole ones.
// CHECK: %[[STEP:.+]] = arith.sitofp
// CHECK: %[[LIMIT:.+]] = tensor.from_elements %[[STEP]] : tensor<f64>
// CHECK: arith.bitcast %[[NUMBER]] : i64 to f64
// CHECK: %[[G:.+]] = nn.reduce_sum %[[X]] [0]
// CHECK: %[[SQUARE:.+]] = nn.mul %[[G]], %[[G]]
// CHECK: %[[SUM:.+]] = nn.reduce_sum %[[SQUARE]] [0]
// CHECK: %[[WIDE:.+]] = nn.cast %[[SUM]]
// CHECK: %[[NORM:.+]] = nn.sqrt %[[WIDE]] : tensor<f64>
// CHECK: %[[QUOTIENT:.+]] = nn.div %[[LIMIT]], %[[NORM]]
// CHECK: nn.minimum %[[ONE]], %[[QUOTIENT]]
// CHECK: %[[CLIPPED:.+]] = nn.mul %[[G]]
// CHECK: %[[M2:.+]] = nn.add %[[M]], %[[CLIPPED]]
// CHECK: %[[W2:.+]] = nn.sub %[[W]]
// CHECK: %[[KEPT:.+]] = nn.mul %[[A]], %[[DECAY]]
// CHECK: %[[ADDED:.+]] = nn.mul %[[W2]], %[[REST]]
// CHECK: %[[A2:.+]] = nn.add %[[KEPT]], %[[ADDED]]
// CHECK: return %{{.*}}, %{{.*}}, %[[W2]], %[[M2]], %[[A2]]

// CHECK: func.func @net.evaluate.0_any(
// CHECK-SAME: (tensor<f64> {train.bind = #train.bind<partial, 0>}) attributes {nn.entry = "evaluate.0"}
// CHECK: func.func @net.finish(%{{.*}}: tensor<f64> {train.bind = #train.bind<total, 0>}) -> (tensor<f64> {train.bind = #train.bind<result, 0>}) attributes {nn.entry = "finish"}
// CHECK: func.func @net.fit(
// CHECK-SAME: tensor<?x4xf32> {nn.dims = array<i64: 0>, train.bind = #train.bind<column, 0>}) -> (tensor<4xf32> {train.bind = #train.bind<fit, 0>})
// Fields of all rows.
// CHECK: func.func @net.prepare(%{{.*}}: index {train.bind = #train.bind<dim, 1>}
// CHECK-SAME: -> (tensor<?x4xf32> {nn.dims = array<i64: 0>, train.bind = #train.bind<field, 0>}) attributes {nn.entry = "prepare"}

// SUMS: func.func @net.gradient_any(
// SUMS-SAME: %[[S:[a-z0-9]+]]: tensor<4xf32> {train.bind = #train.bind<gradient, 0>}
// SUMS-SAME: tensor<4xf32> {nn.tied = {{.+}} : i64, train.bind = #train.bind<gradient, 0>})
// SUMS: %[[G:.+]] = nn.reduce_sum %{{.+}} [0] :
// SUMS: nn.add %[[S]], %[[G]]
// SUMS: func.func @net.update(
// SUMS-SAME: %[[T:[a-z0-9]+]]: tensor<4xf32> {train.bind = #train.bind<gradient, 0>}
// SUMS-DAG: %[[QUARTER:.+]] = nn.constant dense<2.500000e-01> : tensor<4xf32>
// SUMS: %[[MEAN:.+]] = nn.mul %[[T]], %[[QUARTER]]
// SUMS: %[[ABOVE:.+]] = nn.maximum %[[MEAN]],
// SUMS: nn.minimum %[[ABOVE]]
