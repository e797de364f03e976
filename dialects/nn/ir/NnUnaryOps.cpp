// Elementwise operations with one operand: scalar code, derivatives, folders.
#include "dialects/nn/ir/NnFolding.h"
#include "dialects/nn/ir/NnOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <numbers>

using namespace mlir;
using namespace mlir::nn;

//===- Scalar code ----------------------------------------------------------===//

#define NN_MATH_SCALAR(Op, MathOp)                                                                 \
  Value Op::buildScalar(ImplicitLocOpBuilder &b, ValueRange scalars) {                             \
    return MathOp::create(b, scalars[0]);                                                          \
  }

NN_MATH_SCALAR(ExpOp, math::ExpOp)
NN_MATH_SCALAR(LogOp, math::LogOp)
NN_MATH_SCALAR(Log1pOp, math::Log1pOp)
NN_MATH_SCALAR(SqrtOp, math::SqrtOp)
NN_MATH_SCALAR(RsqrtOp, math::RsqrtOp)
NN_MATH_SCALAR(TanhOp, math::TanhOp)
NN_MATH_SCALAR(SinOp, math::SinOp)
NN_MATH_SCALAR(CosOp, math::CosOp)
NN_MATH_SCALAR(ErfOp, math::ErfOp)
NN_MATH_SCALAR(FloorOp, math::FloorOp)
#undef NN_MATH_SCALAR

static Value buildConstant(ImplicitLocOpBuilder &b, Type type, int64_t value) {
  TypedAttr attribute = isa<FloatType>(type)
                            ? TypedAttr(b.getFloatAttr(type, static_cast<double>(value)))
                            : TypedAttr(b.getIntegerAttr(type, value));
  return arith::ConstantOp::create(b, attribute);
}

Value NegOp::buildScalar(ImplicitLocOpBuilder &b, ValueRange scalars) {
  Value x = scalars[0];
  if (isa<FloatType>(x.getType()))
    return arith::NegFOp::create(b, x);
  return arith::SubIOp::create(b, buildConstant(b, x.getType(), 0), x);
}

Value AbsOp::buildScalar(ImplicitLocOpBuilder &b, ValueRange scalars) {
  if (isa<FloatType>(scalars[0].getType()))
    return math::AbsFOp::create(b, scalars[0]);
  return math::AbsIOp::create(b, scalars[0]);
}

Value SignOp::buildScalar(ImplicitLocOpBuilder &b, ValueRange scalars) {
  Value x = scalars[0];
  Type type = x.getType();
  Value zero = buildConstant(b, type, 0);
  if (isa<FloatType>(type)) {
    // Neither above nor below zero: a zero or NaN, which is its own sign.
    Value positive = arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, x, zero);
    Value negative = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, x, zero);
    Value below = arith::SelectOp::create(b, negative, buildConstant(b, type, -1), x);
    return arith::SelectOp::create(b, positive, buildConstant(b, type, 1), below);
  }
  Value positive = arith::CmpIOp::create(b, arith::CmpIPredicate::sgt, x, zero);
  Value negative = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, x, zero);
  Value below = arith::SelectOp::create(b, negative, buildConstant(b, type, -1), zero);
  return arith::SelectOp::create(b, positive, buildConstant(b, type, 1), below);
}

Value NotOp::buildScalar(ImplicitLocOpBuilder &b, ValueRange scalars) {
  return arith::XOrIOp::create(b, scalars[0], buildConstant(b, scalars[0].getType(), 1));
}

/// e^-|x|, which never overflows.
static Value buildDecay(ImplicitLocOpBuilder &b, Value x) {
  return math::ExpOp::create(b, arith::NegFOp::create(b, math::AbsFOp::create(b, x)));
}

Value SigmoidOp::buildScalar(ImplicitLocOpBuilder &b, ValueRange scalars) {
  // 1 / (1 + e^-x), or e^x / (1 + e^x): neither loses the digits of a small result.
  Value x = scalars[0], decay = buildDecay(b, x);
  Value one = buildConstant(b, x.getType(), 1), zero = buildConstant(b, x.getType(), 0);
  Value positive = arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, x, zero);
  Value above = arith::SelectOp::create(b, positive, one, decay);
  return arith::DivFOp::create(b, above, arith::AddFOp::create(b, one, decay));
}

Value SoftplusOp::buildScalar(ImplicitLocOpBuilder &b, ValueRange scalars) {
  Value x = scalars[0];
  Value part = arith::MaximumFOp::create(b, x, buildConstant(b, x.getType(), 0));
  return arith::AddFOp::create(b, part, math::Log1pOp::create(b, buildDecay(b, x)));
}

