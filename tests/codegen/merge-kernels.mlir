// RUN: nn-opt %s --codegen-merge-kernels --cse --canonicalize --split-input-file | FileCheck %s
// RUN: nn-opt %s --codegen-merge-kernels=persistent=false --cse --canonicalize --split-input-file | FileCheck %s --check-prefix=EACH
// RUN: nn-opt %s --codegen-merge-kernels --split-input-file '--remarks-filter=codegen.*' --remark-format=emitRemark -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARKS

kernel.func @copy(%x: memref<65536xf32>, %out: memref<65536xf32>) {
  scf.forall (%i) in (65536) {
    %0 = memref.load %x[%i] : memref<65536xf32>
    %1 = math.exp %0 : f32
    %2 = math.exp %1 : f32
    %3 = math.exp %2 : f32
    memref.store %3, %out[%i] : memref<65536xf32>
  }
  kernel.return
}

// One reads what another wrote, and one writes what another read: both wait. The last one waits for
// none. Each buffer is an argument once.
// REMARKS: remark: [Passed] codegen-merge-kernels | Category:codegen-merge-kernels | Remark="launched with 3 others", Stage="1 of 3"
// CHECK-LABEL: kernel.func @order.merged(
// CHECK-SAME: %[[Z:[^:]+]]: memref<65536xf32>, %[[A:[^:]+]]: memref<65536xf32>, %[[B:[^:]+]]: memref<65536xf32>, %[[C:[^:]+]]: memref<65536xf32>)
// CHECK: memref.load %[[B]]
// CHECK: memref.store %{{.+}}, %[[A]]
// CHECK: memref.load %[[Z]]
// CHECK: memref.store %{{.+}}, %[[C]]
// CHECK: kernel.sync{{$}}
// CHECK: memref.load %[[A]]
// CHECK: memref.store %{{.+}}, %[[B]]
// CHECK: kernel.sync{{$}}
// CHECK: memref.load %[[Z]]
// CHECK: memref.store %{{.+}}, %[[A]]
// CHECK-LABEL: func.func @order(
// CHECK-SAME: %[[Z:[^:]+]]: memref<65536xf32>, %[[B:[^:]+]]: memref<65536xf32>, %[[C:[^:]+]]: memref<65536xf32>)
// CHECK-NEXT: %[[A:.+]] = memref.alloc()
// CHECK-NEXT: kernel.call @order.merged(%[[Z]] : memref<65536xf32>) to (%[[A]], %[[B]], %[[C]] : {{.+}})
// CHECK-NEXT: return
func.func @order(%z: memref<65536xf32>, %b: memref<65536xf32>, %c: memref<65536xf32>) {
  %a = memref.alloc() : memref<65536xf32>
  kernel.call @copy(%b : memref<65536xf32>) to (%a : memref<65536xf32>)
  kernel.call @copy(%a : memref<65536xf32>) to (%b : memref<65536xf32>)
  kernel.call @copy(%z : memref<65536xf32>) to (%a : memref<65536xf32>)
  kernel.call @copy(%z : memref<65536xf32>) to (%c : memref<65536xf32>)
  return
}

// -----

kernel.func @many(%x: memref<65536xf32>, %out: memref<65536xf32>) {
  scf.forall (%i) in (65536) {
    %0 = memref.load %x[%i] : memref<65536xf32>
    memref.store %0, %out[%i] : memref<65536xf32>
  }
  kernel.return
}
kernel.func @first(%x: memref<65536xf32>, %out: memref<64xf32>) {
  scf.forall (%i) in (64) {
    %0 = memref.load %x[%i] : memref<65536xf32>
    memref.store %0, %out[%i] : memref<64xf32>
  }
  kernel.return
}
kernel.func @few(%x: memref<64xf32>, %out: memref<64xf32>) {
  scf.forall (%i) in (64) {
    %0 = memref.load %x[%i] : memref<64xf32>
    memref.store %0, %out[%i] : memref<64xf32>
  }
  kernel.return
}
kernel.func @spread(%x: memref<64xf32>, %out: memref<65536xf32>) {
  %c63 = arith.constant 63 : index
  scf.forall (%i) in (65536) {
    %j = arith.andi %i, %c63 : index
    %0 = memref.load %x[%j] : memref<64xf32>
    memref.store %0, %out[%i] : memref<65536xf32>
  }
  kernel.return
}

