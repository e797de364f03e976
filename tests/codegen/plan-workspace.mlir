// RUN: nn-opt %s --allow-unregistered-dialect --codegen-plan-workspace --canonicalize --cse --split-input-file | FileCheck %s

// %a and %c are never in use together, %b overlaps both.
// CHECK-LABEL: func.func private @f.workspace() -> index
// CHECK: %[[BYTES:.+]] = arith.constant 512 : index
// CHECK: return %[[BYTES]]
// CHECK-LABEL: func.func @f(
// CHECK-SAME: %[[W:[^ ]+]]: memref<?xi8>)
// CHECK-SAME: nn.workspace_bytes = 512 : i64
// CHECK-NOT: memref.alloc
// CHECK-DAG: %[[FIRST:.+]] = memref.view %[[W]][%c0]
// CHECK-DAG: %[[SECOND:.+]] = memref.view %[[W]][%c256]
// CHECK: "use"(%arg0, %[[FIRST]])
// CHECK: "use"(%[[FIRST]], %[[SECOND]])
// CHECK: "use"(%[[SECOND]], %[[FIRST]])
func.func @f(%x: memref<64xf32>) attributes {nn.entry = "predict"} {
  %a = memref.alloc() : memref<64xf32>
  %b = memref.alloc() : memref<64xf32>
  %c = memref.alloc() : memref<64xf32>
  "use"(%x, %a) : (memref<64xf32>, memref<64xf32>) -> ()
  "use"(%a, %b) : (memref<64xf32>, memref<64xf32>) -> ()
  "use"(%b, %c) : (memref<64xf32>, memref<64xf32>) -> ()
  return
}

// -----

// A view keeps its buffer in use.
// CHECK-LABEL: func.func private @f.workspace
// CHECK: arith.constant 768 : index
func.func @f(%x: memref<64xf32>) attributes {nn.entry = "predict"} {
  %a = memref.alloc() : memref<64xf32>
  %b = memref.alloc() : memref<64xf32>
  %c = memref.alloc() : memref<64xf32>
  %v = memref.subview %a[0] [8] [1] : memref<64xf32> to memref<8xf32>
  "use"(%x, %a) : (memref<64xf32>, memref<64xf32>) -> ()
  "use"(%a, %b) : (memref<64xf32>, memref<64xf32>) -> ()
  "use"(%b, %c) : (memref<64xf32>, memref<64xf32>) -> ()
  "use"(%v) : (memref<8xf32>) -> ()
  return
}

// -----

// Symbolic sizes: offsets follow from the scalars; the two buffers share a slot.
// CHECK-LABEL: func.func private @f.workspace(
// CHECK-SAME: %[[N:.+]]: index) -> index
// CHECK: %[[BYTES:.+]] = arith.muli %[[N]], %c32
// CHECK: %[[PADDED:.+]] = arith.addi %[[BYTES]], %c63
// CHECK: %[[UNITS:.+]] = arith.divui %[[PADDED]], %c64
// CHECK: %[[ROUND:.+]] = arith.muli %[[UNITS]], %c64
// CHECK: return %[[ROUND]]
// CHECK-LABEL: func.func @f(
// CHECK: memref.view %{{.+}}[%c0][%arg0]
// CHECK-NOT: memref.view
func.func @f(%n: index, %x: memref<?x8xf32>) attributes {nn.entry = "predict", nn.arguments = [index, memref<?x8xf32>],
    nn.argument_dims = [array<i64>, array<i64: 0>]} {
  %c0 = arith.constant 0 : index
  %d = memref.dim %x, %c0 : memref<?x8xf32>
  %a = memref.alloc(%d) : memref<?x8xf32>
  %b = memref.alloc(%n) : memref<?x8xf32>
  "use"(%x, %a) : (memref<?x8xf32>, memref<?x8xf32>) -> ()
  "use"(%x, %b) : (memref<?x8xf32>, memref<?x8xf32>) -> ()
  return
}

// -----

