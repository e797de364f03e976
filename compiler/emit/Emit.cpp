// From a checked program to the nn and train dialects: the module, its models and recipes.
#include "compiler/emit/Emit.h"

#include "compiler/diagnostics/Source.h"
#include "compiler/emit/FunctionEmitter.h"
#include "compiler/emit/Location.h"
#include "compiler/emit/Settings.h"
#include "compiler/emit/TypeConversion.h"
#include "compiler/sema/Program.h"
#include "dialects/nn/ir/NnDialect.h"
#include "dialects/train/ir/TrainOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/SHA256.h"

using namespace mlir;
using namespace nnc;
using namespace nnc::emission;
using Kind = sema::Input::Kind;
using train::Source;

namespace {

/// Emits one model and its recipe, and the functions that these name.
class ModelEmitter {
public:
  ModelEmitter(OpBuilder &builder, const SourceManager &sources, const sema::Model &model,
               llvm::StringSet<> &symbols)
      : builder(builder), sources(sources), model(model),
        recipe(model.recipe ? &*model.recipe : nullptr), symbols(symbols) {
    collectDims();
    numberInputs();
  }

  LogicalResult emit();

private:
  void collectDims();
  void numberInputs();
  template <typename OpTy> LogicalResult emitPorts(ArrayRef<sema::Port> ports);
  LogicalResult emitColumns();
  template <typename OpTy> LogicalResult emitOwned(ArrayRef<sema::Parameter> tensors);
  LogicalResult emitCollected();
  LogicalResult emitRecipe();
  LogicalResult emitBlock(const sema::StepBlock &block);
  LogicalResult emitUpdate(const sema::StepBlock &block, const sema::Update &update);
  LogicalResult emitPreparation(const sema::Data &data);
  /// The function beside the models; null after an error.
  FlatSymbolRefAttr emitFunction(const sema::Function &function, const Twine &role,
                                 Location location);
  train::BindAttr bind(const sema::Input &input, StringRef function);
  std::string makeSymbol(const Twine &name);
  /// What the optimizer's state of a parameter is called, in its arena.
  std::string getStateName(const sema::StepBlock &block, const sema::Update &update,
                           StringRef state) const;
  /// The names of the symbolic dimensions; null where there are none. Fails where a dimension has
  /// no name.
  FailureOr<ArrayAttr> getDims(const sema::Type &type, StringRef name, Location location);
  IntegerAttr getDimNumber(StringRef name);

  Type convert(const sema::Type &type) { return convertType(type, builder.getContext()); }
  Location locate(const SourceRange &range) {
    return getLocation(range, sources, builder.getContext());
  }

  OpBuilder &builder; ///< inside the model's body, or the recipe's
  const SourceManager &sources;
  const sema::Model &model;
  const sema::Recipe *recipe;
  llvm::StringSet<> &symbols; ///< of the module
  std::string prefix;         ///< of the symbols of the model's functions
  std::vector<std::string> dims;
  std::string rows; ///< the name of that dimension; empty: none
  /// The number of each input that goes by name: of its kind.
  llvm::DenseMap<unsigned, llvm::StringMap<int64_t>> numbers;
  /// The states of the optimizer that the function at hand may name.
  llvm::StringMap<int64_t> states;
  int64_t numStates = 0; ///< of the optimizer, so far
  train::ModelOp modelOp;
};

} // namespace

//===----------------------------------------------------------------------===//
// Dimensions and names
//===----------------------------------------------------------------------===//

/// Those of the model, then what the data brings.
void ModelEmitter::collectDims() {
  dims = model.dims;
  auto collect = [&](const sema::Type &type) {
    for (const sema::Dim &dim : type.shape)
      for (const std::string &symbol : dim.symbols())
        if (!llvm::is_contained(dims, symbol))
          dims.push_back(symbol);
  };
  if (!recipe || !recipe->data)
    return;
  for (const sema::Port &field : recipe->data->fields)
    collect(field.type);
  for (const sema::Column &column : recipe->data->columns) {
    collect(column.type);
    if (!column.type.shape.empty())
      rows = column.type.shape.front().asSymbol().value_or("");
  }
}

