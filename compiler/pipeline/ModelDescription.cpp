// Reads what the descriptor of a compiled model says from a train.program and its entry functions.
#include "compiler/pipeline/ModelDescription.h"

#include "compiler/pipeline/Json.h"
#include "dialects/nn/ir/NnAttributes.h"
#include "dialects/train/ir/TrainOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace nnc;

/// Tensors in an arena begin at multiples of this, in bytes.
static constexpr uint64_t kAlignment = 64;

/// The dialect numbers sources and arenas as the C ABI does.
static constexpr bool isNumberedAlike(train::Source source, nnrt_source number) {
  return static_cast<uint32_t>(source) == static_cast<uint32_t>(number);
}
static_assert(isNumberedAlike(train::Source::Dim, NNRT_DIM) &&
              isNumberedAlike(train::Source::Step, NNRT_STEP) &&
              isNumberedAlike(train::Source::Steps, NNRT_STEPS) &&
              isNumberedAlike(train::Source::Batch, NNRT_BATCH) &&
              isNumberedAlike(train::Source::Seed, NNRT_SEED) &&
              isNumberedAlike(train::Source::Draw, NNRT_DRAW) &&
              isNumberedAlike(train::Source::Example, NNRT_EXAMPLE) &&
              isNumberedAlike(train::Source::Number, NNRT_NUMBER) &&
              isNumberedAlike(train::Source::Class, NNRT_CLASS) &&
              isNumberedAlike(train::Source::Passes, NNRT_PASSES) &&
              isNumberedAlike(train::Source::Place, NNRT_PLACE) &&
              isNumberedAlike(train::Source::Width, NNRT_WIDTH) &&
              isNumberedAlike(train::Source::Parameter, NNRT_PARAMETER) &&
              isNumberedAlike(train::Source::State, NNRT_STATE) &&
              isNumberedAlike(train::Source::Optimizer, NNRT_OPTIMIZER_STATE) &&
              isNumberedAlike(train::Source::Average, NNRT_AVERAGE) &&
              isNumberedAlike(train::Source::Gradient, NNRT_GRADIENT) &&
              isNumberedAlike(train::Source::Fit, NNRT_FIT) &&
              isNumberedAlike(train::Source::Cache, NNRT_CACHE) &&
              isNumberedAlike(train::Source::Input, NNRT_INPUT) &&
              isNumberedAlike(train::Source::Output, NNRT_OUTPUT) &&
              isNumberedAlike(train::Source::Field, NNRT_FIELD) &&
              isNumberedAlike(train::Source::Column, NNRT_COLUMN) &&
              isNumberedAlike(train::Source::Loss, NNRT_LOSS) &&
              isNumberedAlike(train::Source::Total, NNRT_TOTAL) &&
              isNumberedAlike(train::Source::Partial, NNRT_PARTIAL) &&
              isNumberedAlike(train::Source::Result, NNRT_RESULT) &&
              isNumberedAlike(train::Source::Table, NNRT_TABLE) &&
              isNumberedAlike(train::Source::Order, NNRT_ORDER) &&
              isNumberedAlike(train::Source::Collected, NNRT_COLLECTED));
static_assert(static_cast<int>(train::Arena::Parameters) == NNRT_PARAMETERS &&
              static_cast<int>(train::Arena::States) == NNRT_STATES &&
              static_cast<int>(train::Arena::Optimizer) == NNRT_OPTIMIZER &&
              static_cast<int>(train::Arena::Averages) == NNRT_AVERAGES &&
              static_cast<int>(train::Arena::Gradients) == NNRT_GRADIENTS &&
              static_cast<int>(train::Arena::Fitted) == NNRT_FITTED &&
              static_cast<int>(train::Arena::Caches) == NNRT_CACHES);

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

namespace {

class Reader {
public:
  explicit Reader(train::ProgramOp program) : program(program) {}
  FailureOr<ModelDescription> read();

private:
  void readFacts();
  LogicalResult readTensors();
  template <typename OpTy> LogicalResult readPorts(std::vector<PortDescription> &ports);
  LogicalResult readEntries();
  FailureOr<EntryDescription> readEntry(func::FuncOp function);
  FailureOr<nnrt_binding> readBinding(func::FuncOp function, train::BindAttr binding, Twine what);
  FailureOr<TensorDescription> describe(Operation *op, StringRef name, TensorType type,
                                        ArrayAttr dims = {});
  /// How many tensors or scalars of a source there are; none: as many as one likes.
  std::optional<size_t> count(train::Source source);

