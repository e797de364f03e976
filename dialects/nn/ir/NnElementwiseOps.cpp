// Elementwise operations with two or three operands: scalar code and derivatives.
#include "dialects/nn/ir/NnOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::nn;

static bool isFloat(Value scalar) { return isa<FloatType>(scalar.getType()); }

//===- Scalar code ----------------------------------------------------------===//

Value AddOp::buildScalar(ImplicitLocOpBuilder &b, ValueRange s) {
  if (isFloat(s[0]))
    return arith::AddFOp::create(b, s[0], s[1]);
  return arith::AddIOp::create(b, s[0], s[1]);
}

Value SubOp::buildScalar(ImplicitLocOpBuilder &b, ValueRange s) {
  if (isFloat(s[0]))
    return arith::SubFOp::create(b, s[0], s[1]);
  return arith::SubIOp::create(b, s[0], s[1]);
}

Value MulOp::buildScalar(ImplicitLocOpBuilder &b, ValueRange s) {
  if (isFloat(s[0]))
    return arith::MulFOp::create(b, s[0], s[1]);
  return arith::MulIOp::create(b, s[0], s[1]);
}

/// Where an integer division is undefined, of zero by zero and of the least integer by -1, divides
/// by 1 instead: `a / -1` is then corrected by the caller.
static Value buildSafeDivisor(ImplicitLocOpBuilder &b, Value divisor, bool unsignedness) {
  Type type = divisor.getType();
  Value zero = arith::ConstantOp::create(b, b.getIntegerAttr(type, 0));
  Value one = arith::ConstantOp::create(b, b.getIntegerAttr(type, 1));
  Value unsafe = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, divisor, zero);
  if (!unsignedness) {
    Value minusOne = arith::ConstantOp::create(b, b.getIntegerAttr(type, -1));
    Value negates = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, divisor, minusOne);
    unsafe = arith::OrIOp::create(b, unsafe, negates);
  }
  return arith::SelectOp::create(b, unsafe, one, divisor);
}

/// The quotient as nn.div defines it, for all integers.
static Value buildIntegerQuotient(ImplicitLocOpBuilder &b, Value lhs, Value rhs,
                                  bool unsignedness) {
  Value zero = arith::ConstantOp::create(b, b.getIntegerAttr(lhs.getType(), 0));
  Value divisor = buildSafeDivisor(b, rhs, unsignedness);
  Value byZero = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, rhs, zero);
  if (unsignedness) {
    Value quotient = arith::DivUIOp::create(b, lhs, divisor);
    return arith::SelectOp::create(b, byZero, zero, quotient);
  }
  Value minusOne = arith::ConstantOp::create(b, b.getIntegerAttr(lhs.getType(), -1));
  Value byMinusOne = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, rhs, minusOne);
  Value quotient = arith::DivSIOp::create(b, lhs, divisor);
  Value negated = arith::SubIOp::create(b, zero, lhs);
  quotient = arith::SelectOp::create(b, byMinusOne, negated, quotient);
  return arith::SelectOp::create(b, byZero, zero, quotient);
}

Value DivOp::buildScalar(ImplicitLocOpBuilder &b, ValueRange s) {
  if (isFloat(s[0]))
    return arith::DivFOp::create(b, s[0], s[1]);
  return buildIntegerQuotient(b, s[0], s[1], isUnsigned(getLhs()));
}

Value FloorModOp::buildScalar(ImplicitLocOpBuilder &b, ValueRange s) {
  Value dividend = s[0], divisor = s[1];
  if (!isFloat(dividend)) {
    bool isNatural = isUnsigned(getLhs());
    Value quotient = buildIntegerQuotient(b, dividend, divisor, isNatural);
    Value rest = arith::SubIOp::create(b, dividend, arith::MulIOp::create(b, quotient, divisor));
    if (isNatural)
      return rest;
    // Truncation has rounded up where the signs differ. By 0 nothing is divided.
    Value zero = arith::ConstantOp::create(b, b.getIntegerAttr(rest.getType(), 0));
    auto is = [&](arith::CmpIPredicate predicate, Value value) -> Value {
      return arith::CmpIOp::create(b, predicate, value, zero);
    };
    Value differs = is(arith::CmpIPredicate::slt, arith::XOrIOp::create(b, rest, divisor));
    Value isInexact = is(arith::CmpIPredicate::ne, rest);
    Value wrong = arith::AndIOp::create(b, arith::AndIOp::create(b, differs, isInexact),
                                        is(arith::CmpIPredicate::ne, divisor));
    return arith::SelectOp::create(b, wrong, arith::AddIOp::create(b, rest, divisor), rest);
  }
  Value rest = arith::RemFOp::create(b, dividend, divisor);
  Value zero = arith::ConstantOp::create(b, b.getZeroAttr(rest.getType()));
  using Predicate = arith::CmpFPredicate;
  Value restBelow = arith::CmpFOp::create(b, Predicate::OLT, rest, zero);
  Value divisorBelow = arith::CmpFOp::create(b, Predicate::OLT, divisor, zero);
  Value differs = arith::XOrIOp::create(b, restBelow, divisorBelow);
  Value isExact = arith::CmpFOp::create(b, Predicate::OEQ, rest, zero);
  Value moved = arith::SelectOp::create(b, differs, arith::AddFOp::create(b, rest, divisor), rest);
  Value signedZero = math::CopySignOp::create(b, zero, divisor);
  return arith::SelectOp::create(b, isExact, signedZero, moved);
}

