// Verifiers and shared methods of the nn dialect's op interfaces.
#include "dialects/nn/ir/NnInterfaces.h"

#include "dialects/nn/ir/NnShapes.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;
using namespace mlir::nn;

#include "dialects/nn/ir/NnInterfaces.cpp.inc"

LogicalResult nn::detail::verifyElementwise(Operation *op) {
  if (op->getNumResults() != 1 || op->getNumOperands() == 0)
    return op->emitOpError("is elementwise and wants operands and one result");
  auto result = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  for (OpOperand &operand : op->getOpOperands()) {
    auto type = dyn_cast<RankedTensorType>(operand.get().getType());
    if (!type || !result || failed(verifyCompatibleShape(type, result)))
      return op->emitOpError("is elementwise and expects operand #")
             << operand.getOperandNumber() << " to be shaped like the result "
             << op->getResult(0).getType() << ", found " << operand.get().getType();
  }
  return success();
}

LogicalResult nn::detail::verifyMixedSizes(Operation *op) {
  auto sized = cast<NnMixedSizesOpInterface>(op);
  ArrayRef<int64_t> sizes = sized.getStaticSizes();
  bool isResult = sized.hasSizesOfResult();
  auto result = isResult ? cast<RankedTensorType>(op->getResult(0).getType()) : RankedTensorType();
  if (isResult && static_cast<int64_t>(sizes.size()) != result.getRank())
    return op->emitOpError("expects one size per dimension of ")
           << result << ", found " << sizes.size();
  for (int64_t size : sizes)
    if (ShapedType::isStatic(size) && size < 0)
      return op->emitOpError("expects sizes of 0 or more, found ") << size;
  size_t dynamic = llvm::count_if(sizes, ShapedType::isDynamic);
  if (dynamic != sized.getDynamicSizes().size())
    return op->emitOpError("expects ")
           << dynamic << " dynamic sizes, found " << sized.getDynamicSizes().size();
  if (isResult && failed(verifyCompatibleShape(sizes, result.getShape())))
    return op->emitOpError("expects a result of the sizes [") << sizes << "], found " << result;
  return success();
}

bool nn::detail::isFloatToFloat(Operation *op, unsigned operand) {
  auto isFloat = [](Type type) { return isa<FloatType>(getElementTypeOrSelf(type)); };
  return isFloat(op->getOperand(operand).getType()) && llvm::any_of(op->getResultTypes(), isFloat);
}

bool NnMixedSizesOpInterface::foldConstantSizes() {
  SmallVector<int64_t> sizes(getStaticSizes());
  SmallVector<Value> dynamic;
  auto next = getDynamicSizes().begin();
  for (int64_t &size : sizes) {
    if (ShapedType::isStatic(size))
      continue;
    Value value = *next++;
    if (std::optional<int64_t> constant = getConstantIntValue(value))
      size = *constant;
    else
      dynamic.push_back(value);
  }
  if (dynamic.size() == getDynamicSizes().size())
    return false;
  getDynamicSizesMutable().assign(dynamic);
  setStaticSizes(sizes);
  return true;
}
