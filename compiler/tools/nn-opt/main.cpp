// nn-opt: mlir-opt with the project's dialects, passes and pipelines.
#include "compiler/codegen/RegisterCodegen.h"
#include "compiler/pipeline/RegisterPipelines.h"
#include "dialects/nn/RegisterNn.h"
#include "dialects/train/RegisterTrain.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllPasses();
  mlir::nn::registerNn(registry);
  mlir::train::registerTrain(registry);
  nnc::codegen::registerCodegen(registry);
  nnc::registerPipelines();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "nnc's optimizer driver\n", registry));
}
