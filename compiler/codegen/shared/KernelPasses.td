// The passes that make kernels of entries, and those that lead them on.
#ifndef NNC_COMPILER_CODEGEN_SHARED_KERNELPASSES_TD
#define NNC_COMPILER_CODEGEN_SHARED_KERNELPASSES_TD

include "mlir/Pass/PassBase.td"

def OutlineKernels : Pass<"codegen-outline-kernels", "mlir::ModuleOp"> {
  let summary = "Move the operations of entries into kernels, which equal ones share";
  let description = [{
    Each linalg operation of an entry becomes a kernel (`kernel.func`), with what is computed for it
    alone: the contractions that an elementwise operation reads at its own loops, and the fills that
    they start from. So does each loop in which there is no such operation. The program's other
    loops stay, as loops of calls. What an operation reads becomes an input of its kernel, scalar
    constants are copied into it, and what its results that are used start from become its
    destinations. Constants that are added or multiplied are inputs as well, one for each use, but
    for powers of two: kernels that differ in a rate are one. After the pass, an entry is a list of
    calls.

    Kernels that are equal but for their locations are one: a network of thirty equal layers has the
    kernels of one. In what runs once, whole numbers in which they differ become inputs: each draw of
    random numbers has a key of its own.

    ```mlir
    #id = affine_map<(i) -> (i)>
    func.func @f(%x: tensor<64xf32>) -> tensor<64xf32> attributes {nn.entry = "predict"} {
      %two = arith.constant 2.0 : f32
      %e = tensor.empty() : tensor<64xf32>
      %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
          ins(%x : tensor<64xf32>) outs(%e : tensor<64xf32>) {
      ^bb0(%a: f32, %o: f32):
        %0 = arith.mulf %a, %two : f32
        linalg.yield %0 : f32
      } -> tensor<64xf32>
      %z = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
          ins(%y : tensor<64xf32>) outs(%e : tensor<64xf32>) {
      ^bb0(%a: f32, %o: f32):
        %0 = arith.mulf %a, %two : f32
        linalg.yield %0 : f32
      } -> tensor<64xf32>
      return %z : tensor<64xf32>
    }
    ```
    becomes
    ```mlir
    #id = affine_map<(i) -> (i)>
    kernel.func @f.kernel.0(%x: tensor<64xf32>, %out: tensor<64xf32>) -> tensor<64xf32> {
      %two = arith.constant 2.0 : f32
      %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
          ins(%x : tensor<64xf32>) outs(%out : tensor<64xf32>) {
      ^bb0(%a: f32, %o: f32):
        %0 = arith.mulf %a, %two : f32
        linalg.yield %0 : f32
      } -> tensor<64xf32>
      kernel.return %y : tensor<64xf32>
    }
    func.func @f(%x: tensor<64xf32>) -> tensor<64xf32> attributes {nn.entry = "predict"} {
      %two = arith.constant 2.0 : f32
      %e = tensor.empty() : tensor<64xf32>
      %y = kernel.call @f.kernel.0(%x : tensor<64xf32>) to (%e : tensor<64xf32>) -> tensor<64xf32>
      %z = kernel.call @f.kernel.0(%y : tensor<64xf32>) to (%e : tensor<64xf32>) -> tensor<64xf32>
      return %z : tensor<64xf32>
    }
    ```
  }];
  let dependentDialects = ["mlir::kernel::KernelDialect"];
  let options = [
    Option<"fold", "fold", "bool", "true",
           "Let equal kernels be one; without, every line of the source keeps its own code">,
    Option<"keepReads", "keep-reads", "bool", "true",
           "Leave loops to entries that read elements of tensors, such as places to add to; without, "
           "these are kernels, for machines whose memory entries can't read">,
  ];
  let statistics = [
    Statistic<"numKernels", "kernels", "Kernels made">,
    Statistic<"numFolded", "folded", "Groups of operations that share a kernel with earlier ones">,
  ];
}

