// Where a function of a text has its positions: along which axis of each value.
#include "dialects/train/transforms/PositionAxes.h"

#include "dialects/nn/ir/NnEquation.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::nn;
using namespace mlir::train;

/// The dimension that has as many elements before it, and is of the same size.
std::optional<int64_t> PositionAxes::mapReshape(ReshapeOp op, int64_t axis) const {
  ArrayRef<int64_t> from = typeOf(op.getOperand()).getShape(),
                    to = typeOf(op.getResult()).getShape();
  const int64_t before = ShapedType::getNumElements(from.take_front(axis));
  for (int64_t i = 0, product = 1; i < static_cast<int64_t>(to.size()); product *= to[i++])
    if (product == before && to[i] == from[axis])
      return i;
  return std::nullopt;
}

std::optional<int64_t> PositionAxes::map(OpOperand &operand, int64_t axis) const {
  using Axis = std::optional<int64_t>;
  Operation *op = operand.getOwner();
  const unsigned number = operand.getOperandNumber();
  auto isWhole = [&](Value from, Value to) {
    return typeOf(from).getDimSize(axis) == typeOf(to).getDimSize(axis);
  };
  auto drop = [&](ArrayRef<int64_t> dropped) -> Axis {
    if (llvm::is_contained(dropped, axis))
      return std::nullopt;
    return axis - llvm::count_if(dropped, [&](int64_t each) { return each < axis; });
  };
  return TypeSwitch<Operation *, Axis>(op)
      .Case<NnElementwiseOpInterface, StopGradientOp>([&](auto) { return Axis(axis); })
      .Case([&](BroadcastOp broadcast) { return Axis(broadcast.getDimensions()[axis]); })
      .Case([&](ReshapeOp reshape) { return mapReshape(reshape, axis); })
      .Case([&](TransposeOp transpose) {
        return Axis(llvm::find(transpose.getPermutation(), axis) -
                    transpose.getPermutation().begin());
      })
      .Case<ReduceSumOp, ReduceMeanOp, ReduceMaxOp, ReduceMinOp>(
          [&](auto reduce) { return drop(reduce.getAxes()); })
      .Case([&](ArgmaxOp argmax) { return drop(static_cast<int64_t>(argmax.getAxis())); })
      .Case([&](ConcatOp concat) {
        return axis == static_cast<int64_t>(concat.getAxis()) ? Axis() : Axis(axis);
      })
      .Case<SliceOp, PadOp>([&](auto moved) {
        return isWhole(moved.getOperand(), moved.getResult()) ? Axis(axis) : Axis();
      })
      .Case([&](GatherOp gather) {
        return number == 1 ? Axis(axis + static_cast<int64_t>(gather.getAxis())) : Axis();
      })
      .Case([&](ContractOp contract) {
        Equation equation = *Equation::parse(contract.getEquation(), std::nullopt);
        size_t place = equation.result.find((number == 0 ? equation.lhs : equation.rhs)[axis]);
        return place == StringRef::npos ? Axis() : Axis(static_cast<int64_t>(place));
      })
      .Default([](Operation *) { return Axis(); });
}

std::optional<int64_t> PositionAxes::mapBack(OpOperand &operand, int64_t axis) const {
  for (int64_t i = 0, rank = typeOf(operand.get()).getRank(); i < rank; ++i)
    if (map(operand, i) == axis)
      return i;
  return std::nullopt;
}

bool PositionAxes::followScan(ScanOp scan) {
  auto count = getConstantIntValue(scan.getCount());
  auto depends = [&](Value value) { return of(value).has_value(); };
  if (scan.getReverse() || !count || *count != positions ||
      llvm::any_of(scan.getInits(), depends) || llvm::any_of(scan.getCaptures(), depends))
    return false;
  for (auto [slice, axis] : llvm::zip_equal(scan.getSlices(), scan.getSliceAxes()))
    if (std::optional<int64_t> known = of(slice); known && *known != axis)
      return false;
  // What is carried out of the last pass belongs to no position.
  for (Value carried : scan.getResults().take_front(scan.getInits().size()))
    if (!carried.use_empty())
      return false;
  for (auto [stacked, axis] :
       llvm::zip_equal(scan.getResults().take_back(scan.getNumStacked()), scan.getStackAxes()))
    axes[stacked] = axis;
  return true;
}

/// Of a weighted sum over positions, the axis of those that it is made for, which only the weights
/// have.
std::optional<int64_t> PositionAxes::axisOfWeights(ContractOp op) const {
  std::optional<int64_t> axis;
  for (int64_t i = 0, rank = typeOf(op.getResult()).getRank(); i < rank; ++i) {
    const bool isOfWeights = llvm::none_of(op->getOpOperands(), [&](OpOperand &operand) {
      return of(operand.get()) && mapBack(operand, i);
    });
    if (!isOfWeights || typeOf(op.getResult()).getDimSize(i) != positions)
      continue;
    if (axis)
      return std::nullopt;
    axis = i;
  }
  return axis;
}

bool PositionAxes::follow(Operation &op) {
  std::optional<int64_t> chosen;
  bool depends = false;
  for (OpOperand &operand : op.getOpOperands()) {
    std::optional<int64_t> axis = of(operand.get());
    if (!axis)
      continue;
    depends = true;
    // Of two, the first is what asks and the other what is asked about, as in `queries, keys`.
    if (std::optional<int64_t> mapped = map(operand, *axis);
        mapped && (!chosen || *mapped < *chosen))
      chosen = mapped;
  }
  if (!depends)
    return true;
  if (auto contract = dyn_cast<ContractOp>(op); contract && !chosen)
    chosen = axisOfWeights(contract);
  if (auto scan = dyn_cast<ScanOp>(op))
    return followScan(scan);
  if (!chosen || op.getNumRegions() || op.getNumResults() != 1)
    return false;
  axes[op.getResult(0)] = *chosen;
  return true;
}
