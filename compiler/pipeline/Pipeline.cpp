// The stages that a module goes through, and the pass pipelines between them.
#include "compiler/pipeline/Pipeline.h"

#include "compiler/pipeline/Passes.h"
#include "dialects/nn/lowering/Passes.h"
#include "dialects/nn/transforms/Passes.h"
#include "dialects/train/transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace nnc;

ArrayRef<Stage> nnc::getStages() {
  static constexpr Stage stages[] = {Stage::Nn,      Stage::Grad,       Stage::Linalg,
                                     Stage::Kernels, Stage::Bufferized, Stage::Llvm};
  return stages;
}

StringRef nnc::spelling(Stage stage) {
  switch (stage) {
  case Stage::Nn:
    return "nn";
  case Stage::Grad:
    return "grad";
  case Stage::Linalg:
    return "linalg";
  case Stage::Kernels:
    return "kernels";
  case Stage::Bufferized:
    return "bufferized";
  case Stage::Llvm:
    return "llvm";
  }
  llvm_unreachable("every stage is listed");
}

std::optional<Stage> nnc::parseStage(StringRef name) {
  for (Stage stage : getStages())
    if (spelling(stage) == name)
      return stage;
  return std::nullopt;
}

static void addVerification(OpPassManager &passes, Stage stage) {
  passes.addPass(createNncVerifyStage({spelling(stage).str()}));
}

/// Folds, simplifies and shares what is computed twice, in every function.
static void addSimplification(OpPassManager &passes) {
  // Functions and bodies of operations have one block each.
  GreedyRewriteConfig config;
  config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
  config.setMaxIterations(1);
  passes.addNestedPass<func::FuncOp>(createCanonicalizerPass(config));
  passes.addNestedPass<func::FuncOp>(createCSEPass());
}

void nnc::buildNnToGradPipeline(OpPassManager &passes, const GradOptions &options) {
  addVerification(passes, Stage::Nn);
  // Gradients that are values become code like any other.
  passes.addPass(nn::createExpandGradientsPass());
  // Before differentiation: derivatives of simpler code are simpler.
  addSimplification(passes);
  // Differentiates for any batch, once; the specialized entries are copies with the derivative in
  // them.
  passes.addPass(train::createTrainBuildEntries());
  // Whoever differentiates has asked for the gradients that functions declare.
  passes.addPass(nn::createInlineForwardPass());
  addSimplification(passes);
  passes.addPass(train::createTrainSpecializeBatch({options.batch}));
  // Sizes that were values are constants now.
  addSimplification(passes);
}

void nnc::buildGradToLinalgPipeline(OpPassManager &passes) {
  addVerification(passes, Stage::Grad);
  passes.addNestedPass<func::FuncOp>(nn::createConvertNnToLinalgPass());
  addSimplification(passes);
}

void nnc::buildLinalgToKernelsPipeline(OpPassManager &passes, const codegen::Target &target) {
  addVerification(passes, Stage::Linalg);
  target.buildKernelPipeline(passes);
}

void nnc::buildKernelsToBufferizedPipeline(OpPassManager &passes, const codegen::Target &target) {
  addVerification(passes, Stage::Kernels);
  target.buildBufferPipeline(passes);
}

void nnc::buildBufferizedToLlvmPipeline(OpPassManager &passes, const codegen::Target &target) {
  addVerification(passes, Stage::Bufferized);
  target.buildLlvmPipeline(passes, /*separate=*/false);
  // Nothing below can translate what only describes; describeModels has read it.
  passes.addPass(train::createTrainEraseModels());
}

Stage nnc::getNext(Stage stage) { return static_cast<Stage>(static_cast<int>(stage) + 1); }

void nnc::buildPipelineFrom(OpPassManager &passes, Stage stage, const PipelineOptions &options) {
  switch (stage) {
  case Stage::Nn:
    return buildNnToGradPipeline(passes, options.grad);
  case Stage::Grad:
    return buildGradToLinalgPipeline(passes);
  case Stage::Linalg:
    return buildLinalgToKernelsPipeline(passes, *options.target);
  case Stage::Kernels:
    return buildKernelsToBufferizedPipeline(passes, *options.target);
  case Stage::Bufferized:
    return buildBufferizedToLlvmPipeline(passes, *options.target);
  case Stage::Llvm:
    llvm_unreachable("the last stage");
  }
}

LogicalResult nnc::verifyIfAsked(ModuleOp module) {
  static const bool isAsked = [] {
    const char *text = getenv("NNC_VERIFY");
    StringRef wish = text ? text : "";
    return !wish.empty() && wish != "0";
  }();
  return isAsked ? verify(module) : success();
}

LogicalResult nnc::runStages(ModuleOp module, Stage from, Stage to, const PipelineOptions &options,
                             std::vector<ModelDescription> *models,
                             llvm::function_ref<void(PassManager &)> configure) {
  for (Stage stage = from; stage < to; stage = getNext(stage)) {
    PassManager passes(module.getContext());
    buildPipelineFrom(passes, stage, options);
    passes.enableVerifier(false);
    if (configure)
      configure(passes);
    if (failed(passes.run(module)) || failed(verifyIfAsked(module)))
      return failure();
    if (models && stage == Stage::Grad) {
      FailureOr<std::vector<ModelDescription>> described = describeModels(module);
      if (failed(described))
        return failure();
      *models = std::move(*described);
    }
    if (models && stage == Stage::Kernels)
      noteMemory(module, *models);
  }
  return success();
}
