// train-specialize-batch: entries that take a batch, compiled for the recipe's size of it too.
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
  SmallVector<func::FuncOp> takeGeneralEntries(ProgramOp program);
  LogicalResult specialize(ProgramOp program);
};
} // namespace

/// The argument of the entry that is the batch.
static std::optional<unsigned> findBatch(func::FuncOp entry, int64_t dim) {
  for (unsigned index = 0; index < entry.getNumArguments(); ++index)
    if (BindAttr binding = getArgumentBinding(entry, index))
      if (binding.getSource() == Source::Dim && binding.getIndex() == dim)
        return index;
  return std::nullopt;
}

/// What is static now has no dimension to name.
static void forgetDim(func::FuncOp entry, unsigned argument) {
  for (unsigned index = 0; index < entry.getNumArguments(); ++index)
    if (auto dims = entry.getArgAttrOfType<DenseI64ArrayAttr>(index, nn::kDimsAttr);
        dims && dims.empty())
      entry.removeArgAttr(index, nn::kDimsAttr);
  for (unsigned index = 0; index < entry.getNumResults(); ++index) {
    auto dims = entry.getResultAttrOfType<DenseI64ArrayAttr>(index, nn::kDimsAttr);
    if (!dims)
      continue;
    SmallVector<int64_t> left(dims.asArrayRef());
    llvm::erase(left, argument);
    if (left.empty())
      entry.removeResultAttr(index, StringAttr::get(entry.getContext(), nn::kDimsAttr));
    else
      entry.setResultAttr(index, nn::kDimsAttr, DenseI64ArrayAttr::get(entry.getContext(), left));
  }
}

/// The entries that can be specialized. Those that an earlier run made are erased, as the batch may
/// be another now.
SmallVector<func::FuncOp> SpecializeBatch::takeGeneralEntries(ProgramOp program) {
  SmallVector<Attribute> kept;
  SmallVector<func::FuncOp> general;
  for (auto symbol : program.getEntriesAttr().getAsRange<FlatSymbolRefAttr>()) {
    auto entry = dyn_cast_or_null<func::FuncOp>(
        SymbolTable::lookupNearestSymbolFrom(getOperation(), symbol));
    if (entry && entry->hasAttr(kDimsOfEntryAttr)) {
      entry->erase();
      continue;
    }
    kept.push_back(symbol);
    // The batch of what finishes an evaluation is a whole part.
    auto name = entry ? entry->getAttrOfType<StringAttr>(nn::kEntryAttr) : StringAttr();
    if (name && name.getValue() == nn::kFinishEntry)
      continue;
    if (entry && findBatch(entry, *program.getBatch()))
      general.push_back(entry);
  }
  program.setEntriesAttr(ArrayAttr::get(&getContext(), kept));
  return general;
}

LogicalResult SpecializeBatch::specialize(ProgramOp program) {
  OpBuilder builder(&getContext());
  if (batch > 0 && program.getSettings()) {
    NamedAttrList settings(*program.getSettings());
    settings.set("batch", builder.getI64IntegerAttr(batch));
    program.setSettingsAttr(settings.getDictionary(&getContext()));
  }
  std::optional<int64_t> size = batch > 0 ? std::optional<int64_t>(batch) : program.getBatchSize();
  if (!program.getBatch() || !size)
    return success();
  SmallVector<func::FuncOp> general = takeGeneralEntries(program);
  SmallVector<Attribute> entries(program.getEntriesAttr().getValue());
  SmallVector<int64_t> dims(program.getDims().size(), 0);
  dims[*program.getBatch()] = *size;
  for (func::FuncOp entry : general) {
    // No call may have a batch that the entry needs to be larger.
    if (llvm::any_of(getNeeds(entry), [&](NeedAttr need) {
          std::optional<int64_t> found = need.getSize().evaluate(dims);
          return found && *found < need.getLeast();
        }))
      continue;
    builder.setInsertionPointAfter(entry);
    auto clone = cast<func::FuncOp>(builder.clone(*entry));
    auto name = entry->getAttrOfType<StringAttr>(nn::kEntryAttr);
    clone.setSymName(getUniqueSymbolName(program, program.getSymName() + "." + name.getValue()));
    clone->setAttr(kDimsOfEntryAttr, builder.getDenseI64ArrayAttr(dims));
    unsigned argument = *findBatch(entry, *program.getBatch());
    if (failed(nn::specializeDim(clone, argument, *size)))
      return failure();
    forgetDim(clone, argument);
    entries.push_back(FlatSymbolRefAttr::get(clone));
    ++numSpecialized;
  }
  program.setEntriesAttr(builder.getArrayAttr(entries));
  return success();
}

void SpecializeBatch::runOnOperation() {
  for (ProgramOp program : getOperation().getOps<ProgramOp>())
    if (failed(specialize(program)))
      return signalPassFailure();
}
