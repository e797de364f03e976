// The CPU pipeline, from linalg on tensors to the LLVM dialect.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/cpu/Cpu.h"
#include "compiler/codegen/cpu/Machine.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/Passes.h"

namespace nnc::codegen {

using namespace mlir;

/// Linalg on tensors to fewer, larger operations.
static void addFusionPasses(OpPassManager &functions) {
  functions.addPass(createFuseElementwise());
  functions.addPass(createCSEPass());
  functions.addPass(createSimplifyArithmetic());
}

/// For functions whose blocks are all there is of their regions.
static std::unique_ptr<Pass> createSimplifyBlocks() {
  GreedyRewriteConfig config;
  config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
  config.setMaxIterations(1);
  return createCanonicalizerPass(config);
}

void buildCpuKernelPipeline(OpPassManager &manager, const TargetOptions &options) {
  OpPassManager &functions = manager.nest<func::FuncOp>();
  functions.addPass(createPrepareEntries());
  if (options.optLevel > 0) {
    // What every iteration would compute anew.
    functions.addPass(createLoopInvariantCodeMotionPass());
    addFusionPasses(functions);
  }
  if (options.precision != Precision::F32) {
    // After fusion, which reads windows in place.
    functions.addPass(createRoundOperands({spelling(options.precision).str()}));
    functions.addPass(createCSEPass());
  }
  if (options.optLevel > 0)
    functions.addPass(createSplitReductions());
  // After fusion, which reads constants as scalars where it can.
  functions.addPass(createFillConstants());
  // After fusion, which decides what writes a result.
  functions.addPass(createReuseDestinations());
  if (options.optLevel > 0) {
    VectorUnit unit = findVectorUnit(options);
    functions.addPass(createPackContractions({unit.bits, unit.registers}));
    functions.addPass(createCollapseElementwise());
    functions.addPass(createSimplifyBlocks());
  }
  // A debugger's line needs its own code.
  manager.addPass(createOutlineKernels(
      {/*fold=*/options.foldKernels && !options.debugInfo, /*keepReads=*/true}));
}

void buildCpuCallPipeline(OpPassManager &manager) {
  manager.addNestedPass<func::FuncOp>(createSeparateDestinations());
  manager.addPass(createBufferizeEntries());
  OpPassManager &entries = manager.nest<func::FuncOp>();
  entries.addPass(createCSEPass());
  entries.addPass(createSimplifyBlocks());
  entries.addPass(createLowerAffinePass());
}

void buildCpuKernelCodePipeline(OpPassManager &manager, const TargetOptions &options) {
  OpPassManager &kernels = manager.nest<kernel::FuncOp>();
  VectorUnit unit = findVectorUnit(options);
  if (options.optLevel > 0) {
    kernels.addPass(createTileAndFuse({unit.bits, unit.registers, options.parallelFlops}));
    kernels.addPass(createCSEPass());
  }
  kernels.addPass(createSeparateDestinations());
  kernels.addPass(createBufferizeKernel());
  // Equal views first, so that copies of a view to itself fold.
  kernels.addPass(createCSEPass());
  kernels.addPass(createSimplifyBlocks());
  kernels.addPass(createCSEPass());
  if (options.optLevel > 0) {
    // Of buffers: the analysis of tensors costs more than linear time in their operations, of which
    // vector code has hundreds per tile.
    kernels.addPass(createVectorizeTiles({unit.bits, unit.registers, /*maxElements=*/1024}));
    kernels.addPass(createSimplifyBlocks());
    kernels.addPass(createCSEPass());
  }
  kernels.addPass(createLowerAffinePass());
  kernels.addPass(createStackTiles());
}

void buildCpuWorkspacePipeline(OpPassManager &manager) {
  manager.addPass(createHoistScratch());
  manager.addPass(createPlanWorkspace());
}

void buildCpuBufferPipeline(OpPassManager &manager, const TargetOptions &options) {
  buildCpuCallPipeline(manager);
  buildCpuKernelCodePipeline(manager, options);
  buildCpuWorkspacePipeline(manager);
}

void buildCpuLlvmPipeline(OpPassManager &manager, const TargetOptions &options, bool separate) {
  manager.addPass(createLowerKernels({separate}));
  OpPassManager &functions = manager.nest<func::FuncOp>();
  functions.addPass(createConvertLinalgToLoopsPass());
  manager.addPass(createOutlineParallel());
  // Before functions become polynomials, which are there for f32.
  manager.addPass(createExpandNarrowFloats());
  manager.addPass(createLowerVectors({/*approximate=*/options.optLevel > 0}));
  OpPassManager &lowering = manager.nest<func::FuncOp>();
  lowering.addPass(createLowerReshapes());
  lowering.addPass(memref::createExpandStridedMetadataPass());
  lowering.addPass(createLowerAffinePass());
  lowering.addPass(createSimplifyBlocks());
  lowering.addPass(createCSEPass());
  lowering.addPass(createLoopInvariantCodeMotionPass());
  lowering.addPass(createSCFToControlFlowPass());
  manager.addPass(createLowerToLlvm());
  manager.addPass(createReconcileUnrealizedCastsPass());
  manager.addPass(createEmitEntries());
  if (options.debugInfo)
    manager.addPass(LLVM::createDIScopeForLLVMFuncOpPass());
}

void buildCpuPipeline(OpPassManager &manager, const TargetOptions &options) {
  buildCpuKernelPipeline(manager, options);
  buildCpuBufferPipeline(manager, options);
  buildCpuLlvmPipeline(manager, options, /*separate=*/false);
}

} // namespace nnc::codegen
