// Windows and their adjoint: types, derivatives, and convolutions in place of sums of windows.
#include "dialects/nn/ir/NnEquation.h"
#include "dialects/nn/ir/NnOps.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/APSInt.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::nn;

//===- Types ----------------------------------------------------------------===//

/// What windows and windows_sum have in common: from `whole` [batch, spatial..., c] to `parts`
/// [batch, out..., size..., c].
template <typename OpTy>
static LogicalResult verifyWindows(OpTy op, RankedTensorType whole, RankedTensorType parts) {
  auto rank = static_cast<int64_t>(op.getSize().size());
  std::tuple<StringRef, ArrayRef<int64_t>, int64_t> lists[] = {{"stride", op.getStride(), 1},
                                                               {"dilation", op.getDilation(), 1},
                                                               {"low", op.getLow(), 0},
                                                               {"high", op.getHigh(), 0},
                                                               {"size", op.getSize(), 1}};
  for (auto [name, values, least] : lists) {
    if (static_cast<int64_t>(values.size()) != rank)
      return op.emitOpError("expects ") << rank << " of '" << name << "', found " << values.size();
    for (int64_t value : values)
      if (value < least)
        return op.emitOpError("expects '")
               << name << "' of " << least << " or more, found " << value;
  }
  if (rank == 0 || whole.getRank() != rank + 2 || parts.getRank() != 2 * rank + 2)
    return op.emitOpError("expects [batch, spatial..., c] and [batch, out..., size..., c] with ")
           << rank << " spatial dimensions, found " << whole << " and " << parts;
  SmallVector<int64_t> expected{whole.getDimSize(0)};
  for (int64_t d = 0; d < rank; ++d) {
    int64_t size = whole.getDimSize(d + 1), out = ShapedType::kDynamic;
    int64_t span = saturatingSpan(op.getSize()[d], op.getDilation()[d]);
    if (span == std::numeric_limits<int64_t>::max())
      return op.emitOpError("expects a window shorter than 2^63 - 1 along spatial dimension ") << d;
    if (ShapedType::isStatic(size)) {
      int64_t padded = saturatingAdd(size, saturatingAdd(op.getLow()[d], op.getHigh()[d]));
      if (padded == std::numeric_limits<int64_t>::max())
        return op.emitOpError("expects a padded size below 2^63 - 1 along spatial dimension ") << d;
      if (padded < span)
        return op.emitOpError("expects a window inside the operand, found one of ")
               << span << " in " << padded << " along spatial dimension " << d;
      out = (padded - span) / op.getStride()[d] + 1;
    }
    expected.push_back(out);
  }
  llvm::append_range(expected, op.getSize());
  expected.push_back(whole.getDimSize(rank + 1));
  if (failed(verifyCompatibleShape(expected, parts.getShape())))
    return op.emitOpError("expects windows of shape [") << expected << "], found " << parts;
  return success();
}

LogicalResult WindowsOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  types.push_back(RankedTensorType::get(adaptor.getStaticSizes(),
                                        getElementTypeOrSelf(adaptor.getOperand().getType())));
  return success();
}

/// Whether elements of the type can be `value`, rounded where they are floats.
static bool holds(Type element, const APFloat &value) {
  bool isExact = false;
  if (auto floating = dyn_cast<FloatType>(element)) {
    APFloat rounded = value;
    return !(rounded.convert(floating.getFloatSemantics(), APFloat::rmNearestTiesToEven, &isExact) &
             APFloat::opOverflow);
  }
  auto type = cast<IntegerType>(element);
  APSInt whole(type.getWidth(), /*isUnsigned=*/type.isUnsigned() || type.getWidth() == 1);
  return value.convertToInteger(whole, APFloat::rmTowardZero, &isExact) == APFloat::opOK;
}

LogicalResult WindowsOp::verify() {
  if (!holds(getType().getElementType(), getFill()))
    return emitOpError("expects 'fill' to be a value of ")
           << getType().getElementType() << ", found " << getFillAttr();
  return verifyWindows(*this, typeOf(getOperand()), getType());
}

LogicalResult WindowsSumOp::inferReturnTypes(MLIRContext *, std::optional<Location>,
                                             Adaptor adaptor, SmallVectorImpl<Type> &types) {
  types.push_back(RankedTensorType::get(adaptor.getStaticSizes(),
                                        getElementTypeOrSelf(adaptor.getOperand().getType())));
  return success();
}

LogicalResult WindowsSumOp::verify() {
  return verifyWindows(*this, getType(), typeOf(getOperand()));
}

//===- Derivatives ----------------------------------------------------------===//

SmallVector<Value> WindowsOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  SmallVector<Value> dynamic;
  SmallVector<int64_t> fixed;
  dispatchIndexOpFoldResults(getSizes(b, b.getLoc(), getOperand()), dynamic, fixed);
  return {WindowsSumOp::create(b, getOperand().getType(), g[0], getSize(), getStride(),
                               getDilation(), getLow(), getHigh(), fixed, dynamic)};
}

