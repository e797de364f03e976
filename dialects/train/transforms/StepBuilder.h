// Builds the entries of one block of a recipe: a step, or the gradient of a batch and the update
// from several.
#pragma once

#include "dialects/train/transforms/EntryBuilder.h"

namespace mlir::train {

class StepBuilder {
public:
  StepBuilder(BlockOp block, llvm::function_ref<func::FuncOp(FlatSymbolRefAttr)> lookup);

  /// `step`, or `gradient` and `update`. Fails where the objective has no derivative.
  FailureOr<SmallVector<func::FuncOp>> run();

private:
  LogicalResult makeGradient();
  /// Adds the results of the gradient's function that are no gradients, and gives these, one per
  /// update.
  SmallVector<Value> callGradient(EntryBuilder &entry);
  void clip(EntryBuilder &entry, MutableArrayRef<Value> gradients);
  void clipByNorm(EntryBuilder &entry, Value limit, MutableArrayRef<Value> gradients);
  void update(EntryBuilder &entry, MutableArrayRef<Value> gradients);
  func::FuncOp buildStep();
  func::FuncOp buildGradient();
  func::FuncOp buildUpdate();
  std::string getName(StringRef kind);
  /// What the update's functions are, and what else they need.
  SmallVector<func::FuncOp> getRules();
  SmallVector<BindAttr> getUpdated();

  BindAttr bind(Source source, int64_t index = 0) {
    return BindAttr::get(block.getContext(), source, index);
  }

  BlockOp block;
  RecipeOp recipe;
  ModelOp model;
  SmallVector<UpdateOp> updates;
  SmallVector<int64_t> parameters; ///< their numbers, one per update
  /// By a parameter's number, that of its running average among the states of the optimizer, where
  /// it is kept apart.
  llvm::DenseMap<int64_t, int64_t> averagesApart;
  func::FuncOp limit;
  SmallVector<func::FuncOp> rules; ///< one per update
  func::FuncOp objective;
  /// From the arguments of the objective to losses, states, and a gradient per update. Erased at
  /// the end.
  func::FuncOp gradient;
};

} // namespace mlir::train
