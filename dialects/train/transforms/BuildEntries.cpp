// train-build-entries: the functions that a program runs, from those that a model describes.
#include "dialects/nn/ir/NnOps.h"
#include "dialects/train/transforms/EntryBuilder.h"
#include "dialects/train/transforms/NextBuilder.h"
#include "dialects/train/transforms/Passes.h"
#include "dialects/train/transforms/StepBuilder.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::train {
#define GEN_PASS_DEF_TRAINBUILDENTRIES
#include "dialects/train/transforms/Passes.h.inc"
} // namespace mlir::train

using namespace mlir;
using namespace mlir::train;

namespace {

/// Builds one model.
class ModelBuilder {
public:
  ModelBuilder(ModelOp model, SymbolTableCollection &tables)
      : model(model), module(model->getParentOfType<ModuleOp>()), tables(tables) {}

  /// The number of entries built.
  FailureOr<size_t> run();

private:
  LogicalResult verifyBodies();
  void buildInit();
  void buildPredict();
  LogicalResult buildRecipe(RecipeOp recipe);
  void buildInitTraining(RecipeOp recipe);
  void buildEvaluation(RecipeOp recipe);
  void buildPreparation(PreparationOp preparation);
  /// An entry that is one function, with results bound to `source` in order.
  void buildCall(const Twine &name, FlatSymbolRefAttr symbol, Source source,
                 ArrayRef<BindAttr> more = {});
  void replaceModel();
  template <typename OpTy> void addTensors(OpBuilder &builder, Arena arena);
  SmallVector<BindAttr> getDims(ArrayAttr names);
  CollectedOp getCollected(int64_t number) {
    auto all = model.get<CollectedOp>();
    return *std::next(all.begin(), number);
  }

  func::FuncOp lookup(FlatSymbolRefAttr symbol) {
    return tables.lookupSymbolIn<func::FuncOp>(module, symbol);
  }
  BindAttr bind(Source source, int64_t index = 0) {
    return BindAttr::get(model.getContext(), source, index);
  }
  void add(func::FuncOp entry) { entries.push_back(FlatSymbolRefAttr::get(entry)); }

  ModelOp model;
  ModuleOp module;
  SymbolTableCollection &tables;
  SmallVector<Attribute> entries;
  SmallVector<RankedTensorType> caches; ///< of `next`
  int64_t numTotals = 0, numResults = 0, numCollected = 0;
};

struct BuildEntries : train::impl::TrainBuildEntriesBase<BuildEntries> {
  void runOnOperation() override {
    SymbolTableCollection tables;
    for (ModelOp model : llvm::make_early_inc_range(getOperation().getOps<ModelOp>())) {
      FailureOr<size_t> built = ModelBuilder(model, tables).run();
      if (failed(built))
        return signalPassFailure();
      numEntries += *built;
    }
  }
};

} // namespace

//===----------------------------------------------------------------------===//
// The entries
//===----------------------------------------------------------------------===//

void ModelBuilder::buildInit() {
  SmallVector<func::FuncOp> functions;
  SmallVector<BindAttr> results;
  for (auto [index, op] : llvm::enumerate(model.get<ParameterOp>())) {
    functions.push_back(lookup(op.getInitAttr()));
    results.push_back(bind(Source::Parameter, index));
  }
  for (auto [index, op] : llvm::enumerate(model.get<StateOp>())) {
    functions.push_back(lookup(op.getInitAttr()));
    results.push_back(bind(Source::State, index));
  }
  EntryBuilder entry(model, nn::kInitEntry, functions, bind(Source::Seed));
  for (auto [function, result] : llvm::zip_equal(functions, results))
    entry.addResult(result, entry.call(function).front());
  add(entry.finish());
}

SmallVector<BindAttr> ModelBuilder::getDims(ArrayAttr names) {
  SmallVector<BindAttr> dims;
  if (names)
    for (Attribute name : names)
      dims.push_back(
          bind(Source::Dim, llvm::find(model.getDims(), name) - model.getDims().begin()));
  return dims;
}

/// Whether the examples of a recipe are windows of a text.
static bool isOfText(DictionaryAttr settings) {
  auto data = settings.getAs<DictionaryAttr>("data");
  auto columns = data ? data.getAs<ArrayAttr>("columns") : ArrayAttr();
  return columns && llvm::any_of(columns.getAsRange<DictionaryAttr>(), [](DictionaryAttr column) {
           auto kind = column.getAs<StringAttr>("kind");
           return kind && kind.getValue() == "text";
         });
}

