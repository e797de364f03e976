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

/// Whether the operation sums products of two operands.
inline bool isContraction(mlir::linalg::LinalgOp op) {
  return op.hasPureTensorSemantics() && mlir::linalg::isaContractionOpInterface(op);
}

/// Whether an input is a contraction's result.
inline bool readsContraction(mlir::linalg::LinalgOp op) {
  return llvm::any_of(op.getDpsInputs(), [](mlir::Value input) {
    auto producer = input.getDefiningOp<mlir::linalg::LinalgOp>();
    return producer && isContraction(producer);
  });
}

/// The size of each loop; ShapedType::kDynamic where it isn't known.
inline mlir::SmallVector<int64_t> loopSizes(mlir::linalg::LinalgOp op) {
  return op.getStaticLoopRanges();
}

/// The position of loop `dim` in the operand that `map` describes; none where the operand doesn't
/// have it.
inline std::optional<unsigned> positionOf(mlir::AffineMap map, unsigned dim) {
  return map.getResultPosition(mlir::getAffineDimExpr(dim, map.getContext()));
}

} // namespace nnc::codegen

#endif
