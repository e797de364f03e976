// What the passes ask about linalg operations.
#include "compiler/codegen/shared/LinalgUtils.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"

namespace nnc::codegen {

using namespace mlir;

/// The argument of `block` that `value` is, conversions aside; null where it is computed.
static BlockArgument findArgument(Block &block, Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (op->getBlock() != &block || !isa<CastOpInterface>(op) || op->getNumOperands() != 1)
      return {};
    value = op->getOperand(0);
  }
  auto argument = dyn_cast<BlockArgument>(value);
  return argument && argument.getOwner() == &block ? argument : BlockArgument();
}

bool isView(Operation *op) {
  return isa<tensor::CastOp, tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::ReshapeOp,
             tensor::ExtractSliceOp>(op);
}

Value findViewed(Value value) {
  while (value.getDefiningOp() && isView(value.getDefiningOp()))
    value = value.getDefiningOp()->getOperand(0);
  return value;
}

std::optional<Factors> findFactors(linalg::LinalgOp op) {
  if (op.getNumReductionLoops() == 0 || op.getNumDpsInits() != 1 || op.getNumDpsInputs() < 2 ||
      op.getBlock()->empty() || !hasLinearIndices(op) ||
      !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isProjectedPermutation())
    return std::nullopt;
  Block &body = *op.getBlock();
  Operation *sum = body.getTerminator()->getOperand(0).getDefiningOp();
  if (!isa_and_present<arith::AddFOp, arith::AddIOp>(sum))
    return std::nullopt;
  BlockArgument result = op.getRegionOutputArgs().front();
  if (!result.hasOneUse() || !llvm::is_contained(sum->getOperands(), result))
    return std::nullopt;
  Value other = sum->getOperand(sum->getOperand(0) == result ? 1 : 0);
  Operation *product = other.getDefiningOp();
  if (!isa_and_present<arith::MulFOp, arith::MulIOp>(product))
    return std::nullopt;
  BlockArgument lhs = findArgument(body, product->getOperand(0));
  BlockArgument rhs = findArgument(body, product->getOperand(1));
  // An input that isn't used may be there for the sizes of loops.
  if (!lhs || !rhs || lhs == rhs || lhs == result || rhs == result)
    return std::nullopt;
  return Factors{op.getMatchingOpOperand(lhs), op.getMatchingOpOperand(rhs)};
}

static bool addTo(LinearIndex &index, AffineExpr expr, int64_t factor) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
    index.factors[dim.getPosition()] += factor;
    return true;
  }
  if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
    index.constant += factor * constant.getValue();
    return true;
  }
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return false;
  if (expr.getKind() == AffineExprKind::Add)
    return addTo(index, binary.getLHS(), factor) && addTo(index, binary.getRHS(), factor);
  auto constant = dyn_cast<AffineConstantExpr>(binary.getRHS());
  return expr.getKind() == AffineExprKind::Mul && constant &&
         addTo(index, binary.getLHS(), factor * constant.getValue());
}

std::optional<LinearIndex> getLinearIndex(AffineExpr expr, unsigned numDims) {
  LinearIndex index;
  index.factors.assign(numDims, 0);
  if (!addTo(index, expr, 1))
    return std::nullopt;
  return index;
}

Walk walkAlong(AffineMap map, unsigned dim) {
  if (!involves(map, dim))
    return Walk::Stays;
  for (AffineExpr expr : map.getResults().drop_back())
    if (expr.isFunctionOfDim(dim))
      return Walk::Scattered;
  std::optional<LinearIndex> last = getLinearIndex(map.getResults().back(), map.getNumDims());
  return last && last->factors[dim] == 1 ? Walk::Row : Walk::Scattered;
}

Operation *findCombiner(linalg::LinalgOp op) {
  SmallVector<Operation *> combiners;
  if (op.getNumDpsInits() != 1 || !matchReduction(op.getRegionOutputArgs(), 0, combiners) ||
      combiners.size() != 1)
    return nullptr;
  bool known = linalg::getCombinerOpKind(combiners.front()).has_value() &&
               arith::getNeutralElement(combiners.front()).has_value();
  return known ? combiners.front() : nullptr;
}

bool hasLinearIndices(linalg::LinalgOp op) {
  return llvm::all_of(op.getIndexingMapsArray(), [](AffineMap map) {
    return llvm::all_of(map.getResults(), [&](AffineExpr expr) {
      return getLinearIndex(expr, map.getNumDims()).has_value();
    });
  });
}

StringRef whyNotFused(OpOperand &operand) {
  auto user = cast<linalg::LinalgOp>(operand.getOwner());
  Operation *producer = operand.get().getDefiningOp();
  if (!isElementwiseOp(user))
    return "its reader does more than compute element by element";
  if (!producer->hasOneUse())
    return "it has more than one reader";
  if (producer->getBlock() != user->getBlock())
    return "a loop lies between it and its reader";
  if (!user.getMatchingIndexingMap(&operand).isIdentity())
    return "its reader runs over other loops";
  return "";
}

SmallVector<linalg::LinalgOp> findFusedContractions(linalg::LinalgOp root) {
  SmallVector<linalg::LinalgOp> fused;
  if (isElementwiseOp(root))
    for (OpOperand *operand : root.getDpsInputOperands())
      if (auto producer = operand->get().getDefiningOp<linalg::LinalgOp>();
          producer && isContraction(producer) && whyNotFused(*operand).empty())
        fused.push_back(producer);
  return fused;
}

} // namespace nnc::codegen
