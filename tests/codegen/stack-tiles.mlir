// RUN: nn-opt %s --codegen-stack-tiles --allow-unregistered-dialect --split-input-file | FileCheck %s

// A tile's scratch goes to the stack, outside the loop; inside of it where the loop is shared among threads.
// CHECK-LABEL: kernel.func @f(
// CHECK: memref.alloca() {{.*}} : memref<4x8xf32>
// CHECK: scf.for
// CHECK-NOT: memref.alloca
// CHECK: scf.forall
// CHECK: memref.alloca() {{.*}} : memref<2x8xf32>
kernel.func @f(%x: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  scf.for %i = %c0 to %c8 step %c1 {
    %a = memref.alloc() : memref<4x8xf32>
    "use"(%a) : (memref<4x8xf32>) -> ()
  }
  scf.forall (%i) in (8) {
    %a = memref.alloc() : memref<2x8xf32>
    "use"(%a) : (memref<2x8xf32>) -> ()
  }
  kernel.return
}

// -----

// Tasks that share a buffer are run one after the other.
// CHECK-LABEL: kernel.func @g(
// CHECK-NOT: scf.forall
// CHECK: memref.alloc(
kernel.func @g(%x: memref<?x8xf32>) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?x8xf32>
  scf.forall (%i) in (8) {
    %a = memref.alloc(%n) : memref<?x8xf32>
    "use"(%i, %a, %x) : (index, memref<?x8xf32>, memref<?x8xf32>) -> ()
    memref.dealloc %a : memref<?x8xf32>
  }
  kernel.return
}

// -----

// What tasks need each lies on their stacks, as long as it isn't too much.
// CHECK-LABEL: kernel.func @tasks(
// CHECK: scf.forall
// CHECK-DAG: memref.alloca() {{.*}} : memref<128x128xf32>
// CHECK-DAG: memref.alloca() {{.*}} : memref<64x256xf32>
kernel.func @tasks() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  scf.forall (%i) in (8) {
    %a = memref.alloc() : memref<128x128xf32>
    scf.for %j = %c0 to %c8 step %c1 {
      %b = memref.alloc() : memref<64x256xf32>
      "use"(%a, %b) : (memref<128x128xf32>, memref<64x256xf32>) -> ()
    }
  }
  kernel.return
}

// -----

// CHECK-LABEL: kernel.func @large(
// CHECK-NOT: scf.forall
// CHECK: memref.alloc()
kernel.func @large() {
  scf.forall (%i) in (8) {
    %a = memref.alloc() : memref<1024x256xf32>
    "use"(%a) : (memref<1024x256xf32>) -> ()
  }
  kernel.return
}
