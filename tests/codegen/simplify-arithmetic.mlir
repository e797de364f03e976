// RUN: nn-opt %s --codegen-simplify-arithmetic | FileCheck %s

#id = affine_map<(i) -> (i)>
#scalar = affine_map<(i) -> ()>

// A scalar's reciprocal is rounded.
// CHECK-LABEL: func.func @by_scalar
// CHECK: arith.divf
func.func @by_scalar(%x: tensor<8xf32>, %s: tensor<f32>) -> tensor<8xf32> {
  %e = tensor.empty() : tensor<8xf32>
  %r = linalg.generic {indexing_maps = [#id, #scalar, #id], iterator_types = ["parallel"]}
      ins(%x, %s : tensor<8xf32>, tensor<f32>) outs(%e : tensor<8xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %0 = arith.divf %a, %b : f32
      %1 = arith.addf %0, %b : f32
      linalg.yield %1 : f32
  } -> tensor<8xf32>
  return %r : tensor<8xf32>
}

// CHECK-LABEL: func.func @by_constant
// CHECK: arith.constant 2.500000e-01 : f32
// CHECK-NOT: arith.divf
// CHECK: arith.mulf
func.func @by_constant(%x: tensor<8xf32>) -> tensor<8xf32> {
  %c = arith.constant 4.0 : f32
  %e = tensor.empty() : tensor<8xf32>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) {
    ^bb0(%a: f32, %o: f32):
      %0 = arith.divf %a, %c : f32
      linalg.yield %0 : f32
  } -> tensor<8xf32>
  return %r : tensor<8xf32>
}

// Zero, numbers whose reciprocal is rounded, and divisors that differ by element, are left alone.
// CHECK-LABEL: func.func @others
// CHECK: arith.divf
// CHECK: arith.divf
// CHECK: arith.divf
func.func @others(%x: tensor<8xf32>, %y: tensor<8xf32>) -> tensor<8xf32> {
  %c = arith.constant 0.0 : f32
  %d = arith.constant 41.0 : f32
  %e = tensor.empty() : tensor<8xf32>
  %r = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%x, %y : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %0 = arith.divf %a, %b : f32
      %1 = arith.divf %0, %c : f32
      %2 = arith.divf %1, %d : f32
      linalg.yield %2 : f32
  } -> tensor<8xf32>
  return %r : tensor<8xf32>
}
