// Builds the entry `next` of a model that goes from the units of a text to what follows each.
#pragma once

#include "dialects/train/ir/TrainOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::train {

/// An entry that computes one position of a model's output from one unit and from what it keeps of
/// the positions before.
struct NextEntry {
  func::FuncOp function;
  /// The tensors that it keeps, in the order of their bindings.
  SmallVector<RankedTensorType> caches;
};

/// Builds it from `forward`, the model's predict, for a batch of 1. Nothing where the model isn't
/// one from `[batch, positions]` of units to a number for each of them and each unit that may
/// follow, or where some operation mixes positions in a way that isn't known here.
std::optional<NextEntry> buildNext(ModelOp model, func::FuncOp forward);

} // namespace mlir::train
