// A CPU by name: its features, and its vector unit.
#include "compiler/codegen/cpu/Machine.h"

#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"
#include "llvm/TargetParser/Triple.h"

#include <mutex>

namespace nnc::codegen {

static llvm::Triple resolveTriple(const TargetOptions &options) {
  return llvm::Triple(options.triple.empty() ? llvm::sys::getDefaultTargetTriple()
                                             : llvm::Triple::normalize(options.triple));
}

static bool isNative(const TargetOptions &options) {
  return options.cpu == "native" || options.cpu.empty();
}

/// The host, asked once: in a virtual machine each question takes its time, and each kernel asks.
struct Host {
  std::string cpu = llvm::sys::getHostCPUName().str();
  /// They may be fewer than the CPU's name says (in a virtual machine).
  std::string features = [] {
    llvm::SubtargetFeatures all;
    for (const auto &[feature, enabled] : llvm::sys::getHostCPUFeatures())
      all.AddFeature(feature, enabled);
    return all.getString();
  }();
};

static const Host &getHost() {
  static const Host host;
  return host;
}

std::string resolveCpu(const TargetOptions &options) {
  return isNative(options) ? getHost().cpu : options.cpu;
}

/// Of a CPU by name, its name says them.
static std::string resolveFeatures(const TargetOptions &options) {
  return isNative(options) ? getHost().features : std::string();
}

static const llvm::Target *findTarget(const llvm::Triple &triple, std::string &error) {
  static std::once_flag native, all;
  std::call_once(native, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
  });
  if (const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, error))
    return target;
  std::call_once(all, [] {
    llvm::InitializeAllTargetInfos();
    llvm::InitializeAllTargets();
    llvm::InitializeAllTargetMCs();
    llvm::InitializeAllAsmPrinters();
  });
  return llvm::TargetRegistry::lookupTarget(triple, error);
}

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const TargetOptions &options) {
  llvm::Triple triple = resolveTriple(options);
  std::string error;
  const llvm::Target *target = findTarget(triple, error);
  if (!target)
    return llvm::createStringError(error);
  std::string cpu = resolveCpu(options), features = resolveFeatures(options);
  std::unique_ptr<llvm::MCSubtargetInfo> known(target->createMCSubtargetInfo(triple, "", ""));
  if (!known || !known->isCPUStringValid(cpu))
    return llvm::createStringError("unknown CPU '" + cpu + "' for " + triple.str());

  llvm::CodeGenOptLevel level = options.optLevel == 0   ? llvm::CodeGenOptLevel::None
                                : options.optLevel == 1 ? llvm::CodeGenOptLevel::Less
                                : options.optLevel == 2 ? llvm::CodeGenOptLevel::Default
                                                        : llvm::CodeGenOptLevel::Aggressive;
  // CPUs with 512-bit registers are used at full width: measured, training steps are faster so.
  if (triple.isX86())
    features += (features.empty() ? "" : ",") + std::string("-prefer-256-bit");
  // A section each, so that the linker drops what nothing reaches.
  llvm::TargetOptions sections;
  sections.FunctionSections = sections.DataSections = true;
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      triple, cpu, features, sections, llvm::Reloc::PIC_, std::nullopt, level));
  if (!machine)
    return llvm::createStringError("no code generation for " + triple.str());
  return machine;
}

bool isKnownCpu(const TargetOptions &options, std::string &reason) {
  auto machine = createTargetMachine(options);
  if (machine)
    return true;
  reason = llvm::toString(machine.takeError());
  return false;
}

std::string requiredFeatures(const TargetOptions &options) {
  auto machine = createTargetMachine(options);
  if (!machine || !(*machine)->getTargetTriple().isX86()) {
    llvm::consumeError(machine.takeError());
    return {};
  }
  std::string features;
  for (llvm::StringRef name : {
#define NNRT_X86_FEATURE(NAME) NAME,
#include "runtime/include/nnrt/cpu_features.def"
#undef NNRT_X86_FEATURE
       })
    if ((*machine)->getMCSubtargetInfo()->checkFeatures(("+" + name).str()))
      features += (features.empty() ? "" : " ") + name.str();
  return features;
}

VectorUnit findVectorUnit(const TargetOptions &options) {
  auto machine = createTargetMachine(options);
  if (!machine) {
    llvm::consumeError(machine.takeError());
    return {128, 16};
  }
  const llvm::MCSubtargetInfo &info = *(*machine)->getMCSubtargetInfo();
  const llvm::Triple &triple = (*machine)->getTargetTriple();
  if (triple.isX86()) {
    if (info.checkFeatures("+avx512f"))
      return {512, 32};
    return {info.checkFeatures("+avx") ? 256u : 128u, 16};
  }
  if (triple.isAArch64() || triple.isRISCV())
    return {128, 32};
  return {128, 16};
}

} // namespace nnc::codegen