void ModelBuilder::buildPredict() {
  SmallVector<BindAttr> dims;
  for (InputOp input : model.get<InputOp>())
    llvm::append_range(dims, getDims(input.getDimsAttr()));
  for (OutputOp output : model.get<OutputOp>())
    llvm::append_range(dims, getDims(output.getDimsAttr()));
  buildCall(nn::kPredictEntry, model.getPredictAttr(), Source::Output, dims);
  if (!model.getRecipe() || !isOfText(model.getRecipe().getSettings()))
    return;
  if (std::optional<NextEntry> next = buildNext(model, lookup(model.getPredictAttr()))) {
    add(next->function);
    caches = std::move(next->caches);
  }
}

void ModelBuilder::buildCall(const Twine &name, FlatSymbolRefAttr symbol, Source source,
                             ArrayRef<BindAttr> more) {
  func::FuncOp function = lookup(symbol);
  EntryBuilder entry(model, name.str(), function, more);
  int64_t number = 0;
  for (Value value : entry.call(function)) {
    entry.addResult(bind(source, number), value);
    number += source == Source::Result ? countNumbers(value.getType()) : 1;
  }
  add(entry.finish());
}

void ModelBuilder::buildInitTraining(RecipeOp recipe) {
  SmallVector<func::FuncOp> functions;
  for (OptimizerStateOp state : model.getOptimizerStates())
    functions.push_back(lookup(state.getInitAttr()));
  int64_t numParameters = recipe.getAverage() ? llvm::range_size(model.get<ParameterOp>()) : 0;
  SmallVector<BindAttr> more = {bind(Source::Seed)};
  for (int64_t index = 0; index < numParameters; ++index)
    more.push_back(bind(Source::Parameter, index));
  EntryBuilder entry(model, nn::kInitTrainingEntry, functions, more);
  for (auto [index, function] : llvm::enumerate(functions))
    entry.addResult(bind(Source::Optimizer, index), entry.call(function).front());
  for (auto [index, number] : llvm::enumerate(getAveragesApart(model))) {
    Value parameter = entry.get(bind(Source::Parameter, number));
    RankedTensorType type = getSumType(cast<RankedTensorType>(parameter.getType()));
    entry.addResult(bind(Source::Optimizer, functions.size() + index),
                    nn::CastOp::create(entry.getBuilder(), type, parameter));
  }
  for (int64_t index = 0; index < numParameters; ++index)
    entry.addResult(bind(Source::Average, index), entry.get(bind(Source::Parameter, index)));
  add(entry.finish());
}

void ModelBuilder::buildEvaluation(RecipeOp recipe) {
  for (auto [number, pass] : llvm::enumerate(recipe.get<PassOp>())) {
    func::FuncOp function = lookup(pass.getAccumulateAttr());
    SmallVector<BindAttr> rows; // Come with their sizes.
    auto own = static_cast<int64_t>(countTotals(function.getResultTypes()));
    for (int64_t index = own; index < function.getNumResults(); ++index)
      llvm::append_range(rows, getDims(getCollected(numCollected + index - own).getDimsAttr()));
    EntryBuilder entry(model, (nn::kEvaluateEntry + "." + Twine(number)).str(), function, rows);
    for (auto [index, value] : llvm::enumerate(entry.call(function)))
      if (static_cast<int64_t>(index) < own) {
        entry.addResult(bind(Source::Partial, numTotals), value);
        numTotals += countNumbers(value.getType());
      } else {
        entry.addResult(bind(Source::Collected, numCollected++), value);
      }
    add(entry.finish());
  }
  buildCall(nn::kFinishEntry, recipe.getFinishAttr(), Source::Result);
  numResults = countNumbers(lookup(recipe.getFinishAttr()).getResultTypes());
}

void ModelBuilder::buildPreparation(PreparationOp preparation) {
  SmallVector<BindAttr> dims;
  for (ColumnOp column : model.get<ColumnOp>())
    llvm::append_range(dims, getDims(column.getDimsAttr()));
  buildCall(nn::kFitEntry, preparation.getFitAttr(), Source::Fit, dims);
  buildCall(nn::kPrepareEntry, preparation.getPrepareAttr(), Source::Field, dims);
}

LogicalResult ModelBuilder::buildRecipe(RecipeOp recipe) {
  buildInitTraining(recipe);
  for (BlockOp block : recipe.get<BlockOp>()) {
    StepBuilder builder(block, [&](FlatSymbolRefAttr symbol) { return lookup(symbol); });
    FailureOr<SmallVector<func::FuncOp>> built = builder.run();
    if (failed(built))
      return failure();
    for (func::FuncOp entry : *built)
      add(entry);
  }
  buildEvaluation(recipe);
  if (PreparationOp preparation = recipe.getPreparation())
    buildPreparation(preparation);
  return success();
}

