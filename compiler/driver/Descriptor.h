// Writes the descriptor of a compiled model, the constant `nnrt_model_descriptor` of nnrt/abi.h,
// into its LLVM module.
#pragma once

#include "compiler/pipeline/ModelDescription.h"

#include "llvm/ADT/StringRef.h"

#include <optional>

namespace llvm {
class Module;
} // namespace llvm

namespace nnc::driver {

/// What the descriptor says beyond the model itself.
struct DescriptorFacts {
  std::string compiler;         ///< "nnc 0.1.0"
  std::string cpu;              ///< "x86-64-v3"
  uint64_t activationBytes = 0; ///< workspace of `step` at the recipe's batch
};

/// Adds the descriptor. The module has its data layout, and the entry functions that `model` names.
void addDescriptor(llvm::Module &module, const ModelDescription &model,
                   const DescriptorFacts &facts);

/// The bytes of workspace that `entry` needs for the batch it is compiled for, found by evaluating
/// its workspace function; nullopt where the model has no such entry, or where the function does
/// not fold to a constant.
std::optional<uint64_t> workspaceBytes(llvm::Module &module, const EntryDescription &entry);

} // namespace nnc::driver
