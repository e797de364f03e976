// Folders and canonicalisations of elementwise operations: exact rewrites only, unless the op's
// description says otherwise.
#include "dialects/nn/ir/NnFolding.h"

#include "dialects/nn/ir/NnOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::nn;

//===- Constants ------------------------------------------------------------===//

static DenseElementsAttr asSplat(Attribute attribute) {
  auto elements = dyn_cast_if_present<DenseElementsAttr>(attribute);
  return elements && elements.isSplat() ? elements : DenseElementsAttr();
}

Attribute nn::foldUnary(Attribute operand, FloatFn onFloat, IntFn onInt) {
  DenseElementsAttr elements = asSplat(operand);
  if (!elements)
    return {};
  if (isa<FloatType>(elements.getElementType()))
    return onFloat ? DenseElementsAttr::get(elements.getType(),
                                            onFloat(elements.getSplatValue<APFloat>()))
                   : Attribute();
  return onInt ? DenseElementsAttr::get(elements.getType(), onInt(elements.getSplatValue<APInt>()))
               : Attribute();
}

Attribute nn::foldBinary(Attribute lhs, Attribute rhs, FloatBinaryFn onFloat, IntBinaryFn onInt) {
  DenseElementsAttr a = asSplat(lhs), b = asSplat(rhs);
  if (!a || !b || a.getType() != b.getType())
    return {};
  if (isa<FloatType>(a.getElementType())) {
    if (!onFloat)
      return {};
    return DenseElementsAttr::get(a.getType(),
                                  onFloat(a.getSplatValue<APFloat>(), b.getSplatValue<APFloat>()));
  }
  if (!onInt)
    return {};
  return DenseElementsAttr::get(
      a.getType(),
      onInt(a.getSplatValue<APInt>(), b.getSplatValue<APInt>(), isUnsigned(a.getElementType())));
}

Attribute nn::foldSum(ArrayRef<Attribute> factors, uint64_t count, Type type) {
  auto tensor = cast<RankedTensorType>(type);
  if (!tensor.hasStaticShape())
    return {};
  Type element = tensor.getElementType();
  if (auto floating = dyn_cast<FloatType>(element)) {
    APFloat sum(static_cast<double>(count));
    bool inexact;
    for (Attribute factor : factors) {
      DenseElementsAttr splat = asSplat(factor);
      if (!splat)
        return {};
      auto value = splat.getSplatValue<APFloat>();
      value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &inexact);
      sum = sum * value;
    }
    // Nothing added up is 0, whatever it is that isn't added; to it, -0 adds nothing.
    sum = count == 0 ? APFloat(0.0) : sum + APFloat(0.0);
    sum.convert(floating.getFloatSemantics(), APFloat::rmNearestTiesToEven, &inexact);
    return DenseElementsAttr::get(tensor, sum);
  }
  APInt sum(element.getIntOrFloatBitWidth(), count, /*isSigned=*/false, /*implicitTrunc=*/true);
  for (Attribute factor : factors) {
    DenseElementsAttr splat = asSplat(factor);
    if (!splat)
      return {};
    sum *= splat.getSplatValue<APInt>();
  }
  return DenseElementsAttr::get(tensor, sum);
}

/// Whether every element of `value` is exactly this number; -0.0 isn't 0.0.
static bool isSplat(Value value, double number) {
  Attribute splat = getSplat(value);
  if (auto element = dyn_cast_if_present<FloatAttr>(splat)) {
    APFloat wanted(number);
    bool inexact;
    wanted.convert(element.getValue().getSemantics(), APFloat::rmNearestTiesToEven, &inexact);
    return element.getValue().bitwiseIsEqual(wanted);
  }
  auto element = dyn_cast_if_present<IntegerAttr>(splat);
  return element && element.getValue().getSExtValue() == static_cast<int64_t>(number);
}

static bool hasIntegers(Value value) {
  return !isa<FloatType>(cast<RankedTensorType>(value.getType()).getElementType());
}

//===- Folders --------------------------------------------------------------===//

OpFoldResult AddOp::fold(FoldAdaptor adaptor) {
  // x + 0.0 isn't x where x is -0.0; x + -0.0 is.
  double neutral = hasIntegers(getRhs()) ? 0.0 : -0.0;
  if (isSplat(getRhs(), neutral))
    return getLhs();
  if (isSplat(getLhs(), neutral))
    return getRhs();
  return foldBinary(
      adaptor.getLhs(), adaptor.getRhs(), [](const APFloat &a, const APFloat &b) { return a + b; },
      [](const APInt &a, const APInt &b, bool) { return a + b; });
}

