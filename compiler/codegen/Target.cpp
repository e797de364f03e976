// The targets that there are.
#include "compiler/codegen/Target.h"
#include "compiler/codegen/cpu/Cpu.h"
#include "compiler/codegen/gpu/Gpu.h"

namespace nnc::codegen {

llvm::ArrayRef<llvm::StringRef> getTargetNames() {
  static constexpr llvm::StringRef kNames[] = {"cpu", "cuda"};
  return kNames;
}

std::unique_ptr<Target> createTarget(llvm::StringRef name, const TargetOptions &options) {
  if (name == "cpu")
    return createCpuTarget(options);
  if (name == "cuda")
    return createGpuTarget(options);
  return nullptr;
}

} // namespace nnc::codegen
