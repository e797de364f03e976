// RUN: nn-opt %s --codegen-launch-kernels | FileCheck %s

// A kernel whose blocks wait for one another says so, and takes the barrier along.
// CHECK-LABEL: func.func @f(
// CHECK: %[[BLOCKS:.+]] = llvm.mlir.constant(7 : i64)
// CHECK: call @nnrt_launch(%{{.+}}, %{{.+}}, %[[BLOCKS]], %{{.+}})
// CHECK: module @device
// CHECK: func.func @waits(%{{.+}}: !llvm.ptr) attributes {nnc.cooperative, nnc.places = "launch-kernels.mlir:13"}
// CHECK-NEXT: call @nnrt_grid_barrier()
// CHECK: func.func @runs(%{{[^)]+}}: !llvm.ptr) attributes {nnc.places = "launch-kernels.mlir:17"} {
// CHECK: func.func private @nnrt_grid_barrier()
func.func private @nnrt_grid_barrier() attributes {passthrough = ["convergent", "nounwind"]}
func.func private @waits(%blocks: i64, %out: !llvm.ptr, %context: !llvm.ptr) attributes {nn.hidden} {
  call @nnrt_grid_barrier() : () -> ()
  return
}
func.func private @runs(%blocks: i64, %out: !llvm.ptr, %context: !llvm.ptr) attributes {nn.hidden} {
  return
}
func.func @f(%out: !llvm.ptr, %context: !llvm.ptr {nn.context}) {
  %blocks = llvm.mlir.constant(7 : i64) : i64
  call @waits(%blocks, %out, %context) : (i64, !llvm.ptr, !llvm.ptr) -> ()
  call @runs(%blocks, %out, %context) : (i64, !llvm.ptr, !llvm.ptr) -> ()
  return
}
