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

/// One of the two numbers of Box and Muller's transform, of `u` in (0, 1] and `v` in [0, 1).
static Value buildNormal(ImplicitLocOpBuilder &b, Value u, Value v, Value isSecond) {
  Type type = u.getType();
  Value minusTwo = arith::ConstantOp::create(b, b.getFloatAttr(type, -2.0));
  Value turn = arith::ConstantOp::create(b, b.getFloatAttr(type, 2.0 * std::numbers::pi));
  Value square = arith::MulFOp::create(b, minusTwo, math::LogOp::create(b, u));
  Value radius = math::SqrtOp::create(b, square);
  Value angle = arith::MulFOp::create(b, turn, v);
  Value direction = arith::SelectOp::create(b, isSecond, math::SinOp::create(b, angle),
                                            math::CosOp::create(b, angle));
  return arith::MulFOp::create(b, radius, direction);
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
