// nn.random to linalg.generic: one Philox block per element.
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

/// Box and Muller's transform of two numbers, `u` in (0, 1] and `v` in [0, 1).
static Value buildNormal(ImplicitLocOpBuilder &b, Value u, Value v) {
  Type type = u.getType();
  Value minusTwo = arith::ConstantOp::create(b, b.getFloatAttr(type, -2.0));
  Value turn = arith::ConstantOp::create(b, b.getFloatAttr(type, 2.0 * std::numbers::pi));
  Value square = arith::MulFOp::create(b, minusTwo, math::LogOp::create(b, u));
  Value radius = math::SqrtOp::create(b, square);
  return arith::MulFOp::create(b, radius,
                               math::CosOp::create(b, arith::MulFOp::create(b, turn, v)));
}

/// The random number of one block, as the description of nn.random says.
static Value buildNumber(ImplicitLocOpBuilder &b, ArrayRef<Value> words, FloatType type,
                         bool isNormal) {
  bool isDouble = type.isF64();
  Value first = isDouble ? buildPair(b, words[0], words[1]) : words[0];
  if (!isNormal)
    return buildFraction(b, first, type, 0);
  FloatType work = isDouble ? type : cast<FloatType>(b.getF32Type());
  Value second = isDouble ? buildPair(b, words[2], words[3]) : words[1];
  Value normal =
      buildNormal(b, buildFraction(b, first, work, 1), buildFraction(b, second, work, 0));
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
    bool isNormal = op.getDistribution() == "normal";

    // What all elements share.
    Value seed = tensor::ExtractOp::create(b, adaptor.getSeed(), ValueRange());
    std::array<Value, 2> key = {buildLowWord(b, seed), buildHighWord(b, seed)};
    Value step =
        adaptor.getStep()
            ? buildLowWord(b, tensor::ExtractOp::create(b, adaptor.getStep(), ValueRange()))
            : Value(arith::ConstantOp::create(b, b.getI32IntegerAttr(0)));
    Value site =
        arith::ConstantOp::create(b, b.getIntegerAttr(b.getI32Type(), APInt(32, op.getSite())));
    SmallVector<Value> extents = getValueOrCreateConstantIndexOp(b, op.getLoc(), sizes);

    auto body = [&](ImplicitLocOpBuilder &inner, ValueRange) {
      Value number = arith::ConstantIndexOp::create(inner, 0);
      for (auto [dimension, extent] : llvm::enumerate(extents)) {
        Value place = linalg::IndexOp::create(inner, static_cast<int64_t>(dimension));
        number = arith::AddIOp::create(inner, arith::MulIOp::create(inner, number, extent), place);
      }
      Value wide = arith::IndexCastOp::create(inner, inner.getI64Type(), number);
      std::array<Value, 4> words = buildPhilox4x32(
          inner, {buildLowWord(inner, wide), buildHighWord(inner, wide), step, site}, key);
      return buildNumber(inner, words, element, isNormal);
    };
    rewriter.replaceOp(op, buildParallel(b, {}, {}, sizes, element, body));
    return success();
  }
};
} // namespace

void nn::populateRandomLowerings(RewritePatternSet &patterns, const Lowering &lowering) {
  patterns.add<LowerRandom>(lowering.converter, patterns.getContext(), lowering.info);
}
