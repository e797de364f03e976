// Builds one entry function: bound arguments, a body from inlined functions, bound results.
#include "dialects/train/transforms/EntryBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::train;

std::string mlir::train::getUniqueSymbolName(Operation *op, const Twine &stem) {
  std::string name = stem.str();
  std::string candidate = name;
  for (unsigned number = 0; SymbolTable::lookupSymbolIn(op->getParentOp(), candidate); ++number)
    candidate = name + "_" + std::to_string(number);
  return candidate;
}

RankedTensorType mlir::train::getSumType(RankedTensorType type) {
  if (!isa<FloatType>(type.getElementType()) || type.getElementTypeBitWidth() >= 32)
    return type;
  return type.clone(Float32Type::get(type.getContext()));
}

SmallVector<int64_t> mlir::train::getAveragesApart(ModelOp model) {
  SmallVector<int64_t> numbers;
  RecipeOp recipe = model.getRecipe();
  if (recipe && recipe.getAverage())
    for (auto [number, op] : llvm::enumerate(model.get<ParameterOp>()))
      if (auto type = cast<RankedTensorType>(op.getType()); getSumType(type) != type)
        numbers.push_back(static_cast<int64_t>(number));
  return numbers;
}

/// The operation of the model that a port is.
template <typename OpTy> static ArrayAttr getDimsOf(ModelOp model, int64_t index) {
  auto all = model.get<OpTy>();
  return (*std::next(all.begin(), index)).getDimsAttr();
}

ArrayAttr EntryBuilder::getDimNames(BindAttr binding) {
  switch (binding.getSource()) {
  case Source::Input:
    return getDimsOf<InputOp>(model, binding.getIndex());
  case Source::Output:
    return getDimsOf<OutputOp>(model, binding.getIndex());
  case Source::Field:
    return getDimsOf<FieldOp>(model, binding.getIndex());
  case Source::Column:
    return getDimsOf<ColumnOp>(model, binding.getIndex());
  case Source::Collected:
    return getDimsOf<CollectedOp>(model, binding.getIndex());
  default:
    return {};
  }
}

Value mlir::train::buildScalar(ImplicitLocOpBuilder &builder, BindAttr binding, Value argument,
                               RankedTensorType type) {
  Type element = type.getElementType();
  if (binding.getSource() == Source::Number)
    argument = arith::BitcastOp::create(builder, element, argument);
  else if (isa<FloatType>(element))
    argument = arith::SIToFPOp::create(builder, element, argument);
  return tensor::FromElementsOp::create(builder, type, argument);
}

EntryBuilder::EntryBuilder(ModelOp model, StringRef name, ArrayRef<func::FuncOp> callees,
                           ArrayRef<BindAttr> more, ArrayRef<Source> computed)
    : model(model), builder(model.getLoc(), model.getContext()) {
  builder.setInsertionPointToEnd(model->getBlock());
  for (ParameterOp op : model.get<ParameterOp>())
    parameters.push_back(op.getType());
  for (StateOp op : model.get<StateOp>())
    states.push_back(op.getType());
  for (OptimizerStateOp op : model.getOptimizerStates())
    optimizerStates.push_back(op.getType());
  for (int64_t number : getAveragesApart(model))
    optimizerStates.push_back(getSumType(cast<RankedTensorType>(parameters[number])));
  bool isSized = llvm::is_contained(
      {nn::kPredictEntry, nn::kStepEntry, nn::kGradientEntry, nn::kEvaluateEntry},
      name.split('.').first);
  function = func::FuncOp::create(
      builder,
      getUniqueSymbolName(model, model.getSymName() + "." + name + (isSized ? "_any" : "")),
      builder.getFunctionType({}, {}));
  function->setAttr(nn::kEntryAttr, builder.getStringAttr(name));
  llvm::SetVector<Attribute> needs;
  for (func::FuncOp callee : callees)
    needs.insert_range(getNeeds(callee));
  if (!needs.empty())
    function->setAttr(kNeedsAttr, builder.getArrayAttr(needs.getArrayRef()));
  builder.setInsertionPointToStart(function.addEntryBlock());

  // Scalars first, then tensors, in the order of sources and numbers.
  llvm::MapVector<BindAttr, Type> wanted;
  for (func::FuncOp callee : callees)
    for (unsigned index = 0; index < callee.getNumArguments(); ++index)
      if (BindAttr binding = getArgumentBinding(callee, index);
          !llvm::is_contained(computed, binding.getSource()))
        wanted.insert({binding, callee.getArgumentTypes()[index]});
  for (BindAttr binding : more)
    wanted.insert({binding, Type()});
  // Whatever has symbolic sizes comes with them, whether or not a function reads them.
  for (const auto &[binding, type] : llvm::to_vector(wanted))
    if (ArrayAttr names = getDimNames(binding))
      for (Attribute name : names)
        wanted.insert(
            {bind(Source::Dim, llvm::find(model.getDims(), name) - model.getDims().begin()),
             Type()});
  auto sorted = wanted.takeVector();
  llvm::sort(sorted, [](const auto &a, const auto &b) {
    return std::pair(a.first.getSource(), a.first.getIndex()) <
           std::pair(b.first.getSource(), b.first.getIndex());
  });
  for (auto [binding, type] : sorted)
    addArgument(binding, type);
}

