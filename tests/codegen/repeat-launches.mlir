// RUN: nn-opt %s --codegen-count-passes --split-input-file | FileCheck %s --check-prefix=COUNT
// RUN: nn-opt %s --codegen-count-passes --codegen-repeat-launches --split-input-file | FileCheck %s --check-prefix=REPEAT

kernel.func @first(%x: memref<8xf32>) {
  kernel.return
}
kernel.func @middle(%i: index, %scale: f32, %key: i32, %x: memref<8xf32>) {
  kernel.return
}
kernel.func @plain(%x: memref<8xf32>) {
  kernel.return
}
kernel.func @last(%x: memref<8xf32>, %y: memref<8xf32>) {
  kernel.return
}

// The first kernel counts although it needs no number; what others were handed they compute, from what doesn't depend on
// the pass, the number of an inner loop too.
// COUNT-LABEL: kernel.func @middle.counted(
// COUNT-SAME: %[[PASS:.+]]: index {nnc.pass}, %{{.+}}: memref<i64> {nnc.counter = 1 : i64}, %[[STEP:[^:]+]]: index {{[^,]*}}, %[[DRAW:[^:]+]]: i32 {{[^,]*}}, %{{[^:]+}}: f32,
// COUNT: arith.addi %[[PASS]], %[[STEP]] : index
// COUNT: arith.addi %{{.+}}, %[[DRAW]] : i32
// COUNT-LABEL: func.func @steps(
// COUNT: %[[NOW:.+]] = memref.alloc() : memref<i64>
// COUNT: %[[NEXT:.+]] = memref.alloc() : memref<i64>
// COUNT: memref.store %{{.+}}, %[[NOW]][]
// COUNT: scf.for
// COUNT: kernel.call @first.counted(%{{.+}}, %[[NOW]] : index, memref<i64>) to (%{{.+}}, %[[NEXT]] :
// COUNT: scf.for
// COUNT: kernel.call @middle.counted(%{{.+}}, %[[NEXT]], %{{.+}} :
// COUNT: kernel.call @plain()
// COUNT: kernel.call @last.counted(%[[NEXT]], %{{.+}} : {{.*}}) to (%{{.+}}, %[[NOW]] :

// Afterwards nothing that is launched depends on the pass.
// REPEAT-LABEL: func.func @steps(
// REPEAT: scf.forall
// REPEAT: kernel.call @first.counted(%{{[^,]+}} : memref<i64>)
// REPEAT: {nnc.batches, nnc.runner = "nnrt_repeat"}
func.func @steps(%n: index, %step: index, %draw: i32, %scale: f32, %x: memref<8xf32>, %y: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  scf.for %pass = %c0 to %n step %c1 {
    kernel.call @first() to (%x : memref<8xf32>)
    %more = arith.index_cast %pass : index to i32
    %key = arith.addi %more, %draw : i32
    scf.for %t = %c0 to %c3 step %c1 {
      %at = arith.addi %pass, %step : index
      kernel.call @middle(%at, %scale, %key : index, f32, i32) to (%x : memref<8xf32>)
    }
    kernel.call @plain() to (%x : memref<8xf32>)
    kernel.call @last(%x : memref<8xf32>) to (%y : memref<8xf32>)
  } {nnc.batches}
  return
}

// -----

kernel.func @a(%i: index, %x: memref<8xf32>) {
  kernel.return
}
kernel.func @b(%x: memref<1xf32, strided<[1], offset: ?>>) {
  kernel.return
}

// One launch needs no repeating; a part of a buffer that is another one in each pass can't be the same argument; the
// host has work of its own.
// COUNT-LABEL: func.func @stay(
// COUNT-NOT: counted
// REPEAT-LABEL: func.func @stay(
// REPEAT-NOT: scf.forall
func.func @stay(%n: index, %x: memref<8xf32>, %y: memref<8xf32>) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  scf.for %pass = %c0 to %n step %c1 {
    kernel.call @a(%pass : index) to (%x : memref<8xf32>)
  } {nnc.batches}
  scf.for %pass = %c0 to %n step %c1 {
    kernel.call @a(%pass : index) to (%x : memref<8xf32>)
    %part = memref.subview %y[%pass] [1] [1] : memref<8xf32> to memref<1xf32, strided<[1], offset: ?>>
    kernel.call @b() to (%part : memref<1xf32, strided<[1], offset: ?>>)
  } {nnc.batches}
  %number = memref.alloca() : memref<f32>
  scf.for %pass = %c0 to %n step %c1 {
    kernel.call @a(%pass : index) to (%x : memref<8xf32>)
    memref.store %zero, %number[] : memref<f32>
    kernel.call @a(%pass : index) to (%x : memref<8xf32>)
  } {nnc.batches}
  // Nor is a loop that is none over batches.
  scf.for %pass = %c0 to %n step %c1 {
    kernel.call @a(%pass : index) to (%x : memref<8xf32>)
    kernel.call @a(%pass : index) to (%y : memref<8xf32>)
  }
  %0 = memref.load %number[] : memref<f32>
  return %0 : f32
}
