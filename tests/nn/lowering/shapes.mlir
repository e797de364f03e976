// RUN: nn-opt %s --convert-nn-to-linalg --split-input-file | FileCheck %s

// CHECK-DAG: #[[$IN:.*]] = affine_map<(d0, d1) -> (d1)>
// CHECK-DAG: #[[$OUT:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-LABEL: func @broadcast
// CHECK: linalg.generic {indexing_maps = [#[[$IN]], #[[$OUT]]], iterator_types = ["parallel", "parallel"]}
func.func @broadcast(%n: index, %b: tensor<4xf32>) -> tensor<?x4xf32> {
  %0 = nn.broadcast %b [1] to [%n, 4] : tensor<4xf32> -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// -----

// Axes of size 1 are dropped, so that the map is a projection.
// CHECK-DAG: #[[$IN:.*]] = affine_map<(d0, d1) -> (d0)>
// CHECK-LABEL: func @broadcast_one
// CHECK: tensor.collapse_shape %{{.*}} {{\[\[}}0, 1]] : tensor<?x1xf32> into tensor<?xf32>
// CHECK: linalg.generic {indexing_maps = [#[[$IN]],
func.func @broadcast_one(%n: index, %b: tensor<?x1xf32>) -> tensor<?x4xf32> {
  %0 = nn.broadcast %b [0, 1] to [%n, 4] : tensor<?x1xf32> -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// -----

// CHECK-DAG: #[[$IN:.*]] = affine_map<(d0, d1, d2) -> (d1, d2, d0)>
// CHECK-LABEL: func @transpose
// CHECK: linalg.generic {indexing_maps = [#[[$IN]],
// CHECK-SAME: outs(%{{.*}} : tensor<4x?x3xf32>)
func.func @transpose(%x: tensor<?x3x4xf32>) -> tensor<4x?x3xf32> {
  %0 = nn.transpose %x [2, 0, 1] : tensor<?x3x4xf32> -> tensor<4x?x3xf32>
  return %0 : tensor<4x?x3xf32>
}

// -----

// CHECK-LABEL: func @reshapes
// CHECK-SAME: (%[[N:.*]]: index, %[[X:.*]]: tensor<?x28x28xf32>)
// CHECK: %[[A:.*]] = tensor.collapse_shape %[[X]] {{\[\[}}0], [1, 2]] : tensor<?x28x28xf32> into tensor<?x784xf32>
// CHECK: tensor.expand_shape %[[A]] {{\[\[}}0], [1, 2]] output_shape [%[[N]], 4, 196] : tensor<?x784xf32> into tensor<?x4x196xf32>
// CHECK: %[[F:.*]] = tensor.collapse_shape %[[A]] {{\[\[}}0, 1]] : tensor<?x784xf32> into tensor<?xf32>
// CHECK: tensor.expand_shape %[[F]] {{\[\[}}0, 1]] output_shape [784, %[[N]]] : tensor<?xf32> into tensor<784x?xf32>
func.func @reshapes(%n: index, %x: tensor<?x28x28xf32>)
    -> (tensor<?x784xf32>, tensor<?x4x196xf32>, tensor<784x?xf32>) {
  %0 = nn.reshape %x to [%n, 784] : tensor<?x28x28xf32> -> tensor<?x784xf32>
  %1 = nn.reshape %0 to [%n, 4, 196] : tensor<?x784xf32> -> tensor<?x4x196xf32>
  %2 = nn.reshape %0 to [784, %n] : tensor<?x784xf32> -> tensor<784x?xf32>
  return %0, %1, %2 : tensor<?x784xf32>, tensor<?x4x196xf32>, tensor<784x?xf32>
}

// -----

// CHECK-LABEL: func @windows
// CHECK-SAME: (%[[N:.*]]: index, %[[X:.*]]: tensor<?x6xf32>)
// CHECK: tensor.extract_slice %[[X]][0, 1] [%[[N]], 2] [1, 3] : tensor<?x6xf32> to tensor<?x2xf32>
// CHECK: %[[Z:.*]] = linalg.fill
// CHECK: tensor.insert_slice %[[X]] into %[[Z]][0, 1] [%[[N]], 6] [1, 2] : tensor<?x6xf32> into tensor<?x14xf32>
// CHECK: %[[E:.*]] = tensor.empty(%[[N]]) : tensor<?x12xf32>
// CHECK: %[[H:.*]] = tensor.insert_slice %[[X]] into %[[E]][0, 0] [%[[N]], 6] [1, 1]
// CHECK: tensor.insert_slice %[[X]] into %[[H]][0, 6] [%[[N]], 6] [1, 1]
func.func @windows(%n: index, %x: tensor<?x6xf32>)
    -> (tensor<?x2xf32>, tensor<?x14xf32>, tensor<?x12xf32>) {
  %0 = nn.slice %x [0, 1] [%n, 2] [1, 3] : tensor<?x6xf32> -> tensor<?x2xf32>
  %1 = nn.pad %x low [0, 1] interior [0, 1] to [%n, 14] : tensor<?x6xf32> -> tensor<?x14xf32>
  %2 = nn.concat %x, %x axis 1 : (tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x12xf32>
  return %0, %1, %2 : tensor<?x2xf32>, tensor<?x14xf32>, tensor<?x12xf32>
}

// -----

// CHECK-LABEL: func @joined
// CHECK-SAME: (%[[N:.*]]: index, %[[X:.*]]: tensor<?x6xf32>, %[[Y:.*]]: tensor<4x6xf32>)
// CHECK: %[[BOTH:.*]] = arith.addi %[[N]], %{{.*}} : index
// CHECK: %[[ALL:.*]] = arith.addi %[[BOTH]], %[[N]] : index
// CHECK: %[[E:.*]] = tensor.empty(%[[ALL]]) : tensor<?x6xf32>
// CHECK: %[[A:.*]] = tensor.insert_slice %[[X]] into %[[E]][0, 0] [%[[N]], 6] [1, 1]
// CHECK: %[[B:.*]] = tensor.insert_slice %[[Y]] into %[[A]][%[[N]], 0] [4, 6] [1, 1]
// CHECK: tensor.insert_slice %[[X]] into %[[B]][%{{.*}}, 0] [%[[N]], 6] [1, 1]
func.func @joined(%n: index, %x: tensor<?x6xf32>, %y: tensor<4x6xf32>) -> tensor<?x6xf32> {
  %0 = nn.concat %x, %y, %x axis 0
     : (tensor<?x6xf32>, tensor<4x6xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>
  return %0 : tensor<?x6xf32>
}

// -----

// CHECK-LABEL: func @iota
// CHECK: linalg.generic
// CHECK: linalg.index 1
// CHECK: arith.index_cast
func.func @iota(%n: index) -> tensor<?x10xi32> {
  %0 = nn.iota 1 [%n, 10] : tensor<?x10xi32>
  return %0 : tensor<?x10xi32>
}
