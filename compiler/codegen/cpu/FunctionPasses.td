// The passes that make functions, as CPUs call them, of kernels and of their loops of tasks.
#ifndef NNC_COMPILER_CODEGEN_CPU_FUNCTIONPASSES_TD
#define NNC_COMPILER_CODEGEN_CPU_FUNCTIONPASSES_TD

include "mlir/Pass/PassBase.td"

def LowerKernels : Pass<"codegen-lower-kernels", "mlir::ModuleOp"> {
  let summary = "Turn kernels into functions";
  let description = [{
    A kernel becomes a private function that isn't inlined, and a call a call. A buffer is handed
    over as a pointer, with those sizes and strides that its type doesn't say; none overlaps one that
    is written. Callers take theirs in the same way, and hand on pointers into them. The runtime's
    context is the last argument of kernels and of their callers. Of an external kernel there is
    only a declaration.

    ```mlir
    kernel.func @exp(%out: memref<?xf32>) {
      "use"(%out) : (memref<?xf32>) -> ()
      kernel.return
    }
    ```
    becomes
    ```mlir
    func.func private @exp(%out: !llvm.ptr {llvm.noalias}, %size: i64, %context: !llvm.ptr {nn.context})
        attributes {passthrough = ["noinline"]} {
      %0 = llvm.mlir.poison : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>
      %1 = llvm.insertvalue %out, %0[0] : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>
      %2 = llvm.insertvalue %out, %1[1] : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>
      %c0 = llvm.mlir.constant(0 : index) : i64
      %3 = llvm.insertvalue %c0, %2[2] : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>
      %4 = llvm.insertvalue %size, %3[3, 0] : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>
      %c1 = llvm.mlir.constant(1 : index) : i64
      %5 = llvm.insertvalue %c1, %4[4, 0] : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>
      %buffer = builtin.unrealized_conversion_cast %5
          : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)> to memref<?xf32>
      "use"(%buffer) : (memref<?xf32>) -> ()
      return
    }
    ```
  }];
  let dependentDialects = ["mlir::func::FuncDialect", "mlir::LLVM::LLVMDialect"];
  let options = [
    Option<"separate", "separate", "bool", "false",
           "Kernels and their callers become object files of their own">,
  ];
  let statistics = [Statistic<"numKernels", "kernels", "Kernels that are functions now">];
}

def OutlineParallel : Pass<"codegen-outline-parallel", "mlir::ModuleOp"> {
  let summary = "Turn loops of tasks into calls of the runtime's parallel loop";
  let description = [{
    The body of an `scf.forall` becomes a function that runs one iteration; the values it needs are
    passed through a structure on the stack. Each iteration writes memory of its own, so the result
    doesn't depend on who runs it. Runs on loops over buffers, before they become branches. Loops
    within another one's tasks are run in place. A function that has tasks has the runtime's context as
    an argument.

    ```mlir
    func.func @f(%n: index, %x: index, %context: !llvm.ptr {nn.context}) {
      scf.forall (%i) = (0) to (%n) step (8) {
        "use"(%i, %x) : (index, index) -> ()
      }
      return
    }
    ```
    becomes
    ```mlir
    func.func private @nnrt_parallel_for(!llvm.ptr, !llvm.ptr, !llvm.ptr, i64)
    func.func private @f.parallel.0(%environment: !llvm.ptr, %task: i64)
        attributes {passthrough = ["nnc-flush-denormals"]} {
      %c8 = arith.constant 8 : index
      %0 = llvm.load %environment : !llvm.ptr -> !llvm.struct<(i64)>
      %1 = llvm.extractvalue %0[0] : !llvm.struct<(i64)>
      %x = builtin.unrealized_conversion_cast %1 : i64 to index
      %number = arith.index_cast %task : i64 to index
      %i = arith.muli %number, %c8 : index
      "use"(%i, %x) : (index, index) -> ()
      return
    }
    func.func @f(%n: index, %x: index, %context: !llvm.ptr {nn.context}) {
      %function = constant @f.parallel.0 : (!llvm.ptr, i64) -> ()
      %0 = llvm.mlir.undef : !llvm.struct<(i64)>
      %c8 = arith.constant 8 : index
      %1 = llvm.mlir.constant(1 : i64) : i64
      %environment = llvm.alloca %1 x !llvm.struct<(i64)> : (i64) -> !llvm.ptr
      %2 = builtin.unrealized_conversion_cast %x : index to i64
      %3 = llvm.insertvalue %2, %0[0] : !llvm.struct<(i64)>
      llvm.store %3, %environment : !llvm.struct<(i64)>, !llvm.ptr
      %body = builtin.unrealized_conversion_cast %function : (!llvm.ptr, i64) -> () to !llvm.ptr
      %tasks = arith.ceildivsi %n, %c8 : index
      %count = arith.index_cast %tasks : index to i64
      call @nnrt_parallel_for(%context, %body, %environment, %count)
          : (!llvm.ptr, !llvm.ptr, !llvm.ptr, i64) -> ()
      return
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::func::FuncDialect", "mlir::LLVM::LLVMDialect",
    "mlir::memref::MemRefDialect", "mlir::scf::SCFDialect"
  ];
  let statistics = [Statistic<"numOutlined", "outlined", "Loops that threads share">];
}

#endif
