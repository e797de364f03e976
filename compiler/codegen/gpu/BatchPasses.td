// The passes that let entries for GPUs go through several batches in one call.
#ifndef NNC_COMPILER_CODEGEN_GPU_BATCHPASSES_TD
#define NNC_COMPILER_CODEGEN_GPU_BATCHPASSES_TD

include "mlir/Pass/PassBase.td"

def RepeatBatches : Pass<"codegen-repeat-batches", "mlir::ModuleOp"> {
  let summary = "Let entries go through several batches, which they find by themselves";
  let description = [{
    Puts what a step, the gradient of a batch or a batch's evaluation does into a loop over batches.
    In place of the fields of a batch the entry takes tables, which have all examples, and the order
    in which batches take their rows. Kernels fetch the first batch before the loop, and in each pass
    the next one, which so is there when the pass begins that needs it; the last pass fetches its own
    once more. The numbers of step, draw and first example follow from the pass, and each pass
    writes its losses or what it adds to totals into a row of its own. An evaluation that collects rows, or
    adds to a total that is a table, stays as it is. `train.bind` says what the new
    arguments are (runtime/include/nnrt/abi.h).
    ```mlir
    train.program @m dims ["batch", "rows"] batch 0 rows 1 entries [@m.step] totals 0 results 0 {
      train.field "x" : tensor<?xf32> dims ["batch"]
    }
    kernel.func @use(%step: i64, %x: memref<8xf32>, %w: memref<8xf32>, %loss: memref<f64>) {
      kernel.return
    }
    func.func @m.step(%step: i64 {train.bind = #train.bind<step, 0>}, %x: memref<8xf32> {train.bind = #train.bind<field, 0>},
                      %w: memref<8xf32> {train.bind = #train.bind<parameter, 0>}, %loss: memref<f64> {train.bind = #train.bind<loss, 0>})
        attributes {nn.entry = "step", nn.argument_dims = [array<i64>, array<i64>, array<i64>, array<i64>]} {
      kernel.call @use(%step, %x : i64, memref<8xf32>) to (%w, %loss : memref<8xf32>, memref<f64>)
      return
    }
    ```
    becomes
    ```mlir
    train.program @m dims ["batch", "rows"] batch 0 rows 1 entries [@m.step] totals 0 results 0 {
      train.field "x" : tensor<?xf32> dims ["batch"]
    }
    kernel.func @use(%step: i64, %x: memref<8xf32>, %w: memref<8xf32>, %loss: memref<f64>) {
      kernel.return
    }
    kernel.func @m.step.gather(%place: index, %order: memref<?xi32>, %table: memref<?xf32> {nnc.bytes = 32 : i64},
                               %x: memref<8xf32> {nnc.bytes = 32 : i64}) attributes {nnc.work = array<i64: 64, 0, 0, 0, 0>} {
      %c1 = arith.constant 1 : index
      %c0 = arith.constant 0 : index
      %rows = memref.dim %table, %c0 : memref<?xf32>
      %last = arith.subi %rows, %c1 : index
      scf.forall (%i) in (8) {
        %example = arith.addi %place, %i : index
        %0 = memref.load %order[%example] : memref<?xi32>
        %row = arith.index_castui %0 : i32 to index
        %inside = arith.minui %row, %last : index
        %1 = memref.load %table[%inside] : memref<?xf32>
        memref.store %1, %x[%i] : memref<8xf32>
      }
      kernel.return
    }
    func.func @m.step(%step: i64 {train.bind = #train.bind<step, 0>}, %passes: index {train.bind = #train.bind<passes, 0>},
                      %place: index {train.bind = #train.bind<place, 0>}, %width: index {train.bind = #train.bind<width, 0>},
                      %rows: index {train.bind = #train.bind<dim, 1>}, %table: memref<?xf32> {train.bind = #train.bind<table, 0>},
                      %w: memref<8xf32> {train.bind = #train.bind<parameter, 0>}, %losses: memref<?x?xf64> {train.bind = #train.bind<loss, 0>},
                      %order: memref<?xi32> {train.bind = #train.bind<order, 0>})
        attributes {nn.entry = "step",
                    nn.argument_dims = [array<i64>, array<i64>, array<i64>, array<i64>, array<i64>, array<i64: 4>, array<i64>, array<i64: 1, 3>, array<i64: 4>],
                    nn.arguments = [i64, index, index, index, index, memref<?xf32>, memref<8xf32>, memref<?x?xf64>, memref<?xi32>]} {
      %c8 = arith.constant 8 : index
      %c1 = arith.constant 1 : index
      %c0 = arith.constant 0 : index
      %x = memref.alloc() : memref<8xf32>
      %loss = memref.alloc() : memref<f64>
      kernel.call @m.step.gather(%place, %order, %table : index, memref<?xi32>, memref<?xf32>) to (%x : memref<8xf32>)
      %last = arith.subi %passes, %c1 : index
      scf.for %pass = %c0 to %passes step %c1 {
        %0 = arith.index_cast %pass : index to i64
        %number = arith.addi %step, %0 : i64
        kernel.call @use(%number, %x : i64, memref<8xf32>) to (%w, %loss : memref<8xf32>, memref<f64>)
        %slot = memref.subview %losses[%pass, 0] [1, 1] [1, 1] : memref<?x?xf64> to memref<f64, strided<[], offset: ?>>
        memref.copy %loss, %slot : memref<f64> to memref<f64, strided<[], offset: ?>>
        %1 = arith.addi %pass, %c1 : index
        %2 = arith.minui %1, %last : index
        %3 = arith.muli %2, %c8 : index
        %next = arith.addi %place, %3 : index
        kernel.call @m.step.gather(%next, %order, %table : index, memref<?xi32>, memref<?xf32>) to (%x : memref<8xf32>)
      } {nnc.batches}
      return
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::kernel::KernelDialect", "mlir::memref::MemRefDialect",
    "mlir::scf::SCFDialect", "mlir::train::TrainDialect"
  ];
  let statistics = [Statistic<"numEntries", "entries", "Entries that go through batches">];
}

def CountPasses : Pass<"codegen-count-passes", "mlir::ModuleOp"> {
  let summary = "Let kernels count the passes of a loop of launches";
  let description = [{
    Where the batches of a call are a loop of the host still, with several launches in a pass, the
    kernels learn from memory which pass it is, and compute what the host computed from that. Two
    counters take turns: all kernels but the first read how many passes have begun; that number the
    first one writes, from that of the passes that have ended, which the last one writes. So none
    writes what it reads, and none is launched only to count. `codegen-repeat-launches` makes loads
    of the arguments that are called `nnc.pass`: in kernels that still have phases, a load would be
    one.

    A loop stays that has other work for the host in a pass, or that hands a part of a buffer to a
    kernel which is another one in each pass.
    ```mlir
    kernel.func @a(%i: index, %x: memref<8xf32>) {
      kernel.return
    }
    kernel.func @b(%x: memref<8xf32>, %y: memref<8xf32>) {
      kernel.return
    }
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
    ```
    becomes
    ```mlir
    kernel.func @a.counted(%pass: index {nnc.pass}, %now: memref<i64> {nnc.counter = 0 : i64}, %first: index {nnc.bytes = 0 : i64},
                           %x: memref<8xf32>, %next: memref<i64> {nnc.bytes = 0 : i64}) {
      %i = arith.addi %first, %pass : index
      %c1 = arith.constant 1 : i64
      %0 = arith.index_cast %pass : index to i64
      %1 = arith.addi %0, %c1 : i64
      memref.store %1, %next[] : memref<i64>
      kernel.return
    }
    kernel.func @b.counted(%next: memref<i64> {nnc.counter = 1 : i64}, %x: memref<8xf32>, %y: memref<8xf32>,
                           %now: memref<i64> {nnc.bytes = 0 : i64}) {
      %0 = memref.load %next[] : memref<i64>
      memref.store %0, %now[] : memref<i64>
      kernel.return
    }
    func.func @f(%n: index, %first: index, %x: memref<8xf32>, %y: memref<8xf32>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %now = memref.alloc() : memref<i64>
      %next = memref.alloc() : memref<i64>
      %zero = arith.constant 0 : i64
      memref.store %zero, %now[] : memref<i64>
      scf.for %pass = %c0 to %n step %c1 {
        %i = arith.addi %first, %pass : index
        kernel.call @a.counted(%pass, %now, %first : index, memref<i64>, index) to (%x, %next : memref<8xf32>, memref<i64>)
        kernel.call @b.counted(%next, %x : memref<i64>, memref<8xf32>) to (%y, %now : memref<8xf32>, memref<i64>)
      } {nnc.batches, nnc.repeat}
      return
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::kernel::KernelDialect", "mlir::memref::MemRefDialect"
  ];
  let statistics = [Statistic<"numLoops", "loops", "Loops whose passes kernels count">];
}

def RepeatLaunches : Pass<"codegen-repeat-launches", "mlir::ModuleOp"> {
  let summary = "Let the runtime repeat what the passes of a loop launch";
  let description = [{
    Kernels that count passes (`codegen-count-passes`) read the number of theirs when they begin.
    A loop whose passes so launch the same, with the same arguments, becomes one for the runtime to
    run (`nnrt_repeat`), which may record what a pass launches, and launch the record.
    ```mlir
    kernel.func @a(%pass: index {nnc.pass}, %now: memref<i64> {nnc.counter = 0 : i64}, %x: memref<8xindex>) {
      %c0 = arith.constant 0 : index
      memref.store %pass, %x[%c0] : memref<8xindex>
      kernel.return
    }
    func.func @f(%n: index, %now: memref<i64>, %x: memref<8xindex>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      scf.for %pass = %c0 to %n step %c1 {
        kernel.call @a(%pass, %now : index, memref<i64>) to (%x : memref<8xindex>)
      } {nnc.batches, nnc.repeat}
      return
    }
    ```
    becomes
    ```mlir
    kernel.func @a(%now: memref<i64> {nnc.counter = 0 : i64}, %x: memref<8xindex>) {
      %0 = memref.load %now[] : memref<i64>
      %pass = arith.index_cast %0 : i64 to index
      %c0 = arith.constant 0 : index
      memref.store %pass, %x[%c0] : memref<8xindex>
      kernel.return
    }
    func.func @f(%n: index, %now: memref<i64>, %x: memref<8xindex>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      scf.forall (%pass) = (%c0) to (%n) step (%c1) {
        kernel.call @a(%now : memref<i64>) to (%x : memref<8xindex>)
      } {nnc.batches, nnc.runner = "nnrt_repeat"}
      return
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::memref::MemRefDialect", "mlir::scf::SCFDialect"
  ];
  let statistics = [Statistic<"numLoops", "loops", "Loops that the runtime repeats">];
}

#endif
