// nn.random to linalg.generic: each element finds its block, and its words in it.
#include "dialects/nn/lowering/Lowering.h"
#include "dialects/nn/lowering/Philox.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <cmath>
#include <numbers>

using namespace mlir;
using namespace mlir::nn;

static Value buildLowWord(ImplicitLocOpBuilder &b, Value wide) {
  return arith::TruncIOp::create(b, b.getI32Type(), wide);
}

static Value buildHighWord(ImplicitLocOpBuilder &b, Value wide) {
  Value shift = arith::ConstantOp::create(b, b.getI64IntegerAttr(32));
  return buildLowWord(b, arith::ShRUIOp::create(b, wide, shift));
}

/// Two words as one number: `high * 2^32 + low`.
static Value buildPair(ImplicitLocOpBuilder &b, Value low, Value high) {
  Value shift = arith::ConstantOp::create(b, b.getI64IntegerAttr(32));
  Value upper = arith::ShLIOp::create(b, arith::ExtUIOp::create(b, b.getI64Type(), high), shift);
  return arith::OrIOp::create(b, upper, arith::ExtUIOp::create(b, b.getI64Type(), low));
}

/// `((bits >> (width - digits)) + plus) * 2^-digits`: with as many digits as the type has, exact.
static Value buildFraction(ImplicitLocOpBuilder &b, Value bits, FloatType type, unsigned plus) {
  unsigned digits = type.getFPMantissaWidth();
  auto integer = cast<IntegerType>(bits.getType());
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(b, b.getIntegerAttr(integer, value));
  };
  Value top = arith::ShRUIOp::create(b, bits, constant(integer.getWidth() - digits));
  if (plus)
    top = arith::AddIOp::create(b, top, constant(plus));
  Value scale = arith::ConstantOp::create(
      b, b.getFloatAttr(type, std::ldexp(1.0, -static_cast<int>(digits))));
  // The top bit is clear, so the signed conversion, which is the cheaper one, is right.
  return arith::MulFOp::create(b, arith::SIToFPOp::create(b, type, top), scale);
}

//===----------------------------------------------------------------------===//
// Functions in arithmetic that every machine rounds alike, so that all draw the same bits
//===----------------------------------------------------------------------===//

/// A polynomial in `x`, its factors from the constant one on.
static Value buildPolynomial(ImplicitLocOpBuilder &b, Value x, ArrayRef<double> factors) {
  auto constant = [&](double value) -> Value {
    return arith::ConstantOp::create(b, b.getFloatAttr(x.getType(), value));
  };
  Value sum = constant(factors.back());
  for (double next : llvm::reverse(factors.drop_back()))
    sum = arith::AddFOp::create(b, arith::MulFOp::create(b, sum, x), constant(next));
  return sum;
}

/// The sine (`first` = 1) or cosine (`first` = 0) of |x| <= pi / 4, by its series:
/// sum of (-1)^i * x^(2 i + first) / (2 i + first)!
static Value buildSeries(ImplicitLocOpBuilder &b, Value x, unsigned first) {
  const unsigned degree = x.getType().isF64() ? 18 : 10;
  SmallVector<double> factors; // Of the powers of x^2.
  double factor = 1;
  for (unsigned power = first; power <= degree; power += 2) {
    factors.push_back(factor);
    factor /= -double((power + 1) * (power + 2));
  }
  Value sum = buildPolynomial(b, arith::MulFOp::create(b, x, x), factors);
  return first ? arith::MulFOp::create(b, sum, x) : sum;
}

