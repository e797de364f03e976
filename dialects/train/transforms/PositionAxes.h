// Where a function of a text has its positions: along which axis of each value.
#pragma once

#include "dialects/nn/ir/NnOps.h"

#include <optional>

namespace mlir::train {

/// Follows the axis of positions through predict.
class PositionAxes {
public:
  PositionAxes(Value units, int64_t axis, int64_t positions) : positions(positions) {
    axes[units] = axis;
  }

  /// Goes on to the results of an operation. False where it mixes positions in an unknown way.
  bool follow(Operation &op);
  /// The axis along which a value has a position each; none where it doesn't depend on the units.
  std::optional<int64_t> of(Value value) const {
    auto found = axes.find(value);
    return found == axes.end() ? std::nullopt : std::optional(found->second);
  }
  /// The axis of the result that an operand's axis becomes; none where it is summed, cut or mixed.
  std::optional<int64_t> map(OpOperand &operand, int64_t axis) const;
  /// The operand's axis that the result's axis is made from; none where it doesn't have it.
  std::optional<int64_t> mapBack(OpOperand &operand, int64_t axis) const;

private:
  bool followScan(nn::ScanOp scan);
  std::optional<int64_t> axisOfWeights(nn::ContractOp op) const;
  std::optional<int64_t> mapReshape(nn::ReshapeOp op, int64_t axis) const;

  DenseMap<Value, int64_t> axes;
  int64_t positions;
};

} // namespace mlir::train
