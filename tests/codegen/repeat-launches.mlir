// RUN: nn-opt %s --codegen-count-passes --codegen-repeat-launches | FileCheck %s

// What the host computed from the number of the pass goes, and the runtime repeats the launches.
kernel.func @a(%i: index, %x: memref<8xf32>) {
  kernel.return
}
kernel.func @b(%x: memref<8xf32>, %y: memref<8xf32>) {
  kernel.return
}
// CHECK-LABEL: func.func @f(
// CHECK-NOT: scf.for %
// CHECK-NOT: arith.addi
// CHECK: scf.forall
// CHECK-NEXT: kernel.call @a.counted(
// CHECK-NEXT: kernel.call @b.counted(
// CHECK-NEXT: } {nnc.batches, nnc.runner = "nnrt_repeat"}
func.func @f(%n: index, %first: index, %x: memref<8xf32>, %y: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %pass = %c0 to %n step %c1 {
    %i = arith.addi %first, %pass : index
    kernel.call @a(%i : index) to (%x : memref<8xf32>)
    kernel.call @b(%x : memref<8xf32>) to (%y : memref<8xf32>)
  } {nnc.batches}
  return
}
