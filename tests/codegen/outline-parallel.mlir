// RUN: nn-opt %s --codegen-outline-parallel | FileCheck %s

// CHECK: func.func private @nnrt_parallel_for(!llvm.ptr, !llvm.ptr, !llvm.ptr, i64)
// CHECK-LABEL: func.func private @f.parallel.0(
// CHECK-SAME: %[[ENV:.+]]: !llvm.ptr, %[[TASK:.+]]: i64)
// CHECK: %[[FIELDS:.+]] = llvm.load %[[ENV]]
// CHECK: llvm.extractvalue %[[FIELDS]][0]
// CHECK: scf.for
// CHECK: memref.store
// CHECK-LABEL: func.func @f(
// CHECK-SAME: %[[CONTEXT:[^:]+]]: !llvm.ptr)
// CHECK: %[[PLACE:.+]] = llvm.alloca
// CHECK: llvm.store %{{.+}}, %[[PLACE]]
// CHECK: %[[BODY:.+]] = constant @f.parallel.0
// CHECK: %[[POINTER:.+]] = builtin.unrealized_conversion_cast %[[BODY]]
// CHECK-NOT: scf.for
// CHECK: call @nnrt_parallel_for(%[[CONTEXT]], %[[POINTER]], %[[PLACE]], %{{.+}})
func.func @f(%out: memref<64xf32>, %value: f32) attributes {nn.entry = "predict"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  scf.for %i = %c0 to %c64 step %c1 {
    memref.store %value, %out[%i] : memref<64xf32>
  } {nn.parallel = 8 : i64}
  return
}