Value PowOp::buildScalar(ImplicitLocOpBuilder &b, ValueRange s) {
  return math::PowFOp::create(b, s[0], s[1]);
}

Value MaximumOp::buildScalar(ImplicitLocOpBuilder &b, ValueRange s) {
  if (isFloat(s[0]))
    return arith::MaximumFOp::create(b, s[0], s[1]);
  if (isUnsigned(getLhs()))
    return arith::MaxUIOp::create(b, s[0], s[1]);
  return arith::MaxSIOp::create(b, s[0], s[1]);
}

Value MinimumOp::buildScalar(ImplicitLocOpBuilder &b, ValueRange s) {
  if (isFloat(s[0]))
    return arith::MinimumFOp::create(b, s[0], s[1]);
  if (isUnsigned(getLhs()))
    return arith::MinUIOp::create(b, s[0], s[1]);
  return arith::MinSIOp::create(b, s[0], s[1]);
}

Value AndOp::buildScalar(ImplicitLocOpBuilder &b, ValueRange s) {
  return arith::AndIOp::create(b, s[0], s[1]);
}

Value OrOp::buildScalar(ImplicitLocOpBuilder &b, ValueRange s) {
  return arith::OrIOp::create(b, s[0], s[1]);
}

Value CompareOp::buildScalar(ImplicitLocOpBuilder &b, ValueRange s) {
  using F = arith::CmpFPredicate;
  using I = arith::CmpIPredicate;
  StringRef predicate = getPredicate();
  if (isFloat(s[0])) {
    auto kind = llvm::StringSwitch<F>(predicate)
                    .Case("eq", F::OEQ)
                    .Case("ne", F::UNE)
                    .Case("lt", F::OLT)
                    .Case("le", F::OLE)
                    .Case("gt", F::OGT)
                    .Default(F::OGE);
    return arith::CmpFOp::create(b, kind, s[0], s[1]);
  }
  bool u = isUnsigned(getLhs());
  auto kind = llvm::StringSwitch<I>(predicate)
                  .Case("eq", I::eq)
                  .Case("ne", I::ne)
                  .Case("lt", u ? I::ult : I::slt)
                  .Case("le", u ? I::ule : I::sle)
                  .Case("gt", u ? I::ugt : I::sgt)
                  .Default(u ? I::uge : I::sge);
  return arith::CmpIOp::create(b, kind, s[0], s[1]);
}

Value SelectOp::buildScalar(ImplicitLocOpBuilder &b, ValueRange s) {
  return arith::SelectOp::create(b, s[0], s[1], s[2]);
}

//===- Derivatives ----------------------------------------------------------===//
// g[0] is the cotangent of the result y; a and b are the operands.

SmallVector<Value> AddOp::vjp(ImplicitLocOpBuilder &, ValueRange g, ArrayRef<bool>) {
  return {g[0], g[0]};
}

SmallVector<Value> SubOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool> wanted) {
  return {g[0], wanted[1] ? Value(NegOp::create(b, g[0])) : Value()};
}

SmallVector<Value> MulOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool> wanted) {
  SmallVector<Value> result(2);
  if (wanted[0])
    result[0] = MulOp::create(b, g[0], getRhs());
  if (wanted[1])
    result[1] = MulOp::create(b, g[0], getLhs());
  return result;
}

