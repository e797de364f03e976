// RUN: nn-opt %s --codegen-map-threads --cse --canonicalize --split-input-file --verify-diagnostics | FileCheck %s

// Stages that a grid's barrier parts, phases that run side by side, and stages of one block. Each phase asks for the
// thread anew.
// CHECK: func.func private @nnrt_grid_barrier() attributes {passthrough = ["convergent", "nounwind"]}
// CHECK-LABEL: kernel.func @phases(
// CHECK-SAME: %{{[^:]+}}: index, %[[X:[^:]+]]: memref<600xf32>,
// CHECK-SAME: %[[T:[^:]+]]: memref<600xf32> {kernel.shared}, %{{[^:]+}}: memref<f32> {kernel.shared}
// CHECK-DAG: %[[C0:.+]] = arith.constant 0 : index
// CHECK-DAG: %[[C3:.+]] = arith.constant 3 : index
// CHECK: %[[OWN:.+]] = arith.index_castui %{{.+}} : i32 to index
// CHECK: %[[NUMBER:.+]] = nvvm.read.ptx.sreg.tid.x
// CHECK-NEXT: llvm.inline_asm has_side_effects "", "=r,0" %[[NUMBER]] : (i32) -> i32
// CHECK: scf.for %{{.+}} = %{{.+}} to %{{.+}} step %[[STEP:[^ ]+]] {
// CHECK-NEXT: memref.load %[[X]]
// CHECK-NEXT: memref.store %{{.+}}, %[[T]]
// CHECK-NEXT: }
// The store is the first thread's of the block that follows the three of the loop.
// CHECK: arith.remui %[[C3]]
// CHECK: arith.muli
// CHECK: %[[THREAD:.+]] = arith.addi
// CHECK-NEXT: %[[IS:.+]] = arith.cmpi eq, %[[THREAD]], %[[C0]]
// CHECK-NEXT: scf.if %[[IS]] {
// CHECK-NEXT: memref.store
// CHECK-NEXT: }
// CHECK-NEXT: call @nnrt_grid_barrier()
// CHECK: arith.cmpi eq, %[[OWN]], %[[C0]]
// CHECK-NEXT: scf.if
// CHECK: scf.for
// CHECK: nvvm.barrier0
// CHECK: scf.for
// CHECK: call @nnrt_grid_barrier()
// CHECK: %[[ANEW:.+]] = llvm.inline_asm has_side_effects "", "=r,0" %[[NUMBER]] : (i32) -> i32
// CHECK-NEXT: %[[THREAD:.+]] = arith.index_castui %[[ANEW]]
// CHECK-NEXT: %[[FIRST:.+]] = arith.addi %{{.+}}, %[[THREAD]]
// CHECK-NEXT: scf.for %{{.+}} = %[[FIRST]] to %{{.+}} step %[[STEP]] {
kernel.func @phases(%x: memref<600xf32>, %t: memref<600xf32>, %n: memref<f32>, %out: memref<600xf32>) {
  %zero = arith.constant 0.0 : f32
  scf.forall (%i) in (600) {
    %0 = memref.load %x[%i] : memref<600xf32>
    memref.store %0, %t[%i] : memref<600xf32>
  }
  memref.store %zero, %n[] : memref<f32>
  kernel.sync
  scf.forall (%i) in (4) {
    %0 = memref.load %t[%i] : memref<600xf32>
    memref.store %0, %out[%i] : memref<600xf32>
  }
  kernel.sync block
  scf.forall (%i) in (4) {
    %0 = memref.load %out[%i] : memref<600xf32>
    memref.store %0, %t[%i] : memref<600xf32>
  }
  kernel.sync
  scf.forall (%i) in (300) {
    %0 = memref.load %t[%i] : memref<600xf32>
    memref.store %0, %out[%i] : memref<600xf32>
  }
  kernel.return
}
// Three blocks for the loop, and one for the store.
// CHECK-LABEL: func.func @call(
// CHECK: %[[C4:.+]] = arith.constant 4 : index
// CHECK: kernel.call @phases(%[[C4]],
func.func @call(%x: memref<600xf32>, %t: memref<600xf32>, %n: memref<f32>, %out: memref<600xf32>) {
  kernel.call @phases(%x : memref<600xf32>) to (%t, %n, %out : memref<600xf32>, memref<f32>, memref<600xf32>)
  return
}

// -----

