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
NN_MATH_SCALAR(Expm1Op, math::ExpM1Op)
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

static Value buildReal(ImplicitLocOpBuilder &b, Type type, double value) {
  return arith::ConstantOp::create(b, b.getFloatAttr(type, value));
}

/// `code` of x; narrow types compute in f32, and round once.
static Value buildWide(ImplicitLocOpBuilder &b, Value x,
                       function_ref<Value(ImplicitLocOpBuilder &, Value)> code) {
  Type type = x.getType(), wide = b.getF32Type();
  if (type.getIntOrFloatBitWidth() >= 32)
    return code(b, x);
  return arith::TruncFOp::create(b, type, code(b, arith::ExtFOp::create(b, wide, x)));
}

/// Within [-60, 60], beyond which tails of the normal distribution are 0 in every type; a NaN
/// stays.
static Value buildWithinTails(ImplicitLocOpBuilder &b, Value x) {
  Value below = arith::MinimumFOp::create(b, x, buildReal(b, x.getType(), 60));
  return arith::MaximumFOp::create(b, below, buildReal(b, x.getType(), -60));
}

Value NormalPdfOp::buildScalar(ImplicitLocOpBuilder &b, ValueRange scalars) {
  return buildWide(b, scalars[0], [](ImplicitLocOpBuilder &b, Value operand) -> Value {
    Type type = operand.getType();
    Value x = buildWithinTails(b, operand), minusHalf = buildReal(b, type, -0.5);
    Value square = arith::MulFOp::create(b, x, x);
    // x * x = square + rest, exactly; e^(-rest / 2) = 1 - rest / 2.
    Value rest = math::FmaOp::create(b, x, x, arith::NegFOp::create(b, square));
    Value bell = math::ExpOp::create(b, arith::MulFOp::create(b, square, minusHalf));
    bell = math::FmaOp::create(b, bell, arith::MulFOp::create(b, rest, minusHalf), bell);
    return arith::MulFOp::create(
        b, bell, buildReal(b, type, std::numbers::inv_sqrtpi / std::numbers::sqrt2));
  });
}

Value NormalCdfOp::buildScalar(ImplicitLocOpBuilder &b, ValueRange scalars) {
  return buildWide(b, scalars[0], [](ImplicitLocOpBuilder &b, Value operand) -> Value {
    Type type = operand.getType();
    // 1 / sqrt(2) = high + low, to twice the digits of the type.
    bool isDouble = type.isF64();
    double high = isDouble ? 0x1.6a09e667f3bcdp-1 : 0x1.6a09e6p-1;
    double low = isDouble ? -0x1.bdd3413b26456p-55 : 0x1.9fcef3p-27;
    Value x = buildWithinTails(b, operand), factor = buildReal(b, type, high);
    Value scaled = arith::MulFOp::create(b, x, factor);
    Value minus = arith::NegFOp::create(b, scaled);
    Value rest = math::FmaOp::create(b, x, factor, minus);
    rest = math::FmaOp::create(b, x, buildReal(b, type, low), rest);
    // The slope of -ln erfc(t): within a few percent of t + sqrt(t^2 + 4 / pi), for t of 0 or more;
    // below, where erfc is about 2, nothing is magnified.
    Value zero = buildReal(b, type, 0);
    Value isAbove = arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, x, zero);
    rest = arith::SelectOp::create(b, isAbove, zero, rest);
    Value t = arith::MaximumFOp::create(b, minus, zero);
    Value slope = math::FmaOp::create(b, t, t, buildReal(b, type, 4 / std::numbers::pi));
    slope = arith::AddFOp::create(b, t, math::SqrtOp::create(b, slope));
    Value tail = math::ErfcOp::create(b, minus);
    tail = math::FmaOp::create(b, tail, arith::MulFOp::create(b, rest, slope), tail);
    return arith::MulFOp::create(b, tail, buildReal(b, type, 0.5));
  });
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
  // e^(-x*x) is the square of e^(-x*x / 2), which is known to the last digits.
  Value factor = buildConstantLike(b, getOperand(), 4.0 / std::numbers::inv_sqrtpi);
  Value root = NormalPdfOp::create(b, getOperand());
  Value bell = MulOp::create(b, MulOp::create(b, factor, root), root);
  return {MulOp::create(b, g[0], bell)};
}

SmallVector<Value> Expm1Op::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  return {MulOp::create(b, g[0], ExpOp::create(b, getOperand()))};
}

SmallVector<Value> NormalCdfOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  return {MulOp::create(b, g[0], NormalPdfOp::create(b, getOperand()))};
}

SmallVector<Value> NormalPdfOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  Value slope = MulOp::create(b, getOperand(), getResult());
  return {NegOp::create(b, MulOp::create(b, g[0], slope))};
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
