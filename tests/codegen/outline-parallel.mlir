// RUN: nn-opt %s --codegen-outline-parallel | FileCheck %s

// CHECK: func.func private @nnrt_parallel_for(!llvm.ptr, !llvm.ptr, !llvm.ptr, i64)
// CHECK-LABEL: func.func private @f.parallel.0(
// CHECK-SAME: %[[ENV:.+]]: !llvm.ptr, %[[TASK:.+]]: i64)
// CHECK: %[[FIELDS:.+]] = llvm.load %[[ENV]]
// CHECK: llvm.extractvalue %[[FIELDS]][0]
// CHECK: %[[NUMBER:.+]] = arith.index_cast %[[TASK]]
// CHECK: arith.muli %[[NUMBER]], %c8
// CHECK: scf.for
// CHECK: memref.store
// CHECK-LABEL: func.func @f(
// CHECK-SAME: %[[CONTEXT:[^:]+]]: !llvm.ptr {nn.context})
// CHECK: %[[PLACE:.+]] = llvm.alloca
// CHECK: llvm.store %{{.+}}, %[[PLACE]]
// CHECK: %[[BODY:.+]] = constant @f.parallel.0
// CHECK: %[[POINTER:.+]] = builtin.unrealized_conversion_cast %[[BODY]]
// CHECK-NOT: scf.for
// CHECK: call @nnrt_parallel_for(%[[CONTEXT]], %[[POINTER]], %[[PLACE]], %{{.+}})
func.func @f(%out: memref<64xf32>, %value: f32, %context: !llvm.ptr {nn.context}) {
  %c1 = arith.constant 1 : index
  scf.forall (%first) = (0) to (64) step (8) {
    %end = affine.apply affine_map<(i) -> (i + 8)>(%first)
    scf.for %i = %first to %end step %c1 {
      memref.store %value, %out[%i] : memref<64xf32>
    }
  }
  return
}

// Within the program's loop the tasks are handed over again and again; within tasks they are run in place.
// CHECK-LABEL: func.func @g(
// CHECK: scf.for
// CHECK: call @nnrt_parallel_for
func.func @g(%out: memref<?x?xf32>, %m: index, %n: index, %value: f32, %context: !llvm.ptr {nn.context}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %t = %c0 to %n step %c1 {
    scf.forall (%i) in (%m) {
      scf.forall (%j) in (%n) {
        memref.store %value, %out[%i, %j] : memref<?x?xf32>
      }
    }
  }
  return
}

// A loop may have another function of the runtime run it.
// CHECK-LABEL: func.func @repeated(
// CHECK-NOT: nnrt_parallel_for
// CHECK: call @nnrt_repeat(
func.func @repeated(%out: memref<64xf32>, %n: index, %value: f32, %context: !llvm.ptr {nn.context}) {
  %c0 = arith.constant 0 : index
  scf.forall (%i) in (%n) {
    memref.store %value, %out[%c0] : memref<64xf32>
  } {nnc.runner = "nnrt_repeat"}
  return
}
