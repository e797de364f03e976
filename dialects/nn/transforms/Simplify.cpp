// nn-simplify: upstream's canonicaliser and CSE, which work by the dialect's folders and purity.
#include "dialects/nn/transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void nn::buildSimplifyPipeline(OpPassManager &manager) {
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  // CSE makes operands equal that folders then see to be equal.
  manager.addPass(createCanonicalizerPass());
}

void nn::registerSimplifyPipeline() {
  PassPipelineRegistration<>("nn-simplify", "canonicalise, fold and remove repeated nn operations",
                             buildSimplifyPipeline);
}
