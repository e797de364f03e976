// RUN: nn-opt %s --codegen-lower-kernels --codegen-lower-to-llvm --reconcile-unrealized-casts --codegen-emit-entries | FileCheck %s

// CHECK-LABEL: llvm.func internal @f.workspace(
// CHECK-LABEL: llvm.func @f(
// CHECK-SAME: %[[CONTEXT:.+]]: !llvm.ptr, %[[SCALARS:.+]]: !llvm.ptr, %[[BUFFERS:.+]]: !llvm.ptr, %[[WORKSPACE:.+]]: !llvm.ptr)
// CHECK: %[[N:.+]] = llvm.load
// CHECK: %[[X:.+]] = llvm.load {{.*}} -> !llvm.ptr
// CHECK: %[[SIZE:.+]] = llvm.mlir.constant(9223372036854775807 : i64)
// CHECK: llvm.call @f.body(%[[N]], %[[X]], %[[N]], %[[WORKSPACE]], %[[SIZE]])
// CHECK-LABEL: llvm.func @f_workspace(%{{.+}}: !llvm.ptr) -> i64
// CHECK: llvm.call @f.workspace
// CHECK-LABEL: llvm.func internal @f.body(
// CHECK-SAME: %{{[^:]+}}: i64{{.*}}, %{{[^:]+}}: !llvm.ptr {llvm.noalias}, %{{[^:]+}}: i64, %{{.+}}: !llvm.ptr {llvm.noalias}, %{{.+}}: i64)
// CHECK-NOT: nn.
func.func private @f.workspace(%n: index) -> index {
  return %n : index
}
func.func @f(%n: index {train.bind = #train.bind<dim, 0>}, %x: memref<?x8xf32>, %workspace: memref<?xi8>) attributes {nn.entry = "predict",
    nn.arguments = [index, memref<?x8xf32>], nn.argument_dims = [array<i64>, array<i64: 0>]} {
  return
}
