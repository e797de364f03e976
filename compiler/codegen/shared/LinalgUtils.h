// What the passes ask about linalg operations.
#ifndef NNC_COMPILER_CODEGEN_SHARED_LINALGUTILS_H
#define NNC_COMPILER_CODEGEN_SHARED_LINALGUTILS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace nnc::codegen {

/// Whether all loops are parallel and every operand is read and written at a permutation of some of
/// them.
inline bool isElementwiseOp(mlir::linalg::LinalgOp op) {
  return op.hasPureTensorSemantics() && op.getNumParallelLoops() == op.getNumLoops() &&
         llvm::all_of(op.getIndexingMapsArray(),
                      [](mlir::AffineMap map) { return map.isProjectedPermutation(); });
}

/// Whether the result of `op`, on tensors, lies where its first operand does.
bool isView(mlir::Operation *op);
/// What `value` is a view of; itself where it is none.
mlir::Value findViewed(mlir::Value value);

/// Two operands, element by element converted to one type, whose products are summed.
struct Factors {
  mlir::OpOperand *lhs, *rhs;
};
/// The factors of an operation, on tensors or on buffers, that sums products of two operands. Unlike
/// upstream's contractions, these may be read at sums of loops, as windows are: (b, h + i, w + j, c).
/// None where it does something else.
std::optional<Factors> findFactors(mlir::linalg::LinalgOp op);

/// Whether the operation, on tensors, sums products of two operands.
inline bool isContraction(mlir::linalg::LinalgOp op) {
  return op.hasPureTensorSemantics() && findFactors(op);
}

/// Whether an input is a contraction's result.
inline bool readsContraction(mlir::linalg::LinalgOp op) {
  return llvm::any_of(op.getDpsInputs(), [](mlir::Value input) {
    auto producer = input.getDefiningOp<mlir::linalg::LinalgOp>();
    return producer && isContraction(producer);
  });
}

/// Why the contraction that `operand` is the result of isn't computed within the tiles of the
/// operation that reads it there; empty where it is.
mlir::StringRef whyNotFused(mlir::OpOperand &operand);

/// The contractions that are computed within the tiles of `root`, an elementwise operation: nothing
/// else reads them, and it reads each at its own loops.
mlir::SmallVector<mlir::linalg::LinalgOp> findFusedContractions(mlir::linalg::LinalgOp root);

/// The size of each loop; ShapedType::kDynamic where it isn't known.
inline mlir::SmallVector<int64_t> loopSizes(mlir::linalg::LinalgOp op) {
  return op.getStaticLoopRanges();
}

/// The position of loop `dim` in the operand that `map` describes; none where the operand doesn't
/// have it as a dimension of its own.
inline std::optional<unsigned> positionOf(mlir::AffineMap map, unsigned dim) {
  return map.getResultPosition(mlir::getAffineDimExpr(dim, map.getContext()));
}

/// Whether an operand read at `map` depends on loop `dim` at all.
inline bool involves(mlir::AffineMap map, unsigned dim) { return map.isFunctionOfDim(dim); }

/// A sum of loops times constants: `factors` has one entry per loop of the map.
struct LinearIndex {
  mlir::SmallVector<int64_t> factors;
  int64_t constant = 0;
};
/// `expr` as one; none where it is something else (a quotient, a remainder).
std::optional<LinearIndex> getLinearIndex(mlir::AffineExpr expr, unsigned numDims);

/// How an operand's elements lie along a loop.
enum class Walk {
  Stays,    ///< The same element.
  Row,      ///< One after the other.
  Scattered ///< With gaps.
};
Walk walkAlong(mlir::AffineMap map, unsigned dim);

/// The operation that combines the elements of a reduction with one result, where it is one that
/// can go on in partial results: it has a neutral element. Null where there is none.
mlir::Operation *findCombiner(mlir::linalg::LinalgOp op);

/// Whether every index of every map is a sum of loops times constants.
bool hasLinearIndices(mlir::linalg::LinalgOp op);

} // namespace nnc::codegen

#endif