void ModelEmitter::numberInputs() {
  auto number = [&](Kind kind, const auto &list, auto getName) {
    for (auto [index, each] : llvm::enumerate(list))
      numbers[static_cast<unsigned>(kind)][getName(each)] = index;
  };
  auto getName = [](const auto &each) -> StringRef { return each.name; };
  auto getPath = [](const auto &each) -> StringRef { return each.path; };
  number(Kind::ModelInput, model.inputs, getName);
  number(Kind::Parameter, model.parameters, getPath);
  number(Kind::Gradient, model.parameters, getPath);
  number(Kind::LayerState, model.states, getPath);
  if (!recipe)
    return;
  number(Kind::Number, recipe->numbers, getName);
  if (recipe->data)
    number(Kind::Field, recipe->data->fields, getName);
}

FailureOr<ArrayAttr> ModelEmitter::getDims(const sema::Type &type, StringRef name,
                                           Location location) {
  SmallVector<Attribute> names;
  for (const sema::Dim &dim : type.shape) {
    if (dim.constant())
      continue;
    std::optional<std::string> symbol = dim.asSymbol();
    if (!symbol)
      return emitError(location) << "'" << name << "' has dimension '" << dim.str()
                                 << "', expected a number or a name";
    names.push_back(builder.getStringAttr(*symbol));
  }
  return names.empty() ? ArrayAttr() : builder.getArrayAttr(names);
}

IntegerAttr ModelEmitter::getDimNumber(StringRef name) {
  auto found = llvm::find(dims, name);
  return name.empty() || found == dims.end() ? IntegerAttr()
                                             : builder.getI64IntegerAttr(found - dims.begin());
}

static std::optional<Source> getSource(Kind kind) {
  switch (kind) {
  case Kind::ModelInput:
    return Source::Input;
  case Kind::Field:
    return Source::Field;
  case Kind::Parameter:
    return Source::Parameter;
  case Kind::LayerState:
    return Source::State;
  case Kind::Optimizer:
    return Source::Optimizer;
  case Kind::Gradient:
    return Source::Gradient;
  case Kind::Step:
    return Source::Step;
  case Kind::Steps:
    return Source::Steps;
  case Kind::Batch:
    return Source::Batch;
  case Kind::Seed:
    return Source::Seed;
  case Kind::Draw:
    return Source::Draw;
  case Kind::Example:
    return Source::Example;
  case Kind::Number:
    return Source::Number;
  case Kind::Total:
    return Source::Total;
  case Kind::Collected:
    return Source::Collected;
  case Kind::Column:
    return Source::Column;
  case Kind::Fitted:
    return Source::Fit;
  case Kind::Class:
    return Source::Class;
  case Kind::Argument:
    return std::nullopt;
  }
  llvm_unreachable("every kind is listed");
}

/// Inputs go by their names, or by number, or there is one of their kind.
train::BindAttr ModelEmitter::bind(const sema::Input &input, StringRef function) {
  std::optional<Source> source = getSource(input.kind);
  std::optional<int64_t> index;
  auto lookup = [&](const llvm::StringMap<int64_t> &names) {
    if (auto found = names.find(input.name); found != names.end())
      index = found->second;
  };
  switch (input.kind) {
  case Kind::Step:
  case Kind::Steps:
  case Kind::Batch:
  case Kind::Seed:
  case Kind::Draw:
  case Kind::Example:
    index = 0;
    break;
  case Kind::Total:
  case Kind::Collected:
  case Kind::Column:
  case Kind::Fitted:
  case Kind::Class:
    if (int64_t number; !StringRef(input.name).getAsInteger(10, number))
      index = number;
    break;
  case Kind::Optimizer:
    lookup(states);
    break;
  default:
    lookup(numbers[static_cast<unsigned>(input.kind)]);
  }
  if (!source || !index) {
    emitError(locate(input.node->range))
        << "'" << function << "' has an input '" << input.name << "' that the model doesn't know";
    return {};
  }
  return train::BindAttr::get(builder.getContext(), *source, *index);
}

