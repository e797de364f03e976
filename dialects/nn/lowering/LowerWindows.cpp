// nn.windows to a linalg.generic whose map is the windows, nn.windows_sum to sums of slices.
#include "dialects/nn/lowering/Lowering.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::nn;

SmallVector<AffineExpr> nn::getWindowPlaces(WindowsOp op, ArrayRef<AffineExpr> place) {
  size_t rank = op.getSize().size();
  SmallVector<AffineExpr> read{place.front()};
  for (size_t d = 0; d < rank; ++d)
    read.push_back(place[1 + d] * op.getStride()[d] + place[1 + rank + d] * op.getDilation()[d]);
  read.push_back(place.back());
  return read;
}

/// Sizes with a number added to each spatial one.
static SmallVector<OpFoldResult> addToSpatial(ImplicitLocOpBuilder &b, ArrayRef<OpFoldResult> sizes,
                                              ArrayRef<int64_t> low, ArrayRef<int64_t> high) {
  SmallVector<OpFoldResult> result(sizes);
  for (auto [size, before, behind] :
       llvm::zip_equal(MutableArrayRef(result).drop_front().drop_back(), low, high))
    size = addSizes(b, b.getLoc(), size, b.getIndexAttr(before + behind));
  return result;
}

/// Offsets of what lies inside the padding, and strides of 1.
static SmallVector<OpFoldResult> getInner(Builder &b, ArrayRef<int64_t> low) {
  SmallVector<OpFoldResult> offsets{b.getIndexAttr(0)};
  for (int64_t before : low)
    offsets.push_back(b.getIndexAttr(before));
  offsets.push_back(b.getIndexAttr(0));
  return offsets;
}

static bool isPadded(ArrayRef<int64_t> low, ArrayRef<int64_t> high) {
  return llvm::any_of(llvm::concat<const int64_t>(low, high), [](int64_t n) { return n != 0; });
}

namespace {
struct LowerWindows : NnLowering<WindowsOp> {
  using NnLowering::NnLowering;

  LogicalResult matchAndRewrite(WindowsOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    RankedTensorType type = getResultType(op);
    Value operand = adaptor.getOperand();
    if (isPadded(op.getLow(), op.getHigh())) {
      SmallVector<OpFoldResult> sizes = info.getSizes(rewriter, op.getOperand());
      SmallVector<OpFoldResult> ones(sizes.size(), b.getIndexAttr(1));
      Value filled = buildFilled(b, addToSpatial(b, sizes, op.getLow(), op.getHigh()),
                                 getFill(b, op, type.getElementType()));
      operand =
          tensor::InsertSliceOp::create(b, operand, filled, getInner(b, op.getLow()), sizes, ones);
    }
    // Contractions and reductions read this in place of the windows.
    info.windowed[op.getResult()] = operand;
    auto place = llvm::map_to_vector(llvm::seq<unsigned>(0, type.getRank()),
                                     [&](unsigned d) { return b.getAffineDimExpr(d); });
    AffineMap map = AffineMap::get(type.getRank(), 0, getWindowPlaces(op, place), b.getContext());
    rewriter.replaceOp(op,
                       buildParallel(b, operand, map, getSizes(rewriter, op), type.getElementType(),
                                     [](ImplicitLocOpBuilder &, ValueRange s) { return s[0]; }));
    return success();
  }

private:
  static TypedAttr getFill(Builder &b, WindowsOp op, Type element) {
    double fill = op.getFill().convertToDouble();
    if (isa<FloatType>(element))
      return b.getFloatAttr(element, fill);
    return b.getIntegerAttr(element,
                            APInt(element.getIntOrFloatBitWidth(), static_cast<int64_t>(fill),
                                  /*isSigned=*/true, /*implicitTrunc=*/true));
  }
};

/// One place in the window after the other: what all windows have there is added to a slice.
/// Windows that lie side by side are put where they were: there is nothing to add.
struct LowerWindowsSum : NnLowering<WindowsSumOp> {
  using NnLowering::NnLowering;

  LogicalResult matchAndRewrite(WindowsSumOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Type element = getResultType(op).getElementType();
    SmallVector<OpFoldResult> sizes = getSizes(rewriter, op);
    SmallVector<OpFoldResult> operandSizes = info.getSizes(rewriter, op.getOperand());
    SmallVector<OpFoldResult> padded = addToSpatial(b, sizes, op.getLow(), op.getHigh());
    Value result = areSideBySide(op)
                       ? placeWindows(b, op, adaptor.getOperand(), operandSizes, padded)
                       : addWindows(b, op, adaptor.getOperand(), operandSizes, padded);
    Type accumulator = getElementTypeOrSelf(result.getType());
    if (isPadded(op.getLow(), op.getHigh())) {
      SmallVector<OpFoldResult> ones(sizes.size(), b.getIndexAttr(1));
      auto type = RankedTensorType::get(getStaticShape(sizes), accumulator);
      result =
          tensor::ExtractSliceOp::create(b, type, result, getInner(b, op.getLow()), sizes, ones);
    }
    rewriter.replaceOp(op, buildRounded(b, result, sizes, element));
    return success();
  }

private:
  /// Whether each window begins where the one before ends, and their number is known.
  static bool areSideBySide(WindowsSumOp op) {
    ArrayRef<int64_t> windows = cast<ShapedType>(op.getOperand().getType()).getShape();
    for (auto [size, stride, dilation, count] : llvm::zip_equal(
             op.getSize(), op.getStride(), op.getDilation(), windows.slice(1, op.getSize().size())))
      if (size != stride || (dilation != 1 && size != 1) || ShapedType::isDynamic(count))
        return false;
    return true;
  }

