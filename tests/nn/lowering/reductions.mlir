// RUN: nn-opt %s --convert-nn-to-linalg --split-input-file | FileCheck %s

// CHECK-DAG: #[[$IN:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[$OUT:.*]] = affine_map<(d0, d1) -> (d1)>
// CHECK-LABEL: func @sum
// CHECK: linalg.fill
// CHECK: linalg.generic {indexing_maps = [#[[$IN]], #[[$OUT]]], iterator_types = ["reduction", "parallel"]}
// CHECK: arith.addf
func.func @sum(%x: tensor<?x4xf32>) -> tensor<4xf32> {
  %0 = nn.reduce_sum %x [0] : tensor<?x4xf32> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// CHECK-LABEL: func @extremes
// CHECK: arith.constant 0xFF800000 : f32
// CHECK: arith.maximumf
// CHECK: arith.constant 0x7F800000 : f32
// CHECK: arith.minimumf
// CHECK: arith.constant 0 : i8
// CHECK: arith.maxui
// CHECK: arith.constant -2147483648 : i32
// CHECK: arith.maxsi
func.func @extremes(%x: tensor<4xf32>, %u: tensor<4xui8>, %i: tensor<4xi32>)
    -> (tensor<f32>, tensor<f32>, tensor<ui8>, tensor<i32>) {
  %0 = nn.reduce_max %x [0] : tensor<4xf32> -> tensor<f32>
  %1 = nn.reduce_min %x [0] : tensor<4xf32> -> tensor<f32>
  %2 = nn.reduce_max %u [0] : tensor<4xui8> -> tensor<ui8>
  %3 = nn.reduce_max %i [0] : tensor<4xi32> -> tensor<i32>
  return %0, %1, %2, %3 : tensor<f32>, tensor<f32>, tensor<ui8>, tensor<i32>
}

// -----

// CHECK-LABEL: func @half_sum
// CHECK: linalg.fill {{.*}} -> tensor<f32>
// CHECK: arith.extf %{{.*}} : f16 to f32
// CHECK: arith.truncf %{{.*}} : f32 to f16
func.func @half_sum(%x: tensor<4xf16>) -> tensor<f16> {
  %0 = nn.reduce_sum %x [0] : tensor<4xf16> -> tensor<f16>
  return %0 : tensor<f16>
}

// -----

// CHECK-LABEL: func @argmax
// CHECK: %[[R:.*]]:2 = linalg.generic
// CHECK-SAME: iterator_types = ["parallel", "reduction"]
// CHECK: linalg.index 1
// CHECK: arith.cmpf ugt
// CHECK: arith.cmpf ord
// CHECK: return %[[R]]#1 : tensor<?xi32>
func.func @argmax(%x: tensor<?x10xf32>) -> tensor<?xi32> {
  %0 = nn.argmax %x[1] : tensor<?x10xf32> -> tensor<?xi32>
  return %0 : tensor<?xi32>
}

// -----

// Many elements, or as many as come, are added in f64, and rounded once; few in f32.
// CHECK-LABEL: func @long_sums
// CHECK: linalg.fill {{.*}} -> tensor<4xf64>
// CHECK: arith.extf %{{.*}} : f32 to f64
// CHECK: arith.truncf %{{.*}} : f64 to f32
// CHECK: linalg.fill {{.*}} -> tensor<f64>
// CHECK: arith.extf %{{.*}} : f16 to f64
// CHECK: arith.truncf %{{.*}} : f64 to f16
// CHECK: linalg.fill {{.*}} -> tensor<?xf32>
// CHECK-NOT: f64
func.func @long_sums(%x: tensor<?x4xf32>, %y: tensor<8x9xf16>)
    -> (tensor<4xf32>, tensor<f16>, tensor<?xf32>) {
  %0 = nn.reduce_sum %x [0] : tensor<?x4xf32> -> tensor<4xf32>
  %1 = nn.reduce_sum %y [0, 1] : tensor<8x9xf16> -> tensor<f16>
  %2 = nn.reduce_sum %x [1] : tensor<?x4xf32> -> tensor<?xf32>
  return %0, %1, %2 : tensor<4xf32>, tensor<f16>, tensor<?xf32>
}

// -----

// A mean divides before it rounds: the sum may be beyond what an f16 holds.
// CHECK-LABEL: func @mean
// CHECK: %[[COUNT:.*]] = arith.sitofp %{{.*}} : i64 to f64
// CHECK: %[[MEAN:.*]] = arith.divf %{{.*}}, %[[COUNT]] : f64
// CHECK: arith.truncf %[[MEAN]] : f64 to f16
func.func @mean(%x: tensor<?x4xf16>) -> tensor<4xf16> {
  %0 = nn.reduce_mean %x [0] : tensor<?x4xf16> -> tensor<4xf16>
  return %0 : tensor<4xf16>
}
