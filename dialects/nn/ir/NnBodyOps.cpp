// Scan, gradient, with_gradient: their bodies' arguments, verifiers, types and sizes.
#include "dialects/nn/ir/NnOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::nn;

/// The yield that ends the region, or null where it isn't well-formed yet.
static YieldOp findYield(Region &region) {
  if (region.empty() || region.front().empty())
    return {};
  return dyn_cast<YieldOp>(region.front().back());
}

LogicalResult nn::detail::verifyBodies(Operation *op) {
  auto owner = cast<NnBodyOpInterface>(op);
  if (op->getNumResults() == 0)
    return op->emitOpError("expects a result, found none");
  for (Region &region : op->getRegions()) {
    unsigned number = region.getRegionNumber();
    if (!findYield(region))
      return op->emitOpError("expects body ") << number << " to end in 'nn.yield'";
    SmallVector<Type> expected = owner.getBodyArgumentTypes(number);
    if (region.getNumArguments() != expected.size())
      return op->emitOpError("expects ") << expected.size() << " arguments of body " << number
                                         << ", found " << region.getNumArguments();
    for (auto [argument, type] : llvm::zip_equal(region.getArguments(), expected)) {
      bool agrees = isa<RankedTensorType>(type) ? areCompatible(type, argument.getType())
                                                : type == argument.getType();
      if (!agrees)
        return op->emitOpError("expects argument ")
               << argument.getArgNumber() << " of body " << number << " to be " << type
               << ", found " << argument.getType();
    }
  }
  return success();
}

/// Fails unless the body yields values of these types.
static LogicalResult verifyYields(Operation *op, Region &region, ArrayRef<Type> expected) {
  YieldOp yield = findYield(region);
  if (!yield)
    return success(); // reported by the interface
  if (yield.getNumOperands() != expected.size())
    return op->emitOpError("expects body ")
           << region.getRegionNumber() << " to yield " << expected.size() << " values, found "
           << yield.getNumOperands();
  for (auto [number, type, value] : llvm::enumerate(expected, yield.getOperandTypes()))
    if (!areCompatible(type, value))
      return op->emitOpError("expects yielded value ")
             << number << " of body " << region.getRegionNumber() << " to be " << type << ", found "
             << value;
  return success();
}

/// The types of a list of groups of operands, one after the other.
static SmallVector<Type> typesOf(ArrayRef<ValueRange> groups) {
  SmallVector<Type> types;
  for (ValueRange group : groups)
    llvm::append_range(types, group.getTypes());
  return types;
}

/// A value of a body as its op sees it, computed at the builder: index arithmetic over what the op
/// is given. Null where it depends on what only the body has.
static Value computeOutside(OpBuilder &builder, NnBodyOpInterface op, Value inside,
                            IRMapping &known) {
  if (Value value = known.lookupOrNull(inside))
    return value;
  Region *region = inside.getParentRegion();
  if (auto argument = dyn_cast<BlockArgument>(inside)) {
    if (argument.getOwner()->getParentOp() != op.getOperation())
      return {};
    return op.getBodyOperand(region->getRegionNumber(), argument.getArgNumber());
  }
  Operation *definition = inside.getDefiningOp();
  if (auto dim = dyn_cast<tensor::DimOp>(definition)) {
    auto argument = dyn_cast<BlockArgument>(dim.getSource());
    std::optional<int64_t> index = dim.getConstantIndex();
    if (!argument || !index || argument.getOwner()->getParentOp() != op.getOperation())
      return {};
    Value source = op.getBodyOperand(region->getRegionNumber(), argument.getArgNumber());
    if (auto scan = dyn_cast<ScanOp>(op.getOperation()); !source && scan) {
      unsigned slice = argument.getArgNumber() - 1;
      if (slice >= scan.getSlices().size())
        return {};
      source = scan.getSlices()[slice];
      *index += *index >= scan.getSliceAxes()[slice];
    }
    if (!source)
      return {};
    return getValueOrCreateConstantIndexOp(builder, op->getLoc(),
                                           getSize(builder, op->getLoc(), source, *index));
  }
  if (definition->getNumRegions() != 0 || !isMemoryEffectFree(definition) ||
      !llvm::all_of(definition->getResultTypes(), [](Type type) { return type.isIndex(); }))
    return {};
  IRMapping operands;
  for (Value operand : definition->getOperands()) {
    Value outside = computeOutside(builder, op, operand, known);
    if (!outside)
      return {};
    operands.map(operand, outside);
  }
  builder.clone(*definition, operands);
  for (Value result : definition->getResults())
    known.map(result, operands.lookup(result));
  return known.lookup(inside);
}

