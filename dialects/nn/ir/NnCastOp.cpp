// nn.cast: conversion between element types, for scalars at run time and for constants.
#include "dialects/nn/ir/NnFolding.h"
#include "dialects/nn/ir/NnOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/TypeUtilities.h"

#include <cmath>

using namespace mlir;
using namespace mlir::nn;

static bool isBool(Type element) { return element.isInteger(1); }
static unsigned widthOf(Type element) { return element.getIntOrFloatBitWidth(); }

LogicalResult CastOp::inferReturnTypeComponents(MLIRContext *, std::optional<Location>,
                                                Adaptor adaptor,
                                                SmallVectorImpl<ShapedTypeComponents> &shapes) {
  shapes.emplace_back(cast<RankedTensorType>(adaptor.getOperand().getType()).getShape());
  return success();
}

//===- Scalar code ----------------------------------------------------------===//

/// Truncates towards zero; saturates; 0 for NaN. `to` tells signedness, `scalar` its signless form.
static Value buildFloatToInt(ImplicitLocOpBuilder &b, Value x, Type to, Type scalar) {
  auto type = cast<FloatType>(x.getType());
  unsigned width = widthOf(to);
  bool isUnsignedTarget = isUnsigned(to);
  // Bounds that are powers of two are exact in every format that has them; f16 has none of 2^31 and
  // 2^63, where infinity says the same.
  double below = isUnsignedTarget ? 0.0 : -std::ldexp(1.0, width - 1);
  double above = std::ldexp(1.0, isUnsignedTarget ? width : width - 1);
  auto constant = [&](double value) -> Value {
    return arith::ConstantOp::create(b, b.getFloatAttr(type, value));
  };
  auto integer = [&](const APInt &value) -> Value {
    return arith::ConstantOp::create(b, b.getIntegerAttr(scalar, value));
  };
  Value least =
      integer(isUnsignedTarget ? APInt::getMinValue(width) : APInt::getSignedMinValue(width));
  Value greatest =
      integer(isUnsignedTarget ? APInt::getMaxValue(width) : APInt::getSignedMaxValue(width));
  Value converted = isUnsignedTarget ? Value(arith::FPToUIOp::create(b, scalar, x))
                                     : Value(arith::FPToSIOp::create(b, scalar, x));
  using Predicate = arith::CmpFPredicate;
  Value isBelow = arith::CmpFOp::create(b, Predicate::OLE, x, constant(below));
  Value isAbove = arith::CmpFOp::create(b, Predicate::OGE, x, constant(above));
  Value isNan = arith::CmpFOp::create(b, Predicate::UNO, x, x);
  Value result = arith::SelectOp::create(b, isBelow, least, converted);
  result = arith::SelectOp::create(b, isAbove, greatest, result);
  return arith::SelectOp::create(b, isNan, integer(APInt::getZero(width)), result);
}

static Value buildToBool(ImplicitLocOpBuilder &b, Value x) {
  Value zero = arith::ConstantOp::create(b, b.getZeroAttr(x.getType()));
  if (isa<FloatType>(x.getType()))
    return arith::CmpFOp::create(b, arith::CmpFPredicate::UNE, x, zero);
  return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, x, zero);
}

static Value buildFloatToFloat(ImplicitLocOpBuilder &b, Value x, Type to) {
  Type from = x.getType();
  if (widthOf(from) == widthOf(to)) {
    // f16 and bf16: neither holds the other.
    x = arith::ExtFOp::create(b, b.getF32Type(), x);
    return arith::TruncFOp::create(b, to, x);
  }
  if (widthOf(from) < widthOf(to))
    return arith::ExtFOp::create(b, to, x);
  return arith::TruncFOp::create(b, to, x);
}