std::string ModelEmitter::makeSymbol(const Twine &name) {
  std::string symbol = name.str();
  for (unsigned number = 0; !symbols.insert(symbol).second; ++number)
    symbol = (name + "_" + Twine(number)).str();
  return symbol;
}

FlatSymbolRefAttr ModelEmitter::emitFunction(const sema::Function &function, const Twine &role,
                                             Location location) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(modelOp->getBlock());
  std::string name = makeSymbol(prefix + "." + role);
  FunctionEmitter emitter(builder, sources);
  func::FuncOp emitted = emitter.emit(
      function, name, dims, [&](const sema::Input &input) { return bind(input, name); }, location);
  return emitted ? FlatSymbolRefAttr::get(emitted) : FlatSymbolRefAttr();
}

//===----------------------------------------------------------------------===//
// The model
//===----------------------------------------------------------------------===//

template <typename OpTy> LogicalResult ModelEmitter::emitPorts(ArrayRef<sema::Port> ports) {
  for (const sema::Port &port : ports) {
    Location location = locate(port.range);
    FailureOr<ArrayAttr> names = getDims(port.type, port.name, location);
    if (failed(names))
      return failure();
    IntegerAttr low, high;
    train::SizeAttr limit;
    if (auto known = port.limit ? port.limit->constant() : std::nullopt) {
      low = builder.getI64IntegerAttr(0);
      high = builder.getI64IntegerAttr(*known);
    } else if (port.limit) {
      limit = convertSize(*port.limit, dims, builder.getContext());
      if (!limit)
        return emitError(location) << "'" << port.name << "' lies below '" << port.limit->str()
                                   << "', which no dimensions tell";
    }
    OpTy::create(builder, location, builder.getStringAttr(port.name),
                 TypeAttr::get(convert(port.type)), *names, low, high, limit);
  }
  return success();
}

LogicalResult ModelEmitter::emitColumns() {
  for (auto [index, column] : llvm::enumerate(recipe->data->columns)) {
    Location location = locate(column.range);
    std::string name = column.name.empty() ? column.first : column.name;
    FailureOr<ArrayAttr> names = getDims(column.type, name, location);
    if (failed(names))
      return failure();
    IntegerAttr low, high;
    // The classes of a category or of labels and the units of a text are numbered from 0.
    if (auto classes = column.classes.constant(); classes && *classes > 0) {
      low = builder.getI64IntegerAttr(0);
      high = builder.getI64IntegerAttr(*classes);
    } else if (!recipe->data->isPrepared && index < recipe->data->fields.size() &&
               recipe->data->fields[index].limit) {
      low = builder.getI64IntegerAttr(0);
      high = builder.getI64IntegerAttr(*recipe->data->fields[index].limit->constant());
    }
    train::ColumnOp::create(builder, location, builder.getStringAttr(name),
                            TypeAttr::get(convert(column.type)), *names, low, high,
                            train::SizeAttr());
  }
  return success();
}

template <typename OpTy> LogicalResult ModelEmitter::emitOwned(ArrayRef<sema::Parameter> tensors) {
  for (const sema::Parameter &tensor : tensors) {
    Location location = locate(tensor.range);
    FlatSymbolRefAttr init = emitFunction(tensor.init, "init." + tensor.path, location);
    if (!init)
      return failure();
    OpTy::create(builder, location, builder.getStringAttr(tensor.path),
                 TypeAttr::get(convert(tensor.type)), init);
  }
  return success();
}