/// The logarithm of a normal number `x` = 2^e * m with m in [sqrt(1/2), sqrt(2)): e ln 2 + ln m,
/// and ln m = 2 artanh f = 2 (f + f^3 / 3 + f^5 / 5 + ...) with f = (m - 1) / (m + 1).
static Value buildLog(ImplicitLocOpBuilder &b, Value x) {
  auto type = cast<FloatType>(x.getType());
  Type integer = b.getIntegerType(type.getWidth());
  auto constant = [&](double value) -> Value {
    return arith::ConstantOp::create(b, b.getFloatAttr(type, value));
  };
  auto number = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(b, b.getIntegerAttr(integer, value));
  };
  Value digits = number(type.getFPMantissaWidth() - 1);
  Value bits = arith::BitcastOp::create(b, integer, x);
  Value root = arith::BitcastOp::create(b, integer, constant(std::numbers::sqrt2 / 2));
  Value exponent = arith::ShRSIOp::create(b, arith::SubIOp::create(b, bits, root), digits);
  Value mantissa = arith::BitcastOp::create(
      b, type, arith::SubIOp::create(b, bits, arith::ShLIOp::create(b, exponent, digits)));
  Value one = constant(1.0);
  Value f = arith::DivFOp::create(b, arith::SubFOp::create(b, mantissa, one),
                                  arith::AddFOp::create(b, mantissa, one));
  SmallVector<double> factors; // |f| < 0.172: so many reach the type's last digit.
  for (unsigned i = 0, count = type.isF64() ? 12 : 6; i < count; ++i)
    factors.push_back(2.0 / (2 * i + 1));
  Value sum =
      arith::MulFOp::create(b, f, buildPolynomial(b, arith::MulFOp::create(b, f, f), factors));
  Value whole = arith::MulFOp::create(b, arith::SIToFPOp::create(b, type, exponent),
                                      constant(std::numbers::ln2));
  return arith::AddFOp::create(b, whole, sum);
}

/// The sine where `isSine`, else the cosine, of `turns` in [0, 1), which are whole ones.
static Value buildDirection(ImplicitLocOpBuilder &b, Value turns, Value isSine) {
  Type type = turns.getType(), integer = b.getI32Type();
  auto constant = [&](double value) -> Value {
    return arith::ConstantOp::create(b, b.getFloatAttr(type, value));
  };
  auto number = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(b, b.getI32IntegerAttr(value));
  };
  // The nearest quarter turn, and what is left: an eighth at most, exactly.
  Value four = arith::MulFOp::create(b, turns, constant(4.0));
  Value quarter =
      arith::FPToSIOp::create(b, integer, arith::AddFOp::create(b, four, constant(0.5)));
  Value nearest =
      arith::MulFOp::create(b, arith::SIToFPOp::create(b, type, quarter), constant(0.25));
  Value rest = arith::MulFOp::create(b, arith::SubFOp::create(b, turns, nearest),
                                     constant(2.0 * std::numbers::pi));
  // A cosine is the sine of a quarter turn more.
  Value more = arith::SelectOp::create(b, isSine, number(0), number(1));
  quarter = arith::AddIOp::create(b, quarter, more);
  auto isSet = [&](int64_t bit) -> Value {
    Value masked = arith::AndIOp::create(b, quarter, number(bit));
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, masked, number(0));
  };
  Value value = arith::SelectOp::create(b, isSet(1), buildSeries(b, rest, /*first=*/0),
                                        buildSeries(b, rest, /*first=*/1));
  return arith::SelectOp::create(b, isSet(2), arith::NegFOp::create(b, value), value);
}

/// One of the two numbers of Box and Muller's transform, of `u` in (0, 1] and `v` in [0, 1).
static Value buildNormal(ImplicitLocOpBuilder &b, Value u, Value v, Value isSecond) {
  Value minusTwo = arith::ConstantOp::create(b, b.getFloatAttr(u.getType(), -2.0));
  Value square = arith::MulFOp::create(b, minusTwo, buildLog(b, u));
  Value radius = math::SqrtOp::create(b, square);
  return arith::MulFOp::create(b, radius, buildDirection(b, v, isSecond));
}

namespace {
/// The numbers of one op, as its description says.
class Generator {
public:
  Generator(FloatType type, bool isNormal) : type(type), isNormal(isNormal) {}

  /// How many elements a block makes, as a power of two.
  int64_t getBlockShift() const { return type.isF64() ? 1 : 2; }
  Value build(ImplicitLocOpBuilder &b, ArrayRef<Value> words, Value number) const;

private:
  Value buildChoice(ImplicitLocOpBuilder &b, Value flag, Value onTrue, Value onFalse) const {
    return arith::SelectOp::create(b, flag, onTrue, onFalse);
  }
  /// Whether bit `bit` of the element's number is set.
  static Value buildBit(ImplicitLocOpBuilder &b, Value number, int64_t bit) {
    Value mask = arith::ConstantOp::create(b, b.getI64IntegerAttr(int64_t(1) << bit));
    Value zero = arith::ConstantOp::create(b, b.getI64IntegerAttr(0));
    Value masked = arith::AndIOp::create(b, number, mask);
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, masked, zero);
  }

