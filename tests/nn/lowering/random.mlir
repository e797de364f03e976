// RUN: nn-opt %s --convert-nn-to-linalg --split-input-file | FileCheck %s

// CHECK-LABEL: func @uniform
// CHECK: tensor.extract %{{.*}}[] : tensor<i64>
// CHECK: linalg.generic
// CHECK: linalg.index 0
// Four elements to a block, and to each its word.
// CHECK: arith.constant 2 : i64
// CHECK: arith.shrui %{{.*}} : i64
// CHECK: arith.constant 3528531795 : i64
// CHECK-COUNT-3: arith.select
// CHECK: arith.shrui %{{.*}} : i32
// CHECK: arith.sitofp %{{.*}} : i32 to f32
// CHECK-NOT: math.
func.func @uniform(%seed: tensor<i64>) -> tensor<784x64xf32> {
  %0 = nn.random "uniform" site 3 %seed [784, 64] : tensor<784x64xf32>
  return %0 : tensor<784x64xf32>
}

// -----

// No function that two machines could compute in two ways.
// CHECK-LABEL: func @normal
// CHECK-NOT: math.{{log|sin|cos}}
// CHECK: arith.divf
// CHECK-NOT: math.{{log|sin|cos}}
// CHECK: math.sqrt
// CHECK-NOT: math.
// CHECK: return
func.func @normal(%n: index, %seed: tensor<i64>, %step: tensor<i64>) -> tensor<?xf32> {
  %0 = nn.random "normal" site 3 %seed draw %step [%n] : tensor<?xf32>
  return %0 : tensor<?xf32>
}

// -----

// The numbers of an example begin where those of the ones before it end.
// CHECK-LABEL: func @example
// CHECK-SAME: (%[[N:.*]]: index, %[[SEED:.*]]: tensor<i64>, %[[FIRST:.*]]: tensor<i64>)
// CHECK: %[[E:.*]] = tensor.extract %[[FIRST]][]
// CHECK: %[[A:.*]] = arith.muli %[[E]], %{{.*}} : i64
// CHECK: %[[B:.*]] = arith.muli %[[A]], %{{.*}} : i64
// CHECK: linalg.generic
// CHECK: arith.addi %{{.*}}, %[[B]] : i64
func.func @example(%n: index, %seed: tensor<i64>, %first: tensor<i64>) -> tensor<?x3x5xf64> {
  %0 = nn.random "uniform" site 3 %seed example %first [%n, 3, 5] : tensor<?x3x5xf64>
  return %0 : tensor<?x3x5xf64>
}

// -----

// The bodies for two sites are the same text: what tells them apart is computed before.
// CHECK-LABEL: func @sites
// CHECK-SAME: %[[SEED:.*]]: tensor<i64>
// CHECK: %[[THREE:.*]] = arith.constant 3 : i32
// CHECK: %[[LAST:.*]] = arith.xori %[[THREE]], %{{.*}} : i32
// CHECK: linalg.generic
// CHECK-NOT: %[[THREE]]
// CHECK: arith.xori %{{.*}}, %[[LAST]] : i32
// CHECK-NOT: %[[THREE]]
// CHECK: return
func.func @sites(%seed: tensor<i64>) -> tensor<8xf32> {
  %0 = nn.random "uniform" site 3 %seed [8] : tensor<8xf32>
  return %0 : tensor<8xf32>
}
