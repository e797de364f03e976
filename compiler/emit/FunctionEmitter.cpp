// Emits one pure function of the program as a private func.func of nn operations. Operations are
// made from the names and attributes that sema gives them; none is known here.
#include "compiler/emit/FunctionEmitter.h"

#include "compiler/diagnostics/Source.h"
#include "compiler/emit/Location.h"
#include "compiler/emit/TypeConversion.h"
#include "compiler/sema/Needs.h"
#include "dialects/nn/ir/NnAttributes.h"
#include "dialects/nn/ir/NnOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/ScopeExit.h"

using namespace mlir;
using namespace nnc;
using namespace nnc::emission;

//===----------------------------------------------------------------------===//
// Symbolic dimensions
//===----------------------------------------------------------------------===//

static void collectSymbols(const sema::Dim &dim, Symbols &symbols) {
  for (const std::string &symbol : dim.symbols())
    symbols.insert(symbol);
}

static void collectSymbols(const sema::Type &type, Symbols &symbols) {
  for (const sema::Dim &dim : type.shape)
    collectSymbols(dim, symbols);
}

/// Those that the sizes of the function's operations are made of.
static void collectSymbols(const sema::Function &function, Symbols &symbols) {
  for (const sema::Node *node : function.nodes) {
    for (const sema::Dim &dim : node->sizes)
      collectSymbols(dim, symbols);
    for (const auto &body : node->bodies)
      collectSymbols(*body, symbols);
  }
}

