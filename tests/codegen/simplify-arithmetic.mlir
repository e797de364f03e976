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
