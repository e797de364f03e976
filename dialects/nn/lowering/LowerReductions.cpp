// Reductions to linalg.generic into the neutral element.
#include "dialects/nn/lowering/Lowering.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::nn;

static bool isUnsigned(Value operand) {
  return getElementTypeOrSelf(operand.getType()).isUnsignedInteger();
}

/// Where a maximum or minimum starts: the least or greatest value of a signless type.
static TypedAttr getExtreme(Builder &b, Type element, bool greatest, bool isUnsigned) {
  if (auto floating = dyn_cast<FloatType>(element))
    return b.getFloatAttr(floating,
                          APFloat::getInf(floating.getFloatSemantics(), /*Negative=*/!greatest));
  unsigned width = element.getIntOrFloatBitWidth();
  if (isUnsigned)
    return b.getIntegerAttr(element, greatest ? APInt::getMaxValue(width) : APInt::getZero(width));
  return b.getIntegerAttr(element, greatest ? APInt::getSignedMaxValue(width)
                                            : APInt::getSignedMinValue(width));
}

/// How each reduction starts and goes on.
template <typename OpTy> struct Combiner;

template <> struct Combiner<ReduceSumOp> {
  static Type accumulator(Type element, std::optional<int64_t> count) {
    return getSumType(element, count);
  }
  static TypedAttr start(Builder &b, Type element, bool) {
    return cast<TypedAttr>(b.getZeroAttr(element));
  }
  static Value combine(ImplicitLocOpBuilder &b, Value element, Value sum, bool) {
    if (!isa<FloatType>(sum.getType()))
      return arith::AddIOp::create(b, sum, element);
    if (element.getType() != sum.getType())
      element = arith::ExtFOp::create(b, sum.getType(), element);
    return arith::AddFOp::create(b, sum, element);
  }
};

template <> struct Combiner<ReduceMeanOp> : Combiner<ReduceSumOp> {};

template <> struct Combiner<ReduceMaxOp> {
  static Type accumulator(Type element, std::optional<int64_t>) { return element; }
  static TypedAttr start(Builder &b, Type element, bool isUnsigned) {
    return getExtreme(b, element, /*greatest=*/false, isUnsigned);
  }
  static Value combine(ImplicitLocOpBuilder &b, Value element, Value best, bool isUnsigned) {
    if (isa<FloatType>(best.getType()))
      return arith::MaximumFOp::create(b, best, element);
    if (isUnsigned)
      return arith::MaxUIOp::create(b, best, element);
    return arith::MaxSIOp::create(b, best, element);
  }
};

template <> struct Combiner<ReduceMinOp> {
  static Type accumulator(Type element, std::optional<int64_t>) { return element; }
  static TypedAttr start(Builder &b, Type element, bool isUnsigned) {
    return getExtreme(b, element, /*greatest=*/true, isUnsigned);
  }
  static Value combine(ImplicitLocOpBuilder &b, Value element, Value best, bool isUnsigned) {
    if (isa<FloatType>(best.getType()))
      return arith::MinimumFOp::create(b, best, element);
    if (isUnsigned)
      return arith::MinUIOp::create(b, best, element);
    return arith::MinSIOp::create(b, best, element);
  }
};

/// The iterators over an operand, and the map from them to the dimensions that `axes` leave.
static std::pair<SmallVector<utils::IteratorType>, AffineMap>
getReductionSpace(Builder &b, int64_t rank, ArrayRef<int64_t> axes) {
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  SmallVector<AffineExpr> kept;
  for (int64_t dimension = 0; dimension < rank; ++dimension)
    if (llvm::is_contained(axes, dimension))
      iterators[dimension] = utils::IteratorType::reduction;
    else
      kept.push_back(b.getAffineDimExpr(dimension));
  return {iterators, AffineMap::get(rank, 0, kept, b.getContext())};
}

