// The passes that lead entries and their kernels together to a GPU, in the order in which they run;
// KernelPasses.td and BlockPasses.td have those before them, on kernels alone.
#ifndef NNC_COMPILER_CODEGEN_GPU_PASSES_TD
#define NNC_COMPILER_CODEGEN_GPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def HostScalars : Pass<"codegen-host-scalars", "mlir::ModuleOp"> {
  let summary = "Let the host compute the numbers that depend on nothing but its own";
  let description = [{
    Buffers of a single number that an entry alone fills, from numbers of the host, stay on the
    host, with the kernels that compute one from another: a schedule's learning rate, the powers in
    Adam's corrections. No launch is worth them, and a GPU has no functions of f64. A kernel on the
    device that is given such a number by all its calls, and only reads it, takes its value instead
    of memory that holds it. What other kernels read is copied to the device, and so are constants,
    once for all passes of a loop.

    In a loop, which may become one of a kernel, functions (`math`) stay on the device: there one
    thread computes them while others do something else, and each would have to compute numbers.
    ```mlir
    kernel.func @half(%x: memref<f64>, %out: memref<f64>) {
      %c = arith.constant 0.5 : f64
      %0 = memref.load %x[] : memref<f64>
      %1 = arith.mulf %0, %c : f64
      memref.store %1, %out[] : memref<f64>
      kernel.return
    }
    kernel.func @take(%rate: memref<f64>, %out: memref<8xf64>) {
      scf.forall (%i) in (8) {
        %0 = memref.load %rate[] : memref<f64>
        memref.store %0, %out[%i] : memref<8xf64>
      }
      kernel.return
    }
    kernel.func @use(%rate: memref<f64>, %out: memref<8xf64>) {
      linalg.broadcast ins(%rate : memref<f64>) outs(%out : memref<8xf64>) dimensions = [0]
      kernel.return
    }
    func.func @f(%step: f64, %out: memref<8xf64>, %out2: memref<8xf64>) {
      %a = memref.alloc() : memref<f64>
      memref.store %step, %a[] : memref<f64>
      %rate = memref.alloc() : memref<f64>
      kernel.call @half(%a : memref<f64>) to (%rate : memref<f64>)
      kernel.call @take(%rate : memref<f64>) to (%out2 : memref<8xf64>)
      kernel.call @use(%rate : memref<f64>) to (%out : memref<8xf64>)
      return
    }
    ```
    becomes
    ```mlir
    kernel.func @take(%rate: f64, %out: memref<8xf64>) {
      scf.forall (%i) in (8) {
        memref.store %rate, %out[%i] : memref<8xf64>
      }
      kernel.return
    }
    kernel.func @use(%rate: memref<f64>, %out: memref<8xf64>) {
      linalg.broadcast ins(%rate : memref<f64>) outs(%out : memref<8xf64>) dimensions = [0]
      kernel.return
    }
    func.func @f(%step: f64, %out: memref<8xf64>, %out2: memref<8xf64>) {
      %c = arith.constant 0.5 : f64
      %rate = memref.alloca() : memref<f64>
      %a = memref.alloca() : memref<f64>
      memref.store %step, %a[] : memref<f64>
      %copy = memref.alloc() : memref<f64>
      %0 = memref.load %a[] : memref<f64>
      %1 = arith.mulf %0, %c : f64
      memref.store %1, %rate[] : memref<f64>
      memref.copy %rate, %copy : memref<f64> to memref<f64>
      %value = memref.load %rate[] : memref<f64>
      kernel.call @take(%value : f64) to (%out2 : memref<8xf64>)
      kernel.call @use(%copy : memref<f64>) to (%out : memref<8xf64>)
      return
    }
    ```
  }];
  let dependentDialects = ["mlir::memref::MemRefDialect", "mlir::scf::SCFDialect"];
  let statistics = [
    Statistic<"numScalars", "scalars", "Numbers that stay on the host">,
    Statistic<"numValues", "values", "Arguments of kernels that became values">,
  ];
}

