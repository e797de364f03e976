// RUN: nn-opt %s --train-erase-models --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-NOT: train.
// CHECK: llvm.func @net.init(!llvm.ptr)
module attributes {train.source = "model net(x: f32[4]) -> y: f32[4] { x }"} {
  train.program @net dims [] entries [@net.init] totals 0 results 0 {}
  llvm.func @net.init(!llvm.ptr {train.bind = #train.bind<seed, 0>}) attributes {train.dims = array<i64>}
}

// -----

// expected-error@+1 {{'train.model' op is not expected here: its entries are yet to be built}}
train.model @net dims [] predict @net.forward {}
func.func private @net.forward()
