// codegen-simplify-arithmetic: reciprocals of scalars, and permission to fuse multiply and add.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/shared/LinalgUtils.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_SIMPLIFYARITHMETIC
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// The values whose last bit shows: a floor, a conversion to integers, a remainder or a comparison
/// sees them, or something that is computed from them. A contraction hides it: its sum is rounded
/// many times.
class ExactValues {
public:
  explicit ExactValues(Operation *root) {
    root->walk([&](Operation *op) {
      if (isa<arith::CmpFOp, arith::FPToSIOp, arith::FPToUIOp, arith::RemFOp, math::CeilOp,
              math::FloorOp, math::RoundEvenOp, math::RoundOp, math::TruncOp>(op))
        add(op->getOperands());
    });
    while (!pending.empty())
      follow(pending.pop_back_val());
  }

  bool contains(Value value) const { return known.contains(value); }

private:
  void add(ValueRange values) {
    for (Value value : values)
      if (isa<FloatType>(getElementTypeOrSelf(value.getType())) && known.insert(value).second)
        pending.push_back(value);
  }

  /// Adds what `value` is computed from.
  void follow(Value value) {
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      Operation *parent = argument.getOwner()->getParentOp();
      if (auto op = dyn_cast<linalg::GenericOp>(parent)) {
        add(op->getOperand(argument.getArgNumber()));
      } else if (auto loop = dyn_cast<LoopLikeOpInterface>(parent)) {
        if (OpOperand *init = loop.getTiedLoopInit(argument))
          add(init->get());
        if (OpOperand *yielded = loop.getTiedLoopYieldedValue(argument))
          add(yielded->get());
      }
      return;
    }
    Operation *op = value.getDefiningOp();
    unsigned number = cast<OpResult>(value).getResultNumber();
    if (auto contraction = dyn_cast<linalg::LinalgOp>(op);
        contraction && isContraction(contraction))
      return;
    if (auto generic = dyn_cast<linalg::GenericOp>(op)) {
      add(generic.getBody()->getTerminator()->getOperand(number));
      return;
    }
    // Of a loop or a branch, all that it may give.
    for (Region &region : op->getRegions())
      for (Block &block : region)
        if (block.mightHaveTerminator())
          add(block.getTerminator()->getOperands());
    add(op->getOperands());
  }

  DenseSet<Value> known;
  SmallVector<Value> pending;
};

/// Whether `value`, in the body of `op`, is an input that is the same for every element.
static bool isScalarInput(linalg::GenericOp op, Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument || argument.getOwner() != op.getBody())
    return false;
  OpOperand &operand = op->getOpOperand(argument.getArgNumber());
  return op.isDpsInput(&operand) && op.getMatchingIndexingMap(&operand).getNumResults() == 0;
}

/// The factors by which x is multiplied in place of `x / divisor`: a power of two, and the
/// reciprocal of the divisor times that. The power is 1 unless the reciprocal of the divisor alone
/// overflows or is denormal; then `x * power` is exact wherever the quotient isn't beyond the range
/// anyway.
static SmallVector<Value> invert(OpBuilder &b, Location loc, Value divisor) {
  auto type = cast<FloatType>(divisor.getType());
  const llvm::fltSemantics &semantics = type.getFloatSemantics();
  auto powerOfTwo = [&](int exponent) -> Value {
    APFloat power = scalbn(APFloat(semantics, 1), exponent, APFloat::rmNearestTiesToEven);
    return arith::ConstantOp::create(b, loc, b.getFloatAttr(type, power));
  };
  int least = APFloat::semanticsMinExponent(semantics);
  int precision = APFloat::semanticsPrecision(semantics);
  Value size = math::AbsFOp::create(b, loc, divisor);
  Value isDenormal =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, size, powerOfTwo(least));
  Value isHuge = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT, size, powerOfTwo(-least));
  Value one = powerOfTwo(0);
  Value power = arith::SelectOp::create(b, loc, isHuge, powerOfTwo(-2), one);
  power = arith::SelectOp::create(b, loc, isDenormal, powerOfTwo(precision), power);
  Value scaled = arith::MulFOp::create(b, loc, divisor, power);
  return {power, arith::DivFOp::create(b, loc, one, scaled)};
}

