// Constants, and tensors made from nothing but sizes: types and folders.
#include "dialects/nn/ir/NnFolding.h"
#include "dialects/nn/ir/NnOps.h"

using namespace mlir;
using namespace mlir::nn;

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

SizeOrigin ConstantOp::getSizeOrigin(OpBuilder &builder, unsigned, int64_t dimension) {
  return {builder.getIndexAttr(getType().getDimSize(dimension)), {}};
}

//===- from_index -----------------------------------------------------------===//

LogicalResult
FromIndexOp::inferReturnTypeComponents(MLIRContext *, std::optional<Location>, Adaptor,
                                       SmallVectorImpl<ShapedTypeComponents> &shapes) {
  shapes.emplace_back(ArrayRef<int64_t>());
  return success();
}

SizeOrigin FromIndexOp::getSizeOrigin(OpBuilder &, unsigned, int64_t) {
  llvm_unreachable("the result is of rank 0");
}

OpFoldResult FromIndexOp::fold(FoldAdaptor adaptor) {
  auto index = dyn_cast_if_present<IntegerAttr>(adaptor.getOperand());
  if (!index)
    return {};
  auto wide = RankedTensorType::get({}, IntegerType::get(getContext(), 64));
  return foldCast(DenseElementsAttr::get(wide, index.getValue().sextOrTrunc(64)),
                  cast<RankedTensorType>(getType()).getElementType());
}

//===- iota, random ---------------------------------------------------------===//

LogicalResult IotaOp::inferReturnTypeComponents(MLIRContext *, std::optional<Location>,
                                                Adaptor adaptor,
                                                SmallVectorImpl<ShapedTypeComponents> &shapes) {
  shapes.emplace_back(adaptor.getStaticSizes());
  return success();
}

LogicalResult IotaOp::verify() {
  if (static_cast<int64_t>(getAxis()) >= getType().getRank())
    return emitOpError("expects an axis below ") << getType().getRank() << ", found " << getAxis();
  return success();
}

LogicalResult RandomOp::inferReturnTypeComponents(MLIRContext *, std::optional<Location>,
                                                  Adaptor adaptor,
                                                  SmallVectorImpl<ShapedTypeComponents> &shapes) {
  shapes.emplace_back(adaptor.getStaticSizes());
  return success();
}