// The second large one waits for small ones, which are one block's; what waits for these, and nothing waits for, is
// beside it.
// CHECK-LABEL: kernel.func @chain.merged(
// CHECK: in (65536)
// CHECK: kernel.sync{{$}}
// CHECK: in (64)
// CHECK: kernel.sync block
// CHECK: in (64)
// CHECK-NOT: in (64)
// CHECK: kernel.sync{{$}}
// CHECK-DAG: in (65536)
// CHECK-DAG: in (64)
// CHECK-NOT: kernel.sync
// CHECK-LABEL: func.func @chain(
func.func @chain(%x: memref<65536xf32>, %y: memref<65536xf32>, %z: memref<64xf32>) {
  %a = memref.alloc() : memref<65536xf32>
  %b = memref.alloc() : memref<64xf32>
  %c = memref.alloc() : memref<64xf32>
  kernel.call @many(%x : memref<65536xf32>) to (%a : memref<65536xf32>)
  kernel.call @first(%a : memref<65536xf32>) to (%b : memref<64xf32>)
  kernel.call @few(%b : memref<64xf32>) to (%c : memref<64xf32>)
  kernel.call @few(%c : memref<64xf32>) to (%z : memref<64xf32>)
  kernel.call @spread(%c : memref<64xf32>) to (%y : memref<65536xf32>)
  return
}

// Small ones that nothing large waits for hold nothing up.
// CHECK-LABEL: kernel.func @late.merged(
// CHECK: in (65536)
// CHECK: kernel.sync{{$}}
// CHECK-DAG: in (65536)
// CHECK-DAG: in (64)
// CHECK: kernel.sync{{$}}
// CHECK: in (64)
// CHECK-NOT: kernel.sync
// CHECK-LABEL: func.func @late(
func.func @late(%x: memref<65536xf32>, %y: memref<65536xf32>, %z: memref<64xf32>) {
  %a = memref.alloc() : memref<65536xf32>
  %b = memref.alloc() : memref<64xf32>
  kernel.call @many(%x : memref<65536xf32>) to (%a : memref<65536xf32>)
  kernel.call @first(%a : memref<65536xf32>) to (%b : memref<64xf32>)
  kernel.call @few(%b : memref<64xf32>) to (%z : memref<64xf32>)
  kernel.call @many(%a : memref<65536xf32>) to (%y : memref<65536xf32>)
  return
}

// -----

kernel.func @fill(%v: f32, %out: memref<32x8xf32, strided<[24, 1], offset: ?>>) {
  scf.forall (%i, %j) in (32, 8) {
    memref.store %v, %out[%i, %j] : memref<32x8xf32, strided<[24, 1], offset: ?>>
  }
  kernel.return
}

// Parts of a buffer that have nothing in common are written at the same time.
// CHECK-LABEL: kernel.func @parts.merged(
// CHECK: memref.subview %{{.+}}[0, 0] [32, 8]
// CHECK: memref.subview %{{.+}}[0, 8] [32, 8]
// CHECK: scf.forall
// CHECK-NOT: kernel.sync
// CHECK: scf.forall
// CHECK: kernel.sync block
// CHECK: scf.forall
func.func @parts(%v: f32, %w: f32, %x: memref<32x24xf32>) {
  %0 = memref.subview %x[0, 0] [32, 8] [1, 1] : memref<32x24xf32> to memref<32x8xf32, strided<[24, 1]>>
  %1 = memref.cast %0 : memref<32x8xf32, strided<[24, 1]>> to memref<32x8xf32, strided<[24, 1], offset: ?>>
  kernel.call @fill(%v : f32) to (%1 : memref<32x8xf32, strided<[24, 1], offset: ?>>)
  %2 = memref.subview %x[0, 8] [32, 8] [1, 1] : memref<32x24xf32> to memref<32x8xf32, strided<[24, 1], offset: 8>>
  %3 = memref.cast %2 : memref<32x8xf32, strided<[24, 1], offset: 8>> to memref<32x8xf32, strided<[24, 1], offset: ?>>
  kernel.call @fill(%w : f32) to (%3 : memref<32x8xf32, strided<[24, 1], offset: ?>>)
  %4 = memref.subview %x[0, 12] [32, 8] [1, 1] : memref<32x24xf32> to memref<32x8xf32, strided<[24, 1], offset: 12>>
  %5 = memref.cast %4 : memref<32x8xf32, strided<[24, 1], offset: 12>> to memref<32x8xf32, strided<[24, 1], offset: ?>>
  kernel.call @fill(%w : f32) to (%5 : memref<32x8xf32, strided<[24, 1], offset: ?>>)
  return
}

