// Gather and scatter_add: types and derivatives.
#include "dialects/nn/ir/NnOps.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::nn;

/// A list with the entry at `axis` replaced by other entries.
template <typename T>
static SmallVector<T> replaceAt(ArrayRef<T> list, int64_t axis, ArrayRef<T> entries) {
  SmallVector<T> result(list.take_front(axis));
  llvm::append_range(result, entries);
  llvm::append_range(result, list.drop_front(axis + 1));
  return result;
}

LogicalResult GatherOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto table = cast<RankedTensorType>(adaptor.getTable().getType());
  auto indices = cast<RankedTensorType>(adaptor.getIndices().getType());
  int64_t axis = adaptor.getAxis();
  if (axis >= table.getRank())
    return emitOptionalError(location, "'nn.gather' op expects a table with an axis ", axis,
                             ", found ", table);
  types.push_back(RankedTensorType::get(replaceAt(table.getShape(), axis, indices.getShape()),
                                        table.getElementType()));
  return success();
}

SizeOrigin GatherOp::getSizeOrigin(OpBuilder &, unsigned, int64_t dimension) {
  auto axis = static_cast<int64_t>(getAxis());
  int64_t numIndexed = cast<RankedTensorType>(getIndices().getType()).getRank();
  if (dimension < axis)
    return SizeOrigin::of(getTable(), dimension);
  if (dimension < axis + numIndexed)
    return SizeOrigin::of(getIndices(), dimension - axis);
  return SizeOrigin::of(getTable(), dimension - numIndexed + 1);
}

SmallVector<Value> GatherOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  Value zeros = buildConstantLike(b, getTable(), 0.0);
  return {ScatterAddOp::create(b, g[0], getIndices(), zeros, getAxis()), Value()};
}

LogicalResult ScatterAddOp::verify() {
  auto into = cast<RankedTensorType>(getInto().getType());
  auto indices = cast<RankedTensorType>(getIndices().getType());
  int64_t axis = getAxis();
  if (axis >= into.getRank())
    return emitOpError("expects a tensor with an axis ") << axis << ", found " << into;
  auto expected = RankedTensorType::get(replaceAt(into.getShape(), axis, indices.getShape()),
                                        into.getElementType());
  if (!areCompatible(expected, getUpdates().getType()))
    return emitOpError("expects updates of type ")
           << expected << ", found " << getUpdates().getType();
  return success();
}

SmallVector<Value> ScatterAddOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool> wanted) {
  SmallVector<Value> result(3);
  if (wanted[0])
    result[0] = GatherOp::create(b, getUpdates().getType(), g[0], getIndices(), getAxis());
  if (wanted[2])
    result[2] = g[0];
  return result;
}

//===- take_along, put_along ------------------------------------------------===//

/// A list without the entry at `axis`.
template <typename T> static SmallVector<T> dropAt(ArrayRef<T> list, int64_t axis) {
  return replaceAt<T>(list, axis, {});
}

LogicalResult TakeAlongOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto operand = cast<RankedTensorType>(adaptor.getOperand().getType());
  auto indices = cast<RankedTensorType>(adaptor.getIndices().getType());
  int64_t axis = adaptor.getAxis();
  if (axis >= operand.getRank())
    return emitOptionalError(location, "'nn.take_along' op expects an operand with an axis ", axis,
                             ", found ", operand);
  SmallVector<int64_t> shape = dropAt(operand.getShape(), axis);
  if (failed(verifyCompatibleShape(shape, indices.getShape())))
    return emitOptionalError(location, "'nn.take_along' op expects indices of shape [",
                             ArrayRef(shape), "], found ", indices);
  for (auto [size, known] : llvm::zip_equal(shape, indices.getShape()))
    if (ShapedType::isDynamic(size))
      size = known;
  types.push_back(RankedTensorType::get(shape, operand.getElementType()));
  return success();
}

SmallVector<Value> TakeAlongOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  SmallVector<Value> dynamic;
  SmallVector<int64_t> fixed;
  dispatchIndexOpFoldResults(getSizes(b, b.getLoc(), getOperand()), dynamic, fixed);
  return {
      PutAlongOp::create(b, getOperand().getType(), g[0], getIndices(), getAxis(), fixed, dynamic),
      Value()};
}

LogicalResult PutAlongOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  types.push_back(RankedTensorType::get(adaptor.getStaticSizes(),
                                        getElementTypeOrSelf(adaptor.getUpdates().getType())));
  return success();
}

LogicalResult PutAlongOp::verify() {
  auto axis = static_cast<int64_t>(getAxis());
  if (axis >= getType().getRank())
    return emitOpError("expects a result with an axis ") << axis << ", found " << getType();
  SmallVector<int64_t> shape = dropAt(getType().getShape(), axis);
  for (Value operand : {Value(getUpdates()), Value(getIndices())})
    if (failed(verifyCompatibleShape(shape, cast<RankedTensorType>(operand.getType()).getShape())))
      return emitOpError("expects updates and indices of shape [")
             << ArrayRef(shape) << "], found " << operand.getType();
  return success();
}

SmallVector<Value> PutAlongOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  return {TakeAlongOp::create(b, getUpdates().getType(), g[0], getIndices(), getAxis()), Value()};
}