/// How many elements each result is made of, where that is known.
static std::optional<int64_t> getCount(ArrayRef<OpFoldResult> sizes, ArrayRef<int64_t> axes) {
  int64_t count = 1;
  for (int64_t axis : axes) {
    std::optional<int64_t> size = getConstantIntValue(sizes[axis]);
    if (!size || llvm::MulOverflow(count, *size, count))
      return std::nullopt;
  }
  return count;
}

/// The count as a float: the product of its sizes.
static Value buildCount(ImplicitLocOpBuilder &b, ArrayRef<OpFoldResult> sizes,
                        ArrayRef<int64_t> axes, Type type) {
  Value count = arith::ConstantOp::create(b, b.getI64IntegerAttr(1));
  for (int64_t axis : axes) {
    Value size = getValueOrCreateConstantIndexOp(b, b.getLoc(), sizes[axis]);
    count = arith::MulIOp::create(b, count, arith::IndexCastOp::create(b, b.getI64Type(), size));
  }
  return arith::SIToFPOp::create(b, type, count);
}

namespace {
template <typename OpTy> struct LowerReduction : NnLowering<OpTy> {
  using NnLowering<OpTy>::NnLowering;

  LogicalResult matchAndRewrite(OpTy op, typename OpTy::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    int64_t rank = cast<RankedTensorType>(op.getOperand().getType()).getRank();
    bool isUnsignedOperand = isUnsigned(op.getOperand());
    auto [iterators, resultMap] = getReductionSpace(b, rank, op.getAxes());
    SmallVector<OpFoldResult> operandSizes = this->info.getSizes(rewriter, op.getOperand());
    SmallVector<Value> inputs{adaptor.getOperand()};
    SmallVector<AffineMap> maps{b.getMultiDimIdentityMap(rank)};
    readWindows(b, op.getOperand(), operandSizes, op.getAxes(), inputs, maps);
    maps.push_back(resultMap);

    SmallVector<OpFoldResult> sizes = this->getSizes(rewriter, op);
    Type element = this->getResultType(op).getElementType();
    Type accumulator = Combiner<OpTy>::accumulator(element, getCount(operandSizes, op.getAxes()));
    Value start = buildFilled(b, sizes, Combiner<OpTy>::start(b, accumulator, isUnsignedOperand));
    auto generic = linalg::GenericOp::create(
        b, start.getType(), inputs, start, maps, iterators,
        [&](OpBuilder &nested, Location loc, ValueRange s) {
          ImplicitLocOpBuilder inner(loc, nested);
          linalg::YieldOp::create(
              inner, Combiner<OpTy>::combine(inner, s[0], s.back(), isUnsignedOperand));
        });
    Value result = generic.getResult(0);
    constexpr bool isMean = std::is_same_v<OpTy, ReduceMeanOp>;
    Value count = isMean ? buildCount(b, operandSizes, op.getAxes(), accumulator) : Value();
    if (isMean || accumulator != element)
      result = buildMap(b, result, sizes, element, [&](ImplicitLocOpBuilder &inner, Value sum) {
        if (isMean)
          sum = arith::DivFOp::create(inner, sum, count);
        return accumulator == element ? sum : Value(arith::TruncFOp::create(inner, element, sum));
      });
    rewriter.replaceOp(op, result);
    return success();
  }

private:
  /// Windows aren't made, but read where they lie. The place of a window and that within it are one
  /// place of the source: what the loops over them run to comes from tensors that are not read, and
  /// for the window's place from the result, unless that is reduced, too.
  void readWindows(ImplicitLocOpBuilder &b, Value original, ArrayRef<OpFoldResult> sizes,
                   ArrayRef<int64_t> axes, SmallVector<Value> &inputs,
                   SmallVector<AffineMap> &maps) const {
    auto windows = original.getDefiningOp<WindowsOp>();
    Value source = windows ? this->info.windowed.lookup(original) : Value();
    if (!source)
      return;
    size_t spatial = windows.getSize().size();
    auto place = llvm::to_vector(maps.front().getResults());
    inputs.front() = source;
    maps.front() = AffineMap::get(place.size(), 0, getWindowPlaces(windows, place), b.getContext());
    inputs.push_back(buildEmpty(b, sizes.slice(1 + spatial, spatial),
                                cast<RankedTensorType>(source.getType()).getElementType()));
    maps.push_back(AffineMap::get(place.size(), 0, ArrayRef(place).slice(1 + spatial, spatial),
                                  b.getContext()));
    for (int64_t axis : axes)
      if (axis >= 1 && axis < 1 + static_cast<int64_t>(spatial)) {
        inputs.push_back(
            buildEmpty(b, sizes[axis], cast<RankedTensorType>(source.getType()).getElementType()));
        maps.push_back(AffineMap::get(place.size(), 0, place[axis], b.getContext()));
      }
  }
};

/// Carries the best value and its place along the axis.
struct LowerArgmax : NnLowering<ArgmaxOp> {
  using NnLowering::NnLowering;

