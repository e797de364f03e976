// Makes the nn dialect and its passes known to a tool.
#include "dialects/nn/RegisterNn.h"

#include "dialects/nn/ir/NnDialect.h"
#include "dialects/nn/lowering/Passes.h"
#include "dialects/nn/transforms/Passes.h"

void mlir::nn::registerNn(DialectRegistry &registry) {
  registry.insert<NnDialect>();
  registerNnPasses();
  registerNnLoweringPasses();
  registerSimplifyPipeline();
}
