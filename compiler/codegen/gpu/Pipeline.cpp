// The GPU pipeline, from linalg on tensors to the LLVM dialect.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/cpu/Cpu.h"
#include "compiler/codegen/gpu/Gpu.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/LLVMIR/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

namespace nnc::codegen {

using namespace mlir;

void buildGpuKernelPipeline(OpPassManager &manager, const TargetOptions &options) {
  OpPassManager &functions = manager.nest<func::FuncOp>();
  functions.addPass(createPrepareEntries());
  functions.addPass(createCanonicalizerPass());
  functions.addPass(createCSEPass());
  functions.addPass(createLoopInvariantCodeMotionPass());
  functions.addPass(createFuseElementwise());
  functions.addPass(createCSEPass());
  functions.addPass(createSimplifyArithmetic());
  functions.addPass(createFillConstants());
  functions.addPass(createReuseDestinations());
  functions.addPass(createCollapseElementwise());
  functions.addPass(createCanonicalizerPass());
  manager.addPass(createOutlineKernels(
      {/*fold=*/options.foldKernels && !options.debugInfo, /*keepReads=*/false}));
}

void buildGpuKernelCodePipeline(OpPassManager &manager, const TargetOptions &options) {
  OpPassManager &kernels = manager.nest<kernel::FuncOp>();
  kernels.addPass(createCountWork({spelling(options.precision).str()}));
  kernels.addPass(createTileThreads());
  kernels.addPass(createCSEPass());
  kernels.addPass(createSeparateDestinations());
  kernels.addPass(createBufferizeKernel());
  kernels.addPass(createCSEPass());
  kernels.addPass(createCanonicalizerPass());
  kernels.addPass(createCSEPass());
  kernels.addPass(createBlockContractions({spelling(options.precision).str(), /*plan=*/""}));
  kernels.addPass(createLowerAffinePass());
  kernels.addPass(createSpreadLoops());
  kernels.addPass(createStackTiles());
  kernels.addPass(createBlockReductions());
}

void buildGpuWorkspacePipeline(OpPassManager &manager, const TargetOptions &options) {
  manager.addPass(createRepeatBatches());
  manager.addPass(createHostScalars());
  manager.addPass(createHoistScratch());
  manager.addPass(createMergeKernels({options.persistentKernels}));
  manager.addPass(createCountPasses());
  manager.addPass(createPlanWorkspace());
}

/// What functions go through once they stand where they will be compiled.
static void addLowering(OpPassManager &manager, bool isDevice) {
  manager.addNestedPass<func::FuncOp>(createConvertLinalgToLoopsPass());
  manager.addPass(createExpandNarrowFloats());
  if (isDevice)
    manager.addPass(createExpandMath());
  manager.addPass(createLowerVectors({/*approximate=*/true}));
  OpPassManager &functions = manager.nest<func::FuncOp>();
  functions.addPass(createLowerReshapes());
  functions.addPass(memref::createExpandStridedMetadataPass());
  functions.addPass(createLowerAffinePass());
  functions.addPass(createCanonicalizerPass());
  functions.addPass(createCSEPass());
  functions.addPass(createLoopInvariantCodeMotionPass());
  functions.addPass(createSCFToControlFlowPass());
  manager.addPass(createLowerToLlvm());
  manager.addPass(createReconcileUnrealizedCastsPass());
}

void buildGpuLlvmPipeline(OpPassManager &manager, const TargetOptions &) {
  manager.addPass(createMapThreads());
  manager.addPass(createRepeatLaunches());
  manager.addPass(createAlignArguments());
  manager.addPass(createLowerKernels({/*separate=*/true}));
  manager.addPass(createLaunchKernels());
  manager.addPass(createOutlineParallel());
  OpPassManager &device = manager.nest<ModuleOp>();
  addLowering(device, /*isDevice=*/true);
  // The emulator tells lines by it; in PTX nothing is left of it.
  LLVM::DIScopeForLLVMFuncOpPassOptions lines;
  lines.emissionKind = LLVM::DIEmissionKind::None;
  device.addPass(LLVM::createDIScopeForLLVMFuncOpPass(lines));
  addLowering(manager, /*isDevice=*/false);
  manager.addPass(createEmitEntries());
}

} // namespace nnc::codegen