// The size of a view is that of what it views.
// CHECK-LABEL: func.func @f(
// CHECK: arith.muli %arg0, %c2
// CHECK-NOT: memref.alloc
func.func @f(%n: index, %x: memref<?x2x4xf32>) attributes {nn.entry = "predict", nn.arguments = [index, memref<?x2x4xf32>],
    nn.argument_dims = [array<i64>, array<i64: 0>]} {
  %c0 = arith.constant 0 : index
  %flat = memref.collapse_shape %x [[0, 1], [2]] : memref<?x2x4xf32> into memref<?x4xf32>
  %d = memref.dim %flat, %c0 : memref<?x4xf32>
  %a = memref.alloc(%d) : memref<?x4xf32>
  %wide = memref.expand_shape %a [[0], [1, 2]] output_shape [%d, 2, 2] : memref<?x4xf32> into memref<?x2x2xf32>
  %e = memref.dim %wide, %c0 : memref<?x2x2xf32>
  %b = memref.alloc(%e) : memref<?x8xf32>
  "use"(%flat, %wide, %b) : (memref<?x4xf32>, memref<?x2x2xf32>, memref<?x8xf32>) -> ()
  return
}

// -----

// Of a slice, the sizes that it keeps count, whatever dimensions it drops.
// CHECK-LABEL: func.func @f(
// CHECK: memref.view %{{.+}}[%{{.+}}][%arg0] : memref<?xi8> to memref<?xf32>
// CHECK-NOT: memref.alloc
func.func @f(%n: index, %x: memref<4x?x8xf32>) attributes {nn.entry = "predict", nn.arguments = [index, memref<4x?x8xf32>],
    nn.argument_dims = [array<i64>, array<i64: 0>]} {
  %c0 = arith.constant 0 : index
  %column = memref.subview %x[2, 0, 3] [1, %n, 1] [1, 1, 1] : memref<4x?x8xf32> to memref<?xf32, strided<[8], offset: ?>>
  %d = memref.dim %column, %c0 : memref<?xf32, strided<[8], offset: ?>>
  %a = memref.alloc(%d) : memref<?xf32>
  memref.copy %column, %a : memref<?xf32, strided<[8], offset: ?>> to memref<?xf32>
  "use"(%a) : (memref<?xf32>) -> ()
  return
}

// -----

// What stays in one iteration lives there only: %a and %c share memory, %b doesn't; %carried is in use in all of the loop.
// CHECK-LABEL: func.func private @f.workspace
// CHECK: arith.constant 24576 : index
// CHECK-LABEL: func.func @f(
// CHECK-NOT: memref.alloc
func.func @f(%x: memref<2048xf32>) attributes {nn.entry = "predict"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %carried = memref.alloc() : memref<2048xf32>
  "use"(%x, %carried) : (memref<2048xf32>, memref<2048xf32>) -> ()
  scf.for %i = %c0 to %c8 step %c1 {
    %a = memref.alloc() : memref<2048xf32>
    %b = memref.alloc() : memref<2048xf32>
    %c = memref.alloc() : memref<2048xf32>
    "use"(%carried, %a) : (memref<2048xf32>, memref<2048xf32>) -> ()
    "use"(%a, %b) : (memref<2048xf32>, memref<2048xf32>) -> ()
    scf.for %j = %c0 to %c8 step %c1 {
      "use"(%b, %c) : (memref<2048xf32>, memref<2048xf32>) -> ()
    }
    "use"(%c) : (memref<2048xf32>) -> ()
  }
  return
}

// -----

// Tasks that need a large buffer each are run one after the other.
// CHECK-LABEL: func.func @f(
// CHECK: memref.view
// CHECK-NOT: scf.forall
// CHECK: scf.for
func.func @f(%x: memref<2048xf32>) attributes {nn.entry = "predict"} {
  scf.forall (%i) in (8) {
    %a = memref.alloc() : memref<2048xf32>
    "use"(%i, %x, %a) : (index, memref<2048xf32>, memref<2048xf32>) -> ()
  }
  return
}
