// Builds one entry function: arguments with their bindings, a body from inlined functions, results.
#include "dialects/train/transforms/EntryBuilder.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::train;

std::string mlir::train::getUniqueSymbolName(ModelOp model, const Twine &stem) {
  std::string name = stem.str();
  std::string candidate = name;
  for (unsigned number = 0; SymbolTable::lookupSymbolIn(model->getParentOp(), candidate); ++number)
    candidate = name + "_" + std::to_string(number);
  return candidate;
}

EntryBuilder::EntryBuilder(ModelOp model, const Twine &name, StringRef kind)
    : model(model), builder(model->getContext()) {
  builder.setInsertionPointToEnd(model->getBlock());
  function = func::FuncOp::create(builder, model.getLoc(), getUniqueSymbolName(model, name),
                                  builder.getFunctionType({}, {}));
  function->setAttr(kEntryAttr, builder.getStringAttr(kind));
  builder.setInsertionPointToStart(function.addEntryBlock());
}

NamedAttribute EntryBuilder::getBindingAttr(Binding binding) {
  Attribute parts[] = {builder.getStringAttr(binding.source),
                       builder.getI64IntegerAttr(binding.index)};
  return {kBindingAttr, builder.getArrayAttr(parts)};
}

Value EntryBuilder::addArgument(Binding binding, Type type, ArrayRef<NamedAttribute> more) {
  SmallVector<NamedAttribute> attributes(more);
  attributes.push_back(getBindingAttr(binding));
  argumentAttrs.push_back(builder.getDictionaryAttr(attributes));
  auto location = NameLoc::get(builder.getStringAttr(binding.source), getLoc());
  return function.getBody().front().addArgument(type, location);
}

void EntryBuilder::addDims() {
  for (size_t index = 0; index < model.getDims().size(); ++index)
    dims.push_back(addArgument({"dim", static_cast<int64_t>(index)}, builder.getIndexType()));
}

Value EntryBuilder::addCounter(StringRef source) {
  Value value = addArgument({source}, builder.getI64Type());
  return tensor::FromElementsOp::create(builder, getLoc(),
                                        RankedTensorType::get({}, value.getType()), value);
}

Value EntryBuilder::addTensor(Binding binding, TensorType type, std::optional<ArrayAttr> names) {
  SmallVector<NamedAttribute> more;
  addDimsAttr(more, names);
  return addArgument(binding, type, more);
}

/// The arguments of the dimensions come first, so that their numbers are those of the names.
void EntryBuilder::addDimsAttr(SmallVectorImpl<NamedAttribute> &attributes,
                               std::optional<ArrayAttr> names) {
  if (!names)
    return;
  SmallVector<int64_t> numbers;
  for (Attribute name : *names)
    numbers.push_back(llvm::find(model.getDims(), name) - model.getDims().begin());
  attributes.emplace_back(kDimsAttr, builder.getDenseI64ArrayAttr(numbers));
}

SmallVector<Value> EntryBuilder::call(func::FuncOp callee, ValueRange arguments) {
  IRMapping mapping;
  Block &body = callee.getBody().front();
  mapping.map(body.getArguments(), arguments);
  for (Operation &op : body.without_terminator())
    builder.clone(op, mapping);
  SmallVector<Value> values;
  for (Value value : body.getTerminator()->getOperands())
    values.push_back(mapping.lookup(value));
  return values;
}

void EntryBuilder::addResult(Binding binding, Value value, Value tied,
                             std::optional<ArrayAttr> names) {
  SmallVector<NamedAttribute> attributes = {getBindingAttr(binding)};
  addDimsAttr(attributes, names);
  if (tied)
    attributes.emplace_back(kTiedAttr,
                            builder.getI64IntegerAttr(cast<BlockArgument>(tied).getArgNumber()));
  resultAttrs.push_back(builder.getDictionaryAttr(attributes));
  results.push_back(value);
}

func::FuncOp EntryBuilder::finish() {
  func::ReturnOp::create(builder, getLoc(), results);
  function.setType(builder.getFunctionType(function.getBody().front().getArgumentTypes(),
                                           TypeRange(ValueRange(results))));
  function.setAllArgAttrs(argumentAttrs);
  function.setAllResultAttrs(resultAttrs);
  return function;
}
