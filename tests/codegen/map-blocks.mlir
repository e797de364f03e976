// RUN: nn-opt %s --codegen-map-threads | FileCheck %s

// Block b of n runs the tasks b, b + n, ..., all of its threads each. The call counts blocks.
// CHECK-LABEL: kernel.func @f(
// CHECK-DAG: %[[N:.+]] = nvvm.read.ptx.sreg.nctaid.x : i32
// CHECK-DAG: %[[STEP:.+]] = arith.index_castui %[[N]]
// CHECK-DAG: %[[B:.+]] = nvvm.read.ptx.sreg.ctaid.x : i32
// CHECK-DAG: %[[FIRST:.+]] = arith.index_castui %[[B]]
// CHECK: scf.for %[[I:.+]] = %[[FIRST]] to %{{.+}} step %[[STEP]]
// CHECK: %[[T:.+]] = nvvm.read.ptx.sreg.tid.x : i32
// CHECK: %[[THREAD:.+]] = arith.index_castui %[[T]]
// CHECK: memref.store %{{.+}}, %alloca[%[[THREAD]]]
// CHECK: nvvm.barrier0
// CHECK: memref.store %{{.+}}, %arg2[%[[I]], %[[THREAD]]]
// CHECK-LABEL: func.func @g(
// CHECK: kernel.call @f(%c6{{.*}},
kernel.func @f(%x: memref<6x256xf32>, %out: memref<6x256xf32>) {
  scf.forall (%i) in (6) {
    %shared = memref.alloca() : memref<256xf32, #gpu.address_space<workgroup>>
    %thread = gpu.thread_id x
    %0 = memref.load %x[%i, %thread] : memref<6x256xf32>
    memref.store %0, %shared[%thread] : memref<256xf32, #gpu.address_space<workgroup>>
    gpu.barrier
    %1 = memref.load %shared[%thread] : memref<256xf32, #gpu.address_space<workgroup>>
    memref.store %1, %out[%i, %thread] : memref<6x256xf32>
    gpu.barrier
  } {mapping = [#gpu.block<linear_dim_0>]}
  kernel.return
}
func.func @g(%x: memref<6x256xf32>, %out: memref<6x256xf32>) {
  kernel.call @f(%x : memref<6x256xf32>) to (%out : memref<6x256xf32>)
  return
}