  /// [batch, counts..., sizes..., c] as [batch, counts * sizes..., c], with zeros behind where that
  /// is less than `padded`.
  static Value placeWindows(ImplicitLocOpBuilder &b, WindowsSumOp op, Value windows,
                            ArrayRef<OpFoldResult> operandSizes, ArrayRef<OpFoldResult> padded) {
    unsigned rank = op.getSize().size();
    SmallVector<unsigned> order{0};
    SmallVector<ReassociationIndices> merged{{0}};
    for (unsigned d = 0; d < rank; ++d) {
      merged.push_back({1 + 2 * d, 2 + 2 * d});
      order.append({1 + d, 1 + rank + d});
    }
    merged.push_back({1 + 2 * rank});
    order.push_back(1 + 2 * rank);
    auto sizes = llvm::map_to_vector(order, [&](unsigned dim) { return operandSizes[dim]; });
    Type element = getElementTypeOrSelf(windows.getType());
    AffineMap map = inversePermutation(AffineMap::getPermutationMap(order, b.getContext()));
    Value places = buildParallel(b, windows, map, sizes, element,
                                 [](ImplicitLocOpBuilder &, ValueRange s) { return s[0]; });
    Value covered = tensor::CollapseShapeOp::create(b, places, merged);
    SmallVector<OpFoldResult> part = tensor::getMixedSizes(b, b.getLoc(), covered);
    part.front() = padded.front();
    part.back() = padded.back();
    if (llvm::equal(part, padded))
      return covered;
    Value zeros = buildFilled(b, padded, cast<TypedAttr>(b.getZeroAttr(element)));
    SmallVector<OpFoldResult> offsets(part.size(), b.getIndexAttr(0));
    SmallVector<OpFoldResult> ones(part.size(), b.getIndexAttr(1));
    return tensor::InsertSliceOp::create(b, covered, zeros, offsets, part, ones);
  }

  /// The sum by places, in the type that sums are made in.
  static Value addWindows(ImplicitLocOpBuilder &b, WindowsSumOp op, Value windows,
                          ArrayRef<OpFoldResult> operandSizes, ArrayRef<OpFoldResult> padded) {
    auto rank = static_cast<int64_t>(op.getSize().size());
    Type accumulator = getAccumulatorType(getElementTypeOrSelf(windows.getType()));
    Value zeros = buildFilled(b, padded, cast<TypedAttr>(b.getZeroAttr(accumulator)));
    Value zero = arith::ConstantIndexOp::create(b, 0), one = arith::ConstantIndexOp::create(b, 1);
    SmallVector<Value> begins(rank, zero), steps(rank, one), ends;
    for (int64_t size : op.getSize())
      ends.push_back(arith::ConstantIndexOp::create(b, size));
    auto addPlace = [&](OpBuilder &nested, Location loc, ValueRange place, ValueRange sums) {
      ImplicitLocOpBuilder inner(loc, nested);
      Value sum = addSlice(inner, op, windows, sums[0], place, operandSizes, padded);
      return scf::ValueVector{sum};
    };
    return scf::buildLoopNest(b, op.getLoc(), begins, ends, steps, zeros, addPlace).results.front();
  }

  static Value addSlice(ImplicitLocOpBuilder &b, WindowsSumOp op, Value windows, Value sums,
                        ValueRange place, ArrayRef<OpFoldResult> operandSizes,
                        ArrayRef<OpFoldResult> padded) {
    int64_t rank = place.size();
    PartOfTensor from(b, operandSizes), to(b, padded);
    for (int64_t d = 0; d < rank; ++d) {
      from.pick(1 + rank + d, place[d]);
      Value dilation = arith::ConstantIndexOp::create(b, op.getDilation()[d]);
      to.offsets[1 + d] = arith::MulIOp::create(b, place[d], dilation).getResult();
      to.sizes[1 + d] = operandSizes[1 + d];
      to.strides[1 + d] = b.getIndexAttr(op.getStride()[d]);
    }
    Value added = buildExtract(b, windows, from);
    return buildInsert(b, buildAddInto(b, buildExtract(b, sums, to), added), sums, to);
  }
};
} // namespace

void nn::populateWindowLowerings(RewritePatternSet &patterns, const Lowering &lowering) {
  patterns.add<LowerWindows, LowerWindowsSum>(lowering.converter, patterns.getContext(),
                                              lowering.info);
}
