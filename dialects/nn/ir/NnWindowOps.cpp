// Concat, slice, pad: types, derivatives, folders.
#include "dialects/nn/ir/NnOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::nn;

/// Fails unless every list has `rank` entries, none below its least value.
static LogicalResult
verifyLists(Operation *op, int64_t rank,
            ArrayRef<std::tuple<StringRef, ArrayRef<int64_t>, int64_t>> lists) {
  for (auto [name, values, least] : lists) {
    if (static_cast<int64_t>(values.size()) != rank)
      return op->emitOpError("expects ") << rank << " " << name << ", found " << values.size();
    for (int64_t value : values)
      if (value < least)
        return op->emitOpError("expects ")
               << name << " of " << least << " or more, found " << value;
  }
  return success();
}

//===- concat ---------------------------------------------------------------===//

/// The indices `first`, `first` + 1, ...: as many as `count` says.
static Value buildPlaces(ImplicitLocOpBuilder &b, OpFoldResult first, OpFoldResult count) {
  SmallVector<Value> dynamic;
  SmallVector<int64_t> fixed;
  dispatchIndexOpFoldResults(count, dynamic, fixed);
  auto type = RankedTensorType::get(fixed, b.getI32Type());
  Value places = IotaOp::create(b, type, 0, fixed, dynamic);
  Value start = FromIndexOp::create(b, RankedTensorType::get({}, b.getI32Type()),
                                    getValueOrCreateConstantIndexOp(b, b.getLoc(), first));
  return AddOp::create(b, places, buildBroadcast(b, start, {}, count));
}

LogicalResult ConcatOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  if (adaptor.getOperands().empty())
    return emitOptionalError(location, "'nn.concat' op expects an operand, found none");
  auto first = cast<RankedTensorType>(adaptor.getOperands()[0].getType());
  int64_t axis = adaptor.getAxis(), total = 0;
  SmallVector<int64_t> shape(first.getShape());
  if (axis >= first.getRank())
    return emitOptionalError(location, "'nn.concat' op expects an axis below ", first.getRank(),
                             ", found ", axis);
  for (Value operand : adaptor.getOperands()) {
    auto type = cast<RankedTensorType>(operand.getType());
    if (type.getRank() != first.getRank() || type.getElementType() != first.getElementType())
      return emitOptionalError(location, "'nn.concat' op expects operands of one rank and element ",
                               "type, found ", first, " and ", type);
    for (int64_t dimension = 0; dimension < type.getRank(); ++dimension) {
      int64_t size = type.getDimSize(dimension);
      if (dimension == axis)
        total = ShapedType::isDynamic(total) || ShapedType::isDynamic(size) ? ShapedType::kDynamic
                                                                            : total + size;
      else if (ShapedType::isDynamic(shape[dimension]))
        shape[dimension] = size;
      else if (ShapedType::isStatic(size) && size != shape[dimension])
        return emitOptionalError(location, "'nn.concat' op expects equal sizes along dimension ",
                                 dimension, ", found ", shape[dimension], " and ", size);
    }
  }
  shape[axis] = total;
  types.push_back(RankedTensorType::get(shape, first.getElementType()));
  return success();
}

SizeOrigin ConcatOp::getSizeOrigin(OpBuilder &builder, unsigned, int64_t dimension) {
  if (dimension != static_cast<int64_t>(getAxis()))
    return SizeOrigin::of(getOperands().front(), dimension);
  OpFoldResult total = builder.getIndexAttr(0);
  for (Value operand : getOperands())
    total = addSizes(builder, getLoc(), total, getSize(builder, getLoc(), operand, dimension));
  return {total, {}};
}

SmallVector<Value> ConcatOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool> wanted) {
  SmallVector<Value> result(getNumOperands());
  int64_t rank = getType().getRank();
  SmallVector<int64_t> offsets(rank, 0), strides(rank, 1);
  OpFoldResult before = b.getIndexAttr(0);
  for (OpOperand &operand : getOperation()->getOpOperands()) {
    SmallVector<OpFoldResult> sizes = getSizes(b, b.getLoc(), operand.get());
    std::optional<int64_t> known = getConstantIntValue(before);
    Value &dx = result[operand.getOperandNumber()];
    if (wanted[operand.getOperandNumber()] && known) {
      SmallVector<Value> dynamic;
      SmallVector<int64_t> fixed;
      dispatchIndexOpFoldResults(sizes, dynamic, fixed);
      offsets[getAxis()] = *known;
      dx = SliceOp::create(b, operand.get().getType(), g[0], offsets, strides, fixed, dynamic);
    } else if (wanted[operand.getOperandNumber()]) {
      Value places = buildPlaces(b, before, sizes[getAxis()]);
      dx = GatherOp::create(b, operand.get().getType(), g[0], places, getAxis());
    }
    before = addSizes(b, b.getLoc(), before, sizes[getAxis()]);
  }
  return result;
}

