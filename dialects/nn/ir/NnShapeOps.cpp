// Broadcast, reshape, transpose: types, derivatives, folders.
#include "dialects/nn/ir/NnOps.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::nn;

/// A splat constant in another shape, or null.
static Attribute reshapeSplat(Attribute constant, Type result) {
  auto elements = dyn_cast_if_present<DenseElementsAttr>(constant);
  auto type = cast<RankedTensorType>(result);
  if (!elements || !elements.isSplat() || !type.hasStaticShape())
    return {};
  return elements.resizeSplat(type);
}

//===- broadcast ------------------------------------------------------------===//

LogicalResult BroadcastOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto operand = cast<RankedTensorType>(adaptor.getOperand().getType());
  ArrayRef<int64_t> sizes = adaptor.getStaticSizes(), dimensions = adaptor.getDimensions();
  if (static_cast<int64_t>(dimensions.size()) != operand.getRank())
    return emitOptionalError(location, "'nn.broadcast' op expects one dimension of the result per ",
                             "dimension of ", operand, ", found [", dimensions, "]");
  int64_t previous = -1;
  for (auto [dimension, size] : llvm::zip_equal(dimensions, operand.getShape())) {
    if (dimension <= previous || dimension >= static_cast<int64_t>(sizes.size()))
      return emitOptionalError(location, "'nn.broadcast' op expects dimensions that increase and ",
                               "lie below ", sizes.size(), ", found [", dimensions, "]");
    previous = dimension;
    int64_t target = sizes[dimension];
    if (size != 1 && ShapedType::isStatic(size) && ShapedType::isStatic(target) && size != target)
      return emitOptionalError(location, "'nn.broadcast' op expects size 1 or ", target,
                               " to become dimension ", dimension, " of the result, found ", size);
  }
  types.push_back(RankedTensorType::get(sizes, operand.getElementType()));
  return success();
}

SmallVector<int64_t> BroadcastOp::getRepeatedDimensions() {
  SmallVector<int64_t> repeated;
  for (int64_t dimension = 0; dimension < getType().getRank(); ++dimension) {
    const int64_t *place = llvm::find(getDimensions(), dimension);
    bool isNew = place == getDimensions().end();
    if (isNew || (typeOf(getOperand()).getDimSize(place - getDimensions().begin()) == 1 &&
                  getStaticSizes()[dimension] != 1))
      repeated.push_back(dimension);
  }
  return repeated;
}

SmallVector<Value> BroadcastOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  Value sum = ReduceSumOp::create(b, g[0], getRepeatedDimensions());
  // Dimensions of size 1 were summed away with the new ones.
  return {buildReshape(b, sum, getSizes(b, b.getLoc(), getOperand()))};
}

OpFoldResult BroadcastOp::fold(FoldAdaptor adaptor) {
  if (getOperand().getType() == getType() && getRepeatedDimensions().empty())
    return getOperand();
  return reshapeSplat(adaptor.getOperand(), getType());
}

namespace {
/// broadcast(broadcast(x)) is one broadcast.
struct MergeBroadcasts : OpRewritePattern<BroadcastOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(BroadcastOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getOperand().getDefiningOp<BroadcastOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "the operand isn't a broadcast");
    // That a `?` is 1, and so repeated, only the type between says.
    for (auto [size, dimension] :
         llvm::zip_equal(typeOf(inner.getOperand()).getShape(), inner.getDimensions()))
      if (ShapedType::isDynamic(size) && inner.getType().getDimSize(dimension) == 1 &&
          op.getStaticSizes()[op.getDimensions()[dimension]] != 1)
        return rewriter.notifyMatchFailure(op, "a size is known to be 1 in between alone");
    auto dimensions = llvm::map_to_vector(
        inner.getDimensions(), [&](int64_t dimension) { return op.getDimensions()[dimension]; });
    rewriter.replaceOpWithNewOp<BroadcastOp>(op, op.getType(), inner.getOperand(), dimensions,
                                             op.getStaticSizes(), op.getDynamicSizes());
    return success();
  }
};
} // namespace

void BroadcastOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<MergeBroadcasts>(context);
}

//===- reshape --------------------------------------------------------------===//

LogicalResult ReshapeOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  Type element = cast<RankedTensorType>(adaptor.getOperand().getType()).getElementType();
  types.push_back(RankedTensorType::get(adaptor.getStaticSizes(), element));
  return success();
}

LogicalResult ReshapeOp::verify() {
  RankedTensorType operand = typeOf(getOperand());
  if (operand.hasStaticShape() && getType().hasStaticShape() &&
      operand.getNumElements() != getType().getNumElements())
    return emitOpError("expects ") << operand.getNumElements() << " elements in the result, found "
                                   << getType().getNumElements();
  return success();
}

SmallVector<Value> ReshapeOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  return {buildReshape(b, g[0], getSizes(b, b.getLoc(), getOperand()))};
}

OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  // With one dynamic size, equal numbers of elements make it equal too, unless they are 0.
  bool isTold =
      getType().getNumDynamicDims() == 0 ||
      (getType().getNumDynamicDims() == 1 && !llvm::is_contained(getType().getShape(), 0));
  if (getOperand().getType() == getType() && isTold)
    return getOperand();
  auto constant = dyn_cast_if_present<DenseElementsAttr>(adaptor.getOperand());
  if (constant && getType().hasStaticShape())
    return constant.reshape(getType());
  return {};
}

namespace {
/// reshape(reshape(x)) is one reshape.
struct MergeReshapes : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ReshapeOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getOperand().getDefiningOp<ReshapeOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "the operand isn't a reshape");
    rewriter.modifyOpInPlace(op, [&] { op.getOperandMutable().assign(inner.getOperand()); });
    return success();
  }
};
} // namespace

void ReshapeOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<MergeReshapes>(context);
}

//===- transpose ------------------------------------------------------------===//

LogicalResult TransposeOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto operand = cast<RankedTensorType>(adaptor.getOperand().getType());
  ArrayRef<int64_t> permutation = adaptor.getPermutation();
  if (static_cast<int64_t>(permutation.size()) != operand.getRank() ||
      !isPermutationVector(permutation))
    return emitOptionalError(location, "'nn.transpose' op expects a permutation of ",
                             operand.getRank(), " dimensions, found [", permutation, "]");
  types.push_back(RankedTensorType::get(applyPermutation(operand.getShape(), permutation),
                                        operand.getElementType()));
  return success();
}

SizeOrigin TransposeOp::getSizeOrigin(OpBuilder &, unsigned, int64_t dimension) {
  return SizeOrigin::of(getOperand(), getPermutation()[dimension]);
}

SmallVector<Value> TransposeOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  return {TransposeOp::create(b, g[0], invertPermutationVector(getPermutation()))};
}

OpFoldResult TransposeOp::fold(FoldAdaptor adaptor) {
  if (isIdentityPermutation(getPermutation()) && getOperand().getType() == getType())
    return getOperand();
  return reshapeSplat(adaptor.getOperand(), getType());
}

namespace {
/// transpose(transpose(x)) is one transpose, or none.
struct MergeTransposes : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(TransposeOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getOperand().getDefiningOp<TransposeOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "the operand isn't a transpose");
    rewriter.replaceOpWithNewOp<TransposeOp>(
        op, op.getType(), inner.getOperand(),
        applyPermutation(inner.getPermutation(), op.getPermutation()));
    return success();
  }
};
} // namespace

void TransposeOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<MergeTransposes>(context);
}