/// The factors for `divisor`, a rank-0 tensor or a float.
static SmallVector<Value> invertScalar(OpBuilder &builder, Location loc, Value divisor) {
  auto tensorType = dyn_cast<RankedTensorType>(divisor.getType());
  if (!tensorType)
    return invert(builder, loc, divisor);
  Value empty =
      tensor::EmptyOp::create(builder, loc, ArrayRef<int64_t>{}, tensorType.getElementType());
  AffineMap map = AffineMap::get(builder.getContext());
  auto op = linalg::GenericOp::create(
      builder, loc, TypeRange{tensorType, tensorType}, divisor, ValueRange{empty, empty},
      ArrayRef<AffineMap>{map, map, map}, ArrayRef<utils::IteratorType>{},
      [&](OpBuilder &b, Location, ValueRange arguments) {
        linalg::YieldOp::create(b, loc, invert(b, loc, arguments.front()));
      });
  return llvm::to_vector_of<Value>(op->getResults());
}

/// The factors for each divisor, in the block where they are computed.
using Factors = DenseMap<std::pair<Value, Block *>, SmallVector<Value>>;

/// Adds inputs that are the same for every element; returns the operation in the place of `op`,
/// whose last inputs they are.
static linalg::GenericOp addScalarInputs(RewriterBase &rewriter, linalg::GenericOp op,
                                         ArrayRef<Value> added) {
  SmallVector<Value> inputs(op.getInputs());
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  unsigned position = inputs.size();
  llvm::append_range(inputs, added);
  maps.insert(maps.begin() + position, added.size(),
              AffineMap::get(op.getNumLoops(), 0, rewriter.getContext()));
  auto extended = linalg::GenericOp::create(rewriter, op.getLoc(), op->getResultTypes(), inputs,
                                            op.getOutputs(), maps, op.getIteratorTypesArray());
  extended.getRegion().takeBody(op.getRegion());
  for (Value input : added)
    extended.getBody()->insertArgument(position++, getElementTypeOrSelf(input.getType()),
                                       op.getLoc());
  rewriter.replaceOp(op, extended->getResults());
  return extended;
}

/// Divisions by constants: the reciprocal is rounded once, at compile time; not at all where
/// `isExact` asks for that.
static bool multiplyByConstant(RewriterBase &rewriter, arith::DivFOp div, bool isExact) {
  FloatAttr divisor;
  if (!matchPattern(div.getRhs(), m_Constant(&divisor)) || divisor.getValue().isZero() ||
      !divisor.getValue().isFinite())
    return false;
  APFloat one(divisor.getValue().getSemantics(), 1);
  APFloat inverse = one;
  APFloat::opStatus status = inverse.divide(divisor.getValue(), APFloat::rmNearestTiesToEven);
  if (!inverse.isNormal() || (isExact && status != APFloat::opOK))
    return false;
  rewriter.setInsertionPoint(div);
  Value factor = arith::ConstantOp::create(rewriter, div.getLoc(),
                                           rewriter.getFloatAttr(div.getType(), inverse));
  rewriter.replaceOpWithNewOp<arith::MulFOp>(div, div.getLhs(), factor);
  return true;
}

/// Replaces the divisions of `op` by scalars; returns their number.
static unsigned replaceDivisions(RewriterBase &rewriter, linalg::GenericOp op,
                                 const ExactValues &exact, Factors &known) {
  if (op.getNumLoops() == 0 || !op.hasPureTensorSemantics())
    return 0;
  unsigned count = 0;
  llvm::MapVector<Value, SmallVector<arith::DivFOp>> byDivisor;
  for (auto div : llvm::make_early_inc_range(op.getBody()->getOps<arith::DivFOp>())) {
    bool isExact = exact.contains(div);
    if (multiplyByConstant(rewriter, div, isExact))
      ++count;
    else if (!isExact && isScalarInput(op, div.getRhs()) && !isScalarInput(op, div.getLhs()))
      byDivisor[div.getRhs()].push_back(div);
  }
  for (auto &[divisor, divisions] : byDivisor) {
    rewriter.setInsertionPoint(op);
    Value of = op->getOperand(cast<BlockArgument>(divisor).getArgNumber());
    // Operations come in program order: what an earlier one needed is there.
    SmallVector<Value> &factors = known[{of, op->getBlock()}];
    if (factors.empty())
      factors = invertScalar(rewriter, divisions.front().getLoc(), of);
    op = addScalarInputs(rewriter, op, factors);
    Value power = op.getBody()->getArgument(op.getNumDpsInputs() - 2);
    Value inverse = op.getBody()->getArgument(op.getNumDpsInputs() - 1);
    for (arith::DivFOp div : divisions) {
      rewriter.setInsertionPoint(div);
      Value scaled = arith::MulFOp::create(rewriter, div.getLoc(), div.getLhs(), power);
      rewriter.replaceOpWithNewOp<arith::MulFOp>(div, scaled, inverse);
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
    // Before anything is replaced: what it holds are places of values.
    ExactValues exact(getOperation());
    Factors factors;
    for (linalg::GenericOp op : generics)
      numReciprocals += replaceDivisions(rewriter, op, exact, factors);
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