// Tasks for blocks: as many blocks as tasks.
// CHECK-LABEL: kernel.func @blocks(
// CHECK: %[[B:.+]] = nvvm.read.ptx.sreg.ctaid.x
// CHECK: %[[BLOCK:.+]] = arith.index_castui %[[B]]
// CHECK: %[[N:.+]] = nvvm.read.ptx.sreg.nctaid.x
// CHECK: %[[COUNT:.+]] = arith.index_castui %[[N]]
// CHECK: scf.for %{{.+}} = %[[BLOCK]] to %{{.+}} step %[[COUNT]]
kernel.func @blocks(%n: index, %out: memref<?xf32>) {
  %zero = arith.constant 0.0 : f32
  scf.forall (%i) in (%n) {
    memref.store %zero, %out[%i] : memref<?xf32>
  } {mapping = [#gpu.block<linear_dim_0>]}
  kernel.return
}
// CHECK-LABEL: func.func @call(
// CHECK-SAME: %[[N:[^:]+]]: index
// CHECK: %[[BLOCKS:.+]] = arith.maxui %[[N]], %{{.+}} : index
// CHECK: kernel.call @blocks(%[[BLOCKS]], %[[N]] : index, index)
func.func @call(%n: index, %out: memref<?xf32>) {
  kernel.call @blocks(%n : index) to (%out : memref<?xf32>)
  return
}

// -----

// A phase that hands on a number: all is done by one thread, as long as nothing parts its phases.
// CHECK-LABEL: kernel.func @number(
// CHECK: scf.if
// CHECK-NEXT: memref.load
// CHECK-NEXT: scf.for
kernel.func @number(%x: memref<f32>, %out: memref<8xf32>) {
  %0 = memref.load %x[] : memref<f32>
  scf.forall (%i) in (8) {
    memref.store %0, %out[%i] : memref<8xf32>
  }
  kernel.return
}

// -----

// expected-error@+1 {{expected phases that hand on nothing but memory}}
kernel.func @number(%x: memref<f32>, %out: memref<8xf32>) {
  %0 = memref.load %x[] : memref<f32>
  kernel.sync
  scf.forall (%i) in (8) {
    memref.store %0, %out[%i] : memref<8xf32>
  }
  kernel.return
}

// -----

// A loop of stages: all threads make its passes. The end of a pass is parted from the beginning of the next as stages
// are; the first one here is one block's by that alone. How many blocks a pass fills isn't known at the call, so those
// of the last stage count.
// CHECK-LABEL: kernel.func @passes(
// CHECK-SAME: %{{[^:,]+}}: index, %[[N:[^:,]+]]: index, %[[X:[^:]+]]: memref<?xf32> {kernel.shared}, %[[A:[^:]+]]: memref<600xf32> {kernel.shared}
// CHECK: scf.for %[[I:.+]] = %{{.+}} to %[[N]] step
// CHECK: scf.if %[[FIRST:.+]] {
// CHECK-NEXT: scf.for
// CHECK-NEXT: memref.store %{{.+}}, %[[A]]
// CHECK: call @nnrt_grid_barrier()
// CHECK: scf.for %{{.+}} = %{{.+}} to %[[I]] step
// CHECK-NEXT: memref.store %{{.+}}, %[[X]]
// CHECK: call @nnrt_grid_barrier()
// CHECK: %[[LEADER:.+]] = arith.andi %[[FIRST]], %{{.+}} : i1
// CHECK-NEXT: scf.if %[[LEADER]] {
// CHECK-NEXT: memref.store
// CHECK-NEXT: }
// CHECK-NEXT: scf.if %[[FIRST]] {
// CHECK-NEXT: nvvm.barrier0
// CHECK-NEXT: }
// CHECK-NEXT: }
// CHECK-NEXT: call @nnrt_grid_barrier()
// CHECK: scf.for
// CHECK-NEXT: memref.store %{{.+}}, %[[A]]
// CHECK-LABEL: func.func @call(
// CHECK: %[[C3:.+]] = arith.constant 3 : index
// CHECK: kernel.call @passes(%[[C3]],
kernel.func @passes(%n: index, %x: memref<?xf32>, %a: memref<600xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  scf.for %i = %c0 to %n step %c1 {
    scf.forall (%j) in (4) {
      memref.store %zero, %a[%j] : memref<600xf32>
    }
    kernel.sync
    scf.forall (%j) in (%i) {
      memref.store %zero, %x[%j] : memref<?xf32>
    }
    kernel.sync
    memref.store %zero, %x[%c0] : memref<?xf32>
    kernel.sync block
  }
  kernel.sync
  scf.forall (%i) in (600) {
    memref.store %zero, %a[%i] : memref<600xf32>
  }
  kernel.return
}
func.func @call(%n: index, %x: memref<?xf32>, %a: memref<600xf32>) {
  kernel.call @passes(%n : index) to (%x, %a : memref<?xf32>, memref<600xf32>)
  return
}
