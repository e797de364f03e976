// The operations of the kernel dialect: verification, assembly, effects.
#include "dialects/kernel/ir/KernelOps.h"

#include "mlir/Interfaces/FunctionImplementation.h"

using namespace mlir;
using namespace mlir::kernel;

#define GET_OP_CLASSES
#include "dialects/kernel/ir/KernelOps.cpp.inc"

//===----------------------------------------------------------------------===//
// FuncOp
//===----------------------------------------------------------------------===//

void FuncOp::build(OpBuilder &builder, OperationState &state, StringRef name, FunctionType type) {
  state.addAttribute(getSymNameAttrName(state.name), builder.getStringAttr(name));
  state.addAttribute(getFunctionTypeAttrName(state.name), TypeAttr::get(type));
  state.addRegion();
}

ParseResult FuncOp::parse(OpAsmParser &parser, OperationState &result) {
  auto toType = [](Builder &builder, ArrayRef<Type> inputs, ArrayRef<Type> results,
                   function_interface_impl::VariadicFlag,
                   std::string &) { return builder.getFunctionType(inputs, results); };
  return function_interface_impl::parseFunctionOp(
      parser, result, /*allowVariadic=*/false, getFunctionTypeAttrName(result.name), toType,
      getArgAttrsAttrName(result.name), getResAttrsAttrName(result.name));
}

void FuncOp::print(OpAsmPrinter &printer) {
  function_interface_impl::printFunctionOp(printer, *this, /*isVariadic=*/false,
                                           getFunctionTypeAttrName(), getArgAttrsAttrName(),
                                           getResAttrsAttrName());
}

LogicalResult FuncOp::verify() {
  ArrayRef<Type> inputs = getArgumentTypes(), results = getResultTypes();
  if (results.size() > inputs.size())
    return emitOpError() << "expected a destination for each of " << results.size()
                         << " results, found " << inputs.size() << " arguments";
  for (auto [input, result] : llvm::zip_equal(inputs.take_back(results.size()), results)) {
    if (!isa<RankedTensorType>(result))
      return emitOpError() << "expected results that are tensors, found " << result;
    if (input != result)
      return emitOpError() << "expected destinations of the results' types, found " << input
                           << " for " << result;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// ReturnOp
//===----------------------------------------------------------------------===//

LogicalResult ReturnOp::verify() {
  auto results = cast<FuncOp>((*this)->getParentOp()).getResultTypes();
  if (TypeRange(getValues()) != TypeRange(results))
    return emitOpError() << "expected values of types (" << results << "), found ("
                         << getValues().getTypes() << ")";
  return success();
}

//===----------------------------------------------------------------------===//
// SyncOp
//===----------------------------------------------------------------------===//

LogicalResult SyncOp::verify() {
  Operation *around = (*this)->getParentOp();
  while (isa<LoopLikeOpInterface>(around) && !around->hasTrait<OpTrait::HasParallelRegion>() &&
         around->getNumResults() == 0)
    around = around->getParentOp();
  auto function = dyn_cast<FuncOp>(around);
  if (!function)
    return emitOpError() << "expected to stand in a kernel, or in loops without results of one, "
                            "found '"
                         << around->getName() << "' around it";
  for (Type type : function.getArgumentTypes())
    if (isa<TensorType>(type))
      return emitOpError() << "expected a kernel on buffers, found an argument of type " << type;
  return success();
}

//===----------------------------------------------------------------------===//
// CallOp
//===----------------------------------------------------------------------===//

LogicalResult CallOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto function = symbols.lookupNearestSymbolFrom<FuncOp>(*this, getCalleeAttr());
  if (!function)
    return emitOpError() << "expected the name of a kernel, found " << getCalleeAttr();
  auto check = [&](StringRef what, TypeRange given, TypeRange expected) -> LogicalResult {
    if (given == expected)
      return success();
    InFlightDiagnostic error = emitOpError() << "expected " << what << " of types (" << expected
                                             << "), as the kernel says, found (" << given << ")";
    error.attachNote(function.getLoc()) << "the kernel is here";
    return error;
  };
  if (failed(check("operands", getOperandTypes(), function.getArgumentTypes())))
    return failure();
  return check("results", getResultTypes(), function.getResultTypes());
}

void CallOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  for (OpOperand &operand : getOperation()->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    effects.emplace_back(MemoryEffects::Read::get(), &operand);
    if (isDpsInit(&operand))
      effects.emplace_back(MemoryEffects::Write::get(), &operand);
  }
}
