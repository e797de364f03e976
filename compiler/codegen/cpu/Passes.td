// The passes that cut operations to a CPU's vectors, in the order in which they run.
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
  let summary = "Transpose operands of contractions that would be read with a stride";
  let description = [{
    A contraction is computed in vectors along its result's innermost dimension. Where an operand
    has that dimension, but not innermost, it is transposed into a temporary first; each element
    of it is read many times.

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
  let statistics = [Statistic<"numPacked", "packed", "Operands transposed">];
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

#endif