// -----

memref.global "private" constant @ones : memref<4xf32> = dense<1.0>

// Copies are phases: of buffers, of numbers of the host, and of constants that are one number.
// CHECK-LABEL: kernel.func @copies.merged(
// CHECK-SAME: %[[X:[^:]+]]: memref<?xf32>, %[[V:[^:]+]]: f32,
// CHECK-DAG: %[[ONE:.+]] = arith.constant 1.000000e+00 : f32
// CHECK: scf.forall (%[[I:.+]]) in (%{{.+}}) {
// CHECK-NEXT: %[[E:.+]] = memref.load %[[X]][%[[I]]]
// CHECK-NEXT: memref.store %[[E]]
// CHECK: memref.store %[[V]], %{{.+}}[] : memref<f32>
// CHECK: scf.forall (%{{.+}}) in (4)
// CHECK-NEXT: memref.store %[[ONE]]
// CHECK-LABEL: func.func @copies(
// CHECK: memref.store %{{.+}}, %[[SLOT:.+]][] : memref<f32>
// CHECK: %[[NOW:.+]] = memref.load %[[SLOT]][]
// CHECK: memref.store %{{.+}}, %[[SLOT]][] : memref<f32>
// CHECK-NOT: memref.copy
// CHECK: kernel.call @copies.merged(%{{.+}}, %[[NOW]] : memref<?xf32>, f32)
func.func @copies(%v: f32, %x: memref<?xf32>, %y: memref<?xf32>, %n: memref<f32>, %o: memref<4xf32>) {
  %two = arith.constant 2.0 : f32
  %slot = memref.alloca() : memref<f32>
  memref.store %v, %slot[] : memref<f32>
  memref.copy %x, %y : memref<?xf32> to memref<?xf32>
  memref.copy %slot, %n : memref<f32> to memref<f32>
  memref.store %two, %slot[] : memref<f32>
  %ones = memref.get_global @ones : memref<4xf32>
  memref.copy %ones, %o : memref<4xf32> to memref<4xf32>
  return
}

// -----

kernel.func @small(%x: memref<64xf32>) {
  %zero = arith.constant 0.0 : f32
  scf.forall (%i) in (64) {
    memref.store %zero, %x[%i] : memref<64xf32>
  }
  kernel.return
}
kernel.func @large(%x: memref<64xf32>, %out: memref<16777216xf32>) {
  %zero = arith.constant 0.0 : f32
  scf.forall (%i) in (16777216) {
    memref.store %zero, %out[%i] : memref<16777216xf32>
  }
  kernel.return
}

// A large one stays alone, and the others aren't moved over it. A loop's calls are one, and its passes
// then, too. Entries that run once are left.
// CHECK-LABEL: kernel.func @alone.merged{{[_0-9]*}}(
// CHECK: scf.forall
// CHECK: scf.for %
// CHECK-LABEL: func.func @alone(
// CHECK-NEXT: kernel.call @alone.merged{{[_0-9]*}}()
// CHECK-NEXT: kernel.call @large(
// CHECK-NEXT: kernel.call @alone.merged{{[_0-9]*}}()
// CHECK-NEXT: return
// CHECK-LABEL: func.func @init(
// CHECK-NEXT: kernel.call @small
// CHECK-NEXT: kernel.call @small
func.func @alone(%x: memref<64xf32>, %y: memref<64xf32>, %z: memref<16777216xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  kernel.call @small() to (%x : memref<64xf32>)
  kernel.call @small() to (%y : memref<64xf32>)
  kernel.call @large(%x : memref<64xf32>) to (%z : memref<16777216xf32>)
  kernel.call @small() to (%x : memref<64xf32>)
  scf.for %i = %c0 to %c8 step %c1 {
    kernel.call @small() to (%x : memref<64xf32>)
    kernel.call @small() to (%y : memref<64xf32>)
  }
  return
}
func.func @init(%x: memref<64xf32>) attributes {nn.entry = "init"} {
  kernel.call @small() to (%x : memref<64xf32>)
  kernel.call @small() to (%x : memref<64xf32>)
  return
}

// -----

