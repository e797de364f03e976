// The passes of code generation, in the order in which the CPU pipeline runs them.
#ifndef NNC_COMPILER_CODEGEN_PASSES_TD
#define NNC_COMPILER_CODEGEN_PASSES_TD

include "mlir/Pass/PassBase.td"

def PrepareEntries : Pass<"codegen-prepare-entries", "mlir::func::FuncOp"> {
  let summary = "Give entry functions buffers in place of tensors";
  let description = [{
    Turns the tensor arguments and results of a function marked `nn.entry` into memref arguments.
    An argument that a result replaces (`nn.tied`) becomes writable, and the result is written
    there; every other result gets a buffer of its own, after the arguments, in order. What the
    function looks like from outside is then fixed before bufferisation decides where values live.
    Sizes of symbolic dimensions are read from the index argument that `nn.dims` names (or the
    only one) instead of from the tensor.

    A returned value that is an argument, or a view of one, is copied first: two results may swap
    two arguments.

    ```mlir
    func.func @f(%w: tensor<4xf32>) -> (tensor<4xf32> {nn.tied = 0 : i64}, tensor<f32>)
        attributes {nn.entry = "step"}
    // becomes
    func.func @f(%w: memref<4xf32>, %loss: memref<f32>) attributes {nn.entry = "step", ...} {
      %t = bufferization.to_tensor %w restrict writable : memref<4xf32> to tensor<4xf32>
      ...
      bufferization.materialize_in_destination %new in restrict writable %w
      bufferization.materialize_in_destination %l in restrict writable %loss
    ```
  }];
  let dependentDialects = [
    "mlir::bufferization::BufferizationDialect", "mlir::memref::MemRefDialect"
  ];
}

def FuseElementwise : Pass<"codegen-fuse-elementwise", "mlir::func::FuncOp"> {
  let summary = "Merge chains of elementwise operations, also those with several results";
  let description = [{
    Generalises linalg's named ops and fuses each elementwise `linalg.generic` into its first
    user, from top to bottom:

    - A trivial producer (a broadcast, a conversion, one cheap operation) is copied into every
      elementwise user, also into one with a larger iteration space.
    - Any other producer is fused where producer and user iterate over the same space and the user
      is elementwise; other users, which must come later, then read a further result of the fused
      operation. So an optimizer's weight and moments end in one operation with several results.
    - A reduction takes in a producer that nothing else reads.
    - A contraction takes in nothing: the work would be repeated for each of its tiles.

    ```mlir
    %m1 = linalg.generic ins(%m, %g) ...   // read by %w1 and returned
    %w1 = linalg.generic ins(%w, %m1) ...
    // becomes
    %r:2 = linalg.generic ins(%w, %m, %g) ...  // %w1, %m1
    ```
  }];
  let dependentDialects = ["mlir::linalg::LinalgDialect"];
  let options = [
    Option<"maxOperands", "max-operands", "unsigned", "24",
           "Operands that a fused operation may have">,
  ];
  let statistics = [Statistic<"numFused", "fused", "Producers fused into a user">];
}

def SimplifyArithmetic : Pass<"codegen-simplify-arithmetic", "mlir::func::FuncOp"> {
  let summary = "Multiply by the reciprocal of a scalar, and allow fused multiply-add";
  let description = [{
    Two changes with a bound on the error, the only ones that code generation makes:

    - An elementwise division by a rank-0 tensor, or by a value computed from such tensors and
      constants alone, becomes a multiplication by its reciprocal, computed once. The result is
      within 1 ulp of the quotient's neighbours (two roundings in place of one). The exception is
      a divisor that is known at run time alone and whose reciprocal isn't a normal number: that
      of a denormal overflows where the quotient would be finite, and that of one near the
      largest number (above 8.5e37 in f32) is a denormal and has lost digits. Constants of both
      kinds stay divisions.
    - f32 and f64 additions, subtractions and multiplications get the `contract` flag: a product
      that feeds a sum may be kept unrounded.

    ```mlir
    linalg.generic {indexing_maps = [#id, #scalar, #id]} ins(%x, %s) { arith.divf %a, %b }
    // becomes
    %r = linalg.generic ins(%s) { arith.divf %one, %b }
    linalg.generic {indexing_maps = [#id, #scalar, #id]} ins(%x, %r) { arith.mulf %a, %b }
    ```
  }];
  let dependentDialects = ["mlir::linalg::LinalgDialect", "mlir::arith::ArithDialect"];
  let statistics = [
    Statistic<"numReciprocals", "reciprocals", "Divisions turned into multiplications">,
  ];
}

