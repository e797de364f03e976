// train-specialize-batch: the training step and the evaluation, compiled for the recipe's batch
// too.
#include "dialects/nn/transforms/SpecializeDims.h"
#include "dialects/train/transforms/EntryBuilder.h"
#include "dialects/train/transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::train {
#define GEN_PASS_DEF_TRAINSPECIALIZEBATCH
#include "dialects/train/transforms/Passes.h.inc"
} // namespace mlir::train

using namespace mlir;
using namespace mlir::train;

namespace {
struct SpecializeBatch : train::impl::TrainSpecializeBatchBase<SpecializeBatch> {
  using TrainSpecializeBatchBase::TrainSpecializeBatchBase;
  void runOnOperation() override;

private:
  SmallVector<func::FuncOp> takeGeneralEntries(ModelOp model);
  LogicalResult specialize(ModelOp model);
};
} // namespace

/// The function entries of the model that can be specialized. Those that an earlier run made are
/// erased, as the batch may be another now.
SmallVector<func::FuncOp> SpecializeBatch::takeGeneralEntries(ModelOp model) {
  SmallVector<Attribute> kept;
  SmallVector<func::FuncOp> general;
  for (auto symbol : model.getEntriesAttr().getAsRange<FlatSymbolRefAttr>()) {
    auto entry = dyn_cast_or_null<func::FuncOp>(
        SymbolTable::lookupNearestSymbolFrom(getOperation(), symbol));
    if (entry && entry->hasAttr(kBatchAttr)) {
      entry->erase();
      continue;
    }
    kept.push_back(symbol);
    auto kind = entry ? entry->getAttrOfType<StringAttr>(kEntryAttr) : StringAttr();
    if (kind && (kind.getValue() == "step" || kind.getValue() == "eval"))
      general.push_back(entry);
  }
  model.setEntriesAttr(ArrayAttr::get(&getContext(), kept));
  return general;
}

LogicalResult SpecializeBatch::specialize(ModelOp model) {
  RecipeOp recipe = model.getRecipe();
  OpBuilder builder(&getContext());
  if (batch > 0)
    recipe.setBatchAttr(builder.getI64IntegerAttr(batch));
  if (model.getDims().empty())
    return success();
  SmallVector<func::FuncOp> general = takeGeneralEntries(model);
  SmallVector<Attribute> entries(model.getEntriesAttr().getValue());
  for (func::FuncOp entry : general) {
    builder.setInsertionPointAfter(entry);
    auto clone = cast<func::FuncOp>(builder.clone(*entry));
    StringRef kind = entry->getAttrOfType<StringAttr>(kEntryAttr).getValue();
    clone.setSymName(getUniqueSymbolName(model, model.getSymName() + "." + kind));
    clone->setAttr(kBatchAttr, recipe.getBatchAttr());
    if (failed(nn::specializeDim(clone, 0, recipe.getBatch())))
      return failure();
    // Arguments that are static now have no dimensions to name.
    for (unsigned index = 0; index < clone.getNumArguments(); ++index)
      if (auto dims = clone.getArgAttrOfType<DenseI64ArrayAttr>(index, kDimsAttr);
          dims && dims.empty())
        clone.removeArgAttr(index, kDimsAttr);
    entries.push_back(FlatSymbolRefAttr::get(clone));
    ++numSpecialized;
  }
  model.setEntriesAttr(builder.getArrayAttr(entries));
  return success();
}

void SpecializeBatch::runOnOperation() {
  for (ModelOp model : getOperation().getOps<ModelOp>())
    if (!model.isDescribed() && model.getRecipe() && failed(specialize(model)))
      return signalPassFailure();
}
