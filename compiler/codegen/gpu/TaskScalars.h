// A task of single elements as scalar code.
#ifndef NNC_COMPILER_CODEGEN_GPU_TASKSCALARS_H
#define NNC_COMPILER_CODEGEN_GPU_TASKSCALARS_H

#include "compiler/codegen/gpu/TaskContraction.h"

#include "mlir/IR/IRMapping.h"

namespace nnc::codegen {

/// Emits what a loop of tasks does for one element, once its sums of products are known.
class TaskScalars {
public:
  TaskScalars(mlir::scf::ForallOp tasks, const ContractionTasks &found);

  /// Why the tasks can't be emitted so; empty where they can.
  llvm::StringRef getObstacle() const { return obstacle; }
  /// How many operations an element takes, roughly.
  unsigned countOperations() const { return numOperations; }

  /// Emits the task at `loops`; `sums` has one value for each contraction.
  void emit(mlir::OpBuilder &builder, mlir::ValueRange loops, mlir::ArrayRef<mlir::Value> sums);

private:
  void check();
  void emitOp(mlir::OpBuilder &builder, mlir::Operation &op);
  void emitGeneric(mlir::OpBuilder &builder, mlir::linalg::GenericOp op);
  mlir::Value load(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value buffer);
  void store(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, mlir::Value buffer);
  bool isSummedNext(mlir::linalg::FillOp fill) const;

  mlir::scf::ForallOp tasks;
  mlir::SmallVector<mlir::linalg::GenericOp> contractions;
  llvm::StringRef obstacle;
  unsigned numOperations = 0;
  // While a task is emitted.
  mlir::IRMapping mapping;
  mlir::ArrayRef<mlir::Value> sums;
  llvm::SmallDenseMap<mlir::Value, mlir::Value> contents; ///< Of buffers, as the task names them.
  llvm::SmallDenseMap<mlir::Value, mlir::Value> starts;   ///< What sums are added to, by buffer.
};

} // namespace nnc::codegen

#endif