def BufferizeEntries : Pass<"codegen-bufferize-entries", "mlir::ModuleOp"> {
  let summary = "Turn entries into lists of calls over buffers, and give kernels their types";
  let description = [{
    Bufferises the functions of a module (upstream's one-shot bufferisation; there is little to
    analyse in a list of calls), and lets each kernel take the buffers that its calls hand over,
    with their layouts. Where calls differ in that, each layout has a kernel of its own; where a
    part of a buffer begins makes no difference. The kernel's body goes on to work on tensors.

    Copies that bufferisation makes between rows with gaps are calls as well, of kernels that equal
    ones share.

    ```mlir
    kernel.func @exp(%x: tensor<64xf32>, %out: tensor<64xf32>) -> tensor<64xf32> {
      %y = linalg.exp ins(%x : tensor<64xf32>) outs(%out : tensor<64xf32>) -> tensor<64xf32>
      kernel.return %y : tensor<64xf32>
    }
    func.func @f(%from: memref<64xf32>, %to: memref<64xf32>) attributes {nn.entry = "predict"} {
      %x = bufferization.to_tensor %from restrict : memref<64xf32> to tensor<64xf32>
      %out = bufferization.to_tensor %to restrict writable : memref<64xf32> to tensor<64xf32>
      %y = kernel.call @exp(%x : tensor<64xf32>) to (%out : tensor<64xf32>) -> tensor<64xf32>
      bufferization.materialize_in_destination %y in restrict writable %to
          : (tensor<64xf32>, memref<64xf32>) -> ()
      return
    }
    ```
    becomes
    ```mlir
    kernel.func @exp(%from: memref<64xf32>, %to: memref<64xf32>) {
      %x = bufferization.to_tensor %from restrict : memref<64xf32> to tensor<64xf32>
      %out = bufferization.to_tensor %to restrict writable : memref<64xf32> to tensor<64xf32>
      %y = linalg.exp ins(%x : tensor<64xf32>) outs(%out : tensor<64xf32>) -> tensor<64xf32>
      bufferization.materialize_in_destination %y in restrict writable %to
          : (tensor<64xf32>, memref<64xf32>) -> ()
      kernel.return
    }
    func.func @f(%from: memref<64xf32>, %to: memref<64xf32>) attributes {nn.entry = "predict"} {
      kernel.call @exp(%from : memref<64xf32>) to (%to : memref<64xf32>)
      return
    }
    ```
  }];
  let dependentDialects = [
    "mlir::bufferization::BufferizationDialect", "mlir::kernel::KernelDialect",
    "mlir::linalg::LinalgDialect", "mlir::memref::MemRefDialect"
  ];
  let statistics = [
    Statistic<"numVariants", "variants", "Kernels copied for another layout">,
    Statistic<"numCopyKernels", "copy-kernels", "Kernels that copy rows with gaps">,
  ];
}

def BufferizeKernel : Pass<"codegen-bufferize-kernel", "mlir::kernel::FuncOp"> {
  let summary = "Let a kernel compute on buffers";
  let description = [{
    Upstream's one-shot bufferisation of one kernel, which takes buffers already. Kernels are
    bufferised side by side, so none may hold a constant tensor, which would become a global
    variable of the module.

    ```mlir
    kernel.func @exp(%from: memref<64xf32>, %to: memref<64xf32>) {
      %x = bufferization.to_tensor %from restrict : memref<64xf32> to tensor<64xf32>
      %out = bufferization.to_tensor %to restrict writable : memref<64xf32> to tensor<64xf32>
      %y = linalg.exp ins(%x : tensor<64xf32>) outs(%out : tensor<64xf32>) -> tensor<64xf32>
      bufferization.materialize_in_destination %y in restrict writable %to
          : (tensor<64xf32>, memref<64xf32>) -> ()
      kernel.return
    }
    ```
    becomes
    ```mlir
    kernel.func @exp(%from: memref<64xf32>, %to: memref<64xf32>) {
      linalg.exp ins(%from : memref<64xf32>) outs(%to : memref<64xf32>)
      kernel.return
    }
    ```
  }];
  let dependentDialects = [
    "mlir::bufferization::BufferizationDialect", "mlir::memref::MemRefDialect"
  ];
  let statistics = [
    Statistic<"numBuffers", "buffers", "Buffers allocated">,
    Statistic<"numCopies", "copies", "Tensors copied, as something else would overwrite them">,
  ];
}