OpFoldResult SubOp::fold(FoldAdaptor adaptor) {
  if (isSplat(getRhs(), 0.0))
    return getLhs();
  return foldBinary(
      adaptor.getLhs(), adaptor.getRhs(), [](const APFloat &a, const APFloat &b) { return a - b; },
      [](const APInt &a, const APInt &b, bool) { return a - b; });
}

OpFoldResult MulOp::fold(FoldAdaptor adaptor) {
  // A broadcast constant is no constant to the commutative trait, so it may stand on either side.
  for (auto [x, factor] : {std::pair(getLhs(), getRhs()), std::pair(getRhs(), getLhs())}) {
    if (isSplat(factor, 1.0))
      return x;
    if (hasIntegers(factor) && isSplat(factor, 0.0))
      return factor;
  }
  return foldBinary(
      adaptor.getLhs(), adaptor.getRhs(), [](const APFloat &a, const APFloat &b) { return a * b; },
      [](const APInt &a, const APInt &b, bool) { return a * b; });
}

OpFoldResult DivOp::fold(FoldAdaptor adaptor) {
  if (isSplat(getRhs(), 1.0))
    return getLhs();
  return foldBinary(
      adaptor.getLhs(), adaptor.getRhs(), [](const APFloat &a, const APFloat &b) { return a / b; },
      [](const APInt &a, const APInt &b, bool isUnsigned) {
        if (b.isZero())
          return b;
        return isUnsigned ? a.udiv(b) : a.sdiv(b);
      });
}

OpFoldResult PowOp::fold(FoldAdaptor) {
  return isSplat(getRhs(), 1.0) ? OpFoldResult(getLhs()) : OpFoldResult();
}

OpFoldResult MaximumOp::fold(FoldAdaptor adaptor) {
  if (getLhs() == getRhs())
    return getLhs();
  return foldBinary(adaptor.getLhs(), adaptor.getRhs(), llvm::maximum,
                    [](const APInt &a, const APInt &b, bool isUnsigned) {
                      return isUnsigned ? llvm::APIntOps::umax(a, b) : llvm::APIntOps::smax(a, b);
                    });
}

OpFoldResult MinimumOp::fold(FoldAdaptor adaptor) {
  if (getLhs() == getRhs())
    return getLhs();
  return foldBinary(adaptor.getLhs(), adaptor.getRhs(), llvm::minimum,
                    [](const APInt &a, const APInt &b, bool isUnsigned) {
                      return isUnsigned ? llvm::APIntOps::umin(a, b) : llvm::APIntOps::smin(a, b);
                    });
}

OpFoldResult AndOp::fold(FoldAdaptor adaptor) {
  if (getLhs() == getRhs())
    return getLhs();
  if (std::optional<APInt> splat = getSplatInt(getRhs()))
    return splat->isZero() ? getRhs() : getLhs();
  return {};
}

OpFoldResult OrOp::fold(FoldAdaptor adaptor) {
  if (getLhs() == getRhs())
    return getLhs();
  if (std::optional<APInt> splat = getSplatInt(getRhs()))
    return splat->isZero() ? getLhs() : getRhs();
  return {};
}

OpFoldResult SelectOp::fold(FoldAdaptor) {
  if (getOnTrue() == getOnFalse())
    return getOnTrue();
  if (std::optional<APInt> splat = getSplatInt(getCondition()))
    return splat->isZero() ? getOnFalse() : getOnTrue();
  return {};
}

//===- Powers ---------------------------------------------------------------===//

namespace {
/// Powers by a constant that cheaper operations compute.
struct SimplifyConstantPower : OpRewritePattern<PowOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(PowOp op, PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Value x = op.getLhs(), exponent = op.getRhs();
    Value power;
    if (isSplat(exponent, 0.0) || isSplat(exponent, -0.0))
      power = buildConstantLike(b, x, 1.0);
    else if (isSplat(exponent, 2.0))
      power = MulOp::create(b, x, x);
    else if (isSplat(exponent, 3.0))
      power = MulOp::create(b, MulOp::create(b, x, x), x);
    else if (isSplat(exponent, 0.5))
      power = SqrtOp::create(b, x);
    else if (isSplat(exponent, -0.5))
      power = RsqrtOp::create(b, x);
    else if (isSplat(exponent, -1.0))
      power = DivOp::create(b, buildConstantLike(b, x, 1.0), x);
    else
      return rewriter.notifyMatchFailure(op, "the exponent has no cheaper form");
    rewriter.replaceOp(op, power);
    return success();
  }
};
} // namespace

void PowOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<SimplifyConstantPower>(context);
}