static Value buildWindows(ImplicitLocOpBuilder &b, Value operand, ArrayRef<int64_t> size,
                          ArrayRef<int64_t> stride, ArrayRef<int64_t> dilation,
                          ArrayRef<int64_t> low, ArrayRef<int64_t> high,
                          ArrayRef<OpFoldResult> sizes) {
  SmallVector<Value> dynamic;
  SmallVector<int64_t> fixed;
  dispatchIndexOpFoldResults(sizes, dynamic, fixed);
  auto type = RankedTensorType::get(fixed, getElementTypeOrSelf(operand.getType()));
  return WindowsOp::create(b, type, operand, size, stride, dilation, low, high, APFloat(0.0), fixed,
                           dynamic);
}

SmallVector<Value> WindowsSumOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  return {buildWindows(b, g[0], getSize(), getStride(), getDilation(), getLow(), getHigh(),
                       getSizes(b, b.getLoc(), getOperand()))};
}

//===- Convolutions ---------------------------------------------------------===//

namespace {
/// Sums of windows that are a contraction over what the window's place is no part of: the gradient
/// of a convolution by its input. That is a convolution of the other factor, with the filter turned
/// round: y[p] = sum over k of d[p + low - k * dilation] * w[k].
struct SumToConvolution : OpRewritePattern<WindowsSumOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(WindowsSumOp op, PatternRewriter &rewriter) const override {
    auto contract = op.getOperand().getDefiningOp<ContractOp>();
    if (!contract || llvm::any_of(op.getStride(), [](int64_t stride) { return stride != 1; }))
      return rewriter.notifyMatchFailure(op, "no contraction with stride 1");
    Equation e = *Equation::parse(contract.getEquation(), std::nullopt);
    size_t rank = op.getSize().size();
    StringRef batch = e.result.take_front(1), places = e.result.slice(1, rank + 1);
    StringRef offsets = e.result.slice(rank + 1, 2 * rank + 1), channel = e.result.take_back(1);
    auto hasAll = [](StringRef term, StringRef letters) {
      return llvm::all_of(letters, [&](char letter) { return term.contains(letter); });
    };
    auto hasAny = [](StringRef term, StringRef letters) {
      return llvm::any_of(letters, [&](char letter) { return term.contains(letter); });
    };
    std::string outer = (batch + places).str();
    bool isLeft = hasAll(e.lhs, outer) && !hasAny(e.lhs, offsets);
    StringRef data = isLeft ? e.lhs : e.rhs, filter = isLeft ? e.rhs : e.lhs;
    if (!hasAll(data, outer) || hasAny(data, offsets) || !hasAll(filter, offsets) ||
        hasAny(filter, outer) || data.size() != rank + 2)
      return rewriter.notifyMatchFailure(op, "not a product of positions and a filter");
    SmallVector<int64_t> low, high;
    for (size_t d = 0; d < rank; ++d) {
      int64_t reach = op.getDilation()[d] * (op.getSize()[d] - 1);
      low.push_back(reach - op.getLow()[d]);
      high.push_back(reach - op.getHigh()[d]);
      if (low.back() < 0 || high.back() < 0)
        return rewriter.notifyMatchFailure(op, "padding is wider than the window reaches");
    }

    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Value positions = isLeft ? contract.getLhs() : contract.getRhs();
    Value weights = isLeft ? contract.getRhs() : contract.getLhs();
    // [batch, places..., one more]
    auto rest =
        llvm::find_if(data, [&](char letter) { return !StringRef(outer).contains(letter); });
    std::string wanted = outer + *rest;
    auto order = llvm::map_to_vector(
        wanted, [&](char letter) { return static_cast<int64_t>(data.find(letter)); });
    if (!llvm::is_sorted(order))
      positions = TransposeOp::create(b, positions, order);
    for (char offset : offsets)
      weights = buildReversed(b, weights, filter.find(offset));
    SmallVector<OpFoldResult> sizes = op.getMixedSizes();
    OpFoldResult last = getSize(b, op.getLoc(), positions, typeOf(positions).getRank() - 1);
    sizes.pop_back();
    for (int64_t size : op.getSize())
      sizes.push_back(b.getIndexAttr(size));
    sizes.push_back(last);
    Value windows = buildWindows(b, positions, op.getSize(), op.getStride(), op.getDilation(), low,
                                 high, sizes);
    std::string windowed = outer + offsets.str() + *rest;
    rewriter.replaceOpWithNewOp<ContractOp>(
        op, op.getType(), windowed + "," + filter.str() + "->" + outer + channel.str(), windows,
        weights);
    return success();
  }

private:
  /// The tensor with an axis turned round.
  static Value buildReversed(ImplicitLocOpBuilder &b, Value value, int64_t axis) {
    int64_t size = typeOf(value).getDimSize(axis);
    if (size == 1)
      return value;
    auto places =
        llvm::to_vector(llvm::map_range(llvm::seq<int32_t>(0, size), [&](int32_t i) -> int32_t {
          return static_cast<int32_t>(size) - 1 - i;
        }));
    auto type = RankedTensorType::get(size, b.getI32Type());
    Value indices = ConstantOp::create(b, DenseElementsAttr::get(type, ArrayRef<int32_t>(places)));
    return GatherOp::create(b, value.getType(), value, indices, axis);
  }
};
} // namespace

void WindowsSumOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<SumToConvolution>(context);
}