  train::ProgramOp program;
  ModelDescription description;
};

} // namespace

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

FailureOr<TensorDescription> Reader::describe(Operation *op, StringRef name, TensorType type,
                                              ArrayAttr dims) {
  FailureOr<nnrt_dtype> dtype = getElementType(op, type.getElementType());
  if (failed(dtype))
    return failure();
  TensorDescription tensor{name.str(), *dtype, {}, 0};
  unsigned dynamic = 0;
  for (int64_t size : type.getShape()) {
    if (ShapedType::isDynamic(size)) {
      ArrayAttr known = program.getDims();
      size = ~static_cast<int64_t>(llvm::find(known, dims[dynamic++]) - known.begin());
    }
    tensor.shape.push_back(size);
  }
  return tensor;
}

static SizeDescription describeSize(train::SizeAttr size) {
  ArrayRef<int64_t> factors = size.getFactors(), powers = size.getPowers();
  return {size.getText().getValue().str(),
          {factors.begin(), factors.end()},
          {powers.begin(), powers.end()}};
}

template <typename OpTy> LogicalResult Reader::readPorts(std::vector<PortDescription> &ports) {
  for (OpTy op : program.get<OpTy>()) {
    auto tensor = describe(op, op.getName(), cast<TensorType>(op.getType()), op.getDimsAttr());
    if (failed(tensor))
      return failure();
    auto bound = [](std::optional<uint64_t> value) {
      return static_cast<int64_t>(value.value_or(0));
    };
    PortDescription port{*tensor, bound(op.getLow()), bound(op.getHigh())};
    if (train::SizeAttr limit = op.getLimitAttr())
      port.limit = describeSize(limit);
    ports.push_back(std::move(port));
  }
  return success();
}

