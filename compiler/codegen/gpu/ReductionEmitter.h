// Writes loops of blocks that reduce what a loop of tasks reduces.
#ifndef NNC_COMPILER_CODEGEN_GPU_REDUCTIONEMITTER_H
#define NNC_COMPILER_CODEGEN_GPU_REDUCTIONEMITTER_H

#include "compiler/codegen/gpu/TaskReduction.h"
#include "compiler/codegen/gpu/TaskScalars.h"

namespace nnc::codegen {

/// Emits one loop of blocks, or two where the plan has chunks, in place of a loop of tasks.
class ReductionEmitter {
public:
  ReductionEmitter(mlir::RewriterBase &rewriter, mlir::scf::ForallOp tasks,
                   mlir::ArrayRef<mlir::linalg::GenericOp> reductions, const ReductionPlan &plan);

  /// Erases the tasks.
  void run();

private:
  /// Where a thread stands.
  struct Place {
    mlir::Value thread, column, part;     ///< within the block
    mlir::Value result, isIn;             ///< among all; null: every result is there
    mlir::Value chunk;                    ///< null: there is one
    mlir::SmallVector<mlir::Value> loops; ///< the task's
  };
  /// The partial results of a thread, of elements first, first + step, ...
  using Source = llvm::function_ref<mlir::SmallVector<mlir::Value>(
      const Place &place, mlir::Value first, int64_t step)>;
  /// What the first thread of a result does with them.
  using Sink = llvm::function_ref<void(const Place &place, mlir::ArrayRef<mlir::Value> values)>;

  void emitRound(const ReductionPlan &plan, Source source, Sink sink);
  Place findPlace(const ReductionPlan &plan, mlir::scf::ForallOp blocks);
  mlir::Value combineParts(const ReductionPlan &plan, const Place &place,
                           const ReducedOutput &output, mlir::Value value);
  mlir::Value combineInWarp(const ReducedOutput &output, mlir::Value value, int64_t lanes);
  /// Combines `count` values of shared memory, from `first` on, `stride` apart.
  mlir::Value combineShared(const ReducedOutput &output, mlir::Value shared, mlir::Value first,
                            int64_t count, int64_t stride);

  mlir::SmallVector<mlir::Value> reduceElements(const Place &place, mlir::Value first,
                                                int64_t step);
  void reduceElementsOf(mlir::linalg::GenericOp op, const Place &place, mlir::Value first,
                        int64_t step, mlir::SmallVector<mlir::Value> &results);
  mlir::Attribute annotateUnrolled();
  mlir::Value copyToBlock(mlir::Value value, mlir::IRMapping &mapping);
  mlir::scf::ForOp emitLoop(const Place &place, mlir::Value first, mlir::Value end, int64_t step,
                            mlir::ArrayRef<ReducedOutput> outputs);

  mlir::Value shuffle(mlir::Value value, mlir::Value distance);

  mlir::RewriterBase &rewriter;
  mlir::scf::ForallOp tasks;
  mlir::SmallVector<mlir::linalg::GenericOp> reductions;
  ReductionPlan plan;
  mlir::Location loc;
  TaskScalars scalars;
  mlir::SmallVector<ReducedOutput> outputs;    ///< of all reductions
  mlir::SmallVector<mlir::OpFoldResult> sizes; ///< of the tasks' loops
};

} // namespace nnc::codegen

#endif