OpFoldResult ConcatOp::fold(FoldAdaptor) {
  return getNumOperands() == 1 && getOperand(0).getType() == getType() ? getOperand(0)
                                                                       : OpFoldResult();
}

//===- slice ----------------------------------------------------------------===//

LogicalResult SliceOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  Type element = getElementTypeOrSelf(adaptor.getOperand().getType());
  types.push_back(RankedTensorType::get(adaptor.getStaticSizes(), element));
  return success();
}

LogicalResult SliceOp::verify() {
  RankedTensorType operand = typeOf(getOperand());
  int64_t rank = operand.getRank();
  if (failed(
          verifyLists(*this, rank, {{"offsets", getOffsets(), 0}, {"strides", getStrides(), 1}})))
    return failure();
  if (getType().getRank() != rank)
    return emitOpError("expects a result of rank ") << rank << ", found " << getType();
  for (int64_t d = 0; d < rank; ++d) {
    int64_t size = getStaticSizes()[d], available = operand.getDimSize(d);
    if (ShapedType::isDynamic(size) || ShapedType::isDynamic(available))
      continue;
    int64_t end = saturatingAdd(getOffsets()[d], saturatingSpan(size, getStrides()[d]));
    if (end > available)
      return emitOpError("expects a window inside the operand, found one up to ")
             << end << " of " << available << " along dimension " << d;
  }
  return success();
}

SmallVector<Value> SliceOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  auto interior = llvm::map_to_vector(getStrides(), [](int64_t stride) { return stride - 1; });
  bool isDense = llvm::all_of(interior, [](int64_t gap) { return gap == 0; });
  SmallVector<Value> dynamic;
  SmallVector<int64_t> fixed;
  dispatchIndexOpFoldResults(getSizes(b, b.getLoc(), getOperand()), dynamic, fixed);
  return {PadOp::create(b, getOperand().getType(), g[0], b.getDenseI64ArrayAttr(getOffsets()),
                        /*high=*/nullptr,
                        isDense ? DenseI64ArrayAttr() : b.getDenseI64ArrayAttr(interior),
                        b.getDenseI64ArrayAttr(fixed), dynamic)};
}

/// All of the operand, where the sizes are known to be its own.
OpFoldResult SliceOp::fold(FoldAdaptor) {
  bool isPlain = llvm::all_of(getOffsets(), [](int64_t offset) { return offset == 0; }) &&
                 llvm::all_of(getStrides(), [](int64_t stride) { return stride == 1; });
  return isPlain && getOperand().getType() == getType() && getType().hasStaticShape()
             ? getOperand()
             : OpFoldResult();
}

//===- pad ------------------------------------------------------------------===//

LogicalResult PadOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,
                                      SmallVectorImpl<Type> &types) {
  Type element = getElementTypeOrSelf(adaptor.getOperand().getType());
  types.push_back(RankedTensorType::get(adaptor.getStaticSizes(), element));
  return success();
}

SmallVector<int64_t> PadOp::getStrides() {
  SmallVector<int64_t> strides(getType().getRank(), 1);
  if (std::optional<ArrayRef<int64_t>> interior = getInterior())
    for (auto [stride, gap] : llvm::zip_equal(strides, *interior))
      stride = saturatingAdd(stride, gap);
  return strides;
}

LogicalResult PadOp::verify() {
  RankedTensorType operand = typeOf(getOperand());
  int64_t rank = operand.getRank();
  SmallVector<int64_t> zeros(rank, 0);
  if (failed(verifyLists(*this, rank,
                         {{"low", getLow(), 0},
                          {"high", getHigh().value_or(zeros), 0},
                          {"interior", getInterior().value_or(zeros), 0}})))
    return failure();
  if (getType().getRank() != rank)
    return emitOpError("expects a result of rank ") << rank << ", found " << getType();
  for (int64_t d = 0; d < rank; ++d) {
    int64_t size = operand.getDimSize(d), available = getStaticSizes()[d];
    if (ShapedType::isDynamic(size) || ShapedType::isDynamic(available))
      continue;
    int64_t end = saturatingAdd(getLow()[d], saturatingSpan(size, getStrides()[d]));
    if (end > available)
      return emitOpError("expects a result that holds the operand up to ")
             << end << " along dimension " << d << ", found " << available;
    int64_t whole = getHigh() ? saturatingAdd(end, (*getHigh())[d]) : available;
    if (whole != available)
      return emitOpError("expects size ")
             << whole << " along dimension " << d << " of the result, found " << available;
  }
  return success();
}

SmallVector<Value> PadOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  SmallVector<Value> dynamic;
  SmallVector<int64_t> fixed;
  dispatchIndexOpFoldResults(getSizes(b, b.getLoc(), getOperand()), dynamic, fixed);
  return {SliceOp::create(b, getOperand().getType(), g[0], getLow(), getStrides(), fixed, dynamic)};
}

OpFoldResult PadOp::fold(FoldAdaptor) {
  return getOperand().getType() == getType() && getType().hasStaticShape() ? getOperand()
                                                                           : OpFoldResult();
}
