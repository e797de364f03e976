// The phases of a kernel on buffers, and what they take.
#ifndef NNC_COMPILER_CODEGEN_GPU_PHASES_H
#define NNC_COMPILER_CODEGEN_GPU_PHASES_H

#include "dialects/kernel/ir/KernelOps.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace nnc::codegen {

/// A loop of tasks, or operations that one thread runs in their order; or a loop of stages, whose
/// passes all threads make together.
struct Phase {
  mlir::scf::ForallOp loop;                 ///< null: a single task
  mlir::scf::ForOp passes;                  ///< null: no stages of its own
  llvm::SmallVector<mlir::Operation *> ops; ///< `loop`, `passes`, or those with effects

  /// Whether each task is for the threads of one block together.
  bool isForBlocks();
};

/// Phases that may run at the same time, and what ends them.
struct Stage {
  llvm::SmallVector<Phase> phases;
  mlir::kernel::SyncOp end; ///< null: the end of the kernel, or of a pass
};

/// The stages of a kernel's body or of a loop of stages, in order; at least one. What ends the last
/// one of a loop parts it from the first one of the next pass.
llvm::SmallVector<Stage> findStages(mlir::Block &block);

/// Whether a phase, or each of those in it, hands on nothing but memory that all threads have.
bool isClosed(mlir::kernel::FuncOp kernel, const Phase &phase);
bool hasClosedPhases(mlir::kernel::FuncOp kernel);
/// Phases that nothing parts are one after the other: from now on syncs of the grid say so. A
/// kernel that has syncs is left as it is.
void partPhases(mlir::kernel::FuncOp kernel);

/// What a phase takes that has no stages, counted from its operations. Sizes that are known only
/// when the program runs count as `kGuessedSize`.
struct PhaseWork {
  double tasks = 1;
  double operationsOfTask = 0; ///< on floats and integers, of all threads of a block's task
};
inline constexpr int64_t kGuessedSize = 64;
PhaseWork countWork(Phase &phase);

/// The elements of a buffer, with `kGuessedSize` for symbolic sizes.
double countElements(mlir::MemRefType type);

} // namespace nnc::codegen

#endif