/// Where a size of a value that a body yields comes from, as the op sees it.
static SizeOrigin getYieldedOrigin(OpBuilder &builder, NnBodyOpInterface op, Value yielded,
                                   int64_t dimension) {
  OpBuilder inside(yielded.getParentBlock()->getTerminator());
  OpFoldResult size = getSize(inside, op->getLoc(), yielded, dimension);
  auto value = dyn_cast<Value>(size);
  if (!value)
    return {size, {}};
  IRMapping known;
  Value outside = computeOutside(builder, op, value, known);
  return outside ? SizeOrigin{getAsOpFoldResult(outside), {}} : SizeOrigin();
}

//===- scan -----------------------------------------------------------------===//

YieldOp ScanOp::getYield() { return cast<YieldOp>(getBlock().getTerminator()); }

bool ScanOp::hasSizesOfResult() { return false; }

SmallVector<Type> ScanOp::getBodyArgumentTypes(unsigned) {
  SmallVector<Type> types{RankedTensorType::get({}, IntegerType::get(getContext(), 64))};
  for (auto [slice, axis] : llvm::zip(getSlices(), getSliceAxes())) {
    SmallVector<int64_t> shape(typeOf(slice).getShape());
    if (axis >= 0 && axis < static_cast<int64_t>(shape.size()))
      shape.erase(shape.begin() + axis);
    types.push_back(RankedTensorType::get(shape, typeOf(slice).getElementType()));
  }
  llvm::append_range(types, typesOf({getInits(), getCaptures(), getDims()}));
  return types;
}

Value ScanOp::getBodyOperand(unsigned, unsigned argument) {
  unsigned first = 1 + getSlices().size();
  if (argument < first)
    return {};
  argument -= first;
  // Carried values have the sizes of their inits, not their value: see computeOutside's callers,
  // which ask for sizes alone.
  for (ValueRange group :
       {ValueRange(getInits()), ValueRange(getCaptures()), ValueRange(getDims())}) {
    if (argument < group.size())
      return group[argument];
    argument -= group.size();
  }
  return {};
}

LogicalResult ScanOp::verify() {
  if (getStaticSizes().size() != 1)
    return emitOpError("expects one size, the number of passes, found ") << getStaticSizes().size();
  if (getSliceAxes().size() != getSlices().size())
    return emitOpError("expects one axis per slice, found ")
           << getSliceAxes().size() << " for " << getSlices().size();
  int64_t count = getStaticSizes().front();
  for (auto [slice, axis] : llvm::zip_equal(getSlices(), getSliceAxes())) {
    RankedTensorType type = typeOf(slice);
    if (axis < 0 || axis >= type.getRank())
      return emitOpError("expects a slice with an axis ") << axis << ", found " << type;
    int64_t size = type.getDimSize(axis);
    if (ShapedType::isStatic(size) && ShapedType::isStatic(count) && size != count)
      return emitOpError("expects ")
             << count << " slices along axis " << axis << ", found " << type;
  }
  YieldOp yield = findYield(getBody());
  if (!yield)
    return success();
  SmallVector<Type> carried(getInits().getTypes());
  if (yield.getNumOperands() != carried.size() + getNumStacked())
    return emitOpError("expects body 0 to yield ")
           << carried.size() << " carried values and " << getNumStacked() << " to stack, found "
           << yield.getNumOperands();
  for (Value stacked : yield.getOperands().drop_front(carried.size()))
    carried.push_back(stacked.getType());
  return verifyYields(*this, getBody(), carried);
}

LogicalResult ScanOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                       Adaptor adaptor, SmallVectorImpl<Type> &types) {
  YieldOp yield = findYield(adaptor.getBody());
  size_t numCarried = adaptor.getInits().size();
  ArrayRef<int64_t> axes = adaptor.getStackAxes();
  if (!yield || yield.getNumOperands() != numCarried + axes.size() ||
      adaptor.getStaticSizes().size() != 1)
    return emitOptionalError(location, "'nn.scan' op expects one size and a body that yields ",
                             "carried values and values to stack");
  for (auto [init, next] : llvm::zip(adaptor.getInits(), yield.getOperands())) {
    auto type = dyn_cast<RankedTensorType>(init.getType());
    auto yielded = dyn_cast<RankedTensorType>(next.getType());
    if (!type || !yielded || type.getRank() != yielded.getRank())
      return emitOptionalError(location, "'nn.scan' op expects a carried value of type ",
                               init.getType(), ", found ", next.getType());
    // What either knows of the sizes holds for both.
    SmallVector<int64_t> shape(type.getShape());
    for (auto [size, known] : llvm::zip_equal(shape, yielded.getShape()))
      if (ShapedType::isDynamic(size))
        size = known;
    types.push_back(RankedTensorType::get(shape, type.getElementType()));
  }
  for (auto [stacked, axis] : llvm::zip_equal(yield.getOperands().drop_front(numCarried), axes)) {
    auto type = cast<RankedTensorType>(stacked.getType());
    SmallVector<int64_t> shape(type.getShape());
    if (axis < 0 || axis > type.getRank())
      return emitOptionalError(location, "'nn.scan' op expects to stack along an axis up to ",
                               type.getRank(), ", found ", axis);
    shape.insert(shape.begin() + axis, adaptor.getStaticSizes().front());
    types.push_back(RankedTensorType::get(shape, type.getElementType()));
  }
  return success();
}

