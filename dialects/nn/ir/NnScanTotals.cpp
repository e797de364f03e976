// Sums over all passes of a scan, such as the gradient of what every pass uses, after the loop.
#include "dialects/nn/ir/NnScanAdjoint.h"

#include "dialects/nn/ir/NnOps.h"

using namespace mlir;
using namespace mlir::nn;

/// The factor of a contraction as all passes have it, in `stacks` or an operand of the scan.
void ScanAdjoint::planFactor(Value value) {
  if (isa<BlockArgument>(value) && llvm::is_contained(sliceArguments, value))
    return;
  if (isa<BlockArgument>(value) && llvm::is_contained(captureArguments, value))
    return;
  if (!llvm::is_contained(stacked, value))
    stacked.push_back(value);
}

/// Whether the sum of `value` over all passes can be had from one operation after the loop, by
/// what it is in each pass: then notes what has to be stacked, unless `onlyAsk`.
bool ScanAdjoint::planTotal(Value value, bool onlyAsk) {
  Operation *definition = value.getDefiningOp();
  if (!definition || isa<BlockArgument>(value))
    return false;
  if (auto add = dyn_cast<AddOp>(definition))
    return planTotal(add.getLhs(), true) && planTotal(add.getRhs(), true) &&
           (onlyAsk || (planTotal(add.getLhs(), false) && planTotal(add.getRhs(), false)));
  if (auto neg = dyn_cast<NegOp>(definition))
    return planTotal(neg.getOperand(), onlyAsk);
  if (auto transpose = dyn_cast<TransposeOp>(definition))
    return planTotal(transpose.getOperand(), onlyAsk);
  if (auto reshape = dyn_cast<ReshapeOp>(definition))
    return reshape.getType().hasStaticShape() && planTotal(reshape.getOperand(), onlyAsk);
  if (auto contract = dyn_cast<ContractOp>(definition)) {
    // Stacked windows would be a buffer of windows.
    for (Value factor : {contract.getLhs(), contract.getRhs()})
      if (factor.getDefiningOp<WindowsOp>())
        return false;
    if (llvm::is_contained(captureArguments, contract.getLhs()) &&
        llvm::is_contained(captureArguments, contract.getRhs()))
      return false;
    if (!onlyAsk) {
      planFactor(contract.getLhs());
      planFactor(contract.getRhs());
    }
    return true;
  }
  if (auto sum = dyn_cast<ReduceSumOp>(definition))
    // Stacking pays where a contraction wants the same.
    return llvm::is_contained(stacked, sum.getOperand()) ||
           llvm::is_contained(sliceArguments, sum.getOperand());
  auto scatter = dyn_cast<ScatterAddOp>(definition);
  std::optional<APFloat> start = scatter ? getSplatFloat(scatter.getInto()) : std::nullopt;
  if (!start || !start->isZero() || !scatter.getType().hasStaticShape() ||
      llvm::is_contained(captureArguments, scatter.getUpdates()))
    return false;
  if (!onlyAsk) {
    planFactor(scatter.getUpdates());
    planFactor(scatter.getIndices());
  }
  return true;
}

ScanAdjoint::Factor ScanAdjoint::findFactor(Value value) {
  for (auto [number, argument] : llvm::enumerate(sliceArguments))
    if (argument == value)
      return {op.getSlices()[number], op.getSliceAxes()[number]};
  for (auto [number, argument] : llvm::enumerate(captureArguments))
    if (argument == value)
      return {op.getCaptures()[number], -1};
  return stacks.at(value);
}

/// A term of an equation with a letter put in for the passes.
static std::string insertLetter(StringRef term, int64_t axis, char letter) {
  std::string result = term.str();
  if (axis >= 0)
    result.insert(result.begin() + axis, letter);
  return result;
}

