// From kernels in the LLVM dialect to PTX.
#include "compiler/codegen/cpu/Machine.h"
#include "compiler/codegen/gpu/Gpu.h"
#include "compiler/codegen/gpu/GridBarrier.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

namespace nnc::codegen {

/// How many blocks a multiprocessor holds at least, of a kernel that doesn't say it: one leaves
/// each of its threads the 255 registers that an instruction can name.
static constexpr llvm::StringLiteral kLeastBlocksAttr = "nvvm.minctasm";
static constexpr unsigned kLeastBlocks = 1;

/// The oldest PTX that knows the chip, which the most drivers take: LLVM's choice where none is
/// named, but not one before that of the first drivers that load our programs (CUDA 12.0).
static llvm::StringRef ptxVersion(llvm::StringRef chip) {
  llvm::StringRef number = chip.drop_front(3).take_front(2);
  bool isOlder = chip != "sm_88" && (number.starts_with("8") || number.starts_with("9"));
  return isOlder ? "+ptx80" : "";
}

static llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createMachine(llvm::StringRef chip) {
  static const bool isInitialized = [] {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
    return true;
  }();
  (void)isInitialized;
  llvm::Triple triple("nvptx64-nvidia-cuda");
  std::string reason;
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, reason);
  if (!target)
    return llvm::createStringError(reason);
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Standard;
  return std::unique_ptr<llvm::TargetMachine>(
      target->createTargetMachine(triple, chip, ptxVersion(chip), options, std::nullopt,
                                  std::nullopt, llvm::CodeGenOptLevel::Aggressive));
}

llvm::Error checkChip(llvm::StringRef chip) {
  auto machine = createMachine("sm_80");
  if (!machine)
    return machine.takeError();
  unsigned number = 0;
  llvm::StringRef digits = chip;
  bool isChip = digits.consume_front("sm_") && !digits.consumeInteger(10, number);
  if (!isChip || !(*machine)->getMCSubtargetInfo()->isCPUStringValid(chip))
    return llvm::createStringError("unknown chip '" + chip + "': those that there are include " +
                                   "sm_80, sm_90, sm_90a and sm_100");
  if (number < 80)
    return llvm::createStringError("'" + chip + "' is older than sm_80, the first that works");
  return llvm::Error::success();
}

/// Reports what would be a call of a library: there is none on the device.
static llvm::LogicalResult checkCalls(mlir::ModuleOp device) {
  using namespace mlir;
  WalkResult walk = device.walk([&](Operation *op) {
    auto call = dyn_cast<LLVM::CallOp>(op);
    auto callee = call && call.getCallee()
                      ? device.lookupSymbol<LLVM::LLVMFuncOp>(*call.getCallee())
                      : LLVM::LLVMFuncOp();
    bool isMissing = call && (!callee || callee.isExternal()) && call.getCallee() != kGridBarrier;
    if (!isMissing &&
        !isa<LLVM::CosOp, LLVM::Exp10Op, LLVM::Exp2Op, LLVM::ExpOp, LLVM::FRemOp, LLVM::Log10Op,
             LLVM::Log2Op, LLVM::LogOp, LLVM::PowIOp, LLVM::PowOp, LLVM::SinOp>(op))
      return WalkResult::advance();
    op->emitOpError("has no code for a GPU");
    return WalkResult::interrupt();
  });
  return failure(walk.wasInterrupted());
}

std::unique_ptr<llvm::Module> translateKernels(mlir::ModuleOp device, llvm::LLVMContext &context,
                                               llvm::StringRef chip) {
  auto machine = createMachine(chip);
  if (!machine) {
    device.emitError(llvm::toString(machine.takeError()));
    return nullptr;
  }
  if (failed(checkCalls(device)))
    return nullptr;
  std::unique_ptr<llvm::Module> result =
      mlir::translateModuleToLLVMIR(device, context, kDeviceModule);
  if (!result)
    return nullptr;
  result->setTargetTriple((*machine)->getTargetTriple());
  result->setDataLayout((*machine)->createDataLayout());
  for (llvm::Function &function : *result) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr(llvm::Attribute::NoUnwind);
    function.setCallingConv(llvm::CallingConv::PTX_Kernel);
    function.addFnAttr("nvvm.maxntid", std::to_string(kBlockThreads));
    // Else ptxas gives a thread the 32 registers with which the most threads run, and spills.
    if (!function.hasFnAttribute(kLeastBlocksAttr))
      function.addFnAttr(kLeastBlocksAttr, std::to_string(kLeastBlocks));
    // All of f32's instructions flush, so that none differs from its neighbour.
    function.addFnAttr("denormal-fp-math-f32", "preserve-sign,preserve-sign");
  }
  llvm::PipelineTuningOptions tuning;
  tuning.SLPVectorization = false;
  tuning.LoopVectorization = false;
  runPipeline(*result, **machine, llvm::OptimizationLevel::O3, tuning);
  return result;
}

llvm::Error emitPtx(llvm::Module &kernels, llvm::StringRef chip, llvm::raw_pwrite_stream &out) {
  auto machine = createMachine(chip);
  if (!machine)
    return machine.takeError();
  expandGridBarriers(kernels); // Not before: the emulator takes the calls.
  llvm::legacy::PassManager passes;
  if ((*machine)->addPassesToEmitFile(passes, out, nullptr, llvm::CodeGenFileType::AssemblyFile))
    return llvm::createStringError("PTX can't be written");
  passes.run(kernels);
  return llvm::Error::success();
}

} // namespace nnc::codegen
