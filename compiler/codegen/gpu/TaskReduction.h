// Reductions within loops of tasks, on buffers.
#ifndef NNC_COMPILER_CODEGEN_GPU_TASKREDUCTION_H
#define NNC_COMPILER_CODEGEN_GPU_TASKREDUCTION_H

#include "compiler/codegen/gpu/ReductionPlan.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace nnc::codegen {

/// What `combiner`, of two operands of which one is `argument`, makes of `a` in the place of that
/// and of `b`.
mlir::Value cloneCombiner(mlir::OpBuilder &builder, mlir::Operation *combiner, mlir::Value argument,
                          mlir::Value a, mlir::Value b);

/// One result of a reduction: a single element, combined with those reduced by one operation.
struct ReducedOutput {
  mlir::BlockArgument argument; ///< of the reduction's body
  mlir::Operation *combiner;    ///< Its result is the next `argument`.
  mlir::TypedAttr neutral;      ///< What it leaves as it is.

  mlir::Type getType() const { return argument.getType(); }
  /// Combines `a`, which comes first, with `b`.
  mlir::Value combine(mlir::OpBuilder &builder, mlir::Value a, mlir::Value b) const {
    return cloneCombiner(builder, combiner, argument, a, b);
  }
};

/// The outputs of an operation that reduces its inputs to single elements, in any order of its
/// loops; none where it is something else.
std::optional<llvm::SmallVector<ReducedOutput>> findOutputs(mlir::linalg::GenericOp op);

/// The reductions of a loop of tasks, where nothing that a task does changes what it reduces; none
/// where it has others, and `why` says what.
std::optional<llvm::SmallVector<mlir::linalg::GenericOp>> findReductions(mlir::scf::ForallOp tasks,
                                                                         llvm::StringRef &why);

/// `op` with one loop in place of neighbouring reduced ones, where the elements of all operands lie
/// so: quotients and remainders by element are spared.
mlir::linalg::GenericOp collapseReducedLoops(mlir::RewriterBase &rewriter,
                                             mlir::linalg::GenericOp op);

/// What lies side by side of what most operands hold.
ReductionOrder findOrder(llvm::ArrayRef<mlir::linalg::GenericOp> reductions,
                         mlir::scf::ForallOp tasks);

} // namespace nnc::codegen

#endif
