// CPUs as a target.
#include "compiler/codegen/cpu/Cpu.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/Module.h"

namespace nnc::codegen {

/// What kernels hand to each other mostly lies in the last cache: a core with AVX-512 computed 118
/// GFLOP/s and read and wrote 20 to 50 GB/s in steps of a convolutional network and of a
/// transformer. Where choices are made for what comes from memory, kFlopsOfByte counts.
static constexpr unsigned kFlopsOfCachedByte = 4;

namespace {

class CpuTarget final : public Target {
public:
  explicit CpuTarget(TargetOptions options) : options(std::move(options)) {}

  llvm::StringRef getName() const override { return "cpu"; }

  llvm::Error validate() const override {
    std::string reason;
    if (isKnownCpu(options, reason))
      return llvm::Error::success();
    return llvm::createStringError(reason);
  }

  TargetDescription describe() const override {
    return {resolveCpu(options), requiredFeatures(options)};
  }

  bool keepsLocations() const override { return options.debugInfo; }
  bool foldsKernels() const override { return options.foldKernels; }

  std::string getCacheKey() const override {
    return llvm::join_items('\0', getName(), resolveCpu(options), requiredFeatures(options),
                            options.triple, std::to_string(options.optLevel),
                            std::to_string(options.debugInfo), std::to_string(options.foldKernels),
                            std::to_string(options.parallelFlops), spelling(options.precision));
  }

  unsigned getFlopsOfByte() const override { return kFlopsOfCachedByte; }

  void buildKernelPipeline(mlir::OpPassManager &manager) const override {
    buildCpuKernelPipeline(manager, options);
  }
  void buildCallPipeline(mlir::OpPassManager &manager) const override {
    buildCpuCallPipeline(manager);
  }
  void buildKernelCodePipeline(mlir::OpPassManager &manager) const override {
    buildCpuKernelCodePipeline(manager, options);
  }
  void buildWorkspacePipeline(mlir::OpPassManager &manager) const override {
    buildCpuWorkspacePipeline(manager);
  }
  void buildLlvmPipeline(mlir::OpPassManager &manager, bool separate) const override {
    buildCpuLlvmPipeline(manager, options, separate);
  }

  std::unique_ptr<llvm::Module> translate(mlir::ModuleOp module,
                                          llvm::LLVMContext &context) const override {
    return codegen::translate(module, context, options);
  }
  llvm::Error optimize(llvm::Module &module) const override {
    return codegen::optimize(module, options);
  }
  llvm::Error emitObject(llvm::Module &module, llvm::raw_pwrite_stream &out) const override {
    return codegen::emitObject(module, options, out);
  }
  llvm::Error emitCalls(llvm::Module &module, llvm::raw_pwrite_stream &out) const override {
    return codegen::emitCalls(module, options, out);
  }
  llvm::Error emitAssembly(llvm::Module &module, llvm::raw_pwrite_stream &out) const override {
    return codegen::emitAssembly(module, options, out);
  }

private:
  TargetOptions options;
};

} // namespace

std::unique_ptr<Target> createCpuTarget(const TargetOptions &options) {
  return std::make_unique<CpuTarget>(options);
}

} // namespace nnc::codegen
