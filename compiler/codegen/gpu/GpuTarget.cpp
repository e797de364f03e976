// GPUs as a target: entries are functions of the host, which launch kernels.
#include "compiler/codegen/cpu/Cpu.h"
#include "compiler/codegen/gpu/DeviceKernels.h"
#include "compiler/codegen/gpu/Gpu.h"
#include "compiler/codegen/gpu/KernelWork.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringExtras.h"

namespace nnc::codegen {

namespace {

class GpuTarget final : public Target {
public:
  explicit GpuTarget(TargetOptions options)
      : options(std::move(options)), host(createCpuTarget(this->options)) {}

  llvm::StringRef getName() const override { return "cuda"; }
  llvm::Error validate() const override {
    if (llvm::Error error = host->validate())
      return error;
    for (const std::string &chip : options.gpus)
      if (llvm::Error error = checkChip(chip))
        return error;
    return llvm::Error::success();
  }
  TargetDescription describe() const override { return host->describe(); }
  bool keepsLocations() const override { return options.debugInfo; }
  bool foldsKernels() const override { return options.foldKernels; }
  std::string getCacheKey() const override {
    return llvm::join_items('\0', getName(), llvm::join(options.gpus, ","),
                            std::to_string(options.persistentKernels), host->getCacheKey());
  }
  unsigned getFlopsOfByte() const override { return kGpuFlopsOfByte; }

  void buildKernelPipeline(mlir::OpPassManager &manager) const override {
    buildGpuKernelPipeline(manager, options);
  }
  void buildCallPipeline(mlir::OpPassManager &manager) const override {
    buildCpuCallPipeline(manager);
  }
  void buildKernelCodePipeline(mlir::OpPassManager &manager) const override {
    buildGpuKernelCodePipeline(manager, options);
  }
  void buildWorkspacePipeline(mlir::OpPassManager &manager) const override {
    buildGpuWorkspacePipeline(manager, options);
  }
  void buildLlvmPipeline(mlir::OpPassManager &manager, bool) const override {
    buildGpuLlvmPipeline(manager, options);
  }

  std::unique_ptr<llvm::Module> translate(mlir::ModuleOp module,
                                          llvm::LLVMContext &context) const override {
    return host->translate(module, context);
  }
  llvm::Error optimize(llvm::Module &module) const override { return host->optimize(module); }
  llvm::Error emitObject(llvm::Module &module, llvm::raw_pwrite_stream &out) const override {
    return host->emitObject(module, out);
  }
  llvm::Error emitCalls(llvm::Module &module, llvm::raw_pwrite_stream &out) const override {
    return host->emitCalls(module, out);
  }
  llvm::Error emitAssembly(llvm::Module &module, llvm::raw_pwrite_stream &out) const override {
    return host->emitAssembly(module, out);
  }

  std::optional<DeviceCode>
  takeDeviceCode(mlir::ModuleOp module, bool onlyText,
                 llvm::function_ref<void(const DeviceAssembly &)> assembled) const override {
    auto device = module.lookupSymbol<mlir::ModuleOp>(kDeviceModule);
    if (!device)
      return std::nullopt;
    device->remove();
    mlir::OwningOpRef<mlir::ModuleOp> owned(device);
    DeviceCode code;
    takeFacts(device, code);
    DeviceKernels kernels(device, options);
    llvm::ArrayRef<std::string> chips(options.gpus);
    for (const std::string &chip : onlyText ? chips.take_front() : chips) {
      std::optional<std::string> text = kernels.assemble(chip);
      if (!text)
        return std::nullopt;
      code.assemblies.push_back({chip, std::move(*text)});
      if (assembled)
        assembled(code.assemblies.back());
    }
    if (!onlyText && mlir::failed(kernels.emulate(code)))
      return std::nullopt;
    return code;
  }

private:
  /// What the module knows of its kernels.
  static void takeFacts(mlir::ModuleOp device, DeviceCode &code) {
    for (auto kernel : device.getOps<mlir::LLVM::LLVMFuncOp>()) {
      if (kernel.isExternal())
        continue;
      code.kernels.push_back({.name = kernel.getName().str(),
                              .places = kernel->getAttrOfType<mlir::StringAttr>(kPlacesAttr).str(),
                              .threads = kBlockThreads,
                              .isCooperative = kernel->hasAttr(kCooperativeAttr),
                              .argumentBytes = {},
                              .decisive = {},
                              .work = readWork(kernel)});
      kernel->removeAttr(kWorkAttr);
      kernel->removeAttr(kCooperativeAttr);
      kernel->removeAttr(kPlacesAttr);
    }
    auto launches = device->getAttrOfType<mlir::DictionaryAttr>(kLaunchesAttr);
    for (mlir::NamedAttribute entry : launches)
      for (auto [kernel, count] :
           llvm::enumerate(llvm::cast<mlir::DenseI64ArrayAttr>(entry.getValue()).asArrayRef()))
        if (LaunchCounts &known = code.launches[entry.getName()]; count)
          known[kernel] = {static_cast<uint32_t>(std::abs(count)), count < 0};
    device->removeAttr(kLaunchesAttr);
  }

  TargetOptions options;
  std::unique_ptr<Target> host;
};

} // namespace

std::unique_ptr<Target> createGpuTarget(const TargetOptions &options) {
  return std::make_unique<GpuTarget>(options);
}

} // namespace nnc::codegen
