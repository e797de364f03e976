// Reductions along axes: types, derivatives, folders.
#include "dialects/nn/ir/NnFolding.h"
#include "dialects/nn/ir/NnOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::nn;

//===- Types ----------------------------------------------------------------===//

/// The dimensions that `axes` leave, in order.
static SmallVector<int64_t> getKept(int64_t rank, ArrayRef<int64_t> axes) {
  SmallVector<int64_t> kept;
  for (int64_t dimension = 0; dimension < rank; ++dimension)
    if (!llvm::is_contained(axes, dimension))
      kept.push_back(dimension);
  return kept;
}

static LogicalResult inferReduction(std::optional<Location> location, StringRef name, Type operand,
                                    ArrayRef<int64_t> axes, Type element,
                                    SmallVectorImpl<Type> &types) {
  auto type = cast<RankedTensorType>(operand);
  int64_t previous = -1;
  for (int64_t axis : axes) {
    if (axis <= previous || axis >= type.getRank())
      return emitOptionalError(location, "'", name,
                               "' op expects axes that increase and lie below ", type.getRank(),
                               ", found [", axes, "]");
    previous = axis;
  }
  auto shape = llvm::map_to_vector(getKept(type.getRank(), axes),
                                   [&](int64_t dimension) { return type.getDimSize(dimension); });
  types.push_back(RankedTensorType::get(shape, element ? element : type.getElementType()));
  return success();
}

static SizeOrigin getReducedOrigin(Value operand, ArrayRef<int64_t> axes, int64_t dimension) {
  int64_t rank = cast<RankedTensorType>(operand.getType()).getRank();
  return SizeOrigin::of(operand, getKept(rank, axes)[dimension]);
}

LogicalResult ReduceSumOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferReduction(location, getOperationName(), adaptor.getOperand().getType(),
                        adaptor.getAxes(), {}, types);
}
LogicalResult ReduceMeanOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                             Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferReduction(location, getOperationName(), adaptor.getOperand().getType(),
                        adaptor.getAxes(), {}, types);
}
LogicalResult ReduceMaxOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferReduction(location, getOperationName(), adaptor.getOperand().getType(),
                        adaptor.getAxes(), {}, types);
}
LogicalResult ReduceMinOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferReduction(location, getOperationName(), adaptor.getOperand().getType(),
                        adaptor.getAxes(), {}, types);
}
LogicalResult ArgmaxOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  int64_t axis = adaptor.getAxis();
  return inferReduction(location, getOperationName(), adaptor.getOperand().getType(), axis,
                        IntegerType::get(context, 32), types);
}

SizeOrigin ReduceSumOp::getSizeOrigin(OpBuilder &, unsigned, int64_t dimension) {
  return getReducedOrigin(getOperand(), getAxes(), dimension);
}
SizeOrigin ReduceMeanOp::getSizeOrigin(OpBuilder &, unsigned, int64_t dimension) {
  return getReducedOrigin(getOperand(), getAxes(), dimension);
}
SizeOrigin ReduceMaxOp::getSizeOrigin(OpBuilder &, unsigned, int64_t dimension) {
  return getReducedOrigin(getOperand(), getAxes(), dimension);
}
SizeOrigin ReduceMinOp::getSizeOrigin(OpBuilder &, unsigned, int64_t dimension) {
  return getReducedOrigin(getOperand(), getAxes(), dimension);
}
SizeOrigin ArgmaxOp::getSizeOrigin(OpBuilder &, unsigned, int64_t dimension) {
  int64_t axis = getAxis();
  return getReducedOrigin(getOperand(), axis, dimension);
}

//===- Derivatives ----------------------------------------------------------===//

/// A value of the result's shape, repeated along the axes to the operand's.
static Value spread(ImplicitLocOpBuilder &b, Value value, Value operand, ArrayRef<int64_t> axes) {
  int64_t rank = cast<RankedTensorType>(operand.getType()).getRank();
  return buildBroadcastLike(b, value, getKept(rank, axes), operand);
}

SmallVector<Value> ReduceSumOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  return {spread(b, g[0], getOperand(), getAxes())};
}

/// The type in which elements are counted: the narrow ones hold no large count.
static Type getCountType(Value value) {
  Type element = getElementTypeOrSelf(value.getType());
  return element.isF64() ? element : Float32Type::get(element.getContext());
}

static Value castElements(ImplicitLocOpBuilder &b, Value value, Type element) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getElementType() == element)
    return value;
  return CastOp::create(b, withElement(type, element), value);
}

/// `g` divided by a count, in the type of counts.
static Value divideByCount(ImplicitLocOpBuilder &b, Value g, Value count) {
  Value share = DivOp::create(b, castElements(b, g, getElementTypeOrSelf(count.getType())), count);
  return castElements(b, share, getElementTypeOrSelf(g.getType()));
}

SmallVector<Value> ReduceMeanOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  SmallVector<OpFoldResult> sizes = getSizes(b, b.getLoc(), getOperand());
  Type element = getCountType(getOperand());
  double known = 1;
  Value product;
  for (int64_t axis : getAxes()) {
    if (std::optional<int64_t> size = getConstantIntValue(sizes[axis])) {
      known *= static_cast<double>(*size);
      continue;
    }
    auto value = cast<Value>(sizes[axis]);
    product = product ? Value(arith::MulIOp::create(b, product, value)) : value;
  }
  Value count = buildScalarConstant(b, element, known);
  if (product) {
    auto scalar = RankedTensorType::get({}, element);
    count = MulOp::create(b, count, FromIndexOp::create(b, scalar, product));
  }
  Value share = divideByCount(b, g[0], buildBroadcastLike(b, count, {}, g[0]));
  return {spread(b, share, getOperand(), getAxes())};
}

