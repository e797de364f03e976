// What decides which memory a kernel accesses.
#ifndef NNC_COMPILER_CODEGEN_GPU_ACCESSPATTERN_H
#define NNC_COMPILER_CODEGEN_GPU_ACCESSPATTERN_H

#include <cstdint>
#include <optional>
#include <vector>

namespace llvm {
class Function;
}

namespace nnc::codegen {

/// Of each argument, whether it decides what the threads of a launch access, in which order, and
/// where they wait for one another (1 or 0). With the same number of blocks and the same of these,
/// two launches do so alike, whatever memory holds. None: that decides, too.
std::optional<std::vector<uint8_t>> findDecisiveArguments(const llvm::Function &kernel);

/// Whether some thread of the kernel waits for others.
bool hasWaits(const llvm::Function &kernel);

} // namespace nnc::codegen

#endif