//===----------------------------------------------------------------------===//
// The model
//===----------------------------------------------------------------------===//

/// Calls `visit` with each operation that names functions, and each attribute by which it does.
static void
forEachFunction(ModelOp model,
                llvm::function_ref<void(Operation *, StringAttr, FlatSymbolRefAttr)> visit) {
  model.walk([&](Operation *op) {
    for (NamedAttribute attribute : op->getAttrs())
      if (auto symbol = dyn_cast<FlatSymbolRefAttr>(attribute.getValue()))
        visit(op, attribute.getName(), symbol);
  });
}

/// Bodies are cloned into the entries: each must be one block.
LogicalResult ModelBuilder::verifyBodies() {
  LogicalResult result = success();
  forEachFunction(model, [&](Operation *op, StringAttr role, FlatSymbolRefAttr symbol) {
    auto function = lookup(symbol);
    if (succeeded(result) && (!function || !function.getBody().hasOneBlock()))
      result = op->emitOpError() << "expected " << symbol << ", its '" << role.getValue()
                                 << "', to be a func.func with a body of one block";
  });
  return result;
}

template <typename OpTy> void ModelBuilder::addTensors(OpBuilder &builder, Arena arena) {
  for (OpTy op : model.get<OpTy>())
    TensorOp::create(builder, op.getLoc(), arena, op.getName(), op.getType());
}

/// Puts a built model in the place of the described one, and erases the functions that it named
/// where nothing else uses them.
void ModelBuilder::replaceModel() {
  OpBuilder builder(model);
  RecipeOp recipe = model.getRecipe();
  auto program =
      ProgramOp::create(builder, model.getLoc(), model.getSymNameAttr(), model.getDimsAttr(),
                        model.getBatchAttr(), model.getRowsAttr(), builder.getArrayAttr(entries),
                        builder.getI64IntegerAttr(numTotals), builder.getI64IntegerAttr(numResults),
                        recipe ? recipe.getSettingsAttr() : DictionaryAttr(), model.getDocAttr());
  builder.setInsertionPointToEnd(&program.getBody().emplaceBlock());
  for (Operation &op : model.getBody().front())
    if (isa<InputOp, OutputOp, FieldOp, ColumnOp, CollectedOp>(op))
      builder.clone(op);
  addTensors<ParameterOp>(builder, Arena::Parameters);
  addTensors<StateOp>(builder, Arena::States);
  for (OptimizerStateOp op : model.getOptimizerStates())
    TensorOp::create(builder, op.getLoc(), Arena::Optimizer, op.getName(), op.getType());
  SmallVector<ParameterOp> parameters = llvm::to_vector(model.get<ParameterOp>());
  for (int64_t number : getAveragesApart(model)) {
    ParameterOp op = parameters[number];
    // No state that a rule declares has a name like that.
    TensorOp::create(builder, op.getLoc(), Arena::Optimizer, (op.getName() + ".ema.f32").str(),
                     getSumType(cast<RankedTensorType>(op.getType())));
  }
  if (recipe && recipe.getAverage())
    addTensors<ParameterOp>(builder, Arena::Averages);
  if (recipe && recipe.getAccumulate() > 1)
    for (ParameterOp op : model.get<ParameterOp>())
      TensorOp::create(builder, op.getLoc(), Arena::Gradients, op.getName(),
                       getSumType(cast<RankedTensorType>(op.getType())));
  addTensors<FittedOp>(builder, Arena::Fitted);
  for (auto [number, type] : llvm::enumerate(caches))
    TensorOp::create(builder, program.getLoc(), Arena::Caches, std::to_string(number), type);

  llvm::SetVector<Operation *> dropped;
  forEachFunction(model, [&](Operation *, StringAttr, FlatSymbolRefAttr symbol) {
    dropped.insert(lookup(symbol));
  });
  model.erase();
  SymbolTableCollection current;
  SymbolUserMap users(current, module);
  for (Operation *function : dropped)
    if (users.useEmpty(function))
      tables.getSymbolTable(module).erase(function);
}

FailureOr<size_t> ModelBuilder::run() {
  if (failed(verifyBodies()))
    return failure();
  buildInit();
  buildPredict();
  if (RecipeOp recipe = model.getRecipe(); recipe && failed(buildRecipe(recipe)))
    return failure();
  replaceModel();
  return entries.size();
}