LogicalResult ModelEmitter::emit() {
  OpBuilder::InsertionGuard guard(builder);
  Location location = locate(model.range);
  StringAttr doc = model.doc.empty() ? StringAttr() : builder.getStringAttr(model.doc);
  prefix = makeSymbol(model.name);
  SmallVector<StringRef> dimNames(dims.begin(), dims.end());
  modelOp = train::ModelOp::create(builder, location, builder.getStringAttr(prefix),
                                   builder.getStrArrayAttr(dimNames), getDimNumber(model.batchDim),
                                   getDimNumber(rows),
                                   FlatSymbolRefAttr::get(builder.getContext(), prefix), doc);
  builder.setInsertionPointToEnd(&modelOp.getBody().emplaceBlock());
  FlatSymbolRefAttr predict = emitFunction(model.predict, "forward", location);
  if (!predict)
    return failure();
  modelOp.setPredictAttr(predict);
  if (failed(emitPorts<train::InputOp>(model.inputs)) ||
      failed(emitPorts<train::OutputOp>(model.outputs)))
    return failure();
  if (recipe && recipe->data)
    if (failed(emitColumns()) || failed(emitPorts<train::FieldOp>(recipe->data->fields)))
      return failure();
  if (failed(emitOwned<train::ParameterOp>(model.parameters)) ||
      failed(emitOwned<train::StateOp>(model.states)))
    return failure();
  return recipe ? emitRecipe() : success();
}

//===----------------------------------------------------------------------===//
// The recipe
//===----------------------------------------------------------------------===//

/// What passes give beside totals.
LogicalResult ModelEmitter::emitCollected() {
  std::vector<sema::Port> ports;
  for (const sema::Evaluation::Pass &pass : recipe->evaluation.passes)
    for (const auto &result : ArrayRef(pass.accumulate.results).drop_front(pass.combine.size()))
      ports.push_back(
          {std::to_string(ports.size()), result.node->type, result.node->range, std::nullopt});
  return emitPorts<train::CollectedOp>(ports);
}

LogicalResult ModelEmitter::emitRecipe() {
  Location location = locate(recipe->range);
  if (recipe->data && recipe->data->isPrepared)
    for (auto [index, result] : llvm::enumerate(recipe->data->fit.results))
      train::FittedOp::create(builder, location,
                              builder.getStringAttr(recipe->data->name + "." + Twine(index)),
                              TypeAttr::get(convert(result.node->type)));
  if (failed(emitCollected()))
    return failure();
  FlatSymbolRefAttr finish = emitFunction(recipe->evaluation.finish, "finishing", location);
  if (!finish)
    return failure();
  auto op =
      train::RecipeOp::create(builder, location, makeSettings(builder, model, *recipe), finish);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(&op.getBody().emplaceBlock());
  for (const sema::StepBlock &block : recipe->blocks)
    if (failed(emitBlock(block)))
      return failure();
  for (auto [index, pass] : llvm::enumerate(recipe->evaluation.passes)) {
    FlatSymbolRefAttr accumulate = emitFunction(pass.accumulate, "pass." + Twine(index), location);
    if (!accumulate)
      return failure();
    train::PassOp::create(builder, location, accumulate);
  }
  return recipe->data && recipe->data->isPrepared ? emitPreparation(*recipe->data) : success();
}

LogicalResult ModelEmitter::emitPreparation(const sema::Data &data) {
  Location location = locate(recipe->range);
  FlatSymbolRefAttr fit = emitFunction(data.fit, "fitting", location);
  FlatSymbolRefAttr prepare = emitFunction(data.prepare, "preparing", location);
  if (!fit || !prepare)
    return failure();
  train::PreparationOp::create(builder, location, fit, prepare);
  return success();
}

static std::string getSuffix(const sema::StepBlock &block) {
  return block.name.empty() ? "" : "." + block.name;
}

