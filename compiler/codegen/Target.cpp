// The targets that there are.
#include "compiler/codegen/Target.h"
#include "compiler/codegen/cpu/Cpu.h"
#include "compiler/codegen/gpu/Gpu.h"

namespace nnc::codegen {

llvm::ArrayRef<llvm::StringRef> getTargetNames() {
  static constexpr llvm::StringRef kNames[] = {"cpu", "cuda"};
  return kNames;
}

static constexpr std::pair<llvm::StringLiteral, Precision> kPrecisions[] = {
    {"f32", Precision::F32}, {"tf32", Precision::Tf32}, {"bf16", Precision::Bf16}};

std::optional<Precision> parsePrecision(llvm::StringRef name) {
  for (auto [known, precision] : kPrecisions)
    if (known == name)
      return precision;
  return std::nullopt;
}

llvm::StringRef spelling(Precision precision) {
  return kPrecisions[static_cast<size_t>(precision)].first;
}

std::unique_ptr<Target> createTarget(llvm::StringRef name, const TargetOptions &options) {
  if (name == "cpu")
    return createCpuTarget(options);
  if (name == "cuda")
    return createGpuTarget(options);
  return nullptr;
}

} // namespace nnc::codegen
