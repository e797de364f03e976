// codegen-simplify-arithmetic: reciprocals of scalars, and permission to fuse multiply and add.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/shared/LinalgUtils.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_SIMPLIFYARITHMETIC
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// Whether `value`, in the body of `op`, is an input that is the same for every element.
static bool isScalarInput(linalg::GenericOp op, Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument || argument.getOwner() != op.getBody())
    return false;
  OpOperand &operand = op->getOpOperand(argument.getArgNumber());
  return op.isDpsInput(&operand) && op.getMatchingIndexingMap(&operand).getNumResults() == 0;
}

/// 1 / `scalar`, a rank-0 tensor or a float.
static Value reciprocal(OpBuilder &builder, Location loc, Value scalar) {
  auto invert = [&](OpBuilder &b, Value x) -> Value {
    Value one = arith::ConstantOp::create(b, loc, b.getFloatAttr(x.getType(), 1.0));
    return arith::DivFOp::create(b, loc, one, x);
  };
  auto tensorType = dyn_cast<RankedTensorType>(scalar.getType());
  if (!tensorType)
    return invert(builder, scalar);
  Value empty =
      tensor::EmptyOp::create(builder, loc, ArrayRef<int64_t>{}, tensorType.getElementType());
  AffineMap map = AffineMap::get(builder.getContext());
  auto op = linalg::GenericOp::create(
      builder, loc, tensorType, scalar, empty, ArrayRef<AffineMap>{map, map},
      ArrayRef<utils::IteratorType>{}, [&](OpBuilder &b, Location, ValueRange arguments) {
        linalg::YieldOp::create(b, loc, invert(b, arguments.front()));
      });
  return op->getResult(0);
}

/// Adds an input that is the same for every element; returns the operation in the place of `op`.
static linalg::GenericOp addScalarInput(RewriterBase &rewriter, linalg::GenericOp op, Value input) {
  SmallVector<Value> inputs(op.getInputs());
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  unsigned position = inputs.size();
  inputs.push_back(input);
  maps.insert(maps.begin() + position, AffineMap::get(op.getNumLoops(), 0, rewriter.getContext()));
  auto extended = linalg::GenericOp::create(rewriter, op.getLoc(), op->getResultTypes(), inputs,
                                            op.getOutputs(), maps, op.getIteratorTypesArray());
  extended.getRegion().takeBody(op.getRegion());
  extended.getBody()->insertArgument(position, getElementTypeOrSelf(input.getType()), op.getLoc());
  rewriter.replaceOp(op, extended->getResults());
  return extended;
}

/// Divisions by constants: the reciprocal is rounded once, at compile time.
static bool multiplyByConstant(RewriterBase &rewriter, arith::DivFOp div) {
  FloatAttr divisor;
  if (!matchPattern(div.getRhs(), m_Constant(&divisor)) || divisor.getValue().isZero() ||
      !divisor.getValue().isFinite())
    return false;
  APFloat one(divisor.getValue().getSemantics(), 1);
  APFloat inverse = one;
  inverse.divide(divisor.getValue(), APFloat::rmNearestTiesToEven);
  if (!inverse.isNormal())
    return false;
  rewriter.setInsertionPoint(div);
  Value factor = arith::ConstantOp::create(rewriter, div.getLoc(),
                                           rewriter.getFloatAttr(div.getType(), inverse));
  rewriter.replaceOpWithNewOp<arith::MulFOp>(div, div.getLhs(), factor);
  return true;
}

/// Replaces the divisions of `op` by scalars; returns their number.
static unsigned replaceDivisions(RewriterBase &rewriter, linalg::GenericOp op) {
  if (op.getNumLoops() == 0 || !op.hasPureTensorSemantics())
    return 0;
  unsigned count = 0;
  llvm::MapVector<Value, SmallVector<arith::DivFOp>> byDivisor;
  for (auto div : llvm::make_early_inc_range(op.getBody()->getOps<arith::DivFOp>())) {
    if (multiplyByConstant(rewriter, div))
      ++count;
    else if (isScalarInput(op, div.getRhs()) && !isScalarInput(op, div.getLhs()))
      byDivisor[div.getRhs()].push_back(div);
  }
  for (auto &[divisor, divisions] : byDivisor) {
    rewriter.setInsertionPoint(op);
    unsigned number = cast<BlockArgument>(divisor).getArgNumber();
    Value inverse = reciprocal(rewriter, divisions.front().getLoc(), op->getOperand(number));
    op = addScalarInput(rewriter, op, inverse);
    Value factor = op.getBody()->getArgument(op.getNumDpsInputs() - 1);
    for (arith::DivFOp div : divisions) {
      rewriter.setInsertionPoint(div);
      rewriter.replaceOpWithNewOp<arith::MulFOp>(div, div.getLhs(), factor);
      ++count;
    }
  }
  return count;
}

class SimplifyArithmeticPass : public impl::SimplifyArithmeticBase<SimplifyArithmeticPass> {
public:
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<linalg::GenericOp> generics;
    getOperation().walk([&](linalg::GenericOp op) { generics.push_back(op); });
    for (linalg::GenericOp op : generics)
      numReciprocals += replaceDivisions(rewriter, op);
    getOperation().walk([&](Operation *op) {
      if (!isa<arith::AddFOp, arith::SubFOp, arith::MulFOp>(op))
        return;
      auto interface = cast<arith::ArithFastMathInterface>(op);
      arith::FastMathFlags flags = interface.getFastMathFlagsAttr().getValue();
      op->setAttr(
          interface.getFastMathAttrName(),
          arith::FastMathFlagsAttr::get(&getContext(), flags | arith::FastMathFlags::contract));
    });
  }
};

} // namespace
} // namespace nnc::codegen
