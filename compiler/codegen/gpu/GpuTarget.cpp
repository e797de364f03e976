// GPUs as a target: entries are functions of the host, which launch kernels.
#include "compiler/codegen/cpu/Cpu.h"
#include "compiler/codegen/gpu/Gpu.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/Module.h"

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
    return checkChip(options.gpu);
  }
  TargetDescription describe() const override { return host->describe(); }
  bool keepsLocations() const override { return options.debugInfo; }
  bool foldsKernels() const override { return options.foldKernels; }
  std::string getCacheKey() const override {
    return llvm::join_items('\0', getName(), options.gpu, host->getCacheKey());
  }
  unsigned getFlopsOfByte() const override { return kGpuFlopsOfByte; }
  bool ownsSums() const override { return true; }

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
    buildGpuWorkspacePipeline(manager);
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

  std::unique_ptr<llvm::Module> takeDeviceCode(mlir::ModuleOp module,
                                               llvm::LLVMContext &context) const override {
    auto device = module.lookupSymbol<mlir::ModuleOp>(kDeviceModule);
    if (!device)
      return nullptr;
    device->remove();
    mlir::OwningOpRef<mlir::ModuleOp> owned(device);
    return translateKernels(device, context, options.gpu);
  }
  llvm::Error emitDeviceAssembly(llvm::Module &kernels,
                                 llvm::raw_pwrite_stream &out) const override {
    return emitPtx(kernels, options.gpu, out);
  }

private:
  TargetOptions options;
  std::unique_ptr<Target> host;
};

} // namespace

std::unique_ptr<Target> createGpuTarget(const TargetOptions &options) {
  return std::make_unique<GpuTarget>(options);
}

} // namespace nnc::codegen
