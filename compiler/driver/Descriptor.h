// Writes the descriptor of a compiled model, the constant `nnrt_model_descriptor` of nnrt/abi.h,
// into its LLVM module.
#pragma once

#include "compiler/driver/GpuForm.h"
#include "compiler/pipeline/ModelDescription.h"

#include "llvm/ADT/StringRef.h"

#include <string>

namespace llvm {
class Module;
} // namespace llvm

namespace nnc::driver {

/// What the descriptor says beyond the model itself.
struct DescriptorFacts {
  std::string compiler;    ///< "nnc 0.2.0"
  std::string target;      ///< "cpu"
  std::string cpu;         ///< "x86-64-v3"
  std::string cpuFeatures; ///< "avx avx2 fma"
};

/// Adds the descriptor. The module has its data layout, and the entry functions that `model` names.
/// `gpu` may be null; what it names is linked from its own objects.
void addDescriptor(llvm::Module &module, const ModelDescription &model,
                   const DescriptorFacts &facts, const GpuForm *gpu);

} // namespace nnc::driver
