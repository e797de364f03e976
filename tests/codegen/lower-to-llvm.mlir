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

// Truth values are bits in a vector, but bytes in memory, at any address.
// CHECK-LABEL: llvm.func @truths
// CHECK: %[[FROM:.+]] = llvm.getelementptr {{.+}} : (!llvm.ptr, i64) -> !llvm.ptr, i1
// CHECK: %[[READ:.+]] = llvm.load %[[FROM]] {alignment = 1 : i64} : !llvm.ptr -> vector<16xi8>
// CHECK: %[[ZERO:.+]] = llvm.mlir.constant(dense<0> : vector<16xi8>)
// CHECK: %[[BITS:.+]] = llvm.icmp "ne" %[[READ]], %[[ZERO]] : vector<16xi8>
// CHECK: %[[BYTES:.+]] = llvm.zext %[[BITS]] : vector<16xi1> to vector<16xi8>
// CHECK: llvm.store %[[BYTES]], {{.+}} {alignment = 1 : i64} : vector<16xi8>, !llvm.ptr
func.func @truths(%from: memref<64xi1>, %to: memref<64xi1>, %i: index) {
  %bits = vector.load %from[%i] : memref<64xi1>, vector<16xi1>
  vector.store %bits, %to[%i] : memref<64xi1>, vector<16xi1>
  return
}
