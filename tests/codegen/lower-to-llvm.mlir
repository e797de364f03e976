// RUN: nn-opt %s --codegen-lower-to-llvm --reconcile-unrealized-casts | FileCheck %s

// Nothing but the LLVM dialect is left, and a sum along a vector may be done pairwise.
// CHECK-LABEL: llvm.func @f
// CHECK: "llvm.intr.vector.reduce.fadd"{{.*}} <{fastmathFlags = #llvm.fastmath<reassoc>}>
// CHECK: llvm.intr.sqrt
// CHECK: llvm.return
func.func @f(%v: vector<8xf32>, %m: memref<4xf32>, %i: index) {
  %s = vector.reduction <add>, %v : vector<8xf32> into f32
  %r = math.sqrt %s : f32
  memref.store %r, %m[%i] : memref<4xf32>
  return
}
