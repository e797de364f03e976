// Reads what the descriptor of a compiled model says from a train.model and its entry functions.
#include "compiler/pipeline/ModelDescription.h"

#include "compiler/codegen/shared/Entry.h"
#include "dialects/train/ir/TrainOps.h"
#include "dialects/train/transforms/EntryBuilder.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace nnc;

/// Tensors in an arena begin at multiples of this, in bytes.
static constexpr uint64_t kAlignment = 64;

static FailureOr<nnrt_dtype> getElementType(Operation *op, Type element) {
  if (element.isF64())
    return NNRT_F64;
  if (element.isF32())
    return NNRT_F32;
  if (element.isF16())
    return NNRT_F16;
  if (element.isBF16())
    return NNRT_BF16;
  if (element.isSignlessInteger(64))
    return NNRT_I64;
  if (element.isSignlessInteger(32))
    return NNRT_I32;
  if (element.isUnsignedInteger(8))
    return NNRT_U8;
  if (element.isSignlessInteger(1))
    return NNRT_BOOL;
  return op->emitOpError() << "has an element type that a descriptor can't name, " << element;
}

/// Bytes of one element. Truth values take one.
static uint64_t getElementBytes(Type element) {
  return llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
}

static std::optional<nnrt_source> getSource(StringRef name) {
  return llvm::StringSwitch<std::optional<nnrt_source>>(name)
      .Case("dim", NNRT_DIM)
      .Case("step", NNRT_STEP)
      .Case("seed", NNRT_SEED)
      .Case("field", NNRT_FIELD)
      .Case("input", NNRT_INPUT)
      .Case("parameter", NNRT_PARAMETER)
      .Case("state", NNRT_STATE)
      .Case("output", NNRT_OUTPUT)
      .Case("loss", NNRT_LOSS)
      .Case("metric", NNRT_METRIC)
      .Default(std::nullopt);
}

namespace {

class Reader {
public:
  explicit Reader(train::ModelOp model) : model(model) {}
  FailureOr<ModelDescription> read();

private:
  LogicalResult readTensors();
  LogicalResult readRecipe();
  LogicalResult readEntries();
  FailureOr<EntryDescription> readEntry(func::FuncOp function);
  FailureOr<nnrt_binding> readBinding(func::FuncOp function, Attribute attribute, Twine what);

  FailureOr<TensorDescription> describe(Operation *op, StringRef name, TensorType type,
                                        std::optional<ArrayAttr> dims = std::nullopt);
  /// The tensor, placed behind the `bytes` of its arena so far.
  FailureOr<TensorDescription> place(Operation *op, const Twine &name, TensorType type,
                                     uint64_t &bytes);
  /// How many tensors of a source there are.
  size_t count(nnrt_source source) const;

  train::ModelOp model;
  ModelDescription description;
};

} // namespace

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

FailureOr<TensorDescription> Reader::describe(Operation *op, StringRef name, TensorType type,
                                              std::optional<ArrayAttr> dims) {
  FailureOr<nnrt_dtype> dtype = getElementType(op, type.getElementType());
  if (failed(dtype))
    return failure();
  TensorDescription tensor{name.str(), *dtype, {}, 0};
  unsigned dynamic = 0;
  for (int64_t size : type.getShape()) {
    if (ShapedType::isDynamic(size)) {
      ArrayAttr known = model.getDims();
      size = ~static_cast<int64_t>(llvm::find(known, (*dims)[dynamic++]) - known.begin());
    }
    tensor.shape.push_back(size);
  }
  return tensor;
}

FailureOr<TensorDescription> Reader::place(Operation *op, const Twine &name, TensorType type,
                                           uint64_t &bytes) {
  FailureOr<TensorDescription> tensor = describe(op, name.str(), type);
  if (failed(tensor))
    return failure();
  tensor->offset = bytes;
  uint64_t size = type.getNumElements() * getElementBytes(type.getElementType());
  bytes = llvm::alignTo(bytes + size, kAlignment);
  return tensor;
}