Value ScanAdjoint::buildContraction(ContractOp contract) {
  Factor factors[] = {findFactor(contract.getLhs()), findFactor(contract.getRhs())};
  StringRef equation = contract.getEquation();
  char letter = 't';
  for (char other = 'a'; equation.contains(letter); other = other == 'z' ? 'A' : other + 1) {
    assert(llvm::isAlpha(other) && "an equation with every letter");
    letter = other;
  }
  auto [operands, result] = equation.split("->");
  auto [lhs, rhs] = operands.split(',');
  // What is the same in each pass: the sum goes to the other factor.
  for (auto [factor, other] : {std::pair(0, 1), std::pair(1, 0)})
    if (factors[factor].axis < 0) {
      factors[other].value = ReduceSumOp::create(b, factors[other].value, factors[other].axis);
      return ContractOp::create(b, contract.getType(), equation, factors[0].value,
                                factors[1].value);
    }
  std::string whole = insertLetter(lhs, factors[0].axis, letter) + "," +
                      insertLetter(rhs, factors[1].axis, letter) + "->" + result.str();
  return ContractOp::create(b, contract.getType(), whole, factors[0].value, factors[1].value);
}

Value ScanAdjoint::moveAxisToFront(Factor factor, int64_t to) {
  if (factor.axis == to)
    return factor.value;
  SmallVector<int64_t> order;
  for (int64_t d = 0; d < typeOf(factor.value).getRank(); ++d)
    if (d != factor.axis)
      order.push_back(d);
  order.insert(order.begin() + to, factor.axis);
  return TransposeOp::create(b, factor.value, order);
}

/// All updates at once: their indices get one more dimension, the passes.
Value ScanAdjoint::buildScatter(ScatterAddOp scatter) {
  Factor updates = findFactor(scatter.getUpdates()), indices = findFactor(scatter.getIndices());
  auto axis = static_cast<int64_t>(scatter.getAxis());
  Value allUpdates = moveAxisToFront(updates, axis), allIndices;
  if (indices.axis < 0) {
    SmallVector<OpFoldResult> sizes = getSizes(b, b.getLoc(), indices.value);
    sizes.insert(sizes.begin(), getSizes(b, b.getLoc(), updates.value)[updates.axis]);
    auto dimensions = llvm::to_vector(llvm::seq<int64_t>(1, sizes.size()));
    allIndices = buildBroadcast(b, indices.value, dimensions, sizes);
  } else {
    allIndices = moveAxisToFront(indices, 0);
  }
  Value zeros =
      buildBroadcast(b, buildScalarConstant(b, scatter.getType().getElementType(), 0.0), {},
                     getAsIndexOpFoldResult(b.getContext(), scatter.getType().getShape()));
  return ScatterAddOp::create(b, allUpdates, allIndices, zeros, axis);
}

/// The sum over all passes of what planTotal has accepted, after the loop.
Value ScanAdjoint::buildTotal(Value value) {
  Operation *definition = value.getDefiningOp();
  if (auto add = dyn_cast<AddOp>(definition)) {
    Value lhs = buildTotal(add.getLhs());
    return AddOp::create(b, lhs, buildTotal(add.getRhs()));
  }
  if (auto neg = dyn_cast<NegOp>(definition))
    return NegOp::create(b, buildTotal(neg.getOperand()));
  if (auto transpose = dyn_cast<TransposeOp>(definition))
    return TransposeOp::create(b, buildTotal(transpose.getOperand()), transpose.getPermutation());
  if (auto reshape = dyn_cast<ReshapeOp>(definition))
    return buildReshape(b, buildTotal(reshape.getOperand()),
                        getAsIndexOpFoldResult(b.getContext(), reshape.getType().getShape()));
  if (auto contract = dyn_cast<ContractOp>(definition))
    return buildContraction(contract);
  if (auto scatter = dyn_cast<ScatterAddOp>(definition))
    return buildScatter(scatter);
  auto sum = cast<ReduceSumOp>(definition);
  Factor factor = findFactor(sum.getOperand());
  SmallVector<int64_t> axes{factor.axis};
  for (int64_t axis : sum.getAxes())
    axes.push_back(axis + (axis >= factor.axis));
  llvm::sort(axes);
  return ReduceSumOp::create(b, factor.value, axes);
}
