// RUN: nn-opt %s --codegen-outline-kernels --split-input-file | FileCheck %s
// RUN: nn-opt %s --codegen-outline-kernels=share=false --split-input-file | FileCheck %s --check-prefix=ALONE

// Equal nests over different buffers are one function, a different constant makes another.
// CHECK-LABEL: func.func private @step.kernel.0(
// CHECK-SAME: %[[LOWER:[^:]+]]: index
// CHECK-SAME: memref<64xf32> {nn.distinct}
// CHECK-SAME: passthrough = ["noinline"]
// CHECK: arith.constant 2.0
// CHECK: scf.for %{{.+}} = %[[LOWER]]
// CHECK: memref.store
// CHECK: func.func private @step.kernel.2(
// CHECK: arith.constant 3.0
// CHECK: func.func @step(%[[N:.+]]: index, %[[X:.+]]: memref<64xf32>, %[[Y:.+]]: memref<64xf32>)
// CHECK-NOT: scf.for
// CHECK: call @step.kernel.0(%[[N]], %[[X]])
// CHECK: call @step.kernel.0(%[[N]], %[[Y]])
// CHECK: call @step.kernel.2(%[[N]], %[[Y]])
// ALONE-LABEL: func.func @step(
// ALONE: call @step.kernel.0(
// ALONE: call @step.kernel.1(
// ALONE: call @step.kernel.2(
func.func @step(%n: index, %x: memref<64xf32>, %y: memref<64xf32>) attributes {nn.entry = "step"} {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %two = arith.constant 2.0 : f32
  %three = arith.constant 3.0 : f32
  scf.for %i = %n to %c64 step %c1 {
    memref.store %two, %x[%i] : memref<64xf32>
  }
  scf.for %i = %n to %c64 step %c1 {
    memref.store %two, %y[%i] : memref<64xf32>
  }
  scf.for %i = %n to %c64 step %c1 {
    memref.store %three, %y[%i] : memref<64xf32>
  }
  return
}

// -----

// Two views of one buffer may overlap: neither is marked, and so the nest is not equal to one over two buffers.
// CHECK-LABEL: func.func private @eval.kernel.0(
// CHECK-NOT: nn.distinct
// CHECK-LABEL: func.func private @eval.kernel.1(
// CHECK-SAME: nn.distinct
// CHECK-SAME: nn.distinct
// CHECK-LABEL: func.func @eval(
#half = strided<[1], offset: ?>
func.func @eval(%i: index, %j: index, %x: memref<64xf32>, %y: memref<64xf32>) attributes {nn.entry = "eval"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %a = memref.subview %x[%i] [32] [1] : memref<64xf32> to memref<32xf32, #half>
  %b = memref.subview %x[%j] [32] [1] : memref<64xf32> to memref<32xf32, #half>
  %c = memref.subview %y[%j] [32] [1] : memref<64xf32> to memref<32xf32, #half>
  scf.for %k = %c0 to %c32 step %c1 {
    %v = memref.load %a[%k] : memref<32xf32, #half>
    memref.store %v, %b[%k] : memref<32xf32, #half>
  }
  scf.for %k = %c0 to %c32 step %c1 {
    %v = memref.load %a[%k] : memref<32xf32, #half>
    memref.store %v, %c[%k] : memref<32xf32, #half>
  }
  return
}

// -----

// Two views into the workspace are two buffers.
// CHECK-LABEL: func.func private @init.kernel.0(
// CHECK-SAME: nn.distinct
// CHECK-SAME: nn.distinct
// CHECK-LABEL: func.func @init(
func.func @init(%workspace: memref<?xi8>) attributes {nn.entry = "init"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %c128 = arith.constant 128 : index
  %a = memref.view %workspace[%c0][] : memref<?xi8> to memref<32xf32>
  %b = memref.view %workspace[%c128][] : memref<?xi8> to memref<32xf32>
  scf.for %k = %c0 to %c32 step %c1 {
    %v = memref.load %a[%k] : memref<32xf32>
    memref.store %v, %b[%k] : memref<32xf32>
  }
  return
}

// -----

// A loop's results are the function's; of a loop of tasks, the body becomes a function. What is no entry stays.
// CHECK-LABEL: func.func private @step.kernel.0(
// CHECK: %[[SUM:.+]] = scf.for
// CHECK: return %[[SUM]] : f32
// CHECK-LABEL: func.func private @step.kernel.1(
// CHECK-SAME: %[[I:[^:]+]]: index
// CHECK-NEXT: memref.store %{{.+}}[%[[I]]]
// CHECK-NEXT: return
// CHECK-LABEL: func.func @step(
// CHECK: %[[RESULT:.+]] = call @step.kernel.0
// CHECK: scf.forall (%[[TASK:.+]]) in (64)
// CHECK-NEXT: func.call @step.kernel.1(%[[TASK]], %[[RESULT]], %{{.+}})
// CHECK-LABEL: func.func @helper(
// CHECK: scf.for
func.func @step(%x: memref<64xf32>) attributes {nn.entry = "step"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %zero = arith.constant 0.0 : f32
  %sum = scf.for %i = %c0 to %c64 step %c1 iter_args(%so_far = %zero) -> f32 {
    %v = memref.load %x[%i] : memref<64xf32>
    %next = arith.addf %so_far, %v : f32
    scf.yield %next : f32
  }
  scf.forall (%i) in (64) {
    memref.store %sum, %x[%i] : memref<64xf32>
  }
  return
}

func.func @helper(%x: memref<64xf32>, %v: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  scf.for %i = %c0 to %c64 step %c1 {
    memref.store %v, %x[%i] : memref<64xf32>
  }
  return
}

// -----

// A loop of the program that runs tasks isn't a kernel: the nests within it are.
// CHECK-LABEL: func.func private @passes.kernel.0(
// CHECK-LABEL: func.func private @passes.kernel.1(
// CHECK-LABEL: func.func @passes(
// CHECK: scf.for
// CHECK-NEXT: memref.load
// CHECK-NEXT: call @passes.kernel.0
// CHECK-NEXT: scf.forall
// CHECK-NEXT: call @passes.kernel.1
func.func @passes(%x: memref<64xf32>, %y: memref<64xf32>) attributes {nn.entry = "step"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  scf.for %t = %c0 to %c64 step %c1 {
    %v = memref.load %x[%t] : memref<64xf32>
    scf.for %i = %c0 to %c64 step %c1 {
      memref.store %v, %y[%i] : memref<64xf32>
    }
    scf.forall (%i) in (64) {
      %w = memref.load %y[%i] : memref<64xf32>
      memref.store %w, %x[%i] : memref<64xf32>
    }
  }
  return
}