  FloatType type;
  bool isNormal;
};
} // namespace

Value Generator::build(ImplicitLocOpBuilder &b, ArrayRef<Value> words, Value number) const {
  Value isOdd = buildBit(b, number, 0);
  if (type.isF64()) {
    Value low = buildPair(b, words[0], words[1]), high = buildPair(b, words[2], words[3]);
    if (!isNormal)
      return buildFraction(b, buildChoice(b, isOdd, high, low), type, 0);
    return buildNormal(b, buildFraction(b, low, type, 1), buildFraction(b, high, type, 0), isOdd);
  }
  Value isUpper = buildBit(b, number, 1);
  Value first = buildChoice(b, isUpper, words[2], words[0]);
  Value second = buildChoice(b, isUpper, words[3], words[1]);
  if (!isNormal)
    return buildFraction(b, buildChoice(b, isOdd, second, first), type, 0);
  auto work = cast<FloatType>(b.getF32Type());
  Value normal =
      buildNormal(b, buildFraction(b, first, work, 1), buildFraction(b, second, work, 0), isOdd);
  return work == type ? normal : Value(arith::TruncFOp::create(b, type, normal));
}

namespace {
struct LowerRandom : NnLowering<RandomOp> {
  using NnLowering::NnLowering;

  LogicalResult matchAndRewrite(RandomOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    SmallVector<OpFoldResult> sizes = getSizes(rewriter, op);
    auto element = cast<FloatType>(getResultType(op).getElementType());
    Generator generator(element, op.getDistribution() == "normal");

    // What all elements share.
    auto extract = [&](Value scalar) -> Value {
      return tensor::ExtractOp::create(b, scalar, ValueRange());
    };
    Value seed = extract(adaptor.getSeed());
    std::array<Value, 2> key = {buildLowWord(b, seed), buildHighWord(b, seed)};
    Value draw = adaptor.getDraw() ? buildLowWord(b, extract(adaptor.getDraw()))
                                   : Value(arith::ConstantOp::create(b, b.getI32IntegerAttr(0)));
    Value site =
        arith::ConstantOp::create(b, b.getIntegerAttr(b.getI32Type(), APInt(32, op.getSite())));
    // Not in the body, so that equal tensors of different sites share a kernel.
    Value siteByKey = arith::XOrIOp::create(b, site, key[1]);
    SmallVector<Value> extents;
    for (OpFoldResult size : sizes)
      extents.push_back(arith::IndexCastOp::create(
          b, b.getI64Type(), getValueOrCreateConstantIndexOp(b, op.getLoc(), size)));
    Value first;
    if (adaptor.getExample()) {
      first = extract(adaptor.getExample());
      for (Value extent : ArrayRef(extents).drop_front(sizes.empty() ? 0 : 1))
        first = arith::MulIOp::create(b, first, extent);
    }

    auto body = [&](ImplicitLocOpBuilder &inner, ValueRange) {
      Value number;
      for (auto [dimension, extent] : llvm::enumerate(extents)) {
        Value place = arith::IndexCastOp::create(
            inner, inner.getI64Type(),
            linalg::IndexOp::create(inner, static_cast<int64_t>(dimension)));
        number = number ? Value(arith::AddIOp::create(
                              inner, arith::MulIOp::create(inner, number, extent), place))
                        : place;
      }
      if (!number)
        number = arith::ConstantOp::create(inner, inner.getI64IntegerAttr(0));
      if (first)
        number = arith::AddIOp::create(inner, number, first);
      Value shift =
          arith::ConstantOp::create(inner, inner.getI64IntegerAttr(generator.getBlockShift()));
      Value block = arith::ShRUIOp::create(inner, number, shift);
      std::array<Value, 4> words = buildPhilox4x32(
          inner, {buildLowWord(inner, block), buildHighWord(inner, block), draw}, siteByKey, key);
      return generator.build(inner, words, number);
    };
    rewriter.replaceOp(op, buildParallel(b, {}, {}, sizes, element, body));
    return success();
  }
};
} // namespace

void nn::populateRandomLowerings(RewritePatternSet &patterns, const Lowering &lowering) {
  patterns.add<LowerRandom>(lowering.converter, patterns.getContext(), lowering.info);
}
