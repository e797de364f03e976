// Emits one pure function of the program as a private func.func of nn operations. Operations are
// made from the names and attributes that sema gives them; none is known here.
#include "compiler/emit/FunctionEmitter.h"

#include "compiler/diagnostics/Source.h"
#include "compiler/emit/Location.h"
#include "compiler/emit/TypeConversion.h"
#include "dialects/nn/ir/NnOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace nnc;
using namespace nnc::emission;

//===----------------------------------------------------------------------===//
// Signature
//===----------------------------------------------------------------------===//

Signature::Signature(OpBuilder &builder, ArrayRef<std::string> dims)
    : dims(dims), types(dims.size(), builder.getIndexType()) {}

void Signature::add(sema::Input::Kind kind, StringRef name, Type type) {
  slots.push_back({kind, name.str(), static_cast<unsigned>(types.size())});
  types.push_back(type);
}

void Signature::alias(sema::Input::Kind kind, StringRef name, sema::Input::Kind of) {
  for (const Slot &slot : slots) {
    if (slot.kind != of || slot.name != name)
      continue;
    Slot copy = slot;
    copy.kind = kind;
    slots.push_back(std::move(copy));
    return;
  }
}

std::optional<unsigned> Signature::find(const sema::Input &input) const {
  for (const Slot &slot : slots)
    if (slot.kind == input.kind && slot.name == input.name)
      return slot.argument;
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

func::FuncOp FunctionEmitter::emit(const sema::Function &source, StringRef name,
                                   const Signature &signature, Location location) {
  OpBuilder::InsertionGuard guard(builder);
  values.clear();
  dims.clear();
  SmallVector<Type> results;
  for (const sema::Function::Result &result : source.results)
    results.push_back(convertType(result.node->type, builder.getContext()));
  function = func::FuncOp::create(builder, location, name,
                                  builder.getFunctionType(signature.getTypes(), results));
  function.setPrivate();
  Block *body = function.addEntryBlock();
  builder.setInsertionPointToStart(body);
  for (auto [dim, argument] : llvm::zip(signature.getDims(), body->getArguments())) {
    argument.setLoc(NameLoc::get(builder.getStringAttr(dim), location));
    dims[dim] = argument;
  }
  for (const sema::Input &input : source.inputs)
    if (failed(bindInput(input, signature)))
      return {};
  for (const sema::Node *node : source.nodes)
    if (!values.contains(node) && failed(emitNode(*node)))
      return {};
  SmallVector<Value> returned;
  for (const sema::Function::Result &result : source.results)
    returned.push_back(values.lookup(result.node));
  func::ReturnOp::create(builder, location, returned);
  return function;
}

LogicalResult FunctionEmitter::bindInput(const sema::Input &input, const Signature &signature) {
  Location location = getLocation(*input.node);
  std::optional<unsigned> argument = signature.find(input);
  if (!argument)
    return emitError(location) << "'" << function.getName() << "' has no argument for its input '"
                               << input.name << "'";
  BlockArgument value = function.getArgument(*argument);
  value.setLoc(NameLoc::get(builder.getStringAttr(input.name), location));
  values[input.node] = value;
  // The step is counted in integers; rules compute with it in floats.
  Type type = convertType(input.node->type, builder.getContext());
  if (input.kind == sema::Input::Kind::Step && type != value.getType())
    values[input.node] = nn::CastOp::create(builder, location, type, value);
  return success();
}

LogicalResult FunctionEmitter::emitNode(const sema::Node &node) {
  Location location = getLocation(node);
  OperationState state(location, "nn." + node.op);
  if (!state.name.isRegistered())
    return emitError(location) << "there is no operation 'nn." << node.op << "'";
  auto type = convertType(node.type, builder.getContext());
  state.addTypes(type);
  for (const sema::Node *operand : node.operands) {
    Value value = values.lookup(operand);
    if (!value)
      return emitError(location) << "an operand of 'nn." << node.op << "' is not defined before it";
    state.addOperands(value);
  }
  for (const sema::Attribute &attribute : node.attributes)
    state.addAttribute(attribute.name, convertAttribute(attribute, type));
  if (node.hasSizes && failed(emitSizes(node, state)))
    return failure();

  Operation *op = builder.create(state);
  values[&node] = op->getResult(0);
  // Where operands are grouped, each tensor is a group of its own, optional ones last, and then
  // come the sizes.
  if (op->hasTrait<OpTrait::AttrSizedOperandSegments>()) {
    StringRef name = OpTrait::AttrSizedOperandSegments<void>::getOperandSegmentSizeAttr();
    auto groups = cast<DenseI32ArrayAttr>(*op->getInherentAttr(name));
    SmallVector<int32_t> sizes(groups.size(), 0);
    std::fill_n(sizes.begin(), node.operands.size(), 1);
    sizes.back() = op->getNumOperands() - node.operands.size();
    op->setInherentAttr(builder.getStringAttr(name), builder.getDenseI32ArrayAttr(sizes));
  }
  return success();
}

/// Operations with mixed sizes take constant ones as an attribute; others take each as an operand.
LogicalResult FunctionEmitter::emitSizes(const sema::Node &node, OperationState &state) {
  bool isMixed = state.name.hasInterface<nn::NnMixedSizesOpInterface>();
  SmallVector<int64_t> sizes;
  for (const sema::Dim &dim : node.sizes) {
    sizes.push_back(dim.constant().value_or(ShapedType::kDynamic));
    if (isMixed && dim.constant())
      continue;
    Value value = getDim(dim, state.location);
    if (!value)
      return failure();
    state.addOperands(value);
  }
  if (isMixed)
    state.addAttribute("static_sizes", builder.getDenseI64ArrayAttr(sizes));
  return success();
}

/// The attribute `value` is the element of a constant; integers are otherwise i64, lists dense
/// arrays.
Attribute FunctionEmitter::convertAttribute(const sema::Attribute &attribute,
                                            RankedTensorType type) {
  if (auto *text = std::get_if<std::string>(&attribute.value))
    return builder.getStringAttr(*text);
  if (auto *list = std::get_if<std::vector<int64_t>>(&attribute.value))
    return builder.getDenseI64ArrayAttr(*list);
  if (attribute.name != "value") {
    if (auto *number = std::get_if<int64_t>(&attribute.value))
      return builder.getI64IntegerAttr(*number);
    if (auto *flag = std::get_if<bool>(&attribute.value))
      return builder.getBoolAttr(*flag);
    return builder.getF64FloatAttr(std::get<double>(attribute.value));
  }
  auto convert = [&](auto number) -> Attribute {
    Type element = type.getElementType();
    if (isa<FloatType>(element))
      return builder.getFloatAttr(element, static_cast<double>(number));
    return builder.getIntegerAttr(element, static_cast<int64_t>(number));
  };
  Attribute element;
  if (auto *number = std::get_if<int64_t>(&attribute.value))
    element = convert(*number);
  else if (auto *flag = std::get_if<bool>(&attribute.value))
    element = convert(*flag);
  else
    element = convert(std::get<double>(attribute.value));
  return DenseElementsAttr::get(type, element);
}

//===----------------------------------------------------------------------===//
// Dimensions
//===----------------------------------------------------------------------===//

Value FunctionEmitter::getDim(const sema::Dim &dim, Location location) {
  std::string text = dim.str();
  if (Value known = dims.lookup(text))
    return known;
  Value value = computeDim(dim, location);
  if (value)
    dims[text] = value;
  return value;
}

/// The sum of products, in the order of the normal form.
Value FunctionEmitter::computeDim(const sema::Dim &dim, Location location) {
  Value sum;
  for (const auto &[atoms, coefficient] : dim.normalForm()) {
    Value product;
    auto multiply = [&](Value factor) {
      product = product ? arith::MulIOp::create(builder, location, product, factor) : factor;
    };
    for (const std::string &atom : atoms) {
      Value value = computeAtom(atom, location);
      if (!value)
        return {};
      multiply(value);
    }
    if (coefficient != 1 || atoms.empty())
      multiply(arith::ConstantIndexOp::create(builder, location, coefficient));
    sum = sum ? arith::AddIOp::create(builder, location, sum, product) : product;
  }
  return sum ? sum : arith::ConstantIndexOp::create(builder, location, 0);
}

/// A symbol, or a quotient.
Value FunctionEmitter::computeAtom(StringRef atom, Location location) {
  if (Value known = dims.lookup(atom))
    return known;
  std::optional<std::pair<sema::Dim, sema::Dim>> quotient = sema::Dim::quotient(atom);
  if (!quotient) {
    emitError(location) << "'" << function.getName() << "' does not know the dimension '" << atom
                        << "'";
    return {};
  }
  Value numerator = getDim(quotient->first, location);
  Value denominator = getDim(quotient->second, location);
  if (!numerator || !denominator)
    return {};
  return arith::DivSIOp::create(builder, location, numerator, denominator);
}

Location FunctionEmitter::getLocation(const sema::Node &node) {
  return emission::getLocation(node.range, node.site, sources, builder.getContext());
}