def StackTiles : Pass<"codegen-stack-tiles", "mlir::kernel::FuncOp"> {
  let summary = "Put the small buffers of a kernel on the stack";
  let description = [{
    A buffer of a kernel of at most `tile-bytes` goes to the stack, outside of its loops. So do the
    buffers that the tasks of a loop have each, up to `task-bytes` a task: many run at the same time,
    and a thread uses the same memory for one after the other. Tasks that need more are run one after
    the other.

    ```mlir
    kernel.func @f(%out: memref<4096xf32>) {
      scf.forall (%i) in (64) {
        %a = memref.alloc() : memref<64xf32>
        "use"(%i, %a, %out) : (index, memref<64xf32>, memref<4096xf32>) -> ()
        memref.dealloc %a : memref<64xf32>
      }
      kernel.return
    }
    ```
    becomes
    ```mlir
    kernel.func @f(%out: memref<4096xf32>) {
      scf.forall (%i) in (64) {
        %a = memref.alloca() {alignment = 64 : i64} : memref<64xf32>
        "use"(%i, %a, %out) : (index, memref<64xf32>, memref<4096xf32>) -> ()
      }
      kernel.return
    }
    ```
  }];
  let dependentDialects = ["mlir::memref::MemRefDialect", "mlir::scf::SCFDialect"];
  let options = [
    Option<"tileBytes", "tile-bytes", "int64_t", "4096",
           "Bytes up to which a buffer lies on the stack">,
    Option<"taskBytes", "task-bytes", "int64_t", "524288",
           "Bytes of larger buffers that a task may have on the stack">,
  ];
  let statistics = [Statistic<"numTiles", "tiles", "Buffers on the stack">];
}

def HoistScratch : Pass<"codegen-hoist-scratch", "mlir::ModuleOp"> {
  let summary = "Let the callers of a kernel provide the memory that it needs";
  let description = [{
    Each buffer that a kernel allocates becomes a destination of it, which its callers allocate: they
    know what else is alive, and so where there is memory.

    ```mlir
    kernel.func @f(%x: memref<4096xf32>, %out: memref<4096xf32>) {
      %a = memref.alloc() : memref<4096xf32>
      linalg.exp ins(%x : memref<4096xf32>) outs(%a : memref<4096xf32>)
      linalg.log ins(%a : memref<4096xf32>) outs(%out : memref<4096xf32>)
      kernel.return
    }
    func.func @g(%x: memref<4096xf32>, %out: memref<4096xf32>) {
      kernel.call @f(%x : memref<4096xf32>) to (%out : memref<4096xf32>)
      return
    }
    ```
    becomes
    ```mlir
    kernel.func @f(%x: memref<4096xf32>, %out: memref<4096xf32>, %a: memref<4096xf32>) {
      linalg.exp ins(%x : memref<4096xf32>) outs(%a : memref<4096xf32>)
      linalg.log ins(%a : memref<4096xf32>) outs(%out : memref<4096xf32>)
      kernel.return
    }
    func.func @g(%x: memref<4096xf32>, %out: memref<4096xf32>) {
      %a = memref.alloc() : memref<4096xf32>
      kernel.call @f(%x : memref<4096xf32>) to (%out, %a : memref<4096xf32>, memref<4096xf32>)
      return
    }
    ```
  }];
  let dependentDialects = ["mlir::memref::MemRefDialect"];
  let statistics = [Statistic<"numHoisted", "hoisted", "Buffers that callers provide">];
}

#endif
