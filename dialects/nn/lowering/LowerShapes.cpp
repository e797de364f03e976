// Broadcast, transpose, reshape, slice, pad, concat to linalg.generic and tensor operations.
#include "dialects/nn/lowering/Lowering.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::nn;

static SmallVector<OpFoldResult> asFoldResults(Builder &b, ArrayRef<int64_t> values) {
  return getAsIndexOpFoldResult(b.getContext(), values);
}

static Value forward(ImplicitLocOpBuilder &, ValueRange scalars) { return scalars[0]; }

namespace {
/// Reads the operand by a projection of the result's dimensions; axes of size 1 that are repeated
/// are dropped first, so that the map stays a projection.
struct LowerBroadcast : NnLowering<BroadcastOp> {
  using NnLowering::NnLowering;

  LogicalResult matchAndRewrite(BroadcastOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    RankedTensorType type = getResultType(op);
    SmallVector<OpFoldResult> sizes = getSizes(rewriter, op);
    SmallVector<int64_t> repeated = op.getRepeatedDimensions();
    SmallVector<AffineExpr> read;
    SmallVector<OpFoldResult> readSizes;
    for (int64_t dimension : op.getDimensions()) {
      if (llvm::is_contained(repeated, dimension))
        continue;
      read.push_back(b.getAffineDimExpr(dimension));
      readSizes.push_back(sizes[dimension]);
    }
    Value operand = adaptor.getOperand();
    if (read.size() != op.getDimensions().size())
      operand = buildSignlessReshape(b, operand, readSizes);
    AffineMap map = AffineMap::get(type.getRank(), 0, read, b.getContext());
    rewriter.replaceOp(op, buildParallel(b, operand, map, sizes, type.getElementType(), forward));
    return success();
  }
};

struct LowerTranspose : NnLowering<TransposeOp> {
  using NnLowering::NnLowering;

  LogicalResult matchAndRewrite(TransposeOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    AffineMap map =
        inversePermutation(AffineMap::getPermutationMap(op.getPermutation(), b.getContext()));
    rewriter.replaceOp(op, buildParallel(b, adaptor.getOperand(), map, getSizes(rewriter, op),
                                         getResultType(op).getElementType(), forward));
    return success();
  }
};

struct LowerReshape : NnLowering<ReshapeOp> {
  using NnLowering::NnLowering;

  LogicalResult matchAndRewrite(ReshapeOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    rewriter.replaceOp(op, buildSignlessReshape(b, adaptor.getOperand(), getSizes(rewriter, op)));
    return success();
  }
};

struct LowerSlice : NnLowering<SliceOp> {
  using NnLowering::NnLowering;

  LogicalResult matchAndRewrite(SliceOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<tensor::ExtractSliceOp>(
        op, getResultType(op), adaptor.getOperand(), asFoldResults(rewriter, op.getOffsets()),
        getSizes(rewriter, op), asFoldResults(rewriter, op.getStrides()));
    return success();
  }
};

struct LowerPad : NnLowering<PadOp> {
  using NnLowering::NnLowering;

  LogicalResult matchAndRewrite(PadOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    RankedTensorType type = getResultType(op);
    auto zero = cast<TypedAttr>(b.getZeroAttr(type.getElementType()));
    Value zeros = buildFilled(b, getSizes(rewriter, op), zero);
    rewriter.replaceOpWithNewOp<tensor::InsertSliceOp>(
        op, adaptor.getOperand(), zeros, asFoldResults(b, op.getLow()),
        info.getSizes(rewriter, op.getOperand()), asFoldResults(b, op.getStrides()));
    return success();
  }
};

struct LowerConcat : NnLowering<ConcatOp> {
  using NnLowering::NnLowering;

  LogicalResult matchAndRewrite(ConcatOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    RankedTensorType type = getResultType(op);
    SmallVector<OpFoldResult> sizes = getSizes(rewriter, op);
    int64_t axis = op.getAxis();
    SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0));
    SmallVector<OpFoldResult> strides(type.getRank(), b.getIndexAttr(1));
    Value result = buildEmpty(b, sizes, type.getElementType());
    for (auto [original, operand] : llvm::zip_equal(op.getOperands(), adaptor.getOperands())) {
      sizes[axis] = info.getSizes(rewriter, original)[axis];
      SmallVector<OpFoldResult> window(sizes);
      for (auto [size, known] :
           llvm::zip_equal(window, cast<RankedTensorType>(operand.getType()).getShape()))
        if (ShapedType::isStatic(known))
          size = b.getIndexAttr(known);
      result = tensor::InsertSliceOp::create(b, operand, result, offsets, window, strides);
      offsets[axis] = addSizes(b, b.getLoc(), offsets[axis], sizes[axis]);
    }
    rewriter.replaceOp(op, result);
    return success();
  }
};
} // namespace

void nn::populateShapeLowerings(RewritePatternSet &patterns, const Lowering &lowering) {
  patterns.add<LowerBroadcast, LowerConcat, LowerPad, LowerReshape, LowerSlice, LowerTranspose>(
      lowering.converter, patterns.getContext(), lowering.info);
}
