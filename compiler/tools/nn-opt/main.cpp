// nn-opt: mlir-opt with the project's dialects, passes and pipelines.
#if __has_include("dialects/nn/RegisterNn.h")
#include "dialects/nn/RegisterNn.h"
#define NNC_HAS_NN
#endif
#if __has_include("dialects/train/RegisterTrain.h")
#include "dialects/train/RegisterTrain.h"
#define NNC_HAS_TRAIN
#endif
#if __has_include("compiler/codegen/RegisterCodegen.h")
#include "compiler/codegen/RegisterCodegen.h"
#define NNC_HAS_CODEGEN
#endif
#if __has_include("compiler/pipeline/RegisterPipelines.h")
#include "compiler/pipeline/RegisterPipelines.h"
#define NNC_HAS_PIPELINES
#endif

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
#ifdef NNC_HAS_NN
  mlir::nn::registerNn(registry);
#endif
#ifdef NNC_HAS_TRAIN
  mlir::train::registerTrain(registry);
#endif
#ifdef NNC_HAS_CODEGEN
  nnc::codegen::registerCodegen(registry);
#endif
#ifdef NNC_HAS_PIPELINES
  nnc::registerPipelines();
#endif
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "nnc's optimizer driver\n", registry));
}
