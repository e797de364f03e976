// RUN: nn-opt %s --convert-nn-to-linalg --split-input-file | FileCheck %s

// CHECK-LABEL: func @uniform
// CHECK: tensor.extract %{{.*}}[] : tensor<i64>
// CHECK: linalg.generic
// CHECK: linalg.index 0
// CHECK: arith.constant 3528531795 : i64
// CHECK: arith.shrui %{{.*}} : i32
// CHECK: arith.sitofp %{{.*}} : i32 to f32
// CHECK-NOT: math.
func.func @uniform(%seed: tensor<i64>) -> tensor<784x64xf32> {
  %0 = nn.random "uniform" site 3 %seed [784, 64] : tensor<784x64xf32>
  return %0 : tensor<784x64xf32>
}

// -----

// CHECK-LABEL: func @normal
// CHECK: math.log
// CHECK: math.sqrt
// CHECK: math.cos
func.func @normal(%n: index, %seed: tensor<i64>, %step: tensor<i64>) -> tensor<?xf32> {
  %0 = nn.random "normal" site 3 %seed, %step [%n] : tensor<?xf32>
  return %0 : tensor<?xf32>
}