Value CastOp::buildScalar(ImplicitLocOpBuilder &b, ValueRange scalars) {
  Value x = scalars[0];
  Type from = getElementTypeOrSelf(getOperand().getType());
  Type to = getElementTypeOrSelf(getType());
  if (from == to)
    return x;
  if (isBool(to))
    return buildToBool(b, x);
  bool fromFloat = isa<FloatType>(from), toFloat = isa<FloatType>(to);
  if (fromFloat && toFloat)
    return buildFloatToFloat(b, x, to);
  if (toFloat)
    return isUnsigned(from) ? Value(arith::UIToFPOp::create(b, to, x))
                            : Value(arith::SIToFPOp::create(b, to, x));
  Type scalar = b.getIntegerType(widthOf(to));
  if (fromFloat)
    return buildFloatToInt(b, x, to, scalar);
  if (widthOf(from) > widthOf(to))
    return arith::TruncIOp::create(b, scalar, x);
  return isUnsigned(from) ? Value(arith::ExtUIOp::create(b, scalar, x))
                          : Value(arith::ExtSIOp::create(b, scalar, x));
}

SmallVector<Value> CastOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  return {CastOp::create(b, getOperand().getType(), g[0])};
}

//===- Folding --------------------------------------------------------------===//

static APInt convertToInt(const APFloat &value, Type to) {
  // convertToInteger saturates, and makes 0 of NaN, as nn.cast does.
  APSInt result(widthOf(to), isUnsigned(to));
  bool exact;
  value.convertToInteger(result, APFloat::rmTowardZero, &exact);
  return result;
}

Attribute nn::foldCast(Attribute operand, Type to) {
  auto elements = dyn_cast_if_present<DenseElementsAttr>(operand);
  if (!elements || !elements.isSplat())
    return {};
  Type from = elements.getElementType();
  ShapedType type = elements.getType().clone(to);
  if (isa<FloatType>(from)) {
    APFloat value = elements.getSplatValue<APFloat>();
    if (isBool(to))
      return DenseElementsAttr::get(type, APInt(1, !value.isZero()));
    if (!isa<FloatType>(to))
      return DenseElementsAttr::get(type, convertToInt(value, to));
    bool inexact;
    value.convert(cast<FloatType>(to).getFloatSemantics(), APFloat::rmNearestTiesToEven, &inexact);
    return DenseElementsAttr::get(type, value);
  }
  APInt value = elements.getSplatValue<APInt>();
  if (isBool(to))
    return DenseElementsAttr::get(type, APInt(1, !value.isZero()));
  if (auto floating = dyn_cast<FloatType>(to)) {
    APFloat converted(floating.getFloatSemantics());
    converted.convertFromAPInt(value, !isUnsigned(from), APFloat::rmNearestTiesToEven);
    return DenseElementsAttr::get(type, converted);
  }
  return DenseElementsAttr::get(type, isUnsigned(from) ? value.zextOrTrunc(widthOf(to))
                                                       : value.sextOrTrunc(widthOf(to)));
}

/// Whether every value of `from` is a value of `to`.
static bool isLossless(Type from, Type to) {
  if (from == to || isBool(from))
    return true;
  if (isBool(to))
    return false;
  auto toFloat = dyn_cast<FloatType>(to);
  if (auto fromFloat = dyn_cast<FloatType>(from))
    return toFloat && toFloat.getFPMantissaWidth() >= fromFloat.getFPMantissaWidth() &&
           toFloat.getWidth() > fromFloat.getWidth();
  unsigned digits = widthOf(from) - (isUnsigned(from) ? 0 : 1);
  if (toFloat)
    return toFloat.getFPMantissaWidth() >= digits;
  return !isUnsigned(to) && widthOf(to) > digits;
}

OpFoldResult CastOp::fold(FoldAdaptor adaptor) {
  Type to = getElementTypeOrSelf(getType());
  if (getOperand().getType() == getType())
    return getOperand();
  if (Attribute constant = foldCast(adaptor.getOperand(), to))
    return constant;
  auto inner = getOperand().getDefiningOp<CastOp>();
  if (!inner)
    return {};
  Type from = getElementTypeOrSelf(inner.getOperand().getType());
  Type between = getElementTypeOrSelf(inner.getType());
  if (!isLossless(from, between))
    return {};
  // Integers wrap where floats saturate: int -> float -> int is int -> int only where neither
  // happens.
  bool changesOverflow = !isa<FloatType>(from) && isa<FloatType>(between) && !isa<FloatType>(to) &&
                         !isBool(to) && !isLossless(from, to);
  if (changesOverflow)
    return {};
  if (inner.getOperand().getType() == getType())
    return inner.getOperand();
  getOperandMutable().assign(inner.getOperand());
  return getResult();
}