// Phases of one kernel that stood one after the other are parted.
// CHECK-LABEL: kernel.func @two(
// CHECK: scf.forall
// CHECK: kernel.sync{{$}}
// CHECK: scf.forall
kernel.func @two(%x: memref<64xf32>, %out: memref<64xf32>) {
  %c63 = arith.constant 63 : index
  %zero = arith.constant 0.0 : f32
  scf.forall (%i) in (64) {
    memref.store %zero, %x[%i] : memref<64xf32>
  }
  scf.forall (%i) in (64) {
    %j = arith.subi %c63, %i : index
    %0 = memref.load %x[%j] : memref<64xf32>
    memref.store %0, %out[%i] : memref<64xf32>
  }
  kernel.return
}
func.func @one(%x: memref<64xf32>, %out: memref<64xf32>) {
  kernel.call @two() to (%x, %out : memref<64xf32>, memref<64xf32>)
  return
}

// -----

// What a task of a block does, all of its threads do.
// CHECK-LABEL: func.func @product(
// CHECK-NEXT: kernel.call @blocks
// CHECK-NEXT: kernel.call @blocks
kernel.func @blocks(%x: memref<4096xf32>, %out: memref<4096xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16384 = arith.constant 16384 : index
  scf.forall (%i) in (4096) {
    scf.for %k = %c0 to %c16384 step %c1 {
      %0 = memref.load %x[%i] : memref<4096xf32>
      memref.store %0, %out[%i] : memref<4096xf32>
    }
  } {mapping = [#gpu.block<linear_dim_0>]}
  kernel.return
}
func.func @product(%x: memref<4096xf32>, %out: memref<4096xf32>) {
  kernel.call @blocks(%x : memref<4096xf32>) to (%out : memref<4096xf32>)
  kernel.call @blocks(%x : memref<4096xf32>) to (%out : memref<4096xf32>)
  return
}

// -----

kernel.func @step(%x: memref<65536xf32, strided<[1], offset: ?>>, %out: memref<65536xf32>) {
  scf.forall (%i) in (65536) {
    %0 = memref.load %x[%i] : memref<65536xf32, strided<[1], offset: ?>>
    %1 = memref.load %out[%i] : memref<65536xf32>
    %2 = arith.addf %0, %1 : f32
    memref.store %2, %out[%i] : memref<65536xf32>
  }
  kernel.return
}
kernel.func @turn(%x: memref<65536xf32>, %out: memref<65536xf32, strided<[1], offset: ?>>) {
  %c65535 = arith.constant 65535 : index
  scf.forall (%i) in (65536) {
    %j = arith.subi %c65535, %i : index
    %0 = memref.load %x[%j] : memref<65536xf32>
    memref.store %0, %out[%i] : memref<65536xf32, strided<[1], offset: ?>>
  }
  kernel.return
}

// A loop whose passes take what the one before has left: a barrier at its end, too. The passes' own buffer is one
// for all, and the kernel makes the views. What the loop writes is read once all passes are over.
// REMARKS: remark: [Passed] codegen-merge-kernels | Category:codegen-merge-kernels | Remark="all passes launched at once, with 1 others", Stage="1 of 2"
// CHECK-LABEL: kernel.func @carried.merged{{_[0-9]}}(
// CHECK-SAME: %[[N:[^:]+]]: index, %[[A:[^:]+]]: memref<65536xf32>, %[[H:[^:]+]]: memref<65536xf32>,
// CHECK: scf.for %{{.+}} = %{{.+}} to %[[N]] step
// CHECK: memref.load %[[H]]
// CHECK: memref.store %{{.+}}, %[[A]]
// CHECK: kernel.sync{{$}}
// CHECK: memref.load %[[A]]
// CHECK: memref.store %{{.+}}, %[[H]]
// CHECK: kernel.sync{{$}}
// CHECK-NEXT: }
// CHECK-NEXT: kernel.sync{{$}}
// CHECK: memref.load %[[H]]
// CHECK-NOT: kernel.sync
// CHECK-LABEL: func.func @carried(
// CHECK-NEXT: %[[A:.+]] = memref.alloc()
// CHECK-NEXT: kernel.call @carried.merged{{_[0-9]}}(%{{.+}} : index) to (%[[A]], %{{.+}} :
// CHECK-NEXT: return
func.func @carried(%n: index, %h: memref<65536xf32>, %out: memref<65536xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %a = memref.alloc() : memref<65536xf32>
    %0 = memref.cast %a : memref<65536xf32> to memref<65536xf32, strided<[1], offset: ?>>
    kernel.call @turn(%h : memref<65536xf32>) to (%0 : memref<65536xf32, strided<[1], offset: ?>>)
    %1 = memref.cast %h : memref<65536xf32> to memref<65536xf32, strided<[1], offset: ?>>
    kernel.call @turn(%a : memref<65536xf32>) to (%1 : memref<65536xf32, strided<[1], offset: ?>>)
    memref.dealloc %a : memref<65536xf32>
  }
  %2 = memref.cast %out : memref<65536xf32> to memref<65536xf32, strided<[1], offset: ?>>
  kernel.call @turn(%h : memref<65536xf32>) to (%2 : memref<65536xf32, strided<[1], offset: ?>>)
  return
}

// From the last row to the first: the end of a pass writes a row that no other pass has, and what the sum
// changes the beginning of none reads. So nothing waits between two passes.
// CHECK-LABEL: kernel.func @rows.merged{{_[0-9]}}(
// CHECK: scf.for %[[I:.+]] = %{{.+}} to %{{.+}} step
// CHECK: %[[ROW:.+]] = arith.subi %{{.+}}, %[[I]]
// CHECK: memref.subview %{{.+}}[%[[ROW]], 0]
// CHECK: scf.forall
// CHECK: kernel.sync{{$}}
// CHECK: scf.forall
// CHECK-NOT: kernel.sync
// CHECK-LABEL: func.func @rows(
func.func @rows(%x: memref<65536xf32>, %rows: memref<8x65536xf32>, %sum: memref<65536xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c7 = arith.constant 7 : index
  %c8 = arith.constant 8 : index
  scf.for %i = %c0 to %c8 step %c1 {
    %row = arith.subi %c7, %i : index
    %0 = memref.subview %rows[%row, 0] [1, 65536] [1, 1] : memref<8x65536xf32> to memref<65536xf32, strided<[1], offset: ?>>
    kernel.call @turn(%x : memref<65536xf32>) to (%0 : memref<65536xf32, strided<[1], offset: ?>>)
    kernel.call @step(%0 : memref<65536xf32, strided<[1], offset: ?>>) to (%sum : memref<65536xf32>)
  }
  return
}

// A row that the next pass reads, too.
// CHECK-LABEL: kernel.func @neighbours.merged{{_[0-9]}}(
// CHECK: scf.for
// CHECK: kernel.sync{{$}}
// CHECK: kernel.sync{{$}}
// CHECK-NEXT: }
// CHECK-LABEL: func.func @neighbours(
func.func @neighbours(%rows: memref<9x65536xf32>, %sum: memref<65536xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  scf.for %i = %c0 to %c8 step %c1 {
    %next = arith.addi %i, %c1 : index
    %0 = memref.subview %rows[%i, 0] [1, 65536] [1, 1] : memref<9x65536xf32> to memref<65536xf32, strided<[1], offset: ?>>
    kernel.call @step(%0 : memref<65536xf32, strided<[1], offset: ?>>) to (%sum : memref<65536xf32>)
    %1 = memref.subview %rows[%next, 0] [1, 65536] [1, 1] : memref<9x65536xf32> to memref<65536xf32, strided<[1], offset: ?>>
    kernel.call @turn(%sum : memref<65536xf32>) to (%1 : memref<65536xf32, strided<[1], offset: ?>>)
  }
  return
}

// -----

kernel.func @few(%x: memref<64xf32>, %out: memref<64xf32>) {
  scf.forall (%i) in (64) {
    %0 = memref.load %x[%i] : memref<64xf32>
    memref.store %0, %out[%i] : memref<64xf32>
  }
  kernel.return
}
kernel.func @many(%x: memref<65536xf32>, %out: memref<65536xf32>) {
  scf.forall (%i) in (65536) {
    %0 = memref.load %x[%i] : memref<65536xf32>
    memref.store %0, %out[%i] : memref<65536xf32>
  }
  kernel.return
}

// Loops of few tasks are one block's, with what is beside them; loops in loops, too.
// CHECK-LABEL: kernel.func @nested.merged{{_[0-9]}}(
// CHECK: scf.forall
// CHECK: kernel.sync block
// CHECK: scf.for
// CHECK: scf.forall
// CHECK: kernel.sync block
// CHECK: scf.for
// CHECK: scf.forall
// CHECK: kernel.sync block
// CHECK-NEXT: }
// CHECK-NEXT: kernel.sync block
// CHECK-NEXT: }
// CHECK-NEXT: kernel.return
// CHECK-LABEL: func.func @nested(
// CHECK-NEXT: kernel.call @nested.merged{{_[0-9]}}(
// CHECK-NEXT: return
func.func @nested(%n: index, %x: memref<64xf32>, %y: memref<64xf32>, %z: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  kernel.call @few(%z : memref<64xf32>) to (%x : memref<64xf32>)
  scf.for %i = %c0 to %n step %c1 {
    kernel.call @few(%x : memref<64xf32>) to (%y : memref<64xf32>)
    scf.for %j = %c0 to %i step %c1 {
      kernel.call @few(%y : memref<64xf32>) to (%x : memref<64xf32>)
    }
  }
  return
}

// A block that runs two stages tells no other that the first one is over: the sync at the end stays, though it is
// the second one that stands before it.
// CHECK-LABEL: kernel.func @run.merged{{_[0-9]}}(
// CHECK: scf.for
// CHECK: in (65536)
// CHECK: kernel.sync{{$}}
// CHECK: in (64)
// CHECK: kernel.sync block
// CHECK: in (64)
// CHECK: kernel.sync{{$}}
// CHECK-NEXT: }
// CHECK-LABEL: func.func @run(
kernel.func @spread(%x: memref<64xf32>, %out: memref<65536xf32>) {
  %c63 = arith.constant 63 : index
  scf.forall (%i) in (65536) {
    %j = arith.andi %i, %c63 : index
    %0 = memref.load %x[%j] : memref<64xf32>
    memref.store %0, %out[%i] : memref<65536xf32>
  }
  kernel.return
}
kernel.func @first(%x: memref<65536xf32>, %out: memref<64xf32>) {
  scf.forall (%i) in (64) {
    %0 = memref.load %x[%i] : memref<65536xf32>
    memref.store %0, %out[%i] : memref<64xf32>
  }
  kernel.return
}
func.func @run(%x: memref<64xf32>, %y: memref<64xf32>, %big: memref<65536xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  scf.for %i = %c0 to %c8 step %c1 {
    kernel.call @spread(%x : memref<64xf32>) to (%big : memref<65536xf32>)
    kernel.call @first(%big : memref<65536xf32>) to (%x : memref<64xf32>)
    kernel.call @few(%x : memref<64xf32>) to (%y : memref<64xf32>)
  }
  return
}

// Loops stay that hand on values, that have work for the host in each pass, or buffers of another size.
// CHECK-LABEL: func.func @left(
// CHECK: scf.for
// CHECK: kernel.call @few(
// CHECK: scf.for
// CHECK: kernel.call @few(
// CHECK: memref.store
// CHECK: scf.for
// CHECK: memref.alloc
// CHECK: kernel.call @some(
kernel.func @some(%x: memref<64xf32>, %out: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %out, %c0 : memref<?xf32>
  scf.forall (%i) in (%n) {
    %0 = memref.load %x[%i] : memref<64xf32>
    memref.store %0, %out[%i] : memref<?xf32>
  }
  kernel.return
}
func.func @left(%x: memref<64xf32>, %y: memref<64xf32>) -> index {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %number = memref.alloca() : memref<index>
  %0:2 = scf.for %i = %c0 to %c8 step %c1 iter_args(%a = %x, %b = %y) -> (memref<64xf32>, memref<64xf32>) {
    kernel.call @few(%a : memref<64xf32>) to (%b : memref<64xf32>)
    scf.yield %b, %a : memref<64xf32>, memref<64xf32>
  }
  scf.for %i = %c0 to %c8 step %c1 {
    kernel.call @few(%x : memref<64xf32>) to (%y : memref<64xf32>)
    memref.store %i, %number[] : memref<index>
  }
  scf.for %i = %c0 to %c8 step %c1 {
    %a = memref.alloc(%i) : memref<?xf32>
    kernel.call @some(%x : memref<64xf32>) to (%a : memref<?xf32>)
  }
  %last = memref.load %number[] : memref<index>
  return %last : index
}

// -----

kernel.func @add(%v: i64, %w: i64, %out: memref<64xi64>) {
  %0 = arith.addi %v, %w : i64
  scf.forall (%i) in (64) {
    %1 = memref.load %out[%i] : memref<64xi64>
    %2 = arith.addi %0, %1 : i64
    memref.store %2, %out[%i] : memref<64xi64>
  }
  kernel.return
}

// What the host computes from a pass's number the kernel computes, and it is given what no pass changes.
// CHECK-LABEL: kernel.func @numbers.merged{{[_0-9]*}}(
// CHECK-SAME: %[[W:[^:]+]]: i64, %{{[^:]+}}: memref<64xi64>, %[[N:[^:]+]]: memref<i64>)
// CHECK: scf.for %[[I:.+]] =
// CHECK: %[[NUMBER:.+]] = arith.index_cast %[[I]] : index to i64
// CHECK: %[[LEFT:.+]] = arith.subi %{{.+}}, %[[NUMBER]] : i64
// CHECK: arith.addi %[[LEFT]], %[[W]] : i64
// CHECK: scf.forall
// CHECK: memref.store %[[LEFT]], %[[N]][]
// CHECK: kernel.sync block
// CHECK-LABEL: func.func @numbers(
// CHECK: memref.store
// CHECK-NEXT: %[[W:.+]] = memref.load
// CHECK-NEXT: kernel.call @numbers.merged{{[_0-9]*}}(%[[W]] : i64)
// CHECK-NEXT: return
func.func @numbers(%w: i64, %out: memref<64xi64>, %n: memref<i64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %c7_i64 = arith.constant 7 : i64
  %a = memref.alloca() : memref<i64>
  %b = memref.alloca() : memref<i64>
  %c = memref.alloca() : memref<i64>
  memref.store %w, %c[] : memref<i64>
  scf.for %i = %c0 to %c8 step %c1 {
    %0 = arith.index_cast %i : index to i64
    memref.store %0, %a[] : memref<i64>
    linalg.generic {indexing_maps = [affine_map<() -> ()>, affine_map<() -> ()>], iterator_types = []}
      ins(%a : memref<i64>) outs(%b : memref<i64>) {
    ^bb0(%in: i64, %old: i64):
      %1 = arith.subi %c7_i64, %in : i64
      linalg.yield %1 : i64
    }
    %2 = memref.load %b[] : memref<i64>
    %3 = memref.load %c[] : memref<i64>
    kernel.call @add(%2, %3 : i64, i64) to (%out : memref<64xi64>)
    memref.copy %b, %n : memref<i64> to memref<i64>
  }
  return
}

// A number that a pass takes from the one before, and one that is read later, are the host's.
// CHECK-LABEL: func.func @history(
// CHECK: scf.for
// CHECK: memref.load
// CHECK: kernel.call @add(
// CHECK: memref.store
// CHECK: memref.load
func.func @history(%out: memref<64xi64>) -> i64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %c3_i64 = arith.constant 3 : i64
  %a = memref.alloca() : memref<i64>
  memref.store %c3_i64, %a[] : memref<i64>
  scf.for %i = %c0 to %c8 step %c1 {
    %0 = memref.load %a[] : memref<i64>
    kernel.call @add(%0, %0 : i64, i64) to (%out : memref<64xi64>)
    %1 = arith.muli %0, %c3_i64 : i64
    memref.store %1, %a[] : memref<i64>
  }
  %2 = memref.load %a[] : memref<i64>
  return %2 : i64
}

// -----

kernel.func @renew(%x: memref<64xf32>) {
  scf.forall (%i) in (64) {
    %0 = memref.load %x[%i] : memref<64xf32>
    %1 = arith.addf %0, %0 : f32
    memref.store %1, %x[%i] : memref<64xf32>
  }
  kernel.return
}

// A kernel goes through the batches of a call unless it is told not to; what it does counts for one of them.
// CHECK-LABEL: kernel.func @batches.merged(
// CHECK: scf.for
// CHECK: {nnc.batches}
// CHECK-LABEL: func.func @batches(
// CHECK-NOT: scf.for
// CHECK: kernel.call @batches.merged(
// EACH-LABEL: func.func @batches(
// EACH: scf.for
// EACH-NEXT: kernel.call @renew()
func.func @batches(%n: index, %x: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %pass = %c0 to %n step %c1 {
    kernel.call @renew() to (%x : memref<64xf32>)
  } {nnc.batches}
  return
}
