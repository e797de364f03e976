// RUN: nn-opt %s --convert-nn-to-linalg --split-input-file | FileCheck %s

// Indices are held within the table.
// CHECK-LABEL: func @gather
// CHECK-SAME: (%[[T:.*]]: tensor<100x16xf32>, %[[I:.*]]: tensor<?xi32>)
// CHECK: linalg.generic
// CHECK-SAME: ins(%[[I]] : tensor<?xi32>)
// CHECK: arith.index_cast %{{.*}} : i32 to index
// CHECK: arith.minsi
// CHECK: %[[P:.*]] = arith.maxsi
// CHECK: %[[J:.*]] = linalg.index 1
// CHECK: tensor.extract %[[T]][%[[P]], %[[J]]]
func.func @gather(%t: tensor<100x16xf32>, %i: tensor<?xi32>) -> tensor<?x16xf32> {
  %0 = nn.gather %t, %i : (tensor<100x16xf32>, tensor<?xi32>) -> tensor<?x16xf32>
  return %0 : tensor<?x16xf32>
}

// -----

// One row after the other, each as a whole.
// CHECK-LABEL: func @scatter_add
// CHECK: scf.for
// CHECK-NOT: scf.for
// CHECK: tensor.extract %
// CHECK: tensor.extract_slice %{{.*}} [1, 16] [1, 1] : tensor<3x16xf32> to tensor<16xf32>
// CHECK: tensor.extract_slice %{{.*}} [1, 16] [1, 1] : tensor<100x16xf32> to tensor<16xf32>
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel"]
// CHECK: arith.addf
// CHECK: tensor.insert_slice
func.func @scatter_add(%u: tensor<3x16xf32>, %i: tensor<3xi32>, %t: tensor<100x16xf32>)
    -> tensor<100x16xf32> {
  %0 = nn.scatter_add %u, %i into %t
     : (tensor<3x16xf32>, tensor<3xi32>, tensor<100x16xf32>) -> tensor<100x16xf32>
  return %0 : tensor<100x16xf32>
}

// -----

// One row alone: each asks whether it is the one, so that nothing outside of the operation has to know which.
// CHECK-LABEL: func @scatter_add_one
// CHECK-NOT: scf.for
// CHECK-NOT: tensor.extract %
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel"]
// CHECK: arith.addf
// CHECK: arith.cmpi eq
// CHECK: arith.select
// CHECK-NOT: tensor.insert_slice
// CHECK: return
func.func @scatter_add_one(%u: tensor<1x16xf32>, %i: tensor<1xi32>, %t: tensor<100x16xf32>)
    -> tensor<100x16xf32> {
  %0 = nn.scatter_add %u, %i into %t
     : (tensor<1x16xf32>, tensor<1xi32>, tensor<100x16xf32>) -> tensor<100x16xf32>
  return %0 : tensor<100x16xf32>
}

// -----

// CHECK-LABEL: func @take_along
// CHECK-SAME: (%[[X:.*]]: tensor<?x10xf32>, %[[I:.*]]: tensor<?xi32>)
// CHECK: linalg.generic
// CHECK-SAME: ins(%[[I]] : tensor<?xi32>)
// CHECK: arith.minsi
// CHECK: %[[P:.*]] = arith.maxsi
// CHECK: tensor.extract %[[X]][%{{.*}}, %[[P]]]
func.func @take_along(%x: tensor<?x10xf32>, %i: tensor<?xi32>) -> tensor<?xf32> {
  %0 = nn.take_along %x, %i axis 1 : (tensor<?x10xf32>, tensor<?xi32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// -----

// Several places of each row: no row is copied for each, and what is repeated is always the first.
// CHECK-LABEL: func @take_of_broadcast
// CHECK-SAME: (%[[N:.*]]: index, %[[X:.*]]: tensor<?x1x10xf32>, %[[I:.*]]: tensor<?x4x3xi32>)
// CHECK: ins(%[[I]] : tensor<?x4x3xi32>)
// CHECK: %[[ROW:.*]] = linalg.index 0
// CHECK: %[[P:.*]] = arith.maxsi
// CHECK: %[[FIRST:.*]] = arith.constant 0 : index
// CHECK: tensor.extract %[[X]][%[[ROW]], %[[FIRST]], %[[P]]]
func.func @take_of_broadcast(%n: index, %x: tensor<?x1x10xf32>, %i: tensor<?x4x3xi32>)
    -> tensor<?x4x3xf32> {
  %0 = nn.broadcast %x [0, 1, 3] to [%n, 4, 3, 10] : tensor<?x1x10xf32> -> tensor<?x4x3x10xf32>
  %1 = nn.take_along %0, %i axis 3
     : (tensor<?x4x3x10xf32>, tensor<?x4x3xi32>) -> tensor<?x4x3xf32>
  return %1 : tensor<?x4x3xf32>
}

// -----

// No scatter: each element asks whether it is the one.
// CHECK-LABEL: func @put_along
// CHECK-NOT: scf.for
// CHECK: linalg.generic
// CHECK: arith.cmpi eq
// CHECK: arith.select
func.func @put_along(%n: index, %x: tensor<?xf32>, %i: tensor<?xi32>) -> tensor<?x10xf32> {
  %0 = nn.put_along %x, %i axis 1 to [%n, 10] : (tensor<?xf32>, tensor<?xi32>) -> tensor<?x10xf32>
  return %0 : tensor<?x10xf32>
}
