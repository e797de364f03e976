// Registers what code generation needs: dialects, their interfaces and translations, passes and
// pipelines.
#include "compiler/codegen/RegisterCodegen.h"
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/cpu/Cpu.h"
#include "compiler/codegen/gpu/Gpu.h"
#include "dialects/kernel/RegisterKernel.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/InitAllDialects.h"
#include "mlir/Pass/PassOptions.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"

namespace nnc::codegen {

using namespace mlir;

namespace {

/// TargetOptions as text: `codegen-cpu-kernels{cpu=x86-64-v3 opt-level=3}`.
struct CpuPipelineOptions : PassPipelineOptions<CpuPipelineOptions> {
  Option<std::string> cpu{*this, "cpu", llvm::cl::desc("CPU that the code is for"),
                          llvm::cl::init("native")};
  Option<std::string> triple{*this, "triple", llvm::cl::desc("LLVM triple; empty: the host's"),
                             llvm::cl::init("")};
  Option<unsigned> optLevel{*this, "opt-level", llvm::cl::desc("0: plain loops, to 3"),
                            llvm::cl::init(3)};
  Option<bool> debugInfo{*this, "debug-info", llvm::cl::desc("Line tables"), llvm::cl::init(false)};
  Option<bool> foldKernels{*this, "fold-kernels", llvm::cl::desc("Let equal kernels be one"),
                           llvm::cl::init(true)};
  Option<uint64_t> parallelFlops{*this, "parallel-flops",
                                 llvm::cl::desc("Work from which on loops are shared; 0: never"),
                                 llvm::cl::init(TargetOptions().parallelFlops)};
  Option<bool> persistentKernels{*this, "persistent-kernels",
                                 llvm::cl::desc("Of GPUs: kernels that make several steps"),
                                 llvm::cl::init(true)};

  TargetOptions toOptions() const {
    return {cpu,         triple,        optLevel,           debugInfo,
            foldKernels, parallelFlops, /*gpus=*/{"sm_90"}, persistentKernels};
  }
};

template <void (*Build)(OpPassManager &, const TargetOptions &)>
void buildFromText(OpPassManager &manager, const CpuPipelineOptions &options) {
  Build(manager, options.toOptions());
}

void buildCpuWholeLlvmPipeline(OpPassManager &manager, const TargetOptions &options) {
  buildCpuLlvmPipeline(manager, options, /*separate=*/false);
}

void buildGpuPipeline(OpPassManager &manager, const TargetOptions &options) {
  auto target = createGpuTarget(options);
  target->buildKernelPipeline(manager);
  target->buildBufferPipeline(manager);
  target->buildLlvmPipeline(manager, /*separate=*/false);
}

} // namespace

void registerCodegen(DialectRegistry &registry) {
  registerAllDialects(registry);
  kernel::registerKernel(registry);
  registerConvertMemRefToLLVMInterface(registry);
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registerNVVMDialectTranslation(registry);
  registerCodegenPasses();
  PassPipelineRegistration<CpuPipelineOptions>("codegen-cpu-kernels",
                                               "Linalg on tensors to calls of kernels",
                                               buildFromText<buildCpuKernelPipeline>);
  PassPipelineRegistration<CpuPipelineOptions>("codegen-cpu-buffers",
                                               "Kernels to buffers in one workspace",
                                               buildFromText<buildCpuBufferPipeline>);
  PassPipelineRegistration<CpuPipelineOptions>("codegen-cpu-llvm", "Buffers to the LLVM dialect",
                                               buildFromText<buildCpuWholeLlvmPipeline>);
  PassPipelineRegistration<CpuPipelineOptions>(
      "codegen-gpu", "Linalg on tensors to the LLVM dialect, kernels apart",
      buildFromText<buildGpuPipeline>);
  PassPipelineRegistration<CpuPipelineOptions>(
      "codegen-cpu", "Linalg on tensors to the LLVM dialect", buildFromText<buildCpuPipeline>);
}

} // namespace nnc::codegen