SizeOrigin ScanOp::getSizeOrigin(OpBuilder &builder, unsigned result, int64_t dimension) {
  if (result < getInits().size())
    return SizeOrigin::of(getInits()[result], dimension);
  int64_t axis = getStackAxes()[result - getInits().size()];
  if (dimension == axis)
    return {getCount(), {}};
  return getYieldedOrigin(builder, cast<NnBodyOpInterface>(getOperation()),
                          getYield().getOperand(result), dimension - (dimension > axis));
}

bool ScanOp::isDifferentiableWrt(unsigned operand) {
  Value value = getOperand(operand);
  return isFloatTensor(value.getType()) && llvm::any_of(getResultTypes(), isFloatTensor);
}

//===- gradient -------------------------------------------------------------===//

SmallVector<Type> GradientOp::getBodyArgumentTypes(unsigned) {
  return typesOf({getWrt(), getCaptures(), getDims()});
}

Value GradientOp::getBodyOperand(unsigned, unsigned argument) { return getOperand(argument); }

LogicalResult GradientOp::verify() {
  YieldOp yield = findYield(getBody());
  if (yield && (yield.getNumOperands() != 1 || !isFloatTensor(yield.getOperand(0).getType())))
    return emitOpError("expects its body to yield one float tensor");
  return success();
}

LogicalResult GradientOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  llvm::append_range(types, adaptor.getWrt().getTypes());
  return success();
}

SizeOrigin GradientOp::getSizeOrigin(OpBuilder &, unsigned result, int64_t dimension) {
  return SizeOrigin::of(getWrt()[result], dimension);
}

//===- with_gradient --------------------------------------------------------===//

SmallVector<Type> WithGradientOp::getBodyArgumentTypes(unsigned body) {
  if (body == 0)
    return typesOf({getInputs(), getCaptures(), getDims()});
  return typesOf({getInputs(), getCaptures(), getResults(), getDims()});
}

Value WithGradientOp::getBodyOperand(unsigned body, unsigned argument) {
  unsigned before = getInputs().size() + getCaptures().size();
  if (body == 0 || argument < before)
    return getOperand(argument);
  // A cotangent isn't the result, but has its type.
  unsigned behind = before + getNumResults();
  return argument < behind ? Value() : getOperand(argument - getNumResults());
}

LogicalResult WithGradientOp::verify() {
  SmallVector<Type> cotangents;
  llvm::copy_if(getInputs().getTypes(), std::back_inserter(cotangents), isFloatTensor);
  return verifyYields(*this, getBackward(), cotangents);
}

LogicalResult WithGradientOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                               Adaptor adaptor, SmallVectorImpl<Type> &types) {
  YieldOp yield = findYield(adaptor.getForward());
  if (!yield)
    return emitOptionalError(location, "'nn.with_gradient' op expects body 0 to end in 'nn.yield'");
  llvm::append_range(types, yield.getOperandTypes());
  return success();
}

SizeOrigin WithGradientOp::getSizeOrigin(OpBuilder &builder, unsigned result, int64_t dimension) {
  return getYieldedOrigin(builder, cast<NnBodyOpInterface>(getOperation()),
                          findYield(getForward()).getOperand(result), dimension);
}

bool WithGradientOp::isDifferentiableWrt(unsigned operand) {
  return operand < getInputs().size() && isFloatTensor(getOperand(operand).getType());
}

SmallVector<Value> WithGradientOp::vjp(ImplicitLocOpBuilder &b, ValueRange g, ArrayRef<bool>) {
  SmallVector<Value> given(getInputs());
  llvm::append_range(given, getCaptures());
  for (auto [result, cotangent] : llvm::zip_equal(getResults(), g))
    given.push_back(cotangent ? cotangent
                    : isFloatTensor(result.getType())
                        ? buildConstantLike(b, result, 0.0)
                        : result); // a value of its type that nobody differentiates
  llvm::append_range(given, getDims());
  IRMapping mapping;
  Block &body = getBackward().front();
  for (auto [argument, value] : llvm::zip_equal(body.getArguments(), given))
    mapping.map(argument, buildAs(b, value, argument.getType()));
  for (Operation &op : body.without_terminator())
    b.clone(op, mapping);
  SmallVector<Value> result(getInputs().size());
  auto next = body.getTerminator()->operand_begin();
  for (auto [number, input] : llvm::enumerate(getInputs()))
    if (isFloatTensor(input.getType()))
      result[number] = mapping.lookupOrDefault(*next++);
  return result;
}
