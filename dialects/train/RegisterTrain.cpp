// Registers the train dialect and its passes.
#include "dialects/train/RegisterTrain.h"
#include "dialects/train/ir/TrainDialect.h"
#include "dialects/train/transforms/Passes.h"

#include "mlir/IR/DialectRegistry.h"

void mlir::train::registerTrain(DialectRegistry &registry) {
  registry.insert<TrainDialect>();
  registerTrainPasses();
}
