// RUN: nn-opt %s --convert-nn-to-linalg --split-input-file | FileCheck %s

// CHECK-DAG: #[[$ID:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-LABEL: func @exp
// CHECK-SAME: (%[[N:.*]]: index, %[[X:.*]]: tensor<?x4xf32>)
// CHECK: %[[E:.*]] = tensor.empty(%[[N]]) : tensor<?x4xf32>
// CHECK: linalg.generic {indexing_maps = [#[[$ID]], #[[$ID]]], iterator_types = ["parallel", "parallel"]}
// CHECK-SAME: ins(%[[X]] : tensor<?x4xf32>) outs(%[[E]] : tensor<?x4xf32>)
// CHECK: math.exp
func.func @exp(%n: index, %x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = nn.exp %x : tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// -----

// A splat constant is a scalar of the body; a tensor used twice is read once.
// CHECK-LABEL: func @splat
// CHECK: linalg.generic
// CHECK-SAME: ins(%{{[a-z0-9]+}} : tensor<4xf32>)
// CHECK: ^bb0(%[[IN:.*]]: f32, %{{.*}}: f32)
// CHECK: %[[C:.*]] = arith.constant 2.000000e+00 : f32
// CHECK: arith.mulf %[[IN]], %[[C]]
// CHECK: linalg.generic
// CHECK-SAME: ins(%{{[a-z0-9]+}} : tensor<4xf32>)
// CHECK: ^bb0(%[[IN2:.*]]: f32, %{{.*}}: f32)
// CHECK: arith.mulf %[[IN2]], %[[IN2]]
func.func @splat(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c = nn.constant dense<2.0> : tensor<4xf32>
  %0 = nn.mul %x, %c : tensor<4xf32>
  %1 = nn.mul %0, %0 : tensor<4xf32>
  return %1 : tensor<4xf32>
}

// -----

// ui8 is i8 in signatures and everywhere; its signedness is in the operations.
// CHECK-LABEL: func @signless
// CHECK-SAME: (%{{.*}}: tensor<4xi8>, %{{.*}}: tensor<4xi8>) -> (tensor<4xf32>, tensor<4xi1>, tensor<4xi8>, tensor<4xi32>)
// CHECK: arith.uitofp %{{.*}} : i8 to f32
// CHECK: arith.cmpi ult
// CHECK: arith.maxui
// CHECK: arith.extui %{{.*}} : i8 to i32
// CHECK-NOT: ui8
func.func @signless(%a: tensor<4xui8>, %b: tensor<4xui8>)
    -> (tensor<4xf32>, tensor<4xi1>, tensor<4xui8>, tensor<4xi32>) {
  %0 = nn.cast %a : tensor<4xui8> to tensor<4xf32>
  %1 = nn.compare "lt" %a, %b : tensor<4xui8>
  %2 = nn.maximum %a, %b : tensor<4xui8>
  %3 = nn.cast %a : tensor<4xui8> to tensor<4xi32>
  return %0, %1, %2, %3 : tensor<4xf32>, tensor<4xi1>, tensor<4xui8>, tensor<4xi32>
}

// -----

// Operations of other dialects on ui8, and calls, change their types.
// CHECK-LABEL: func private @g(tensor<?xi8>) -> tensor<?xi8>
// CHECK-LABEL: func @other_dialects
// CHECK: tensor.dim %{{.*}} : tensor<?xi8>
// CHECK: call @g(%{{.*}}) : (tensor<?xi8>) -> tensor<?xi8>
func.func private @g(tensor<?xui8>) -> tensor<?xui8>
func.func @other_dialects(%a: tensor<?xui8>) -> (index, tensor<?xui8>) {
  %c0 = arith.constant 0 : index
  %0 = tensor.dim %a, %c0 : tensor<?xui8>
  %1 = call @g(%a) : (tensor<?xui8>) -> tensor<?xui8>
  return %0, %1 : index, tensor<?xui8>
}

// -----

// CHECK-LABEL: func @nan
// CHECK: arith.maximumf
// CHECK: arith.minimumf
// CHECK: arith.cmpf une
// CHECK: arith.cmpf ogt
func.func @nan(%a: tensor<4xf32>, %b: tensor<4xf32>)
    -> (tensor<4xf32>, tensor<4xf32>, tensor<4xi1>, tensor<4xi1>) {
  %0 = nn.maximum %a, %b : tensor<4xf32>
  %1 = nn.minimum %a, %b : tensor<4xf32>
  %2 = nn.compare "ne" %a, %b : tensor<4xf32>
  %3 = nn.compare "gt" %a, %b : tensor<4xf32>
  return %0, %1, %2, %3 : tensor<4xf32>, tensor<4xf32>, tensor<4xi1>, tensor<4xi1>
}

// -----

// CHECK-LABEL: func @stop_gradient
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>)
// CHECK-NEXT: return %[[X]]
func.func @stop_gradient(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = nn.stop_gradient %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// CHECK-LABEL: func @constants
// CHECK-DAG: arith.constant dense<-56> : tensor<i8>
// CHECK-DAG: arith.sitofp %{{.*}} : i64 to f32
// CHECK-DAG: tensor.from_elements %{{.*}} : tensor<f32>
func.func @constants(%n: index) -> (tensor<ui8>, tensor<f32>) {
  %0 = nn.constant dense<200> : tensor<ui8>
  %1 = nn.from_index %n : tensor<f32>
  return %0, %1 : tensor<ui8>, tensor<f32>
}
