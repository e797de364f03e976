// The entry `next` of models of texts: each operation at one position, caches where others are needed.
// RUN: nn-opt %s --split-input-file --train-build-entries --canonicalize --cse | FileCheck %s

// Queries meet all keys: they are kept. What looks at none of them is made for the position alone.
// CHECK-LABEL: train.program @attention
// CHECK-SAME: entries [@attention.init, @attention.predict_any, @attention.next,
// CHECK: train.tensor caches "0" : tensor<1x6x4xf32>
// CHECK: func.func @attention.next(
// CHECK-SAME: [[AT:%.+]]: i64 {train.bind = #train.bind<place, 0>}
// CHECK-SAME: [[TABLE:%.+]]: tensor<9x4xf32> {train.bind = #train.bind<parameter, 0>}
// CHECK-SAME: [[PLACES:%.+]]: tensor<6x4xf32> {train.bind = #train.bind<parameter, 1>}
// CHECK-SAME: [[UNIT:%.+]]: tensor<1x1xi32> {train.bind = #train.bind<input, 0>}
// CHECK-SAME: [[CACHE:%.+]]: tensor<1x6x4xf32> {train.bind = #train.bind<cache, 0>}
// CHECK-SAME: -> (tensor<1x1x9xf32> {train.bind = #train.bind<output, 0>},
// CHECK-SAME: tensor<1x6x4xf32> {nn.tied = 4 : i64, train.bind = #train.bind<cache, 0>})
// CHECK-SAME: nn.entry = "next"
// CHECK: [[ROW:%.+]] = nn.gather [[TABLE]], [[UNIT]]
// CHECK: [[INDEX:%.+]] = nn.reshape {{.*}} to [1]
// CHECK: [[PLACE:%.+]] = nn.gather [[PLACES]], [[INDEX]]
// CHECK: [[X:%.+]] = nn.add [[ROW]],
// CHECK: [[HERE:%.+]] = nn.compare "eq"
// CHECK: [[KEYS:%.+]] = nn.select [[HERE]], {{.*}}, [[CACHE]] : tensor<1x6x4xf32>
// CHECK: nn.contract "bqd,bkd->bqk" [[X]], [[KEYS]] : (tensor<1x1x4xf32>, tensor<1x6x4xf32>) -> tensor<1x1x6xf32>
// CHECK: nn.compare "ge" {{.*}} : tensor<1x6xi32>
// CHECK: return {{.*}}, [[KEYS]]
train.model @attention dims ["batch", "rows"] batch 0 rows 1 predict @forward {
  train.input "token" : tensor<?x6xi32> dims ["batch"] in 0 to 9
  train.output "logits" : tensor<?x6x9xf32> dims ["batch"]
  train.parameter "table" : tensor<9x4xf32> init @init.table
  train.parameter "places" : tensor<6x4xf32> init @init.places
  train.recipe settings {batch = 8, data = {columns = [{kind = "text", name = "window"}]}} finish @finish {
  }
}
func.func private @init.table(%seed: tensor<i64> {train.bind = #train.bind<seed, 0>}) -> tensor<9x4xf32> {
  %r = nn.random "normal" site 1 %seed [9, 4] : tensor<9x4xf32>
  return %r : tensor<9x4xf32>
}
func.func private @init.places(%seed: tensor<i64> {train.bind = #train.bind<seed, 0>}) -> tensor<6x4xf32> {
  %r = nn.random "normal" site 2 %seed [6, 4] : tensor<6x4xf32>
  return %r : tensor<6x4xf32>
}
func.func private @finish() { return }
func.func private @forward(%b: index {train.bind = #train.bind<dim, 0>},
                           %token: tensor<?x6xi32> {nn.dims = array<i64: 0>, train.bind = #train.bind<input, 0>},
                           %table: tensor<9x4xf32> {train.bind = #train.bind<parameter, 0>},
                           %places: tensor<6x4xf32> {train.bind = #train.bind<parameter, 1>}) -> tensor<?x6x9xf32> {
  %e = nn.gather %table, %token : (tensor<9x4xf32>, tensor<?x6xi32>) -> tensor<?x6x4xf32>
  %p = nn.broadcast %places [1, 2] to [%b, 6, 4] : tensor<6x4xf32> -> tensor<?x6x4xf32>
  %x = nn.add %e, %p : tensor<?x6x4xf32>
  %scores = nn.contract "bqd,bkd->bqk" %x, %x : (tensor<?x6x4xf32>, tensor<?x6x4xf32>) -> tensor<?x6x6xf32>
  %q = nn.iota 0 [6, 6] : tensor<6x6xi32>
  %k = nn.iota 1 [6, 6] : tensor<6x6xi32>
  %seen = nn.compare "ge" %q, %k : tensor<6x6xi32>
  %seens = nn.broadcast %seen [1, 2] to [%b, 6, 6] : tensor<6x6xi1> -> tensor<?x6x6xi1>
  %zero = nn.constant dense<0.0> : tensor<f32>
  %zeros = nn.broadcast %zero [] to [%b, 6, 6] : tensor<f32> -> tensor<?x6x6xf32>
  %masked = nn.select %seens, %scores, %zeros : tensor<?x6x6xf32>
  %mixed = nn.contract "bqk,bkd->bqd" %masked, %x : (tensor<?x6x6xf32>, tensor<?x6x4xf32>) -> tensor<?x6x4xf32>
  %logits = nn.contract "btd,nd->btn" %mixed, %table : (tensor<?x6x4xf32>, tensor<9x4xf32>) -> tensor<?x6x9xf32>
  return %logits : tensor<?x6x9xf32>
}

// -----

// A scan over positions makes one pass, which goes on from what the last one carried.
// CHECK-LABEL: train.program @recurrent
// CHECK: train.tensor caches "0" : tensor<1x9xf32>
// CHECK: func.func @recurrent.next(
// CHECK-SAME: [[AT:%.+]]: i64 {train.bind = #train.bind<place, 0>}
// CHECK-SAME: [[CARRIED:%[a-z0-9]+]]: tensor<1x9xf32> {train.bind = #train.bind<cache, 0>}
// CHECK: [[FIRST:%.+]] = nn.compare "eq"
// CHECK: [[H:%.+]] = nn.select {{.*}}, {{.*}}, [[CARRIED]] : tensor<1x9xf32>
// CHECK: [[NEW:%.+]] = nn.add {{.*}}[[H]]
// CHECK: [[OUT:%.+]] = nn.reshape [[NEW]] to [1, 1, 9]
// CHECK: return [[OUT]], [[NEW]]
train.model @recurrent dims ["batch", "rows"] batch 0 rows 1 predict @forward {
  train.input "token" : tensor<?x6xi32> dims ["batch"] in 0 to 9
  train.output "logits" : tensor<?x6x9xf32> dims ["batch"]
  train.parameter "table" : tensor<9x9xf32> init @init.table
  train.recipe settings {batch = 8, data = {columns = [{kind = "text", name = "window"}]}} finish @finish {
  }
}
func.func private @init.table(%seed: tensor<i64> {train.bind = #train.bind<seed, 0>}) -> tensor<9x9xf32> {
  %r = nn.random "normal" site 1 %seed [9, 9] : tensor<9x9xf32>
  return %r : tensor<9x9xf32>
}
func.func private @finish() { return }
func.func private @forward(%b: index {train.bind = #train.bind<dim, 0>},
                           %token: tensor<?x6xi32> {nn.dims = array<i64: 0>, train.bind = #train.bind<input, 0>},
                           %table: tensor<9x9xf32> {train.bind = #train.bind<parameter, 0>}) -> tensor<?x6x9xf32> {
  %x = nn.gather %table, %token : (tensor<9x9xf32>, tensor<?x6xi32>) -> tensor<?x6x9xf32>
  %one = nn.constant dense<1.0> : tensor<f32>
  %h0 = nn.broadcast %one [] to [%b, 9] : tensor<f32> -> tensor<?x9xf32>
  %last, %all = nn.scan [6] slices [1](%x : tensor<?x6x9xf32>) inits(%h0 : tensor<?x9xf32>)
      captures() dims() stack [1] -> (tensor<?x9xf32>, tensor<?x6x9xf32>) {
  ^bb0(%i: tensor<i64>, %xt: tensor<?x9xf32>, %h: tensor<?x9xf32>):
    %s = nn.add %xt, %h : tensor<?x9xf32>
    nn.yield %s, %s : tensor<?x9xf32>, tensor<?x9xf32>
  }
  return %all : tensor<?x6x9xf32>
}

// -----

// A sum over positions looks ahead, and a model of no text has no `next` either.
// CHECK-LABEL: train.program @ahead
// CHECK-NOT: next
train.model @ahead dims ["batch", "rows"] batch 0 rows 1 predict @forward {
  train.input "token" : tensor<?x6xi32> dims ["batch"] in 0 to 9
  train.output "logits" : tensor<?x6x9xf32> dims ["batch"]
  train.parameter "table" : tensor<9x9xf32> init @init.table
  train.recipe settings {batch = 8, data = {columns = [{kind = "text", name = "window"}]}} finish @finish {
  }
}
func.func private @init.table(%seed: tensor<i64> {train.bind = #train.bind<seed, 0>}) -> tensor<9x9xf32> {
  %r = nn.random "normal" site 1 %seed [9, 9] : tensor<9x9xf32>
  return %r : tensor<9x9xf32>
}
func.func private @finish() { return }
func.func private @forward(%b: index {train.bind = #train.bind<dim, 0>},
                           %token: tensor<?x6xi32> {nn.dims = array<i64: 0>, train.bind = #train.bind<input, 0>},
                           %table: tensor<9x9xf32> {train.bind = #train.bind<parameter, 0>}) -> tensor<?x6x9xf32> {
  %x = nn.gather %table, %token : (tensor<9x9xf32>, tensor<?x6xi32>) -> tensor<?x6x9xf32>
  %sum = nn.reduce_sum %x [1] : tensor<?x6x9xf32> -> tensor<?x9xf32>
  %all = nn.broadcast %sum [0, 2] to [%b, 6, 9] : tensor<?x9xf32> -> tensor<?x6x9xf32>
  return %all : tensor<?x6x9xf32>
}

// -----

// CHECK-LABEL: train.program @plain
// CHECK-NOT: next
train.model @plain dims ["batch", "rows"] batch 0 rows 1 predict @forward {
  train.input "token" : tensor<?x6xi32> dims ["batch"] in 0 to 9
  train.output "logits" : tensor<?x6x9xf32> dims ["batch"]
  train.parameter "table" : tensor<9x9xf32> init @init.table
  train.recipe settings {batch = 8, data = {columns = [{kind = "array", name = "token"}]}} finish @finish {
  }
}
func.func private @init.table(%seed: tensor<i64> {train.bind = #train.bind<seed, 0>}) -> tensor<9x9xf32> {
  %r = nn.random "normal" site 1 %seed [9, 9] : tensor<9x9xf32>
  return %r : tensor<9x9xf32>
}
func.func private @finish() { return }
func.func private @forward(%b: index {train.bind = #train.bind<dim, 0>},
                           %token: tensor<?x6xi32> {nn.dims = array<i64: 0>, train.bind = #train.bind<input, 0>},
                           %table: tensor<9x9xf32> {train.bind = #train.bind<parameter, 0>}) -> tensor<?x6x9xf32> {
  %x = nn.gather %table, %token : (tensor<9x9xf32>, tensor<?x6xi32>) -> tensor<?x6x9xf32>
  return %x : tensor<?x6x9xf32>
}
