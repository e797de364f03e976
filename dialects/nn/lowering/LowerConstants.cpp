// nn.constant, nn.from_index and nn.iota to arith, tensor and linalg.
#include "dialects/nn/lowering/Lowering.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::nn;

/// An index as a number of another type.
static Value buildFromIndex(ImplicitLocOpBuilder &b, Value index, Type element) {
  Value wide = arith::IndexCastOp::create(b, b.getI64Type(), index);
  if (isa<FloatType>(element))
    return arith::SIToFPOp::create(b, element, wide);
  if (element.getIntOrFloatBitWidth() == 64)
    return wide;
  return arith::TruncIOp::create(b, element, wide);
}

namespace {
struct LowerConstant : NnLowering<ConstantOp> {
  using NnLowering::NnLowering;

  LogicalResult matchAndRewrite(ConstantOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto value = dyn_cast<DenseElementsAttr>(op.getValue());
    if (!value)
      return rewriter.notifyMatchFailure(op, "the constant isn't dense");
    RankedTensorType type = getResultType(op);
    if (type != op.getType())
      value = value.bitcast(type.getElementType());
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(op, value);
    return success();
  }
};

struct LowerFromIndex : NnLowering<FromIndexOp> {
  using NnLowering::NnLowering;

  LogicalResult matchAndRewrite(FromIndexOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    RankedTensorType type = getResultType(op);
    Value number = buildFromIndex(b, adaptor.getOperand(), type.getElementType());
    rewriter.replaceOpWithNewOp<tensor::FromElementsOp>(op, type, number);
    return success();
  }
};

struct LowerIota : NnLowering<IotaOp> {
  using NnLowering::NnLowering;

  LogicalResult matchAndRewrite(IotaOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Type element = getResultType(op).getElementType();
    rewriter.replaceOp(op, buildParallel(b, {}, {}, getSizes(rewriter, op), element,
                                         [&](ImplicitLocOpBuilder &inner, ValueRange) {
                                           Value place = linalg::IndexOp::create(
                                               inner, static_cast<int64_t>(op.getAxis()));
                                           return buildFromIndex(inner, place, element);
                                         }));
    return success();
  }
};
} // namespace

void nn::populateConstantLowerings(RewritePatternSet &patterns, const Lowering &lowering) {
  patterns.add<LowerConstant, LowerFromIndex, LowerIota>(lowering.converter, patterns.getContext(),
                                                         lowering.info);
}
