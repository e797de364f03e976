// From the LLVM dialect to LLVM IR, through LLVM's pipeline, to an object file.
#include "compiler/codegen/cpu/Cpu.h"
#include "compiler/codegen/cpu/FlushDenormals.h"
#include "compiler/codegen/cpu/Machine.h"

#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Transforms/Scalar/ADCE.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

namespace nnc::codegen {

std::unique_ptr<llvm::Module> translate(mlir::ModuleOp module, llvm::LLVMContext &context,
                                        const TargetOptions &options) {
  auto machine = createTargetMachine(options);
  if (!machine) {
    module.emitError(llvm::toString(machine.takeError()));
    return nullptr;
  }
  std::unique_ptr<llvm::Module> result =
      mlir::translateModuleToLLVMIR(module, context, module.getName().value_or("nnc"));
  if (!result)
    return nullptr;
  result->setTargetTriple((*machine)->getTargetTriple());
  result->setDataLayout((*machine)->createDataLayout());
  result->setPICLevel(llvm::PICLevel::BigPIC);
  llvm::SmallVector<llvm::GlobalValue *> kernels;
  for (llvm::Function &function : *result) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", (*machine)->getTargetCPU());
    function.addFnAttr("target-features", (*machine)->getTargetFeatureString());
    function.addFnAttr("prefer-vector-width", std::to_string(findVectorUnit(options).bits));
    function.addFnAttr(llvm::Attribute::NoUnwind);
    if (function.hasLocalLinkage() && function.hasFnAttribute(llvm::Attribute::NoInline))
      kernels.push_back(&function);
  }
  // Beside its callers a kernel is compiled as it is apart from them: LLVM would hand it numbers
  // for the pointers to them, and then contract other products and sums.
  llvm::appendToCompilerUsed(*result, kernels);
  flushDenormals(*result);
  return result;
}

void runPipeline(llvm::Module &module, llvm::TargetMachine &machine, llvm::OptimizationLevel level,
                 const llvm::PipelineTuningOptions &tuning) {
  llvm::PassBuilder builder(&machine, tuning);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  llvm::ModulePassManager passes = level == llvm::OptimizationLevel::O0
                                       ? builder.buildO0DefaultPipeline(level)
                                       : builder.buildPerModuleDefaultPipeline(level);
  passes.run(module, modules);
}

llvm::Error optimize(llvm::Module &module, const TargetOptions &options) {
  auto machine = createTargetMachine(options);
  if (!machine)
    return machine.takeError();
  llvm::PipelineTuningOptions tuning;
  // Hot code comes as vectors of the right size; what is left is worth vectorising, not unrolling
  // further.
  tuning.SLPVectorization = false;
  llvm::OptimizationLevel level = options.optLevel == 0   ? llvm::OptimizationLevel::O0
                                  : options.optLevel == 1 ? llvm::OptimizationLevel::O1
                                  : options.optLevel == 2 ? llvm::OptimizationLevel::O2
                                                          : llvm::OptimizationLevel::O3;
  runPipeline(module, **machine, level, tuning);
  return llvm::Error::success();
}

static llvm::Error emit(llvm::Module &module, const TargetOptions &options,
                        llvm::raw_pwrite_stream &out, llvm::CodeGenFileType kind) {
  auto machine = createTargetMachine(options);
  if (!machine)
    return machine.takeError();
  llvm::legacy::PassManager passes;
  if ((*machine)->addPassesToEmitFile(passes, out, nullptr, kind))
    return llvm::createStringError("the target can't write this kind of file");
  passes.run(module);
  return llvm::Error::success();
}

llvm::Error emitObject(llvm::Module &module, const TargetOptions &options,
                       llvm::raw_pwrite_stream &out) {
  return emit(module, options, out, llvm::CodeGenFileType::ObjectFile);
}

llvm::Error emitCalls(llvm::Module &module, const TargetOptions &options,
                      llvm::raw_pwrite_stream &out) {
  // Nothing to inline, vectorise or move: calls, and what their operands are folded from.
  llvm::PassBuilder builder;
  llvm::FunctionAnalysisManager functions;
  builder.registerFunctionAnalyses(functions);
  llvm::FunctionPassManager passes;
  passes.addPass(llvm::EarlyCSEPass());
  passes.addPass(llvm::ADCEPass());
  for (llvm::Function &function : module)
    if (!function.isDeclaration())
      passes.run(function, functions);
  TargetOptions quick = options;
  quick.optLevel = 0; // Registers for arguments are soon found.
  return emit(module, quick, out, llvm::CodeGenFileType::ObjectFile);
}

llvm::Error emitAssembly(llvm::Module &module, const TargetOptions &options,
                         llvm::raw_pwrite_stream &out) {
  return emit(module, options, out, llvm::CodeGenFileType::AssemblyFile);
}

} // namespace nnc::codegen
