// The passes from a CPU's kernels on buffers to the LLVM dialect, in the order in which they run.
#ifndef NNC_COMPILER_CODEGEN_CPU_LOWERINGPASSES_TD
#define NNC_COMPILER_CODEGEN_CPU_LOWERINGPASSES_TD

include "mlir/Pass/PassBase.td"

def LowerKernels : Pass<"codegen-lower-kernels", "mlir::ModuleOp"> {
  let summary = "Turn kernels into functions";
  let description = [{
    A kernel becomes a private function that isn't inlined, and a call a call. A buffer is handed
    over as a pointer, with those sizes and strides that its type doesn't say; none overlaps one that
    is written. The runtime's context is the last argument of kernels and of their callers. Of an
    external kernel there is only a declaration.

    ```mlir
    kernel.func @exp(%x: memref<64xf32>, %out: memref<?xf32>) {
      "use"(%x, %out) : (memref<64xf32>, memref<?xf32>) -> ()
      kernel.return
    }
    ```
    becomes
    ```mlir
    func.func private @exp(%x: !llvm.ptr {llvm.noalias}, %out: !llvm.ptr {llvm.noalias}, %size: i64,
                           %context: !llvm.ptr {nn.context}) attributes {passthrough = ["noinline"]} {
      %poison = llvm.mlir.poison : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>
      %0 = llvm.insertvalue %x, %poison[0] : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>
      %1 = llvm.insertvalue %x, %0[1] : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>
      %c0 = llvm.mlir.constant(0 : index) : i64
      %2 = llvm.insertvalue %c0, %1[2] : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>
      %c64 = llvm.mlir.constant(64 : index) : i64
      %3 = llvm.insertvalue %c64, %2[3, 0] : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>
      %c1 = llvm.mlir.constant(1 : index) : i64
      %4 = llvm.insertvalue %c1, %3[4, 0] : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>
      %from = builtin.unrealized_conversion_cast %4
          : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)> to memref<64xf32>
      %5 = llvm.insertvalue %out, %poison[0] : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>
      %6 = llvm.insertvalue %out, %5[1] : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>
      %7 = llvm.insertvalue %c0, %6[2] : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>
      %8 = llvm.insertvalue %size, %7[3, 0] : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>
      %9 = llvm.insertvalue %c1, %8[4, 0] : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>
      %to = builtin.unrealized_conversion_cast %9
          : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)> to memref<?xf32>
      "use"(%from, %to) : (memref<64xf32>, memref<?xf32>) -> ()
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

def ExpandNarrowFloats : Pass<"codegen-expand-narrow-floats", "mlir::ModuleOp"> {
  let summary = "Compute on f16 and bf16 in f32, and round to bf16 by integers";
  let description = [{
    Functions (`exp`, `sqrt`) of f16 and bf16, and arithmetic on bf16, become the same on f32 between
    conversions. Those between f32 and bf16 become operations on their bits, as LLVM would call a
    library for them that not every system has. Every operation rounds once, to nearest, NaN stays
    NaN, and denormals are kept: the bits are the same for any CPU and any optimisation.

    ```mlir
    func.func @f(%x: bf16) -> bf16 {
      %y = math.exp %x : bf16
      return %y : bf16
    }
    ```
    becomes
    ```mlir
    func.func @f(%x: bf16) -> bf16 {
      %c1 = arith.constant 1 : i32
      %nan = arith.constant 32704 : i16
      %half = arith.constant 32767 : i32
      %c16 = arith.constant 16 : i32
      %0 = arith.bitcast %x : bf16 to i16
      %1 = arith.extui %0 : i16 to i32
      %2 = arith.shli %1, %c16 : i32
      %3 = arith.bitcast %2 : i32 to f32
      %4 = math.exp %3 : f32
      %isNan = arith.cmpf une, %4, %4 : f32
      %bits = arith.bitcast %4 : f32 to i32
      %5 = arith.shrui %bits, %c16 : i32
      %last = arith.andi %5, %c1 : i32
      %6 = arith.addi %last, %half : i32
      %7 = arith.addi %bits, %6 : i32
      %8 = arith.shrui %7, %c16 : i32
      %9 = arith.trunci %8 : i32 to i16
      %10 = arith.select %isNan, %nan, %9 : i16
      %y = arith.bitcast %10 : i16 to bf16
      return %y : bf16
    }
    ```
  }];
  let dependentDialects = ["mlir::arith::ArithDialect", "mlir::math::MathDialect"];
  let statistics = [Statistic<"numRoundings", "roundings", "Conversions to narrower floats">];
}

def LowerVectors : Pass<"codegen-lower-vectors", "mlir::ModuleOp"> {
  let summary = "Lower transfers to loads and stores, and functions to polynomials or libm";
  let description = [{
    One-dimensional transfers become vector loads and stores, element by element where the row
    has gaps, and copies between buffers of different layout become loops. With `approximate`, `exp`, `expm1`, `log`, `log1p`, `log2`,
    `tanh`, `erf` and `erfc` on f32 become upstream's polynomial approximations (a few ulp), which work on
    whole vectors. Functions for which LLVM has no intrinsic (`erf`, `erfc`, `log1p`, `expm1`, on f64 or
    without `approximate`) become calls of libm.

    ```mlir
    func.func @f(%row: memref<8xf32>, %column: memref<2xf32, strided<[8]>>) {
      %c0 = arith.constant 0 : index
      %pad = arith.constant 0.0 : f32
      %v = vector.transfer_read %row[%c0], %pad {in_bounds = [true]} : memref<8xf32>, vector<2xf32>
      %w = math.erf %v : vector<2xf32>
      vector.transfer_write %w, %column[%c0] {in_bounds = [true]}
          : vector<2xf32>, memref<2xf32, strided<[8]>>
      return
    }
    ```
    becomes, with `approximate=false`,
    ```mlir
    func.func private @erff(f32) -> f32 attributes {llvm.readnone}
    func.func @f(%row: memref<8xf32>, %column: memref<2xf32, strided<[8]>>) {
      %c1 = arith.constant 1 : index
      %c0 = arith.constant 0 : index
      %v = vector.load %row[%c0] : memref<8xf32>, vector<2xf32>
      %v0 = vector.extract %v[0] : f32 from vector<2xf32>
      %w0 = call @erff(%v0) : (f32) -> f32
      %v1 = vector.extract %v[1] : f32 from vector<2xf32>
      %w1 = call @erff(%v1) : (f32) -> f32
      memref.store %w0, %column[%c0] : memref<2xf32, strided<[8]>>
      memref.store %w1, %column[%c1] : memref<2xf32, strided<[8]>>
      return
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::func::FuncDialect", "mlir::linalg::LinalgDialect",
    "mlir::LLVM::LLVMDialect",
    "mlir::math::MathDialect", "mlir::memref::MemRefDialect", "mlir::scf::SCFDialect",
    "mlir::vector::VectorDialect"
  ];
  let options = [
    Option<"approximate", "approximate", "bool", "true",
           "Approximate f32 functions by polynomials">,
  ];
  let statistics = [
    Statistic<"numScattered", "scattered", "Rows with gaps, moved element by element">,
    Statistic<"numCopies", "copies", "Copies between layouts that became loops">,
  ];
}

def LowerReshapes : Pass<"codegen-lower-reshapes", "mlir::func::FuncOp"> {
  let summary = "Give a reshape with several open sizes in a group its strides";
  let description = [{
    Upstream's `expand-strided-metadata` computes the one open size that a dimension is expanded to
    by a division. Where there are several, the sizes that the operation states are used.

    ```mlir
    func.func @f(%x: memref<?xf32>, %b: index, %n: index) -> memref<?x?xf32> {
      %0 = memref.expand_shape %x [[0, 1]] output_shape [%b, %n]
        : memref<?xf32> into memref<?x?xf32>
      return %0 : memref<?x?xf32>
    }
    ```
    becomes
    ```mlir
    func.func @f(%x: memref<?xf32>, %b: index, %n: index) -> memref<?x?xf32> {
      %base, %offset, %size, %stride = memref.extract_strided_metadata %x
        : memref<?xf32> -> memref<f32>, index, index, index
      %0 = memref.reinterpret_cast %base to offset: [0], sizes: [%b, %n], strides: [%n, 1]
        : memref<f32> to memref<?x?xf32>
      return %0 : memref<?x?xf32>
    }
    ```
  }];
  let dependentDialects = ["mlir::arith::ArithDialect", "mlir::memref::MemRefDialect"];
  let statistics = [Statistic<"numReshapes", "reshapes", "Reshapes that are casts now">];
}

def LowerToLlvm : Pass<"codegen-lower-to-llvm", "mlir::ModuleOp"> {
  let summary = "Convert everything that is left to the LLVM dialect at once";
  let description = [{
    Upstream's conversions of arith, cf, func, index, math, memref, ub and vector, in one walk
    instead of nine. Sums along a vector (`vector.reduction`) may be done pairwise: the order is
    the machine's, but always the same. Vectors of truth values (i1) are bits; in memory each has a
    byte, which is 0 or 1 when written and true when it isn't 0.

    ```mlir
    func.func @f(%v: vector<8xf32>) -> f32 {
      %sum = vector.reduction <add>, %v : vector<8xf32> into f32
      return %sum : f32
    }
    ```
    becomes
    ```mlir
    llvm.func @f(%v: vector<8xf32>) -> f32 {
      %zero = llvm.mlir.constant(0.0 : f32) : f32
      %sum = "llvm.intr.vector.reduce.fadd"(%zero, %v)
          <{fastmathFlags = #llvm.fastmath<reassoc>}> : (f32, vector<8xf32>) -> f32
      llvm.return %sum : f32
    }
    ```
  }];
  let dependentDialects = ["mlir::LLVM::LLVMDialect"];
  let statistics = [
    Statistic<"numOperations", "operations", "Operations of the LLVM dialect">,
  ];
}

#endif
