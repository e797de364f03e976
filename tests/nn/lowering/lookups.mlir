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

// One update after the other.
// CHECK-LABEL: func @scatter_add
// CHECK: scf.for
// CHECK: scf.for
// CHECK: tensor.extract
// CHECK: arith.addf
// CHECK: tensor.insert
// CHECK-NOT: linalg
func.func @scatter_add(%u: tensor<3x16xf32>, %i: tensor<3xi32>, %t: tensor<100x16xf32>)
    -> tensor<100x16xf32> {
  %0 = nn.scatter_add %u, %i into %t
     : (tensor<3x16xf32>, tensor<3xi32>, tensor<100x16xf32>) -> tensor<100x16xf32>
  return %0 : tensor<100x16xf32>
}
