// train-erase-models: erases what only describes.
#include "dialects/train/ir/TrainOps.h"
#include "dialects/train/transforms/Passes.h"

namespace mlir::train {
#define GEN_PASS_DEF_TRAINERASEMODELS
#include "dialects/train/transforms/Passes.h.inc"
} // namespace mlir::train

using namespace mlir;
using namespace mlir::train;

namespace {
struct EraseModels : train::impl::TrainEraseModelsBase<EraseModels> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    for (ModelOp model : module.getOps<ModelOp>()) {
      model.emitOpError() << "is not expected here: its entries are yet to be built";
      return signalPassFailure();
    }
    for (ProgramOp program : llvm::make_early_inc_range(module.getOps<ProgramOp>())) {
      program.erase();
      ++numErased;
    }
    for (NamedAttribute attribute : llvm::make_early_inc_range(module->getDiscardableAttrs()))
      if (attribute.getNameDialect() && attribute.getNameDialect()->getNamespace() == "train")
        module->removeDiscardableAttr(attribute.getName());
  }
};
} // namespace