Value LogSigmoidOp::buildScalar(ImplicitLocOpBuilder &b, ValueRange scalars) {
  Value x = scalars[0];
  Value part = arith::MinimumFOp::create(b, x, buildConstant(b, x.getType(), 0));
  return arith::SubFOp::create(b, part, math::Log1pOp::create(b, buildDecay(b, x)));
}

//===- Derivatives ----------------------------------------------------------===//
// g is the cotangent of the result y; x is the operand.

SmallVector<Value> NegOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  return {NegOp::create(b, g[0])};
}

SmallVector<Value> ExpOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  return {MulOp::create(b, g[0], getResult())};
}

SmallVector<Value> LogOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  return {DivOp::create(b, g[0], getOperand())};
}

SmallVector<Value> Log1pOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  Value one = buildConstantLike(b, getOperand(), 1.0);
  return {DivOp::create(b, g[0], AddOp::create(b, getOperand(), one))};
}

SmallVector<Value> SqrtOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  Value half = buildConstantLike(b, getOperand(), 0.5);
  return {DivOp::create(b, MulOp::create(b, g[0], half), getResult())};
}

SmallVector<Value> RsqrtOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  Value scale = MulOp::create(b, getResult(), buildConstantLike(b, getOperand(), -0.5));
  return {DivOp::create(b, MulOp::create(b, g[0], scale), getOperand())};
}

SmallVector<Value> TanhOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  Value one = buildConstantLike(b, getResult(), 1.0);
  Value square = MulOp::create(b, getResult(), getResult());
  return {MulOp::create(b, g[0], SubOp::create(b, one, square))};
}

SmallVector<Value> SigmoidOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  Value rest = SubOp::create(b, buildConstantLike(b, getResult(), 1.0), getResult());
  return {MulOp::create(b, g[0], MulOp::create(b, getResult(), rest))};
}

SmallVector<Value> SoftplusOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  return {MulOp::create(b, g[0], SigmoidOp::create(b, getOperand()))};
}

SmallVector<Value> LogSigmoidOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  return {MulOp::create(b, g[0], SigmoidOp::create(b, NegOp::create(b, getOperand())))};
}

SmallVector<Value> SinOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  return {MulOp::create(b, g[0], CosOp::create(b, getOperand()))};
}

SmallVector<Value> CosOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  return {MulOp::create(b, g[0], NegOp::create(b, SinOp::create(b, getOperand())))};
}

SmallVector<Value> ErfOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  Value factor = buildConstantLike(b, getOperand(), 2.0 * std::numbers::inv_sqrtpi);
  Value square = MulOp::create(b, getOperand(), getOperand());
  Value bell = ExpOp::create(b, NegOp::create(b, square));
  return {MulOp::create(b, g[0], MulOp::create(b, factor, bell))};
}

SmallVector<Value> AbsOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  return {MulOp::create(b, g[0], SignOp::create(b, getOperand()))};
}

bool SignOp::isDifferentiableWrt(unsigned) { return false; }
SmallVector<Value> SignOp::vjp(ImplicitLocOpBuilder &, ValueRange, ArrayRef<bool>) {
  return {Value()};
}

bool FloorOp::isDifferentiableWrt(unsigned) { return false; }
SmallVector<Value> FloorOp::vjp(ImplicitLocOpBuilder &, ValueRange, ArrayRef<bool>) {
  return {Value()};
}

bool StopGradientOp::isDifferentiableWrt(unsigned) { return false; }
SmallVector<Value> StopGradientOp::vjp(ImplicitLocOpBuilder &, ValueRange, ArrayRef<bool>) {
  return {Value()};
}

//===- Folders --------------------------------------------------------------===//

OpFoldResult NegOp::fold(FoldAdaptor adaptor) {
  if (auto inner = getOperand().getDefiningOp<NegOp>())
    return inner.getOperand();
  return foldUnary(
      adaptor.getOperand(), [](const APFloat &x) { return -x; }, [](const APInt &x) { return -x; });
}

OpFoldResult NotOp::fold(FoldAdaptor adaptor) {
  if (auto inner = getOperand().getDefiningOp<NotOp>())
    return inner.getOperand();
  return foldUnary(adaptor.getOperand(), nullptr, [](const APInt &x) { return ~x; });
}

OpFoldResult StopGradientOp::fold(FoldAdaptor adaptor) {
  // A constant has no gradient to stop.
  return adaptor.getOperand();
}