Type EntryBuilder::getTypeOf(BindAttr binding) const {
  if (binding.getSource() == Source::Dim)
    return IndexType::get(binding.getContext());
  switch (binding.getSource()) {
  case Source::Optimizer:
    return optimizerStates[binding.getIndex()];
  case Source::Gradient:
    return getSumType(cast<RankedTensorType>(parameters[binding.getIndex()]));
  case Source::Parameter:
  case Source::Average:
    return parameters[binding.getIndex()];
  case Source::State:
    return states[binding.getIndex()];
  default:
    return {};
  }
}

void EntryBuilder::addArgument(BindAttr binding, Type type) {
  if (!type && binding.isScalar() && binding.getSource() != Source::Dim)
    type = RankedTensorType::get({}, builder.getI64Type());
  // What a rule is given as the gradient is made from the sum, which may be wider.
  if (!type || binding.getSource() == Source::Gradient)
    type = getTypeOf(binding);
  bool isCounter = binding.isScalar() && binding.getSource() != Source::Dim;
  SmallVector<NamedAttribute> attributes = {{builder.getStringAttr(kBindAttr), binding}};
  addDimsAttr(attributes, binding);
  argumentAttrs.push_back(builder.getDictionaryAttr(attributes));
  auto location =
      NameLoc::get(builder.getStringAttr(stringifySource(binding.getSource())), function.getLoc());
  Value value =
      function.getBody().front().addArgument(isCounter ? builder.getI64Type() : type, location);
  arguments[binding] = argumentAttrs.size() - 1;
  values[binding] =
      isCounter ? buildScalar(builder, binding, value, cast<RankedTensorType>(type)) : value;
}

void EntryBuilder::addDimsAttr(SmallVectorImpl<NamedAttribute> &attributes, BindAttr binding) {
  ArrayAttr names = getDimNames(binding);
  if (!names)
    return;
  SmallVector<int64_t> numbers;
  for (Attribute name : names) {
    auto dim = bind(Source::Dim, llvm::find(model.getDims(), name) - model.getDims().begin());
    // Arguments are made in order, dimensions first.
    assert(arguments.contains(dim) && "a dimension that the entry isn't given");
    numbers.push_back(arguments.lookup(dim));
  }
  attributes.emplace_back(builder.getStringAttr(nn::kDimsAttr),
                          builder.getDenseI64ArrayAttr(numbers));
}

Value EntryBuilder::get(BindAttr binding) {
  Value value = values.lookup(binding);
  assert(value && "a binding that the entry was not told of");
  return value;
}

SmallVector<Value> EntryBuilder::call(func::FuncOp callee) {
  IRMapping mapping;
  Block &body = callee.getBody().front();
  for (unsigned index = 0; index < callee.getNumArguments(); ++index)
    mapping.map(body.getArgument(index), get(getArgumentBinding(callee, index)));
  for (Operation &op : body.without_terminator())
    builder.clone(op, mapping);
  return llvm::map_to_vector(body.getTerminator()->getOperands(),
                             [&](Value value) { return mapping.lookup(value); });
}

void EntryBuilder::addResult(BindAttr binding, Value value, bool inPlace) {
  SmallVector<NamedAttribute> attributes = {{builder.getStringAttr(kBindAttr), binding}};
  // A field is prepared for all rows; elsewhere dimensions are the port's.
  if (binding.getSource() == Source::Field && model.getRows()) {
    ArrayAttr rows = builder.getArrayAttr(model.getDims()[*model.getRows()]);
    SmallVector<int64_t> numbers;
    if (!cast<RankedTensorType>(value.getType()).hasStaticShape())
      numbers.push_back(arguments.lookup(
          bind(Source::Dim, llvm::find(model.getDims(), rows[0]) - model.getDims().begin())));
    attributes.emplace_back(builder.getStringAttr(nn::kDimsAttr),
                            builder.getDenseI64ArrayAttr(numbers));
  } else {
    addDimsAttr(attributes, binding);
  }
  if (inPlace)
    attributes.emplace_back(builder.getStringAttr(nn::kTiedAttr),
                            builder.getI64IntegerAttr(arguments.lookup(binding)));
  resultAttrs.push_back(builder.getDictionaryAttr(attributes));
  results.push_back(value);
}

func::FuncOp EntryBuilder::finish() {
  func::ReturnOp::create(builder, results);
  function.setType(builder.getFunctionType(function.getBody().front().getArgumentTypes(),
                                           TypeRange(ValueRange(results))));
  function.setAllArgAttrs(argumentAttrs);
  function.setAllResultAttrs(resultAttrs);
  return function;
}
