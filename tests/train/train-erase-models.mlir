// RUN: nn-opt %s --train-erase-models --split-input-file --verify-diagnostics | FileCheck %s

// CHECK: module attributes {other.kept = 1 : i64} {
// CHECK-NEXT: llvm.func @net.init
// CHECK-NEXT: }
module attributes {train.source = "model net ...", train.source_file = "net.nn", other.kept = 1 : i64} {
  train.model @net dims [] entries [@net.init] {}
  llvm.func @net.init(!llvm.ptr)
}

// -----

// expected-error@+1 {{'train.model' op expected to be built, found one with 'forward'}}
train.model @net dims [] forward @net.forward {}
func.func private @net.forward()
