// What decides which memory a kernel accesses.
#ifndef NNC_COMPILER_CODEGEN_GPU_ACCESSPATTERN_H
#define NNC_COMPILER_CODEGEN_GPU_ACCESSPATTERN_H

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/IRBuilder.h"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace nnc::codegen {

/// A load whose address depends on what memory holds, within bounds: of a table by an index that is
/// clamped.
struct Lookup {
  /// The numbers with bounds, and their least and greatest values; the address grows with each.
  llvm::DenseMap<const llvm::Value *, std::pair<llvm::Value *, llvm::Value *>> indices;
  /// What is computed from them on the way to the address.
  llvm::SmallPtrSet<const llvm::Value *, 8> path;
};

struct AccessPattern {
  /// Of each argument, whether it decides what the threads of a launch access, in which order, and
  /// where they wait for one another (1 or 0); 2: and so does the i64 that it points to, read when
  /// the kernel begins. With the same number of blocks and the same of these, two launches do so
  /// alike, but for where `lookups` read. None: what memory holds decides more.
  std::optional<std::vector<uint8_t>> decisive;
  llvm::DenseMap<const llvm::LoadInst *, Lookup> lookups;
};

AccessPattern findAccessPattern(const llvm::Function &kernel);

/// The first and the last address that the load may read from.
std::pair<llvm::Value *, llvm::Value *> buildBounds(llvm::IRBuilderBase &builder,
                                                    llvm::LoadInst &load, const Lookup &lookup);

/// Whether some thread of the kernel waits for others.
bool hasWaits(const llvm::Function &kernel);

} // namespace nnc::codegen

#endif