def ReuseDestinations : Pass<"codegen-reuse-destinations", "mlir::func::FuncOp"> {
  let summary = "Compute results in the buffers they go to";
  let description = [{
    Where an operation's result goes to a buffer (`bufferization.materialize_in_destination`),
    makes that buffer's tensor the operation's destination in place of an empty one. An
    elementwise operation that reads the buffer's old value at the index where it writes reads it
    through the destination then, so that bufferisation updates it in place.

    Upstream's empty tensor elimination isn't used: it makes a second tensor of the same buffer,
    which bufferisation takes for one that doesn't alias the first.

    ```mlir
    %w1 = linalg.generic ins(%w, %g) outs(%empty) ...
    bufferization.materialize_in_destination %w1 in restrict writable %buffer
    // becomes, with %w = bufferization.to_tensor %buffer
    %w1 = linalg.generic ins(%g) outs(%w) ...
    ```
  }];
  let dependentDialects = [
    "mlir::bufferization::BufferizationDialect", "mlir::linalg::LinalgDialect"
  ];
  let statistics = [Statistic<"numReused", "reused", "Results computed in place">];
}

def CollapseElementwise : Pass<"codegen-collapse-elementwise", "mlir::func::FuncOp"> {
  let summary = "Treat contiguous tensors of an elementwise operation as vectors";
  let description = [{
    Merges the innermost dimensions of an elementwise `linalg.generic` that all its operands walk
    through in the same order, so that a `[32, 28, 28]` tensor is processed as one row of 25088
    elements, with one remainder instead of 896.
  }];
  let dependentDialects = ["mlir::linalg::LinalgDialect", "mlir::tensor::TensorDialect"];
}

