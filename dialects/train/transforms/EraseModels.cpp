// train-erase-models: erases what only describes.
#include "dialects/train/ir/TrainOps.h"
#include "dialects/train/transforms/Passes.h"

namespace mlir::train {
#define GEN_PASS_DEF_TRAINERASEMODELS
#include "dialects/train/transforms/Passes.h.inc"
} // namespace mlir::train

using namespace mlir;
using namespace mlir::train;

/// Whether the attribute is one of the train dialect.
static bool isTrain(NamedAttribute attribute) {
  return attribute.getNameDialect() && attribute.getNameDialect()->getNamespace() == "train";
}

/// Nothing that translates functions knows these attributes.
static void eraseAttributes(FunctionOpInterface function) {
  for (NamedAttribute attribute : llvm::to_vector(function->getDiscardableAttrs()))
    if (isTrain(attribute))
      function->removeDiscardableAttr(attribute.getName());
  for (unsigned index = 0; index < function.getNumArguments(); ++index)
    for (NamedAttribute attribute : llvm::to_vector(function.getArgAttrs(index)))
      if (isTrain(attribute))
        function.removeArgAttr(index, attribute.getName());
}

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
    for (NamedAttribute attribute : llvm::to_vector(module->getDiscardableAttrs()))
      if (isTrain(attribute))
        module->removeDiscardableAttr(attribute.getName());
    for (auto function : module.getOps<FunctionOpInterface>())
      eraseAttributes(function);
  }
};
} // namespace