def MergeKernels : Pass<"codegen-merge-kernels", "mlir::ModuleOp"> {
  let summary = "Let neighbouring small kernels be phases of one";
  let description = [{
    Makes one call of the calls that follow one another in a block of an entry, where each takes
    less time than is worth a launch, by an estimate of its operations and bytes. Copies on the
    device count as calls, as do those of the host's numbers and of constants that are one number.
    The new kernel is handed each buffer once, and makes the views itself. Calls of which one writes
    what another one reads or writes are in different stages, which `kernel.sync` parts; all others
    may run at the same time. Neighbouring stages of few tasks are one block's, since its threads
    wait for one another in less time than a grid's; calls of few tasks are in such stages, or
    beside one of many tasks, so that few barriers of the grid are left.

    A loop (`scf.for`) of which each pass makes one call, once those in it are merged, is a call as
    well. The kernel has the loop, which all blocks run: stages in its body, and a `kernel.sync` at
    the end where the first stages of a pass have to wait for the last ones of the pass before.
    Passes that read or write a part of a buffer each, as the loop counts, don't wait. The views and
    numbers that follow from the loop's number are computed in the kernel, also those that the host
    had in its memory, and the buffers that a pass has for itself become one for all. Loops may
    stand in loops.

    Large kernels stay alone, and so do those that hand on values beside memory. A loop stays that
    hands on values, holds several calls in spite of all, has other work for the host in a pass, or
    buffers whose size depends on it. `persistent=false` leaves loops over the batches of a call, too. A kernel has at most as many arguments as PTX takes. Entries
    that run once are left as they are.

    In a kernel that isn't merged a sync parts phases that nothing parted: they were one after the
    other.
    ```mlir
    kernel.func @twice(%x: memref<64xf32>, %out: memref<64xf32>) {
      scf.forall (%i) in (64) {
        %0 = memref.load %x[%i] : memref<64xf32>
        %1 = arith.addf %0, %0 : f32
        memref.store %1, %out[%i] : memref<64xf32>
      }
      kernel.return
    }
    func.func @f(%x: memref<64xf32>, %y: memref<64xf32>, %out: memref<64xf32>, %out2: memref<64xf32>) {
      %a = memref.alloc() : memref<64xf32>
      kernel.call @twice(%x : memref<64xf32>) to (%a : memref<64xf32>)
      memref.copy %y, %out2 : memref<64xf32> to memref<64xf32>
      kernel.call @twice(%a : memref<64xf32>) to (%out : memref<64xf32>)
      return
    }
    ```
    becomes
    ```mlir
    kernel.func @f.merged(%x: memref<64xf32>, %y: memref<64xf32>, %a: memref<64xf32>,
                          %out2: memref<64xf32>, %out: memref<64xf32>) {
      scf.forall (%i) in (64) {
        %0 = memref.load %x[%i] : memref<64xf32>
        %1 = arith.addf %0, %0 : f32
        memref.store %1, %a[%i] : memref<64xf32>
      }
      scf.forall (%i) in (64) {
        %0 = memref.load %y[%i] : memref<64xf32>
        memref.store %0, %out2[%i] : memref<64xf32>
      }
      kernel.sync block
      scf.forall (%i) in (64) {
        %0 = memref.load %a[%i] : memref<64xf32>
        %1 = arith.addf %0, %0 : f32
        memref.store %1, %out[%i] : memref<64xf32>
      }
      kernel.return
    }
    func.func @f(%x: memref<64xf32>, %y: memref<64xf32>, %out: memref<64xf32>, %out2: memref<64xf32>) {
      %a = memref.alloc() : memref<64xf32>
      kernel.call @f.merged(%x, %y : memref<64xf32>, memref<64xf32>)
          to (%a, %out2, %out : memref<64xf32>, memref<64xf32>, memref<64xf32>)
      return
    }
    ```
    Here is a loop whose passes change what the next one reads:
    ```mlir
    kernel.func @double(%x: memref<64xf32>) {
      scf.forall (%i) in (64) {
        %0 = memref.load %x[%i] : memref<64xf32>
        %1 = arith.addf %0, %0 : f32
        memref.store %1, %x[%i] : memref<64xf32>
      }
      kernel.return
    }
    func.func @f(%n: index, %x: memref<64xf32>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      scf.for %i = %c0 to %n step %c1 {
        kernel.call @double() to (%x : memref<64xf32>)
      }
      return
    }
    ```
    becomes
    ```mlir
    kernel.func @f.merged(%n: index, %x: memref<64xf32>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      scf.for %i = %c0 to %n step %c1 {
        scf.forall (%j) in (64) {
          %0 = memref.load %x[%j] : memref<64xf32>
          %1 = arith.addf %0, %0 : f32
          memref.store %1, %x[%j] : memref<64xf32>
        }
        kernel.sync block
      }
      kernel.return
    }
    func.func @f(%n: index, %x: memref<64xf32>) {
      kernel.call @f.merged(%n : index) to (%x : memref<64xf32>)
      return
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::kernel::KernelDialect", "mlir::memref::MemRefDialect",
    "mlir::scf::SCFDialect"
  ];
  let options = [
    Option<"persistent", "persistent", "bool", /*default=*/"true",
           "Let a kernel go through all batches of a call, where one makes up a batch">,
  ];
  let statistics = [
    Statistic<"numMerged", "kernels", "Kernels that are several">,
    Statistic<"numCalls", "calls", "Calls that they do the work of">,
    Statistic<"numSyncs", "syncs", "Barriers of the grid in them">,
  ];
}

def MapThreads : Pass<"codegen-map-threads", "mlir::ModuleOp"> {
  let summary = "Spread the tasks of kernels over the threads of a grid";
  let description = [{
    Lets thread t of n run the tasks t, t + n, ... of a kernel: with any number of threads each task
    is run once, and its result is the same. Neighbouring threads run neighbouring tasks, whose
    memory lies side by side. Tasks for blocks go to block t of n in the same way. A phase that is
    something else than a loop of tasks is run by the first thread. Phases that may run at the same
    time begin at different blocks. `kernel.sync` becomes a call of the grid's barrier, and between
    `kernel.sync block`s the first block does all. All threads make the passes of a loop that has
    stages. In kernels with syncs each phase asks for the thread's number anew, in a way that LLVM
    doesn't see through: else it would compute what follows from it once for all phases, and keep
    that in registers from the first to the last. Each call tells how many blocks the tasks fill, as the kernel's first operand.
    ```mlir
    kernel.func @f(%x: memref<6xf32>, %out: memref<6xf32>) {
      scf.forall (%i) in (6) {
        %0 = memref.load %x[%i] : memref<6xf32>
        memref.store %0, %out[%i] : memref<6xf32>
      }
      kernel.return
    }
    func.func @g(%x: memref<6xf32>, %out: memref<6xf32>) {
      kernel.call @f(%x : memref<6xf32>) to (%out : memref<6xf32>)
      return
    }
    ```
    becomes
    ```mlir
    kernel.func @f(%grid: index, %x: memref<6xf32>, %out: memref<6xf32>) {
      %c6 = arith.constant 6 : index
      %0 = nvvm.read.ptx.sreg.ctaid.x : i32
      %block = arith.index_castui %0 : i32 to index
      %1 = nvvm.read.ptx.sreg.nctaid.x : i32
      %blocks = arith.index_castui %1 : i32 to index
      %2 = nvvm.read.ptx.sreg.tid.x : i32
      %thread = arith.index_castui %2 : i32 to index
      %3 = nvvm.read.ptx.sreg.ntid.x : i32
      %size = arith.index_castui %3 : i32 to index
      %before = arith.muli %block, %size : index
      %threads = arith.muli %blocks, %size : index
      %first = arith.addi %before, %thread : index
      scf.for %i = %first to %c6 step %threads {
        %4 = memref.load %x[%i] : memref<6xf32>
        memref.store %4, %out[%i] : memref<6xf32>
      }
      kernel.return
    }
    func.func @g(%x: memref<6xf32>, %out: memref<6xf32>) {
      %c1 = arith.constant 1 : index
      kernel.call @f(%c1, %x : index, memref<6xf32>) to (%out : memref<6xf32>)
      return
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::func::FuncDialect", "mlir::LLVM::LLVMDialect",
    "mlir::memref::MemRefDialect", "mlir::NVVM::NVVMDialect", "mlir::scf::SCFDialect"
  ];
  let statistics = [
    Statistic<"numKernels", "kernels", "Kernels that were mapped">,
    Statistic<"numSerial", "serial", "Those that one thread runs">,
  ];
}

def AlignArguments : Pass<"codegen-align-arguments", "mlir::ModuleOp"> {
  let summary = "Tell kernels how the buffers that they are given are aligned";
  let description = [{
    A buffer of the workspace begins at a multiple of 64 bytes, and a part of it at one that its
    offsets say. What holds for all calls of a kernel becomes `llvm.align` of its argument, with
    which wide loads and stores are made. Of an argument of an entry nothing is known but what its
    own `llvm.align` says.
    ```mlir
    kernel.func @f(%x: memref<4x4xf32>, %y: memref<4xf32>, %out: memref<16xf32>) {
      kernel.return
    }
    func.func @g(%x: memref<4x4xf32>, %workspace: memref<?xi8>) attributes {nn.arguments = [memref<4x4xf32>]} {
      %c64 = arith.constant 64 : index
      %c144 = arith.constant 144 : index
      %y = memref.view %workspace[%c144][] : memref<?xi8> to memref<4xf32>
      %out = memref.view %workspace[%c64][] : memref<?xi8> to memref<16xf32>
      kernel.call @f(%x, %y : memref<4x4xf32>, memref<4xf32>) to (%out : memref<16xf32>)
      return
    }
    ```
    becomes
    ```mlir
    kernel.func @f(%x: memref<4x4xf32>, %y: memref<4xf32> {llvm.align = 16 : i64}, %out: memref<16xf32> {llvm.align = 64 : i64}) {
      kernel.return
    }
    func.func @g(%x: memref<4x4xf32>, %workspace: memref<?xi8>) attributes {nn.arguments = [memref<4x4xf32>]} {
      %c64 = arith.constant 64 : index
      %c144 = arith.constant 144 : index
      %y = memref.view %workspace[%c144][] : memref<?xi8> to memref<4xf32>
      %out = memref.view %workspace[%c64][] : memref<?xi8> to memref<16xf32>
      kernel.call @f(%x, %y : memref<4x4xf32>, memref<4xf32>) to (%out : memref<16xf32>)
      return
    }
    ```
  }];
  let dependentDialects = ["mlir::LLVM::LLVMDialect"];
  let statistics = [Statistic<"numAligned", "aligned", "Arguments of kernels">];
}

def ExpandMath : Pass<"codegen-expand-math", "mlir::ModuleOp"> {
  let summary = "Compute functions of mathematics by arithmetic that a GPU has";
  let description = [{
    A GPU has instructions for square roots and roundings alone, and a device module calls no
    library. Functions of f64, and those of f32 for which `codegen-lower-vectors` has no polynomial
    (`sin`, `cos`, `powf`, `rsqrt`, remainders), become reductions of their arguments and series,
    with the special values of C's library. They agree with it within 3 units in the last place
    (`erfc` of f64: 5); remainders are exact. On the host the same code gives the same bits.
    ```mlir
    func.func @f(%x: f64) -> f64 {
      %0 = math.rsqrt %x : f64
      return %0 : f64
    }
    ```
    becomes
    ```mlir
    func.func @f(%x: f64) -> f64 {
      %0 = math.sqrt %x : f64
      %one = arith.constant 1.0 : f64
      %1 = arith.divf %one, %0 : f64
      return %1 : f64
    }
    ```
    Here is a function that it doesn't know:
    ```mlir
    func.func @f(%x: f32) -> f32 {
      %0 = math.atan %x : f32
      return %0 : f32
    }
    ```
    It is refused: "has no code for a GPU".
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::math::MathDialect", "mlir::scf::SCFDialect"
  ];
  let statistics = [Statistic<"numExpanded", "expanded", "Functions that became arithmetic">];
}

def LaunchKernels : Pass<"codegen-launch-kernels", "mlir::ModuleOp"> {
  let summary = "Move kernels to a module of their own, and let entries launch them";
  let description = [{
    Moves the functions that kernels have become to a module within the module, `device`, and makes
    calls of the runtime (nnrt/gpu.h) of what entries do on the device: a launch of each kernel,
    with its number, its blocks and the addresses of its arguments' values; copies; and numbers that
    the host brings there. Shared memory becomes a variable of that module.
    ```mlir
    func.func private @f(%grid: i64, %out: !llvm.ptr, %context: !llvm.ptr) attributes {nn.hidden} {
      return
    }
    func.func @g(%out: !llvm.ptr, %context: !llvm.ptr {nn.context}) {
      %grid = llvm.mlir.constant(4 : i64) : i64
      call @f(%grid, %out, %context) : (i64, !llvm.ptr, !llvm.ptr) -> ()
      return
    }
    ```
    becomes
    ```mlir
    func.func private @nnrt_launch(!llvm.ptr, i32, i64, !llvm.ptr)
    func.func private @nnrt_copy(!llvm.ptr, !llvm.ptr, !llvm.ptr, i64)
    func.func private @nnrt_set(!llvm.ptr, !llvm.ptr, !llvm.ptr, i64)
    func.func @g(%out: !llvm.ptr, %context: !llvm.ptr {nn.context}) {
      %one = llvm.mlir.constant(1 : i64) : i64
      %slots = llvm.alloca %one x i64 : (i64) -> !llvm.ptr
      %pointers = llvm.alloca %one x !llvm.ptr : (i64) -> !llvm.ptr
      %slot = llvm.getelementptr %slots[0] : (!llvm.ptr) -> !llvm.ptr, i64
      %pointer = llvm.getelementptr %pointers[0] : (!llvm.ptr) -> !llvm.ptr, !llvm.ptr
      llvm.store %slot, %pointer : !llvm.ptr, !llvm.ptr
      %grid = llvm.mlir.constant(4 : i64) : i64
      %argument = llvm.getelementptr %slots[0] : (!llvm.ptr) -> !llvm.ptr, i64
      llvm.store %out, %argument : !llvm.ptr, !llvm.ptr
      %number = llvm.mlir.constant(0 : i32) : i32
      call @nnrt_launch(%context, %number, %grid, %pointers) : (!llvm.ptr, i32, i64, !llvm.ptr) -> ()
      return
    }
    module @device attributes {nnc.launches = {g = array<i64: 1>}} {
      func.func @f(%out: !llvm.ptr) attributes {nnc.places = "<stdin>:1"} {
        return
      }
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::gpu::GPUDialect", "mlir::LLVM::LLVMDialect",
    "mlir::memref::MemRefDialect"
  ];
  let statistics = [Statistic<"numKernels", "kernels", "Kernels moved">];
}

#endif