LogicalResult Reader::readTensors() {
  std::vector<PortDescription> outputs, collected;
  if (failed(readPorts<train::InputOp>(description.inputs)) ||
      failed(readPorts<train::OutputOp>(outputs)) ||
      failed(readPorts<train::FieldOp>(description.fields)) ||
      failed(readPorts<train::ColumnOp>(description.columns)) ||
      failed(readPorts<train::CollectedOp>(collected)))
    return failure();
  for (PortDescription &each : collected)
    description.collected.push_back(std::move(each.tensor));
  for (PortDescription &output : outputs)
    description.outputs.push_back(std::move(output.tensor));
  for (train::TensorOp op : program.get<train::TensorOp>()) {
    auto type = cast<RankedTensorType>(op.getType());
    auto tensor = describe(op, op.getName(), type);
    if (failed(tensor))
      return failure();
    ArenaDescription &arena = description.arenas[static_cast<size_t>(op.getArena())];
    tensor->offset = arena.bytes;
    uint64_t size = type.getNumElements() * getElementBytes(type.getElementType());
    arena.bytes = llvm::alignTo(arena.bytes + size, kAlignment);
    arena.tensors.push_back(std::move(*tensor));
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

std::optional<size_t> Reader::count(train::Source source) {
  auto inArena = [&](nnrt_arena arena) { return description.arenas[arena].tensors.size(); };
  auto inSettings = [&](DictionaryAttr settings, StringRef name) -> size_t {
    auto list = settings ? settings.getAs<ArrayAttr>(name) : ArrayAttr();
    return list ? list.size() : 0;
  };
  DictionaryAttr settings = program.getSettings().value_or(DictionaryAttr());
  switch (source) {
  case train::Source::Dim:
    return description.dims.size();
  case train::Source::Step:
  case train::Source::Steps:
  case train::Source::Batch:
  case train::Source::Seed:
  case train::Source::Draw:
  case train::Source::Example:
  case train::Source::Passes:
  case train::Source::Place:
  case train::Source::Width:
  case train::Source::Order:
    return 1;
  case train::Source::Number:
    return inSettings(settings, "numbers");
  case train::Source::Class:
    return inSettings(settings ? settings.getAs<DictionaryAttr>("data") : settings, "classes");
  case train::Source::Parameter:
    return inArena(NNRT_PARAMETERS);
  case train::Source::State:
    return inArena(NNRT_STATES);
  case train::Source::Optimizer:
    return inArena(NNRT_OPTIMIZER);
  case train::Source::Average:
    return inArena(NNRT_AVERAGES);
  case train::Source::Gradient:
    return inArena(NNRT_GRADIENTS);
  case train::Source::Fit:
    return inArena(NNRT_FITTED);
  case train::Source::Cache:
    return inArena(NNRT_CACHES);
  case train::Source::Input:
    return description.inputs.size();
  case train::Source::Output:
    return description.outputs.size();
  case train::Source::Field:
  case train::Source::Table:
    return description.fields.size();
  case train::Source::Column:
    return description.columns.size();
  case train::Source::Collected:
    return description.collected.size();
  case train::Source::Loss:
    return std::nullopt; // as many as the block has
  case train::Source::Total:
  case train::Source::Partial:
    return description.numTotals;
  case train::Source::Result:
    return description.numResults;
  }
  llvm_unreachable("not a source");
}

FailureOr<nnrt_binding> Reader::readBinding(func::FuncOp function, train::BindAttr binding,
                                            Twine what) {
  if (!binding)
    return function.emitOpError() << "expected " << what << " to have '" << train::kBindAttr << "'";
  std::optional<size_t> available = count(binding.getSource());
  if (available && static_cast<size_t>(binding.getIndex()) >= *available)
    return function.emitOpError() << "binds " << what << " to "
                                  << train::stringifySource(binding.getSource()) << " number "
                                  << binding.getIndex() << ", but the model has " << *available
                                  << " of these";
  return nnrt_binding{static_cast<uint32_t>(binding.getSource()),
                      static_cast<uint32_t>(binding.getIndex())};
}

FailureOr<EntryDescription> Reader::readEntry(func::FuncOp function) {
  auto name = function->getAttrOfType<StringAttr>(nn::kEntryAttr);
  if (!name || name.getValue().empty())
    return function.emitOpError() << "expected '" << nn::kEntryAttr << "', the entry's name";
  EntryDescription entry;
  entry.name = name.str();
  entry.symbol = function.getSymName();
  entry.workspaceSymbol = entry.symbol + "_workspace";
  entry.dims.assign(description.dims.size(), 0);
  if (auto dims = function->getAttrOfType<DenseI64ArrayAttr>(train::kDimsOfEntryAttr)) {
    if (dims.size() != static_cast<int64_t>(description.dims.size()))
      return function.emitOpError()
             << "expected '" << train::kDimsOfEntryAttr << "' to have a size for each of "
             << description.dims.size() << " dimensions, found " << dims.size();
    entry.dims.assign(dims.asArrayRef().begin(), dims.asArrayRef().end());
  }
  for (train::NeedAttr need : train::getNeeds(function))
    entry.needs.push_back(
        {describeSize(need.getSize()), need.getLeast(), need.getPlace().getValue().str()});
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
    train::BindAttr attribute = train::getArgumentBinding(function, index);
    auto binding = readBinding(function, attribute, "argument " + Twine(index));
    if (failed(binding))
      return failure();
    bool isScalar = type.isIntOrIndex();
    if (isScalar != attribute.isScalar())
      return function.emitOpError() << "expected argument " << index << " to be a "
                                    << (isScalar ? "tensor" : "scalar") << ", found " << type;
    if (isScalar && !entry.buffers.empty())
      return function.emitOpError()
             << "expected scalars before tensors, found argument " << index << " of " << type;
    (isScalar ? entry.scalars : entry.buffers).push_back(*binding);
  }
  for (unsigned index = 0; index < function.getNumResults(); ++index) {
    auto binding =
        readBinding(function, train::getResultBinding(function, index), "result " + Twine(index));
    if (failed(binding))
      return failure();
    if (!function.getResultAttr(index, nn::kTiedAttr))
      entry.buffers.push_back(*binding);
  }
  return entry;
}

LogicalResult Reader::readEntries() {
  for (auto symbol : program.getEntriesAttr().getAsRange<FlatSymbolRefAttr>()) {
    Operation *target = SymbolTable::lookupNearestSymbolFrom(program, symbol);
    auto function = dyn_cast<func::FuncOp>(target);
    if (!function)
      return program.emitOpError()
             << "expected entry " << symbol << " to be a function on tensors, found '"
             << target->getName() << "'";
    FailureOr<EntryDescription> entry = readEntry(function);
    if (failed(entry))
      return failure();
    for (const EntryDescription &other : description.entries)
      if (other.name == entry->name && other.dims == entry->dims)
        return function.emitOpError()
               << "is the second entry of its name, beside @" << other.symbol;
    description.entries.push_back(std::move(*entry));
  }
  return success();
}

void Reader::readFacts() {
  description.name = program.getSymName();
  Operation *module = program->getParentOp();
  auto text = [&](StringRef name) {
    auto attribute = module->getAttrOfType<StringAttr>(name);
    return attribute ? attribute.str() : std::string();
  };
  description.source = text("train.source");
  description.sourceSha256 = text("train.source_sha256");
  for (StringRef dim : program.getDims().getAsValueRange<StringAttr>())
    description.dims.push_back(dim.str());
  auto number = [](std::optional<uint64_t> dim) { return dim ? static_cast<int32_t>(*dim) : -1; };
  description.batchDim = number(program.getBatch());
  description.rowsDim = number(program.getRows());
  description.numTotals = program.getTotals();
  description.numResults = program.getResults();
  std::optional<DictionaryAttr> settings = program.getSettings();
  if (!settings)
    return;
  description.recipe = toJson(*settings);
  description.batchSize = program.getBatchSize().value_or(0);
  auto losses = settings->getAs<ArrayAttr>("losses");
  description.numMetricNumbers =
      description.numResults -
      std::min<uint32_t>(description.numResults, losses ? losses.size() : 0);
  if (auto names = settings->getAs<ArrayAttr>("metrics"))
    for (auto name : names.getAsRange<StringAttr>())
      description.metrics.push_back({name.str(), {}});
  if (auto tables = settings->getAs<ArrayAttr>("tables"))
    for (auto table : tables.getAsRange<DictionaryAttr>()) {
      auto metric = table.getAs<IntegerAttr>("metric");
      auto shape = table.getAs<ArrayAttr>("shape");
      if (!metric || !shape || metric.getValue().uge(description.metrics.size()))
        continue; // The runtime refuses it.
      for (auto size : shape.getAsRange<IntegerAttr>())
        description.metrics[metric.getInt()].shape.push_back(size.getInt());
    }
}

FailureOr<ModelDescription> Reader::read() {
  readFacts();
  if (failed(readTensors()) || failed(readEntries()))
    return failure();
  return description;
}

FailureOr<std::vector<ModelDescription>> nnc::describeModels(ModuleOp module) {
  std::vector<ModelDescription> descriptions;
  for (train::ProgramOp program : module.getOps<train::ProgramOp>()) {
    FailureOr<ModelDescription> description = Reader(program).read();
    if (failed(description))
      return failure();
    descriptions.push_back(std::move(*description));
  }
  return descriptions;
}

/// A target may have changed what an entry takes.
static void noteBindings(func::FuncOp function, EntryDescription &entry) {
  entry.scalars.clear();
  entry.buffers.clear();
  for (auto [i, type] : llvm::enumerate(function.getArgumentTypes()))
    if (train::BindAttr binding = train::getArgumentBinding(function, i))
      (type.isIntOrIndex() ? entry.scalars : entry.buffers)
          .push_back({static_cast<uint32_t>(binding.getSource()),
                      static_cast<uint32_t>(binding.getIndex())});
}

void nnc::noteMemory(ModuleOp module, std::vector<ModelDescription> &models) {
  SymbolTable symbols(module);
  for (ModelDescription &model : models)
    for (EntryDescription &entry : model.entries)
      if (auto function = symbols.lookup<func::FuncOp>(entry.symbol)) {
        noteBindings(function, entry);
        if (auto bytes = function->getAttrOfType<IntegerAttr>(nn::kWorkspaceBytesAttr))
          entry.workspaceBytes = bytes.getInt();
      }
}

const EntryDescription *ModelDescription::findEntry(StringRef name) const {
  auto found = llvm::find_if(entries, [&](const auto &entry) { return entry.name == name; });
  return found == entries.end() ? nullptr : &*found;
}

uint64_t ModelDescription::activationBytes() const {
  uint64_t bytes = 0;
  for (const EntryDescription &entry : entries) {
    StringRef kind = StringRef(entry.name).split('.').first;
    if (kind == nn::kStepEntry || kind == nn::kGradientEntry || kind == nn::kUpdateEntry)
      bytes = std::max(bytes, entry.workspaceBytes);
  }
  return bytes;
}

uint64_t ModelDescription::trainingBytes() const {
  uint64_t bytes = activationBytes();
  for (nnrt_arena kind :
       {NNRT_PARAMETERS, NNRT_STATES, NNRT_OPTIMIZER, NNRT_AVERAGES, NNRT_GRADIENTS})
    bytes += arenas[kind].bytes;
  return bytes;
}