SmallVector<Value> DivOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool> wanted) {
  SmallVector<Value> result(2);
  Value quotient = DivOp::create(b, g[0], getRhs());
  if (wanted[0])
    result[0] = quotient;
  if (wanted[1])
    result[1] = NegOp::create(b, MulOp::create(b, quotient, getResult()));
  return result;
}

SmallVector<Value> FloorModOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool> wanted) {
  SmallVector<Value> result = {g[0], {}};
  if (wanted[1]) {
    Value quotient = DivOp::create(b, SubOp::create(b, getLhs(), getResult()), getRhs());
    result[1] = NegOp::create(b, MulOp::create(b, g[0], quotient));
  }
  return result;
}

/// What `base ^ exponent` has as its base in its derivative. That of the power 0 is 0 at 0 as well,
/// where `0 * base ^ -1` isn't: there any other base does.
static Value buildBaseOfSlope(ImplicitLocOpBuilder &b, Value base, Value exponent) {
  std::optional<APFloat> known = getSplatFloat(exponent);
  if (known && !known->isZero())
    return base;
  auto element = cast<FloatType>(getElementTypeOrSelf(base.getType()));
  double least = APFloat::getSmallestNormalized(element.getFloatSemantics()).convertToDouble();
  Value isZero = CompareOp::create(b, "eq", exponent, buildConstantLike(b, exponent, 0.0));
  // The inverse of what is less may be infinite.
  Value isSmall =
      CompareOp::create(b, "lt", AbsOp::create(b, base), buildConstantLike(b, base, least));
  Value one = buildConstantLike(b, base, 1.0);
  return SelectOp::create(b, AndOp::create(b, isZero, isSmall), one, base);
}

SmallVector<Value> PowOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool> wanted) {
  SmallVector<Value> result(2);
  if (wanted[0]) {
    Value exponent = SubOp::create(b, getRhs(), buildConstantLike(b, getRhs(), 1.0));
    Value base = buildBaseOfSlope(b, getLhs(), getRhs());
    Value slope = MulOp::create(b, getRhs(), PowOp::create(b, base, exponent));
    result[0] = MulOp::create(b, g[0], slope);
  }
  if (wanted[1]) {
    Value zero = buildConstantLike(b, getLhs(), 0.0);
    Value positive = CompareOp::create(b, "gt", getLhs(), zero);
    Value slope = MulOp::create(b, getResult(), LogOp::create(b, getLhs()));
    result[1] = SelectOp::create(b, positive, MulOp::create(b, g[0], slope), zero);
  }
  return result;
}

/// The cotangent of both operands of a choice: `g` for one, zero for the other.
static SmallVector<Value> splitCotangent(ImplicitLocOpBuilder &b, Value condition, Value g,
                                         bool wantsTrue, bool wantsFalse) {
  SmallVector<Value> result(2);
  Value zero = buildConstantLike(b, g, 0.0);
  if (wantsTrue)
    result[0] = SelectOp::create(b, condition, g, zero);
  if (wantsFalse)
    result[1] = SelectOp::create(b, condition, zero, g);
  return result;
}

/// The cotangents of a choice by order: equals have half of it each. Each answer is zero by one
/// outer choice, so that a product that follows keeps it zero.
static SmallVector<Value> splitByOrder(ImplicitLocOpBuilder &b, StringRef strictly,
                                       StringRef orEqual, Value lhs, Value rhs, Value g,
                                       ArrayRef<bool> wanted) {
  Value zero = buildConstantLike(b, g, 0.0);
  Value half = MulOp::create(b, g, buildConstantLike(b, g, 0.5));
  Value isEqual = CompareOp::create(b, "eq", lhs, rhs);
  Value share = SelectOp::create(b, isEqual, half, g);
  SmallVector<Value> result(2);
  if (wanted[0])
    result[0] = SelectOp::create(b, CompareOp::create(b, orEqual, lhs, rhs), share, zero);
  if (wanted[1])
    result[1] = SelectOp::create(b, CompareOp::create(b, strictly, lhs, rhs), zero, share);
  return result;
}

SmallVector<Value> MaximumOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool> wanted) {
  return splitByOrder(b, "gt", "ge", getLhs(), getRhs(), g[0], wanted);
}

SmallVector<Value> MinimumOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool> wanted) {
  return splitByOrder(b, "lt", "le", getLhs(), getRhs(), g[0], wanted);
}

SmallVector<Value> SelectOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool> wanted) {
  SmallVector<Value> chosen = splitCotangent(b, getCondition(), g[0], wanted[1], wanted[2]);
  return {Value(), chosen[0], chosen[1]};
}