/// The derivative of an extremum: shared evenly by the elements that are equal to it.
static Value shareAmongEquals(ImplicitLocOpBuilder &b, Value operand, Value result, Value g,
                              ArrayRef<int64_t> axes) {
  Value isExtreme = CompareOp::create(b, "eq", operand, spread(b, result, operand, axes));
  Value mark = castElements(b, isExtreme, getCountType(operand));
  Value share = divideByCount(b, g, ReduceSumOp::create(b, mark, axes));
  Value zero = buildConstantLike(b, operand, 0.0);
  return SelectOp::create(b, isExtreme, spread(b, share, operand, axes), zero);
}

SmallVector<Value> ReduceMaxOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  return {shareAmongEquals(b, getOperand(), getResult(), g[0], getAxes())};
}
SmallVector<Value> ReduceMinOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  return {shareAmongEquals(b, getOperand(), getResult(), g[0], getAxes())};
}

//===- Folders --------------------------------------------------------------===//

/// Along no axis: the operand, where the result's type says the same of the sizes.
static OpFoldResult foldReduction(Value operand, ArrayRef<int64_t> axes, Type type) {
  return axes.empty() && operand.getType() == type ? OpFoldResult(operand) : OpFoldResult();
}

/// How many elements of a constant make one of the result.
static uint64_t getConstantCount(Value operand, ArrayRef<int64_t> axes) {
  uint64_t count = 1;
  for (int64_t axis : axes)
    count *= cast<RankedTensorType>(operand.getType()).getDimSize(axis);
  return count;
}

/// Mean, maximum and minimum of a constant of one value: that value, or null where there is none.
static OpFoldResult foldToValue(Value operand, Attribute constant, ArrayRef<int64_t> axes,
                                Type type) {
  if (OpFoldResult same = foldReduction(operand, axes, type))
    return same;
  auto elements = dyn_cast_if_present<DenseElementsAttr>(constant);
  auto result = cast<RankedTensorType>(type);
  if (!elements || !elements.isSplat() || !result.hasStaticShape() ||
      getConstantCount(operand, axes) == 0)
    return {};
  return elements.resizeSplat(result);
}

OpFoldResult ReduceSumOp::fold(FoldAdaptor adaptor) {
  if (OpFoldResult same = foldReduction(getOperand(), getAxes(), getType()))
    return same;
  if (!adaptor.getOperand())
    return {};
  return foldSum(adaptor.getOperand(), getConstantCount(getOperand(), getAxes()), getType());
}
OpFoldResult ReduceMeanOp::fold(FoldAdaptor adaptor) {
  return foldToValue(getOperand(), adaptor.getOperand(), getAxes(), getType());
}
OpFoldResult ReduceMaxOp::fold(FoldAdaptor adaptor) {
  return foldToValue(getOperand(), adaptor.getOperand(), getAxes(), getType());
}
OpFoldResult ReduceMinOp::fold(FoldAdaptor adaptor) {
  return foldToValue(getOperand(), adaptor.getOperand(), getAxes(), getType());
}

namespace {
/// A reduction along axes of size 1 alone moves no element: it is a reshape.
template <typename ReduceOp> struct ReduceOfOneToReshape : OpRewritePattern<ReduceOp> {
  using OpRewritePattern<ReduceOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(ReduceOp op, PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getOperand().getType());
    if (op.getAxes().empty() ||
        !llvm::all_of(op.getAxes(), [&](int64_t axis) { return type.getDimSize(axis) == 1; }))
      return rewriter.notifyMatchFailure(op, "an axis isn't of size 1");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    rewriter.replaceOp(
        op, buildReshape(b, op.getOperand(), getSizesAs(b, op.getLoc(), op, op.getType())));
    return success();
  }
};

/// Sums of sums, maxima of maxima: one reduction along the axes of both.
template <typename ReduceOp> struct MergeReductions : OpRewritePattern<ReduceOp> {
  using OpRewritePattern<ReduceOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(ReduceOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getOperand().template getDefiningOp<ReduceOp>();
    if (!inner || !inner->hasOneUse())
      return rewriter.notifyMatchFailure(op, "the operand isn't a reduction of its own");
    auto type = cast<RankedTensorType>(inner.getOperand().getType());
    SmallVector<int64_t> kept = getKept(type.getRank(), inner.getAxes());
    SmallVector<int64_t> axes(inner.getAxes());
    for (int64_t axis : op.getAxes())
      axes.push_back(kept[axis]);
    llvm::sort(axes);
    rewriter.replaceOpWithNewOp<ReduceOp>(op, op.getType(), inner.getOperand(), axes);
    return success();
  }
};
} // namespace

void ReduceSumOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<ReduceOfOneToReshape<ReduceSumOp>, MergeReductions<ReduceSumOp>>(context);
}
void ReduceMeanOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<ReduceOfOneToReshape<ReduceMeanOp>>(context);
}
void ReduceMaxOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<ReduceOfOneToReshape<ReduceMaxOp>, MergeReductions<ReduceMaxOp>>(context);
}
void ReduceMinOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<ReduceOfOneToReshape<ReduceMinOp>, MergeReductions<ReduceMinOp>>(context);
}