LogicalResult ModelEmitter::emitBlock(const sema::StepBlock &block) {
  Location location = locate(block.range);
  FlatSymbolRefAttr objective =
      emitFunction(block.objective, "objective" + getSuffix(block), location);
  FlatSymbolRefAttr limit;
  train::ClipAttr clip;
  if (block.clip) {
    // Where the function stands, what limits gradients by it does.
    limit = emitFunction(block.clip->limit, "limit" + getSuffix(block), locate(block.clip->range));
    clip = train::ClipAttr::get(builder.getContext(), block.clip->kind == sema::Clip::Kind::Norm
                                                          ? train::Clip::Norm
                                                          : train::Clip::Value);
  }
  if (!objective || (block.clip && !limit))
    return failure();
  auto op = train::BlockOp::create(builder, location, builder.getStringAttr(block.name), objective,
                                   clip, limit);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(&op.getBody().emplaceBlock());
  for (const sema::Update &update : block.updates)
    if (failed(emitUpdate(block, update)))
      return failure();
  return success();
}

std::string ModelEmitter::getStateName(const sema::StepBlock &block, const sema::Update &update,
                                       StringRef state) const {
  auto trains = [&](const sema::StepBlock &other) {
    return llvm::any_of(other.updates, [&](const sema::Update &each) {
      return each.parameter == update.parameter;
    });
  };
  std::string name = update.parameter + "." + state.str();
  return llvm::count_if(recipe->blocks, trains) > 1 ? block.name + "." + name : name;
}

LogicalResult ModelEmitter::emitUpdate(const sema::StepBlock &block, const sema::Update &update) {
  Location location = locate(block.range);
  states.clear();
  for (auto [index, state] : llvm::enumerate(update.states))
    states[state] = numStates + static_cast<int64_t>(index);
  numStates += static_cast<int64_t>(update.states.size());
  FlatSymbolRefAttr rule =
      emitFunction(update.rule, "rule" + getSuffix(block) + "." + update.parameter, location);
  if (!rule)
    return failure();
  auto op =
      train::UpdateOp::create(builder, location, builder.getStringAttr(update.parameter), rule);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(&op.getBody().emplaceBlock());
  for (auto [state, init] : llvm::zip_equal(update.states, update.stateInit)) {
    std::string name = getStateName(block, update, state);
    FlatSymbolRefAttr function = emitFunction(init, "state." + name, location);
    if (!function)
      return failure();
    train::OptimizerStateOp::create(builder, location, builder.getStringAttr(name),
                                    TypeAttr::get(convert(init.results.front().node->type)),
                                    function);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// The module
//===----------------------------------------------------------------------===//

/// Keeps the text of the file, its name and its hash with the module.
static void setSource(ModuleOp module, FileId file, const SourceManager &sources) {
  Builder builder(module.getContext());
  StringRef text = sources.text(file);
  auto hash = llvm::SHA256::hash(llvm::arrayRefFromStringRef(text));
  module->setAttr("train.source", builder.getStringAttr(text));
  module->setAttr("train.source_file", builder.getStringAttr(sources.name(file)));
  module->setAttr("train.source_sha256",
                  builder.getStringAttr(llvm::toHex(hash, /*LowerCase=*/true)));
}

OwningOpRef<ModuleOp> nnc::emit(ArrayRef<const sema::Model *> models, const SourceManager &sources,
                                MLIRContext &context) {
  context.loadDialect<arith::ArithDialect, func::FuncDialect, nn::NnDialect, train::TrainDialect>();
  OpBuilder builder(&context);
  SourceRange range = models.empty() ? SourceRange() : models.front()->range;
  OwningOpRef<ModuleOp> module = ModuleOp::create(getLocation(range, sources, &context));
  if (range.isValid())
    setSource(*module, range.file, sources);
  llvm::StringSet<> symbols;
  for (const sema::Model *model : models) {
    builder.setInsertionPointToEnd(module->getBody());
    if (failed(ModelEmitter(builder, sources, *model, symbols).emit()))
      return {};
  }
  if (failed(verify(*module)))
    return {};
  return module;
}
