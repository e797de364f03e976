// The barrier of all threads of all blocks of a cooperative launch.
#ifndef NNC_COMPILER_CODEGEN_GPU_GRIDBARRIER_H
#define NNC_COMPILER_CODEGEN_GPU_GRIDBARRIER_H

#include "llvm/ADT/StringRef.h"

namespace llvm {
class Module;
} // namespace llvm

namespace nnc::codegen {

/// The function that kernels call for it, `void()`: the emulator has one of its own.
inline constexpr llvm::StringLiteral kGridBarrier = "nnrt_grid_barrier";

/// Puts its code for NVIDIA's GPUs in place of the calls, where a module has any.
void expandGridBarriers(llvm::Module &kernels);

} // namespace nnc::codegen

#endif
