// Contractions within loops of tasks, on buffers: where each task's operands lie.
#ifndef NNC_COMPILER_CODEGEN_GPU_TASKCONTRACTION_H
#define NNC_COMPILER_CODEGEN_GPU_TASKCONTRACTION_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace nnc::codegen {

/// A factor of a contraction.
struct TaskOperand {
  /// It lies outside of the loop of tasks.
  mlir::Value buffer;
  /// Where in `buffer`, for each of its dimensions: sums of the tasks' loops (the first dims) and of
  /// the reduced ones (the dims after these).
  mlir::SmallVector<mlir::AffineExpr> indices;
  /// What the contraction computes of an element before it multiplies: from `argument` of its body
  /// to `factor`.
  mlir::BlockArgument argument;
  mlir::Value factor;

  bool involves(unsigned dim) const {
    return llvm::any_of(indices, [&](mlir::AffineExpr index) { return index.isFunctionOfDim(dim); });
  }
  /// Whether the elements are used as they lie.
  bool isPlain() const { return argument == factor; }
};

/// The sum of products that a task computes: one f32.
struct TaskContraction {
  mlir::linalg::GenericOp op;
  TaskOperand lhs, rhs;
  /// The sizes of the reduced loops, outermost first.
  mlir::SmallVector<mlir::OpFoldResult> depths;
};

/// The tasks' loops by their part in the products, outermost first: those that both operands
/// depend on, those of the left one, and those of the right one, which has the innermost.
struct TaskRoles {
  mlir::SmallVector<unsigned> batch, rows, columns;
  bool operator==(const TaskRoles &other) const = default;
};

/// The sum of products that `op` is, within `tasks`; none where it is something else. The sizes of
/// loops that aren't constants are missing.
std::optional<TaskContraction> findContraction(mlir::linalg::GenericOp op,
                                               mlir::scf::ForallOp tasks);
/// Its roles; lets the left operand be the one without the innermost of `numLoops` loops.
TaskRoles findRoles(TaskContraction &contraction, unsigned numLoops);

/// What a loop of tasks computes, where each task's result is computed from sums of products that
/// share their roles, and from single elements.
struct ContractionTasks {
  mlir::SmallVector<TaskContraction> contractions;
  TaskRoles roles;
};
/// None where `tasks` is something else; `why` says what.
std::optional<ContractionTasks> findContractionTasks(mlir::scf::ForallOp tasks,
                                                     llvm::StringRef &why);

/// The product of sizes; ShapedType::kDynamic where one isn't known.
int64_t multiplySizes(mlir::ArrayRef<mlir::OpFoldResult> sizes);

} // namespace nnc::codegen

#endif
