// RUN: nn-opt %s --codegen-lower-reshapes --canonicalize --cse --split-input-file | FileCheck %s
// RUN: nn-opt %s --codegen-lower-reshapes --expand-strided-metadata --split-input-file | FileCheck %s --check-prefix=AFTER

// AFTER-NOT: memref.expand_shape

// CHECK-LABEL: func.func @several(
// CHECK-SAME: %[[X:.+]]: memref<?xf32>, %[[B:.+]]: index, %[[N:.+]]: index
// CHECK-DAG: %[[TWO:.+]] = arith.constant 2 : index
// CHECK: %[[ROW:.+]] = arith.muli %[[N]], %[[TWO]] : index
// CHECK: memref.reinterpret_cast %{{.+}} to offset: [0], sizes: [%[[B]], 2, %[[N]]], strides: [%[[ROW]], %[[N]], 1]
func.func @several(%x: memref<?xf32>, %b: index, %n: index) -> memref<?x2x?xf32> {
  %0 = memref.expand_shape %x [[0, 1, 2]] output_shape [%b, 2, %n] : memref<?xf32> into memref<?x2x?xf32>
  return %0 : memref<?x2x?xf32>
}

// -----

// A view with an offset and a stride of its own, beside a dimension that stays.
// CHECK-LABEL: func.func @strided(
// CHECK: %{{.+}}, %[[OFFSET:.+]], %{{.+}}:2, %[[STRIDES:.+]]:2 = memref.extract_strided_metadata
// CHECK: %[[ROW:.+]] = arith.muli %[[STRIDES]]#1, %[[N:.+]] : index
// CHECK: memref.reinterpret_cast %{{.+}} to offset: [%[[OFFSET]]], sizes: [3, %{{.+}}, %[[N]]], strides: [%[[STRIDES]]#0, %[[ROW]], %[[STRIDES]]#1]
func.func @strided(%x: memref<3x?xf32, strided<[?, ?], offset: ?>>, %b: index, %n: index)
    -> memref<3x?x?xf32, strided<[?, ?, ?], offset: ?>> {
  %0 = memref.expand_shape %x [[0], [1, 2]] output_shape [3, %b, %n]
    : memref<3x?xf32, strided<[?, ?], offset: ?>> into memref<3x?x?xf32, strided<[?, ?, ?], offset: ?>>
  return %0 : memref<3x?x?xf32, strided<[?, ?, ?], offset: ?>>
}

// -----

// Upstream's own.
// CHECK-LABEL: func.func @one(
// CHECK: memref.expand_shape
func.func @one(%x: memref<?xf32>, %b: index) -> memref<?x2xf32> {
  %0 = memref.expand_shape %x [[0, 1]] output_shape [%b, 2] : memref<?xf32> into memref<?x2xf32>
  return %0 : memref<?x2xf32>
}