def PackContractions : Pass<"codegen-pack-contractions", "mlir::func::FuncOp"> {
  let summary = "Transpose operands of contractions that would be read with a stride";
  let description = [{
    A contraction is computed in vectors along its result's innermost dimension. Where an operand
    has that dimension, but not innermost, it is transposed into a temporary first; each element
    of it is read many times.

    ```mlir
    // d[m, n] = a[m, k] * b[n, k]
    %t = linalg.transpose ins(%b) outs(%empty) permutation = [1, 0]
    // d[m, n] = a[m, k] * t[k, n]
    ```
  }];
  let dependentDialects = ["mlir::linalg::LinalgDialect", "mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"numPacked", "packed", "Operands transposed">];
}

def TileAndFuse : Pass<"codegen-tile-and-fuse", "mlir::func::FuncOp"> {
  let summary = "Tile operations for registers and compute producers within the tile";
  let description = [{
    Walks the linalg operations from the last to the first. One that isn't yet part of a tile
    becomes a root: the planner (cpu/TilePlan.h, which states its cost model) picks tile sizes,
    and upstream's tile-and-fuse pulls the root's contractions and their fills into the loops.
    Then within the tile, contractions go along their reduced dimensions one by one, and
    elementwise operations row by row. Dynamic dimensions get tiles of one; static remainders get
    loops of their own, so that every tile has a static shape.

    Loops whose work reaches `parallel-flops` are marked with `nn.parallel`. An `init` entry,
    which runs once, is left as it is: plain loops compile faster.
  }];
  let dependentDialects = [
    "mlir::affine::AffineDialect", "mlir::linalg::LinalgDialect", "mlir::scf::SCFDialect",
    "mlir::tensor::TensorDialect"
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
  ];
}

def VectorizeTiles : Pass<"codegen-vectorize-tiles", "mlir::func::FuncOp"> {
  let summary = "Turn small static linalg operations into vector code";
  let description = [{
    Replaces linalg operations whose results are static and of at most `max-elements` elements by
    vector code, row by row in vectors of the register's size (cpu/RowVectorizer.h). Accumulators
    are values of the reduction loops; the broadcast side of a contraction is read as scalars,
    which become broadcasting loads. Operations without such a form (a gather, an argmax) stay,
    and become loops later.

    ```mlir
    // 2x8 from 2x? and ?x8
    %r = linalg.generic {iterator_types = ["parallel", "parallel", "reduction"]} ins(%a, %b) outs(%c)
    // becomes
    %acc:2 = scf.for %k = ... iter_args(%c0, %c1) {
      %row = vector.transfer_read %b[%k, 0]
      %a0 = tensor.extract %a[0, %k]
      ...
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::scf::SCFDialect", "mlir::tensor::TensorDialect",
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
  ];
}

def PlanWorkspace : Pass<"codegen-plan-workspace", "mlir::ModuleOp"> {
  let summary = "Lay out all temporaries in one workspace by live range";
  let description = [{
    Replaces every `memref.alloc` of an entry function by a view into a new last argument, the
    workspace. Two buffers share memory when their live ranges (spans of operations of the
    function's top level) are disjoint: static buffers by best fit over offsets, buffers of
    symbolic size by whole slots of equal size. A static buffer of at most `tile-bytes` inside a
    loop is the scratch of a register tile and goes to the stack, outside the loops.

    For each entry `@f` makes `@f.workspace`: the bytes needed, from the same scalars.
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::memref::MemRefDialect", "mlir::func::FuncDialect"
  ];
  let options = [
    Option<"tileBytes", "tile-bytes", "int64_t", "4096",
           "Size up to which a loop's buffer goes to the stack">,
  ];
  let statistics = [
    Statistic<"workspaceBytes", "static-bytes", "Static workspace of all entries">,
    Statistic<"requestedBytes", "requested-bytes", "The same without sharing">,
  ];
}

def OutlineParallel : Pass<"codegen-outline-parallel", "mlir::ModuleOp"> {
  let summary = "Turn marked loops into calls of the runtime's parallel loop";
  let description = [{
    The body of a loop marked with `nn.parallel = N` becomes a function that runs N iterations;
    the values it needs are passed through a structure on the stack. Each iteration writes memory
    of its own, so the result doesn't depend on who runs it. Runs on scf loops over buffers,
    before they become branches.
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::func::FuncDialect", "mlir::LLVM::LLVMDialect",
    "mlir::memref::MemRefDialect",
    "mlir::scf::SCFDialect"
  ];
}

def LowerVectors : Pass<"codegen-lower-vectors", "mlir::ModuleOp"> {
  let summary = "Lower transfers to loads and stores, and functions to polynomials or libm";
  let description = [{
    One-dimensional transfers become vector loads and stores, element by element where the row
    has gaps, and copies between buffers of different layout become loops. With `approximate`, `exp`, `expm1`, `log`, `log1p`, `log2`,
    `tanh` and `erf` on f32 become upstream's polynomial approximations (a few ulp), which work on
    whole vectors. Functions for which LLVM has no intrinsic (`erf`, `log1p`, `expm1`, on f64 or
    without `approximate`) become calls of libm.
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
}

def LowerToLlvm : Pass<"codegen-lower-to-llvm", "mlir::ModuleOp"> {
  let summary = "Convert everything that is left to the LLVM dialect at once";
  let description = [{
    Upstream's conversions of arith, cf, func, index, math, memref, ub and vector, in one walk
    instead of nine. Sums along a vector (`vector.reduction`) may be done pairwise: the order is
    the machine's, but always the same.
  }];
  let dependentDialects = ["mlir::LLVM::LLVMDialect"];
}

def EmitEntries : Pass<"codegen-emit-entries", "mlir::ModuleOp"> {
  let summary = "Add the C functions by which entries are called";
  let description = [{
    For each entry `@f.body` in the LLVM dialect, adds `@f(context, scalars, buffers, workspace)`
    and `@f_workspace(scalars)` as in nnrt/abi.h, which unpack the arrays. The body becomes
    private and its buffers `noalias`.
  }];
  let dependentDialects = ["mlir::LLVM::LLVMDialect"];
}

#endif
