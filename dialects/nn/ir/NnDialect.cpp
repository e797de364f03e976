// The nn dialect: registration, constants, and the attributes of function arguments.
#include "dialects/nn/ir/NnDialect.h"

#include "dialects/nn/ir/NnOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace mlir::nn;

#include "dialects/nn/ir/NnDialect.cpp.inc"

void NnDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/nn/ir/NnOps.cpp.inc"
      >();
}

Operation *NnDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type,
                                          Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  if (elements && elements.getType() == type)
    return ConstantOp::create(builder, loc, elements);
  return arith::ConstantOp::materialize(builder, value, type, loc);
}

static LogicalResult verifyDims(FunctionOpInterface function, RankedTensorType type,
                                Attribute attribute) {
  auto dims = dyn_cast<DenseI64ArrayAttr>(attribute);
  if (!dims || dims.asArrayRef().size() != type.getNumDynamicDims())
    return function.emitOpError("expects 'nn.dims' to be an array of one i64 per '?' of ")
           << type << ", found " << attribute;
  for (int64_t dim : dims.asArrayRef())
    if (dim < 0 || dim >= static_cast<int64_t>(function.getNumArguments()) ||
        !function.getArgumentTypes()[dim].isIndex())
      return function.emitOpError("expects 'nn.dims' to name arguments of type index, found ")
             << dim;
  return success();
}

LogicalResult NnDialect::verifyRegionArgAttribute(Operation *op, unsigned, unsigned argument,
                                                  NamedAttribute attribute) {
  auto function = dyn_cast<FunctionOpInterface>(op);
  if (!function)
    return success();
  Type argumentType = function.getArgumentTypes()[argument];
  auto type = dyn_cast<RankedTensorType>(argumentType);
  if (attribute.getName() == WrtAttrHelper::getNameStr()) {
    if (!type || !isa<FloatType>(type.getElementType()))
      return op->emitOpError("expects 'nn.wrt' on a float tensor, found ") << argumentType;
  } else if (attribute.getName() == DimsAttrHelper::getNameStr() && type) {
    // Once tensors have become buffers, the attribute says nothing that can be checked.
    return verifyDims(function, type, attribute.getValue());
  }
  return success();
}

#define GET_OP_CLASSES
#include "dialects/nn/ir/NnOps.cpp.inc"
