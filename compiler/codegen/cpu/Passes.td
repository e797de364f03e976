// The passes of code generation that know a CPU, in the order in which they run; those that make functions are apart.
#ifndef NNC_COMPILER_CODEGEN_CPU_PASSES_TD
#define NNC_COMPILER_CODEGEN_CPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def SplitReductions : Pass<"codegen-split-reductions", "mlir::func::FuncOp"> {
  let summary = "Make large reductions to few results reductions of parts";
  let description = [{
    Threads share the tiles of a result; a reduction to few results has one tile, and one thread.
    Where each iteration of the outermost reduced loop does `least-work` or more, the iterations
    become parts: threads share these, and a second reduction combines them in their order. How many
    threads there are changes nothing, nor does whether the number of parts is known.

    ```mlir
    func.func @f(%x: tensor<64x676x16xf32>, %y: tensor<16xf32>) -> tensor<16xf32> {
      %sum = linalg.generic {indexing_maps = [affine_map<(b, p, c) -> (b, p, c)>,
                                              affine_map<(b, p, c) -> (c)>],
                             iterator_types = ["reduction", "reduction", "parallel"]}
          ins(%x : tensor<64x676x16xf32>) outs(%y : tensor<16xf32>) {
      ^bb0(%a: f32, %sofar: f32):
        %0 = arith.addf %sofar, %a : f32
        linalg.yield %0 : f32
      } -> tensor<16xf32>
      return %sum : tensor<16xf32>
    }
    ```
    becomes
    ```mlir
    func.func @f(%x: tensor<64x676x16xf32>, %y: tensor<16xf32>) -> tensor<16xf32> {
      %zero = arith.constant 0.0 : f32
      %empty = tensor.empty() : tensor<64x16xf32>
      %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<64x16xf32>) -> tensor<64x16xf32>
      %parts = linalg.generic {indexing_maps = [affine_map<(b, p, c) -> (b, p, c)>,
                                                affine_map<(b, p, c) -> (b, c)>],
                               iterator_types = ["parallel", "reduction", "parallel"]}
          ins(%x : tensor<64x676x16xf32>) outs(%zeros : tensor<64x16xf32>) {
      ^bb0(%a: f32, %sofar: f32):
        %0 = arith.addf %sofar, %a : f32
        linalg.yield %0 : f32
      } -> tensor<64x16xf32>
      %sum = linalg.generic {indexing_maps = [affine_map<(b, c) -> (b, c)>,
                                              affine_map<(b, c) -> (c)>],
                             iterator_types = ["reduction", "parallel"]}
          ins(%parts : tensor<64x16xf32>) outs(%y : tensor<16xf32>) {
      ^bb0(%part: f32, %sofar: f32):
        %0 = arith.addf %sofar, %part : f32
        linalg.yield %0 : f32
      } -> tensor<16xf32>
      return %sum : tensor<16xf32>
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::linalg::LinalgDialect", "mlir::tensor::TensorDialect"
  ];
  let options = [
    Option<"leastWork", "least-work", "uint64_t", "131072",
           "Operations of a part, a byte moved counted as 16">,
  ];
  let statistics = [
    Statistic<"numSplit", "split", "Reductions split into parts">,
  ];
}

def PackContractions : Pass<"codegen-pack-contractions", "mlir::func::FuncOp"> {
  let summary = "Lay out operands of contractions along the vectors that they are computed in";
  let description = [{
    A contraction is computed in vectors along its result's innermost dimension, or in dot products,
    vectors along the dimension that is summed: by what either costs for its sizes (cpu/TilePlan.h),
    mostly along the sum where the result has few columns or few rows. Where an operand has that
    dimension, but not innermost, and each element of it is read many times, it is transposed into a
    temporary first; not the right side of a product that is computed in blocks, which copy what
    they read anyway.

    Where the result's innermost dimension is 1, the contraction loses its loops of one iteration,
    and so does the elementwise operation that is computed with it: a matrix times a column is dot
    products, too. Not where windows end before what they move over does, as one of 2 by 2 in an
    image of 3 by 3: what is left of its loops would not tell that they do.

    ```mlir
    #mk = affine_map<(m, n, k) -> (m, k)>
    #nk = affine_map<(m, n, k) -> (n, k)>
    #mn = affine_map<(m, n, k) -> (m, n)>
    func.func @f(%a: tensor<4x3xf32>, %b: tensor<8x3xf32>, %c: tensor<4x8xf32>) -> tensor<4x8xf32> {
      %d = linalg.generic {indexing_maps = [#mk, #nk, #mn],
                           iterator_types = ["parallel", "parallel", "reduction"]}
          ins(%a, %b : tensor<4x3xf32>, tensor<8x3xf32>) outs(%c : tensor<4x8xf32>) {
      ^bb0(%x: f32, %y: f32, %sum: f32):
        %0 = arith.mulf %x, %y : f32
        %1 = arith.addf %sum, %0 : f32
        linalg.yield %1 : f32
      } -> tensor<4x8xf32>
      return %d : tensor<4x8xf32>
    }
    ```
    becomes
    ```mlir
    #mk = affine_map<(m, n, k) -> (m, k)>
    #kn = affine_map<(m, n, k) -> (k, n)>
    #mn = affine_map<(m, n, k) -> (m, n)>
    func.func @f(%a: tensor<4x3xf32>, %b: tensor<8x3xf32>, %c: tensor<4x8xf32>) -> tensor<4x8xf32> {
      %e = tensor.empty() : tensor<3x8xf32>
      %t = linalg.generic {indexing_maps = [affine_map<(k, n) -> (n, k)>,
                                            affine_map<(k, n) -> (k, n)>],
                           iterator_types = ["parallel", "parallel"]}
          ins(%b : tensor<8x3xf32>) outs(%e : tensor<3x8xf32>) {
      ^bb0(%y: f32, %out: f32):
        linalg.yield %y : f32
      } -> tensor<3x8xf32>
      %d = linalg.generic {indexing_maps = [#mk, #kn, #mn],
                           iterator_types = ["parallel", "parallel", "reduction"]}
          ins(%a, %t : tensor<4x3xf32>, tensor<3x8xf32>) outs(%c : tensor<4x8xf32>) {
      ^bb0(%x: f32, %y: f32, %sum: f32):
        %0 = arith.mulf %x, %y : f32
        %1 = arith.addf %sum, %0 : f32
        linalg.yield %1 : f32
      } -> tensor<4x8xf32>
      return %d : tensor<4x8xf32>
    }
    ```
  }];
  let dependentDialects = ["mlir::linalg::LinalgDialect", "mlir::tensor::TensorDialect"];
  let options = [
    Option<"vectorBits", "vector-bits", "unsigned", "256", "Bits of a vector register">,
    Option<"registers", "registers", "unsigned", "16", "Vector registers">,
  ];
  let statistics = [
    Statistic<"numPacked", "packed", "Operands transposed">,
    Statistic<"numDropped", "dropped", "Contractions rid of loops of one iteration">,
  ];
}

def TileAndFuse : InterfacePass<"codegen-tile-and-fuse", "mlir::FunctionOpInterface"> {
  let summary = "Tile operations for registers and compute producers within the tile";
  let description = [{
    Walks the linalg operations from the last to the first. One that isn't yet part of a tile
    becomes a root: the planner (cpu/TilePlan.h, which states its cost model) picks tile sizes,
    and the root's contractions and their fills are computed within the tile. There, contractions
    go along their reduced dimensions one by one, and elementwise operations row by row. What tiles
    don't divide is computed in smaller ones (cpu/TileLoops.h), so that every tile has a static
    shape. Operations within the program's own loops are tiled like those around them.

    A product of matrices that exceeds the caches is computed in blocks, from copies of its operands
    that lie in the order in which they are read (cpu/BlockLoops.h).

    Where the work reaches `parallel-flops`, the outermost loop becomes one of tasks, an
    `scf.forall`; where sizes are symbolic, there is one task unless they turn out large enough. A
    byte of an operand that every iteration reads or writes anew counts as 16 operations. A kernel
    that runs once is left as it is: plain loops compile faster.

    ```mlir
    #id = affine_map<(i, j) -> (i, j)>
    func.func @f(%x: tensor<?x8xf32>, %out: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
          ins(%x : tensor<?x8xf32>) outs(%out : tensor<?x8xf32>) {
      ^bb0(%a: f32, %o: f32):
        %0 = math.absf %a : f32
        linalg.yield %0 : f32
      } -> tensor<?x8xf32>
      return %y : tensor<?x8xf32>
    }
    ```
    becomes, with `parallel-flops=0`,
    ```mlir
    #id = affine_map<(i, j) -> (i, j)>
    func.func @f(%x: tensor<?x8xf32>, %out: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %c1 = arith.constant 1 : index
      %c0 = arith.constant 0 : index
      %rows = tensor.dim %x, %c0 : tensor<?x8xf32>
      %y = scf.for %i = %c0 to %rows step %c1 iter_args(%sofar = %out) -> (tensor<?x8xf32>) {
        %from = tensor.extract_slice %x[%i, 0] [1, 8] [1, 1] : tensor<?x8xf32> to tensor<1x8xf32>
        %to = tensor.extract_slice %sofar[%i, 0] [1, 8] [1, 1] : tensor<?x8xf32> to tensor<1x8xf32>
        %row = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
            ins(%from : tensor<1x8xf32>) outs(%to : tensor<1x8xf32>) {
        ^bb0(%a: f32, %o: f32):
          %0 = math.absf %a : f32
          linalg.yield %0 : f32
        } -> tensor<1x8xf32>
        %next = tensor.insert_slice %row into %sofar[%i, 0] [1, 8] [1, 1]
            : tensor<1x8xf32> into tensor<?x8xf32>
        scf.yield %next : tensor<?x8xf32>
      }
      return %y : tensor<?x8xf32>
    }
    ```
  }];
  let dependentDialects = [
    "mlir::affine::AffineDialect", "mlir::bufferization::BufferizationDialect",
    "mlir::linalg::LinalgDialect", "mlir::scf::SCFDialect", "mlir::tensor::TensorDialect"
  ];
  let options = [
    Option<"vectorBits", "vector-bits", "unsigned", "256", "Bits of a vector register">,
    Option<"registers", "registers", "unsigned", "16", "Vector registers">,
    Option<"parallelFlops", "parallel-flops", "uint64_t", "8388608",
           "Floating-point operations from which on a loop is shared among threads">,
  ];
  let statistics = [
    Statistic<"numRoots", "roots", "Operations tiled">,
    Statistic<"numFused", "fused", "Operations computed within another's tile">,
    Statistic<"numBlocked", "blocked", "Matrix products computed in blocks from packed operands">,
  ];
}

def VectorizeTiles : InterfacePass<"codegen-vectorize-tiles", "mlir::FunctionOpInterface"> {
  let summary = "Turn small static linalg operations on buffers into vector code";
  let description = [{
    Replaces linalg operations whose results are static and of at most `max-elements` elements by
    vector code, row by row in vectors of the register's size (cpu/RowVectorizer.h). Accumulators
    are values of the reduction loops; the broadcast side of a contraction is read as scalars,
    which become broadcasting loads. What one operation of a tile leaves in a buffer of the tile's
    own is used by the next from registers; where no reader is left, the buffer goes. Operations
    without such a form (a gather, an argmax) stay, and become loops later.

    ```mlir
    func.func @f(%a: memref<1x32xf32>, %b: memref<32x8xf32>, %c: memref<1x8xf32>) {
      linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>,
                                       affine_map<(m, n, k) -> (k, n)>,
                                       affine_map<(m, n, k) -> (m, n)>],
                      iterator_types = ["parallel", "parallel", "reduction"]}
          ins(%a, %b : memref<1x32xf32>, memref<32x8xf32>) outs(%c : memref<1x8xf32>) {
      ^bb0(%x: f32, %y: f32, %acc: f32):
        %0 = arith.mulf %x, %y : f32
        %1 = arith.addf %acc, %0 : f32
        linalg.yield %1 : f32
      }
      return
    }
    ```
    becomes, with `vector-bits=256`,
    ```mlir
    func.func @f(%a: memref<1x32xf32>, %b: memref<32x8xf32>, %c: memref<1x8xf32>) {
      %c1 = arith.constant 1 : index
      %c32 = arith.constant 32 : index
      %c0 = arith.constant 0 : index
      %pad = ub.poison : f32
      %start = vector.transfer_read %c[%c0, %c0], %pad {in_bounds = [true]}
          : memref<1x8xf32>, vector<8xf32>
      %sum = scf.for %k = %c0 to %c32 step %c1 iter_args(%sofar = %start) -> (vector<8xf32>) {
        %x = memref.load %a[%c0, %k] : memref<1x32xf32>
        %splat = vector.broadcast %x : f32 to vector<8xf32>
        %row = vector.transfer_read %b[%k, %c0], %pad {in_bounds = [true]}
            : memref<32x8xf32>, vector<8xf32>
        %0 = arith.mulf %splat, %row : vector<8xf32>
        %1 = arith.addf %sofar, %0 : vector<8xf32>
        scf.yield %1 : vector<8xf32>
      }
      vector.transfer_write %sum, %c[%c0, %c0] {in_bounds = [true]}
          : vector<8xf32>, memref<1x8xf32>
      return
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::memref::MemRefDialect", "mlir::scf::SCFDialect",
    "mlir::ub::UBDialect",
    "mlir::vector::VectorDialect"
  ];
  let options = [
    Option<"vectorBits", "vector-bits", "unsigned", "256", "Bits of a vector register">,
    Option<"registers", "registers", "unsigned", "16", "Vector registers">,
    Option<"maxElements", "max-elements", "int64_t", "1024",
           "Elements that are computed at once, at most">,
  ];
  let statistics = [
    Statistic<"numVectorized", "vectorized", "Operations turned into vector code">,
    Statistic<"numLeft", "left", "Operations left as they are">,
    Statistic<"numErased", "erased", "Buffers of tiles that registers replace">,
  ];
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
  let dependentDialects = ["mlir::LLVM::LLVMDialect", "mlir::NVVM::NVVMDialect"];
  let statistics = [
    Statistic<"numOperations", "operations", "Operations of the LLVM dialect">,
  ];
}

#endif