LogicalResult Reader::readTensors() {
  for (train::InputOp input : model.get<train::InputOp>()) {
    auto tensor = describe(input, input.getName(), input.getType(), input.getDims());
    if (failed(tensor))
      return failure();
    auto [low, high] = input.getBounds().value_or(std::pair<int64_t, int64_t>(0, 0));
    description.inputs.push_back({*tensor, low, high});
  }
  for (train::OutputOp output : model.get<train::OutputOp>()) {
    auto tensor = describe(output, output.getName(), output.getType(), output.getDims());
    if (failed(tensor))
      return failure();
    description.outputs.push_back(*tensor);
  }
  for (train::ParameterOp parameter : model.get<train::ParameterOp>()) {
    auto tensor =
        place(parameter, parameter.getName(), parameter.getType(), description.parameterBytes);
    if (failed(tensor))
      return failure();
    description.parameters.push_back(*tensor);
    description.numBuffers += parameter.getBuffer();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// The recipe
//===----------------------------------------------------------------------===//

LogicalResult Reader::readRecipe() {
  train::RecipeOp recipe = model.getRecipe();
  description.hasRecipe = recipe != nullptr;
  if (!recipe)
    return success();
  train::DataOp data = recipe.getData();
  RecipeDescription &result = description.recipe;
  result.data = data.getName();
  result.format = data.getFormat();
  result.optimizer = recipe.getOptimizer();
  result.batch = recipe.getBatch();
  result.epochs = recipe.getEpochs().value_or(0);
  result.steps = recipe.getSteps().value_or(0);
  result.seed = recipe.getSeed();
  for (StringRef metric : recipe.getMetrics().getAsValueRange<StringAttr>())
    result.metrics.push_back(metric.str());

  llvm::StringMap<uint32_t> fieldNumbers;
  for (train::FieldOp field : data.get<train::FieldOp>()) {
    auto tensor = describe(field, field.getName(), field.getType(), field.getDims());
    if (failed(tensor))
      return failure();
    auto [low, high] = field.getBounds().value_or(std::pair<int64_t, int64_t>(0, 0));
    fieldNumbers[field.getName()] = description.fields.size();
    description.fields.push_back({*tensor, low, high});
  }
  for (train::FileOp file : data.get<train::FileOp>())
    description.files.push_back(
        {file.getSplit().str(), fieldNumbers.lookup(file.getField()), file.getPath().str()});
  for (train::UpdateOp update : recipe.get<train::UpdateOp>())
    for (train::StateOp state : update.get<train::StateOp>()) {
      auto tensor = place(state, update.getParameter() + "." + state.getName(), state.getType(),
                          description.stateBytes);
      if (failed(tensor))
        return failure();
      description.states.push_back(*tensor);
    }
  return success();
}

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

size_t Reader::count(nnrt_source source) const {
  switch (source) {
  case NNRT_DIM:
    return description.dims.size();
  case NNRT_STEP:
  case NNRT_SEED:
  case NNRT_LOSS:
    return 1;
  case NNRT_FIELD:
    return description.fields.size();
  case NNRT_INPUT:
    return description.inputs.size();
  case NNRT_PARAMETER:
    return description.parameters.size();
  case NNRT_STATE:
    return description.states.size();
  case NNRT_OUTPUT:
    return description.outputs.size();
  case NNRT_METRIC:
    return description.recipe.metrics.size();
  }
  llvm_unreachable("not a source");
}

FailureOr<nnrt_binding> Reader::readBinding(func::FuncOp function, Attribute attribute,
                                            Twine what) {
  auto parts = dyn_cast_or_null<ArrayAttr>(attribute);
  if (!parts || parts.size() != 2 || !isa<StringAttr>(parts[0]) || !isa<IntegerAttr>(parts[1]))
    return function.emitOpError() << "expected " << what << " to have nn.binding = [source, index]";
  std::optional<nnrt_source> source = getSource(cast<StringAttr>(parts[0]).getValue());
  if (!source)
    return function.emitOpError() << "binds " << what << " to an unknown source " << parts[0];
  int64_t index = cast<IntegerAttr>(parts[1]).getInt();
  if (index < 0 || static_cast<size_t>(index) >= count(*source))
    return function.emitOpError() << "binds " << what << " to " << parts[0] << " number " << index
                                  << ", but the model has " << count(*source) << " of these";
  return nnrt_binding{static_cast<uint32_t>(*source), static_cast<uint32_t>(index)};
}

static FailureOr<nnrt_entry_kind> getKind(func::FuncOp function) {
  auto name = function->getAttrOfType<StringAttr>(train::kEntryAttr);
  auto kind = llvm::StringSwitch<std::optional<nnrt_entry_kind>>(name ? name.getValue() : "")
                  .Case("init", NNRT_ENTRY_INIT)
                  .Case("step", NNRT_ENTRY_STEP)
                  .Case("eval", NNRT_ENTRY_EVAL)
                  .Case("predict", NNRT_ENTRY_PREDICT)
                  .Default(std::nullopt);
  if (!kind)
    return function.emitOpError()
           << "expected nn.entry to be one of init, step, eval, predict, found \""
           << (name ? name.getValue() : "") << "\"";
  return *kind;
}

FailureOr<EntryDescription> Reader::readEntry(func::FuncOp function) {
  FailureOr<nnrt_entry_kind> kind = getKind(function);
  if (failed(kind))
    return failure();
  EntryDescription entry;
  entry.kind = *kind;
  entry.symbol = function.getSymName();
  entry.workspaceSymbol = entry.symbol + "_workspace";
  if (auto batch = function->getAttrOfType<IntegerAttr>(train::kBatchAttr))
    entry.batch = batch.getInt();
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
    auto binding = readBinding(function, function.getArgAttr(index, train::kBindingAttr),
                               "argument " + Twine(index));
    if (failed(binding))
      return failure();
    bool isScalar = type.isIntOrIndex();
    if (isScalar != (binding->source <= NNRT_SEED))
      return function.emitOpError() << "expected argument " << index << " to be a "
                                    << (isScalar ? "tensor" : "scalar") << ", found " << type;
    if (isScalar && !entry.buffers.empty())
      return function.emitOpError()
             << "expected scalars before tensors, found argument " << index << " of " << type;
    (isScalar ? entry.scalars : entry.buffers).push_back(*binding);
  }
  for (unsigned index = 0; index < function.getNumResults(); ++index) {
    auto binding = readBinding(function, function.getResultAttr(index, train::kBindingAttr),
                               "result " + Twine(index));
    if (failed(binding))
      return failure();
    if (!function.getResultAttr(index, train::kTiedAttr))
      entry.buffers.push_back(*binding);
  }
  return entry;
}

LogicalResult Reader::readEntries() {
  for (auto symbol : model.getEntriesAttr().getAsRange<FlatSymbolRefAttr>()) {
    Operation *target = SymbolTable::lookupNearestSymbolFrom(model, symbol);
    auto function = dyn_cast<func::FuncOp>(target);
    if (!function)
      return model.emitOpError() << "expected entry " << symbol << " to be a function on tensors, "
                                 << "found '" << target->getName() << "'";
    FailureOr<EntryDescription> entry = readEntry(function);
    if (failed(entry))
      return failure();
    for (const EntryDescription &other : description.entries)
      if (other.kind == entry->kind && other.batch == entry->batch)
        return function.emitOpError()
               << "is the second entry of its kind, beside @" << other.symbol;
    description.entries.push_back(std::move(*entry));
  }
  return success();
}

FailureOr<ModelDescription> Reader::read() {
  if (model.isDescribed())
    return model.emitOpError() << "expected to be built, found one with 'forward'";
  description.name = model.getSymName();
  Operation *module = model->getParentOp();
  auto text = [&](StringRef name) {
    auto attribute = module->getAttrOfType<StringAttr>(name);
    return attribute ? attribute.str() : std::string();
  };
  description.source = text("train.source");
  description.sourceSha256 = text("train.source_sha256");
  for (StringRef dim : model.getDims().getAsValueRange<StringAttr>())
    description.dims.push_back(dim.str());
  if (failed(readTensors()) || failed(readRecipe()) || failed(readEntries()))
    return failure();
  return description;
}

FailureOr<std::vector<ModelDescription>> nnc::describeModels(ModuleOp module) {
  std::vector<ModelDescription> descriptions;
  for (train::ModelOp model : module.getOps<train::ModelOp>()) {
    FailureOr<ModelDescription> description = Reader(model).read();
    if (failed(description))
      return failure();
    descriptions.push_back(std::move(*description));
  }
  return descriptions;
}

void nnc::noteWorkspaces(ModuleOp module, std::vector<ModelDescription> &models) {
  SymbolTable symbols(module);
  for (ModelDescription &model : models)
    for (EntryDescription &entry : model.entries)
      if (auto *function = symbols.lookup(entry.symbol))
        if (auto bytes = function->getAttrOfType<IntegerAttr>(nn::kWorkspaceBytesAttr))
          entry.workspaceBytes = bytes.getInt();
}

uint64_t ModelDescription::activationBytes() const {
  uint64_t bytes = 0;
  for (const EntryDescription &entry : entries)
    if (entry.kind == NNRT_ENTRY_STEP && (entry.batch || !bytes))
      bytes = entry.workspaceBytes;
  return bytes;
}