  /// Whether the element takes the place of the best so far: it is greater, or the first NaN.
  static Value buildIsBetter(ImplicitLocOpBuilder &b, Value element, Value best, bool isUnsigned) {
    if (!isa<FloatType>(element.getType()))
      return arith::CmpIOp::create(
          b, isUnsigned ? arith::CmpIPredicate::ugt : arith::CmpIPredicate::sgt, element, best);
    using Predicate = arith::CmpFPredicate;
    Value notLess = arith::CmpFOp::create(b, Predicate::UGT, element, best);
    Value bestIsNumber = arith::CmpFOp::create(b, Predicate::ORD, best, best);
    return arith::AndIOp::create(b, notLess, bestIsNumber);
  }

  LogicalResult matchAndRewrite(ArgmaxOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    auto operand = cast<RankedTensorType>(adaptor.getOperand().getType());
    bool isUnsignedOperand = isUnsigned(op.getOperand());
    int64_t axis = op.getAxis();
    auto [iterators, resultMap] = getReductionSpace(b, operand.getRank(), axis);
    AffineMap maps[] = {b.getMultiDimIdentityMap(operand.getRank()), resultMap, resultMap};

    SmallVector<OpFoldResult> sizes = getSizes(rewriter, op);
    // Of 16-bit floats in f32: a choice between those is a conversion that not every libgcc has.
    Type carried = getAccumulatorType(operand.getElementType());
    Value values =
        buildFilled(b, sizes, getExtreme(b, carried, /*greatest=*/false, isUnsignedOperand));
    Value places = buildFilled(b, sizes, b.getI32IntegerAttr(0));
    auto generic = linalg::GenericOp::create(
        b, TypeRange{values.getType(), places.getType()}, adaptor.getOperand(),
        ValueRange{values, places}, maps, iterators,
        [&](OpBuilder &nested, Location loc, ValueRange s) {
          ImplicitLocOpBuilder inner(loc, nested);
          Value place = linalg::IndexOp::create(inner, axis);
          Value number = arith::IndexCastOp::create(inner, inner.getI32Type(), place);
          Value element = s[0];
          if (element.getType() != carried)
            element = arith::ExtFOp::create(inner, carried, element);
          Value better = buildIsBetter(inner, element, s[1], isUnsignedOperand);
          Value value = arith::SelectOp::create(inner, better, element, s[1]);
          Value best = arith::SelectOp::create(inner, better, number, s[2]);
          linalg::YieldOp::create(inner, ValueRange{value, best});
        });
    rewriter.replaceOp(op, generic.getResult(1));
    return success();
  }
};
} // namespace

void nn::populateReductionLowerings(RewritePatternSet &patterns, const Lowering &lowering) {
  patterns.add<LowerReduction<ReduceSumOp>, LowerReduction<ReduceMeanOp>,
               LowerReduction<ReduceMaxOp>, LowerReduction<ReduceMinOp>, LowerArgmax>(
      lowering.converter, patterns.getContext(), lowering.info);
}
