// What parts the stages of a kernel: barriers of its grid, of a block, or nothing.
#ifndef NNC_COMPILER_CODEGEN_GPU_STAGESYNCS_H
#define NNC_COMPILER_CODEGEN_GPU_STAGESYNCS_H

#include "compiler/codegen/gpu/Phases.h"

namespace nnc::codegen {

/// Whether one block does so much in less time than more blocks and a barrier of the grid.
bool isSmall(const PhaseWork &work);

/// Whether it runs all phases of a stage so, and of loops in it each stage.
bool isSmall(Stage &stage);

/// Leaves neighbouring small stages of a kernel's body, and of loops in it, to one block. Drops the
/// syncs at the ends of those loops whose passes have no need of them. No two arguments of the
/// kernel may be the same memory.
void settleSyncs(mlir::Block &block);

} // namespace nnc::codegen

#endif
