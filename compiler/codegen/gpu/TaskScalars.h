// A task of single elements as scalar code.
#ifndef NNC_COMPILER_CODEGEN_GPU_TASKSCALARS_H
#define NNC_COMPILER_CODEGEN_GPU_TASKSCALARS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

namespace nnc::codegen {

/// Where reductions that others have done began.
enum class ReductionStart {
  Zero,   ///< They are sums that began at zero.
  Neutral ///< At what changes nothing, which for sums is the negative zero.
};

/// Emits what a loop of tasks does for one element, once what it reduces is known.
class TaskScalars {
public:
  /// `reductions` are operations of the tasks, each of whose results is combined with its output by
  /// one operation.
  TaskScalars(mlir::scf::ForallOp tasks, llvm::ArrayRef<mlir::linalg::GenericOp> reductions,
              ReductionStart start);

  /// Why the tasks can't be emitted so; empty where they can.
  llvm::StringRef getObstacle() const { return obstacle; }
  /// How many operations an element takes, roughly.
  unsigned countOperations() const { return numOperations; }

  /// Emits the task at `loops`; `reduced` has one value for each output of each reduction.
  void emit(mlir::OpBuilder &builder, mlir::ValueRange loops, mlir::ArrayRef<mlir::Value> reduced);

private:
  void check();
  void emitOp(mlir::OpBuilder &builder, mlir::Operation &op);
  void emitGeneric(mlir::OpBuilder &builder, mlir::linalg::GenericOp op);
  mlir::Value load(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value buffer);
  void store(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, mlir::Value buffer);
  void emitReduction(mlir::OpBuilder &builder, mlir::linalg::GenericOp op);
  bool isReducedNext(mlir::linalg::FillOp fill) const;

  mlir::scf::ForallOp tasks;
  mlir::SmallVector<mlir::linalg::GenericOp> reductions;
  ReductionStart start;
  llvm::StringRef obstacle;
  unsigned numOperations = 0;
  // While a task is emitted.
  mlir::IRMapping mapping;
  mlir::ArrayRef<mlir::Value> reduced;                    ///< What hasn't been emitted yet.
  llvm::SmallDenseMap<mlir::Value, mlir::Value> contents; ///< Of buffers, as the task names them.
  llvm::SmallDenseMap<mlir::Value, mlir::Value> starts; ///< What reductions begin with, by buffer.
};

} // namespace nnc::codegen

#endif
