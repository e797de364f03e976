// nn.scan's derivative: a scan the other way, over what the forward passes keep.
#pragma once

#include "dialects/nn/ir/NnOps.h"

namespace mlir::nn {

/// Builds the vector-Jacobian product of one scan. The scan itself is replaced by one that keeps
/// what the product needs, and is left without users.
class ScanAdjoint {
public:
  ScanAdjoint(ImplicitLocOpBuilder &builder, ScanOp op, ValueRange cotangents,
              ArrayRef<bool> wanted);
  SmallVector<Value> run();

private:
  /// A value of each pass, as all passes have it: with an axis for the passes, or -1 where it is
  /// the same in each.
  struct Factor {
    Value value;
    int64_t axis;
  };

  void planFactor(Value value);
  bool planTotal(Value value, bool onlyAsk);
  Factor findFactor(Value value);
  Value buildTotal(Value value);
  Value buildContraction(ContractOp contract);
  Value buildScatter(ScatterAddOp scatter);
  Value moveAxisToFront(Factor factor, int64_t to);
  ScanOp buildForward(Block &joint, ArrayRef<Value> kept);

  ImplicitLocOpBuilder &b;
  ScanOp op;
  ValueRange g;
  ArrayRef<bool> wanted;
  /// Of the joint block.
  SmallVector<Value> sliceArguments, carriedArguments, captureArguments;
  /// Values of the joint block that have to be stacked.
  SmallVector<Value> stacked;
  /// Their stacks, and those of what the forward passes keep.
  llvm::DenseMap<Value, Factor> stacks;
};

} // namespace mlir::nn
