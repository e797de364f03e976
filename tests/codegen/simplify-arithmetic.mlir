// RUN: nn-opt %s --codegen-simplify-arithmetic | FileCheck %s

#id = affine_map<(i) -> (i)>
#scalar = affine_map<(i) -> ()>

// CHECK-LABEL: func.func @by_scalar
// CHECK: %[[INV:.+]]:2 = linalg.generic {{.*}} iterator_types = []} ins(%arg1
// CHECK: %[[ONE:.+]] = arith.constant 1.000000e+00
// CHECK: %[[SMALL:.+]] = arith.select
// CHECK: %[[POWER:.+]] = arith.select %{{.+}}, %{{.+}}, %[[SMALL]]
// CHECK: %[[SCALED:.+]] = arith.mulf %{{.+}}, %[[POWER]]
// CHECK: %[[R:.+]] = arith.divf %[[ONE]], %[[SCALED]]
// CHECK: linalg.yield %[[POWER]], %[[R]]
// CHECK: linalg.generic {{.*}} ins(%arg0, %arg1, %[[INV]]#0, %[[INV]]#1 :
// CHECK-NEXT: ^bb0(%[[X:.+]]: f32, %{{.+}}: f32, %[[P:.+]]: f32, %[[INVERSE:.+]]: f32, %{{.+}}: f32):
// CHECK-NEXT: %[[XP:.+]] = arith.mulf %[[X]], %[[P]] fastmath<contract>
// CHECK-NEXT: arith.mulf %[[XP]], %[[INVERSE]] fastmath<contract>
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

// Zero, and divisors that differ by element, are left alone.
// CHECK-LABEL: func.func @others
// CHECK: arith.divf
// CHECK: arith.divf
func.func @others(%x: tensor<8xf32>, %y: tensor<8xf32>) -> tensor<8xf32> {
  %c = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8xf32>
  %r = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%x, %y : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %0 = arith.divf %a, %b : f32
      %1 = arith.divf %0, %c : f32
      linalg.yield %1 : f32
  } -> tensor<8xf32>
  return %r : tensor<8xf32>
}

// Where a floor sees the quotient, also in another operation, it stays one; behind a contraction it doesn't show.
// CHECK-LABEL: func.func @floored
// CHECK: arith.divf
// CHECK: math.floor
// CHECK: arith.mulf %{{.+}}, %{{.+}} fastmath<contract>
// CHECK: linalg.matmul
func.func @floored(%x: tensor<8xf32>, %a: tensor<4x4xf32>, %b: tensor<4x4xf32>) -> (tensor<8xf32>, tensor<4x4xi1>) {
  %d = arith.constant 41.0 : f32
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8xf32>
  %q = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) {
    ^bb0(%v: f32, %o: f32):
      %0 = arith.divf %v, %d : f32
      linalg.yield %0 : f32
  } -> tensor<8xf32>
  %pair = tensor.expand_shape %q [[0, 1]] output_shape [2, 4] : tensor<8xf32> into tensor<2x4xf32>
  %back = tensor.collapse_shape %pair [[0, 1]] : tensor<2x4xf32> into tensor<8xf32>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%back : tensor<8xf32>) outs(%e : tensor<8xf32>) {
    ^bb0(%v: f32, %o: f32):
      %0 = math.floor %v : f32
      linalg.yield %0 : f32
  } -> tensor<8xf32>
  %e2 = tensor.empty() : tensor<4x4xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%a : tensor<4x4xf32>) outs(%e2 : tensor<4x4xf32>) {
    ^bb0(%v: f32, %o: f32):
      %0 = arith.divf %v, %d : f32
      linalg.yield %0 : f32
  } -> tensor<4x4xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e2 : tensor<4x4xf32>) -> tensor<4x4xf32>
  %m = linalg.matmul ins(%s, %b : tensor<4x4xf32>, tensor<4x4xf32>) outs(%f : tensor<4x4xf32>) -> tensor<4x4xf32>
  %e3 = tensor.empty() : tensor<4x4xi1>
  %mask = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%m : tensor<4x4xf32>) outs(%e3 : tensor<4x4xi1>) {
    ^bb0(%v: f32, %o: i1):
      %0 = arith.cmpf ogt, %v, %zero : f32
      linalg.yield %0 : i1
  } -> tensor<4x4xi1>
  return %r, %mask : tensor<8xf32>, tensor<4x4xi1>
}

// What two operations divide by is inverted once.
// CHECK-LABEL: func.func @shared
// CHECK: arith.divf
// CHECK-NOT: arith.divf
// CHECK: return
func.func @shared(%x: tensor<8xf32>, %y: tensor<8xf32>, %s: tensor<f32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %e = tensor.empty() : tensor<8xf32>
  %0 = linalg.generic {indexing_maps = [#id, #scalar, #id], iterator_types = ["parallel"]}
      ins(%x, %s : tensor<8xf32>, tensor<f32>) outs(%e : tensor<8xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %q = arith.divf %a, %b : f32
      linalg.yield %q : f32
  } -> tensor<8xf32>
  %1 = linalg.generic {indexing_maps = [#id, #scalar, #id], iterator_types = ["parallel"]}
      ins(%y, %s : tensor<8xf32>, tensor<f32>) outs(%e : tensor<8xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %q = arith.divf %a, %b : f32
      linalg.yield %q : f32
  } -> tensor<8xf32>
  return %0, %1 : tensor<8xf32>, tensor<8xf32>
}
