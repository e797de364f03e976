// The training step of a program, printed as it is now.
// RUN: nnc build %S/../../examples/mnist_mlp.nn --emit mlir --stage linalg -o %t.mlir
// RUN: nn-opt %t.mlir --pass-pipeline="builtin.module(train-erase-models,codegen-cpu-kernels{cpu=x86-64-v3},codegen-cpu-buffers{cpu=x86-64-v3})" | FileCheck %s
// RUN: nn-opt %t.mlir --pass-pipeline="builtin.module(train-erase-models,codegen-cpu-kernels{cpu=x86-64-v3 opt-level=0},codegen-cpu-buffers{cpu=x86-64-v3 opt-level=0})" | FileCheck %s --check-prefix=PLAIN
// RUN: nn-opt %t.mlir --pass-pipeline="builtin.module(train-erase-models,codegen-cpu{cpu=x86-64-v4})" | mlir-translate --mlir-to-llvmir | FileCheck %s --check-prefix=LLVM

// No parameter is copied, no gradient of a weight is stored, nothing is allocated.
// CHECK-LABEL: func.func @mlp.step(
// CHECK-NOT: memref.alloc
// CHECK-NOT: memref.copy
// CHECK-NOT: to memref<784x64xf32>
// CHECK: return

// PLAIN-LABEL: func.func @mlp.step(
// PLAIN-NOT: vector<
// PLAIN: linalg.

// LLVM: define void @mlp.step(ptr %0, ptr %1, ptr %2, ptr %3)
// LLVM: define i64 @mlp.step_workspace(ptr %0)
// LLVM: define internal void @mlp.step.body(
// LLVM: <16 x float>