Value FunctionEmitter::getDim(const sema::Dim &dim, Location location) {
  std::string text = dim.str();
  if (Value known = scope.dims.lookup(text))
    return known;
  Value value = computeDim(dim, location);
  if (value)
    scope.dims[text] = value;
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
  if (Value known = scope.dims.lookup(atom))
    return known;
  std::optional<std::pair<sema::Dim, sema::Dim>> quotient = sema::Dim::quotient(atom);
  if (!quotient) {
    emitError(location) << "'" << name << "' does not know the dimension '" << atom << "'";
    return {};
  }
  Value numerator = getDim(quotient->first, location);
  Value denominator = getDim(quotient->second, location);
  if (!numerator || !denominator)
    return {};
  return arith::DivSIOp::create(builder, location, numerator, denominator);
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

/// Says of an argument which other arguments are its sizes.
static LogicalResult setDims(func::FuncOp function, unsigned argument, const sema::Type &type,
                             const llvm::StringMap<unsigned> &numbers) {
  SmallVector<int64_t> dims;
  for (const sema::Dim &dim : type.shape) {
    if (dim.constant())
      continue;
    std::optional<std::string> symbol = dim.asSymbol();
    auto found = symbol ? numbers.find(*symbol) : numbers.end();
    if (found == numbers.end())
      return function.emitError() << "'" << function.getName() << "' has an input with dimension '"
                                  << dim.str() << "', expected a number or a name";
    dims.push_back(found->second);
  }
  if (!dims.empty())
    function.setArgAttr(argument, nn::kDimsAttr,
                        DenseI64ArrayAttr::get(function.getContext(), dims));
  return success();
}

LogicalResult FunctionEmitter::addArguments(const sema::Function &source, const Symbols &symbols,
                                            ArrayRef<std::string> dims, Binder bind,
                                            func::FuncOp function) {
  Location location = function.getLoc();
  SmallVector<Type> types;
  SmallVector<DictionaryAttr> attributes;
  auto add = [&](Type type, train::BindAttr binding, Location at) {
    NamedAttribute attribute(builder.getStringAttr(train::kBindAttr), binding);
    attributes.push_back(builder.getDictionaryAttr(attribute));
    types.push_back(type);
    return function.getBody().front().addArgument(type, at);
  };
  llvm::StringMap<unsigned> numbers;
  for (auto [index, dim] : llvm::enumerate(dims)) {
    if (!symbols.contains(dim))
      continue;
    numbers[dim] = types.size();
    auto binding = train::BindAttr::get(builder.getContext(), train::Source::Dim, index);
    scope.dims[dim] =
        add(builder.getIndexType(), binding, NameLoc::get(builder.getStringAttr(dim), location));
  }
  for (const sema::Input &input : source.inputs) {
    train::BindAttr binding = bind(input);
    if (!binding)
      return failure();
    auto at = NameLoc::get(builder.getStringAttr(input.name), getLocation(*input.node));
    scope.values[input.node] =
        add(convertType(input.node->type, builder.getContext()), binding, at);
  }
  function.setType(builder.getFunctionType(types, function.getResultTypes()));
  function.setAllArgAttrs(attributes);
  for (auto [index, input] : llvm::enumerate(source.inputs))
    if (failed(setDims(function, types.size() - source.inputs.size() + index, input.node->type,
                       numbers)))
      return failure();
  return success();
}

func::FuncOp FunctionEmitter::emit(const sema::Function &source, StringRef symbol,
                                   ArrayRef<std::string> dims, Binder bind, Location location) {
  OpBuilder::InsertionGuard guard(builder);
  scope = Scope();
  name = symbol.str();
  SmallVector<Type> results;
  Symbols symbols;
  collectSymbols(source, symbols);
  for (const sema::Input &input : source.inputs)
    collectSymbols(input.node->type, symbols);
  for (const sema::Function::Result &result : source.results) {
    results.push_back(convertType(result.node->type, builder.getContext()));
    collectSymbols(result.node->type, symbols);
  }
  auto function =
      func::FuncOp::create(builder, location, name, builder.getFunctionType({}, results));
  function.setPrivate();
  function.getBody().emplaceBlock();
  builder.setInsertionPointToStart(&function.getBody().front());
  if (failed(addArguments(source, symbols, dims, bind, function)) || failed(emitNodes(source)))
    return {};
  FailureOr<SmallVector<Value>> returned = getResults(source, location);
  if (failed(returned))
    return {};
  func::ReturnOp::create(builder, location, *returned);
  return succeeded(setNeeds(source, dims, function)) ? function : func::FuncOp();
}

/// Says what the sizes in the function need of the dimensions.
LogicalResult FunctionEmitter::setNeeds(const sema::Function &source, ArrayRef<std::string> dims,
                                        func::FuncOp function) {
  SmallVector<Attribute> needs;
  for (const sema::Need &need : sema::needsOf(source)) {
    train::SizeAttr size = convertSize(need.size, dims, builder.getContext());
    if (!size)
      return emitError(getLocation(*need.node))
             << "'" << name << "' does not know all dimensions of '" << need.size.str() << "'";
    std::string place = getPlaceText(need.node->range, need.node->site, sources);
    needs.push_back(
        train::NeedAttr::get(builder.getContext(), size, need.least, builder.getStringAttr(place)));
  }
  if (!needs.empty())
    function->setAttr(train::kNeedsAttr, builder.getArrayAttr(needs));
  return success();
}

FailureOr<SmallVector<Value>> FunctionEmitter::getResults(const sema::Function &source,
                                                          Location location) {
  SmallVector<Value> values;
  for (const sema::Function::Result &result : source.results) {
    values.push_back(scope.values.lookup(result.node));
    if (!values.back())
      return mlir::emitError(location) << "a result of '" << name << "' is not defined in it";
  }
  return values;
}

LogicalResult FunctionEmitter::emitNodes(const sema::Function &source) {
  for (const sema::Node *node : source.nodes) {
    if (scope.values.contains(node))
      continue;
    if (failed(node->op == "result" ? emitResult(*node) : emitNode(*node)))
      return failure();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

/// One result of an operation that has several.
LogicalResult FunctionEmitter::emitResult(const sema::Node &node) {
  Value first = node.operands.empty() ? Value() : scope.values.lookup(node.operands.front());
  Operation *op = first ? first.getDefiningOp() : nullptr;
  if (!op || node.result >= op->getNumResults())
    return emitError(getLocation(node)) << "there is no result " << node.result << " to take";
  scope.values[&node] = op->getResult(node.result);
  return success();
}

/// Attributes as the language has them: integers are i64, lists dense arrays.
static Attribute convertAttribute(OpBuilder &builder, const sema::Attribute &attribute) {
  if (auto *text = std::get_if<std::string>(&attribute.value))
    return builder.getStringAttr(*text);
  if (auto *list = std::get_if<std::vector<int64_t>>(&attribute.value))
    return builder.getDenseI64ArrayAttr(*list);
  if (auto *number = std::get_if<int64_t>(&attribute.value))
    return builder.getI64IntegerAttr(*number);
  if (auto *flag = std::get_if<bool>(&attribute.value))
    return builder.getBoolAttr(*flag);
  return builder.getF64FloatAttr(std::get<double>(attribute.value));
}

/// The value of a constant: one number for every element, or the bytes of all of them.
static Attribute convertElements(OpBuilder &builder, const sema::Attribute &attribute,
                                 RankedTensorType type) {
  Type element = type.getElementType();
  auto convert = [&](auto number) -> Attribute {
    if (isa<FloatType>(element))
      return builder.getFloatAttr(element, static_cast<double>(number));
    return builder.getIntegerAttr(element, static_cast<int64_t>(number));
  };
  if (auto *bytes = std::get_if<std::string>(&attribute.value)) {
    ArrayRef<char> raw(bytes->data(), bytes->size());
    bool isSplat = false;
    if (!DenseElementsAttr::isValidRawBuffer(type, raw, isSplat))
      return {};
    return DenseElementsAttr::getFromRawBuffer(type, raw);
  }
  if (auto *list = std::get_if<std::vector<int64_t>>(&attribute.value)) {
    if (static_cast<int64_t>(list->size()) != type.getNumElements())
      return {};
    return DenseElementsAttr::get(type, llvm::map_to_vector(*list, convert));
  }
  if (auto *number = std::get_if<int64_t>(&attribute.value))
    return DenseElementsAttr::get(type, convert(*number));
  if (auto *flag = std::get_if<bool>(&attribute.value))
    return DenseElementsAttr::get(type, convert(*flag));
  return DenseElementsAttr::get(type, convert(std::get<double>(attribute.value)));
}

/// Groups of operands: those that sema states, or one for each, then what emit adds.
static void setSegments(OpBuilder &builder, const sema::Node &node, ArrayRef<int32_t> added,
                        OperationState &state) {
  if (!state.name.hasTrait<OpTrait::AttrSizedOperandSegments>())
    return;
  SmallVector<int32_t> sizes(node.segments.begin(), node.segments.end());
  if (node.segments.empty())
    sizes.assign(node.operands.size(), 1);
  sizes.append(added.begin(), added.end());
  state.addAttribute(OpTrait::AttrSizedOperandSegments<void>::getOperandSegmentSizeAttr(),
                     builder.getDenseI32ArrayAttr(sizes));
}

LogicalResult FunctionEmitter::emitNode(const sema::Node &node) {
  Location location = getLocation(node);
  OperationState state(location, "nn." + node.op);
  if (!state.name.isRegistered())
    return emitError(location) << "there is no operation 'nn." << node.op << "'";
  auto type = convertType(node.type, builder.getContext());
  if (node.resultTypes.empty())
    state.addTypes(type);
  for (const sema::Type &result : node.resultTypes)
    state.addTypes(convertType(result, builder.getContext()));
  for (const sema::Node *operand : node.operands) {
    Value value = scope.values.lookup(operand);
    if (!value)
      return emitError(location) << "an operand of 'nn." << node.op << "' is not defined before it";
    state.addOperands(value);
  }
  bool isConstant = state.name.hasTrait<OpTrait::ConstantLike>();
  for (const sema::Attribute &attribute : node.attributes) {
    Attribute converted = isConstant ? convertElements(builder, attribute, type)
                                     : convertAttribute(builder, attribute);
    if (!converted)
      return emitError(location) << "'" << attribute.name << "' does not fit " << type;
    state.addAttribute(attribute.name, converted);
  }
  SmallVector<int32_t> added;
  auto count = [&](auto add) -> LogicalResult {
    size_t before = state.operands.size();
    if (failed(add(node, state)))
      return failure();
    added.push_back(static_cast<int32_t>(state.operands.size() - before));
    return success();
  };
  if (node.hasSizes && failed(count([&](auto &...args) { return addSizes(args...); })))
    return failure();
  if (!node.bodies.empty() && failed(count([&](auto &...args) { return addBodies(args...); })))
    return failure();
  setSegments(builder, node, added, state);
  // An operation without a result would have no value to stand for the node.
  if (state.types.empty())
    return emitError(location) << "'nn." << node.op << "' has no result";
  scope.values[&node] = builder.create(state)->getResult(0);
  return success();
}

/// Operations with mixed sizes take constant ones as an attribute; others take each as an operand.
LogicalResult FunctionEmitter::addSizes(const sema::Node &node, OperationState &state) {
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
    state.addAttribute(nn::kStaticSizesAttr, builder.getDenseI64ArrayAttr(sizes));
  return success();
}

//===----------------------------------------------------------------------===//
// Regions
//===----------------------------------------------------------------------===//

/// Every region of an operation gets all dimensions that one of them needs.
LogicalResult FunctionEmitter::addBodies(const sema::Node &node, OperationState &state) {
  Symbols symbols;
  for (const auto &body : node.bodies)
    collectSymbols(*body, symbols);
  for (const std::string &symbol : symbols) {
    Value value = computeAtom(symbol, state.location);
    if (!value)
      return failure();
    state.addOperands(value);
  }
  for (const auto &body : node.bodies)
    if (failed(emitBody(*body, symbols, *state.addRegion(), state.location)))
      return failure();
  return success();
}

LogicalResult FunctionEmitter::emitBody(const sema::Function &body, const Symbols &symbols,
                                        Region &region, Location location) {
  OpBuilder::InsertionGuard guard(builder);
  Scope outer = std::move(scope);
  scope = Scope();
  auto restore = llvm::scope_exit([&] { scope = std::move(outer); });
  Block &block = region.emplaceBlock();
  builder.setInsertionPointToStart(&block);
  for (const sema::Input &input : body.inputs) {
    Location at = getLocation(*input.node);
    if (input.kind != sema::Input::Kind::Argument)
      return emitError(at) << "a body takes arguments alone, found '" << input.name << "'";
    scope.values[input.node] =
        block.addArgument(convertType(input.node->type, builder.getContext()), at);
  }
  for (const std::string &symbol : symbols)
    scope.dims[symbol] = block.addArgument(builder.getIndexType(),
                                           NameLoc::get(builder.getStringAttr(symbol), location));
  if (failed(emitNodes(body)))
    return failure();
  FailureOr<SmallVector<Value>> values = getResults(body, location);
  if (failed(values))
    return failure();
  nn::YieldOp::create(builder, location, *values);
  return success();
}

Location FunctionEmitter::getLocation(const sema::Node &node) {
  return emission::getLocation(node.range, node.site, sources, builder.getContext());
}
