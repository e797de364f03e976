// train-build-entries: the functions that a program runs, from those that a model describes.
#include "dialects/nn/ir/NnOps.h"
#include "dialects/nn/transforms/Differentiate.h"
#include "dialects/train/transforms/EntryBuilder.h"
#include "dialects/train/transforms/Passes.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::train {
#define GEN_PASS_DEF_TRAINBUILDENTRIES
#include "dialects/train/transforms/Passes.h.inc"
} // namespace mlir::train

using namespace mlir;
using namespace mlir::train;

namespace {

/// The values of a model's tensors in an entry, in the order in which the model lists them.
struct ModelValues {
  SmallVector<Value> inputs;     ///< of the model
  SmallVector<Value> fields;     ///< of the data set, those that feed an input too
  SmallVector<Value> extra;      ///< the fields that feed none
  SmallVector<Value> parameters; ///< then the buffers
};

/// What the forward computation and the losses give.
struct Forward {
  SmallVector<Value> outputs, buffers;
};

struct BuildEntries : train::impl::TrainBuildEntriesBase<BuildEntries> {
  void runOnOperation() override;

private:
  LogicalResult verifyBodies(ModelOp model);
  LogicalResult buildModel(ModelOp model);
  func::FuncOp buildInit(ModelOp model);
  func::FuncOp buildPredict(ModelOp model);
  func::FuncOp buildEval(ModelOp model);
  FailureOr<func::FuncOp> buildStep(ModelOp model);
  FailureOr<func::FuncOp> buildGradient(ModelOp model);

  void addInputs(EntryBuilder &entry, ModelOp model, ModelValues &values);
  void addFields(EntryBuilder &entry, ModelOp model, ModelValues &values);
  void addParameters(EntryBuilder &entry, ModelOp model, ModelValues &values);
  Forward callForward(EntryBuilder &entry, ModelOp model, const ModelValues &values);
  SmallVector<Value> callObjective(EntryBuilder &entry, FlatSymbolRefAttr function,
                                   const Forward &forward, const ModelValues &values);
  Value sumLosses(EntryBuilder &entry, ModelOp model, const Forward &forward,
                  const ModelValues &values);
  void dropFunctions(ModelOp model, ArrayRef<Attribute> entries);

  func::FuncOp lookup(FlatSymbolRefAttr symbol) {
    return tables->lookupSymbolIn<func::FuncOp>(getOperation(), symbol);
  }

  /// Of the functions that models name; entries aren't in them. Set while the pass runs.
  SymbolTableCollection *tables = nullptr;
};

} // namespace

/// A model's scalar as the f32 that the runtime reads.
static Value castToF32(EntryBuilder &entry, Value scalar) {
  auto type = RankedTensorType::get({}, Float32Type::get(scalar.getContext()));
  if (scalar.getType() == type)
    return scalar;
  return nn::CastOp::create(entry.getBuilder(), entry.getLoc(), type, scalar);
}

//===----------------------------------------------------------------------===//
// Arguments and calls that several entries share
//===----------------------------------------------------------------------===//

void BuildEntries::addInputs(EntryBuilder &entry, ModelOp model, ModelValues &values) {
  for (auto [index, input] : llvm::enumerate(model.get<InputOp>()))
    values.inputs.push_back(
        entry.addTensor({"input", static_cast<int64_t>(index)}, input.getType(), input.getDims()));
}

void BuildEntries::addFields(EntryBuilder &entry, ModelOp model, ModelValues &values) {
  llvm::StringMap<Value> byName;
  for (auto [index, field] : llvm::enumerate(model.getRecipe().getData().get<FieldOp>())) {
    Value value =
        entry.addTensor({"field", static_cast<int64_t>(index)}, field.getType(), field.getDims());
    values.fields.push_back(value);
    byName[field.getBoundName()] = value;
  }
  for (InputOp input : model.get<InputOp>())
    values.inputs.push_back(byName.lookup(input.getName()));
  for (Value field : values.fields)
    if (!llvm::is_contained(values.inputs, field))
      values.extra.push_back(field);
}

void BuildEntries::addParameters(EntryBuilder &entry, ModelOp model, ModelValues &values) {
  for (auto [index, parameter] : llvm::enumerate(model.get<ParameterOp>()))
    values.parameters.push_back(
        entry.addTensor({"parameter", static_cast<int64_t>(index)}, parameter.getType()));
}

Forward BuildEntries::callForward(EntryBuilder &entry, ModelOp model, const ModelValues &values) {
  SmallVector<Value> arguments(entry.getDims());
  llvm::append_range(arguments, values.inputs);
  llvm::append_range(arguments, values.parameters);
  SmallVector<Value> results = entry.call(lookup(model.getForwardAttr()), arguments);
  size_t numOutputs = llvm::range_size(model.get<OutputOp>());
  return {SmallVector<Value>(ArrayRef(results).take_front(numOutputs)),
          SmallVector<Value>(ArrayRef(results).drop_front(numOutputs))};
}

SmallVector<Value> BuildEntries::callObjective(EntryBuilder &entry, FlatSymbolRefAttr function,
                                               const Forward &forward, const ModelValues &values) {
  SmallVector<Value> arguments(entry.getDims());
  llvm::append_range(arguments, forward.outputs);
  llvm::append_range(arguments, values.inputs);
  llvm::append_range(arguments, values.extra);
  return entry.call(lookup(function), arguments);
}

Value BuildEntries::sumLosses(EntryBuilder &entry, ModelOp model, const Forward &forward,
                              const ModelValues &values) {
  SmallVector<Value> losses =
      callObjective(entry, model.getRecipe().getLossAttr(), forward, values);
  Value sum = losses.front();
  for (Value loss : ArrayRef(losses).drop_front())
    sum = nn::AddOp::create(entry.getBuilder(), entry.getLoc(), sum, loss);
  return sum;
}

//===----------------------------------------------------------------------===//
// The entries
//===----------------------------------------------------------------------===//

func::FuncOp BuildEntries::buildInit(ModelOp model) {
  EntryBuilder entry(model, model.getSymName() + ".init", "init");
  Value seed = entry.addCounter("seed");
  llvm::StringMap<Value> byName;
  for (auto [index, parameter] : llvm::enumerate(model.get<ParameterOp>())) {
    Value value = entry.call(lookup(parameter.getInitAttr()), seed).front();
    entry.addResult({"parameter", static_cast<int64_t>(index)}, value);
    byName[parameter.getName()] = value;
  }
  int64_t index = 0;
  if (RecipeOp recipe = model.getRecipe())
    for (UpdateOp update : recipe.get<UpdateOp>())
      for (StateOp state : update.get<StateOp>())
        entry.addResult(
            {"state", index++},
            entry.call(lookup(state.getInitAttr()), {seed, byName.lookup(update.getParameter())})
                .front());
  return entry.finish();
}

func::FuncOp BuildEntries::buildPredict(ModelOp model) {
  EntryBuilder entry(model, model.getSymName() + ".predict_any", "predict");
  entry.addDims();
  ModelValues values;
  addInputs(entry, model, values);
  addParameters(entry, model, values);
  Forward forward = callForward(entry, model, values);
  for (auto [index, output] : llvm::enumerate(model.get<OutputOp>()))
    entry.addResult({"output", static_cast<int64_t>(index)}, forward.outputs[index], {},
                    output.getDims());
  return entry.finish();
}

func::FuncOp BuildEntries::buildEval(ModelOp model) {
  EntryBuilder entry(model, model.getSymName() + ".eval_any", "eval");
  entry.addDims();
  ModelValues values;
  addFields(entry, model, values);
  addParameters(entry, model, values);
  Forward forward = callForward(entry, model, values);
  entry.addResult({"loss"}, castToF32(entry, sumLosses(entry, model, forward, values)));
  SmallVector<Value> metrics =
      callObjective(entry, model.getRecipe().getMetricsFunctionAttr(), forward, values);
  for (auto [index, metric] : llvm::enumerate(metrics))
    entry.addResult({"metric", static_cast<int64_t>(index)}, castToF32(entry, metric));
  return entry.finish();
}

/// A helper of `step`, inlined into it: from dims, fields and parameters to the sum of losses, the
/// new buffers and the gradient of each parameter that is updated.
FailureOr<func::FuncOp> BuildEntries::buildGradient(ModelOp model) {
  EntryBuilder entry(model, model.getSymName() + ".gradient", "gradient");
  entry.addDims();
  ModelValues values;
  addFields(entry, model, values);
  addParameters(entry, model, values);
  Forward forward = callForward(entry, model, values);
  entry.addResult({"loss"}, sumLosses(entry, model, forward, values));
  for (Value buffer : forward.buffers)
    entry.addResult({"parameter"}, buffer);
  func::FuncOp function = entry.finish();
  function.setPrivate();
  for (auto [parameter, value] : llvm::zip_equal(model.get<ParameterOp>(), values.parameters))
    for (UpdateOp update : model.getRecipe().get<UpdateOp>())
      if (update.getParameter() == parameter.getName())
        function.setArgAttr(cast<BlockArgument>(value).getArgNumber(), kWrtAttr,
                            UnitAttr::get(&getContext()));
  if (failed(nn::differentiate(function)))
    return failure();
  return function;
}

FailureOr<func::FuncOp> BuildEntries::buildStep(ModelOp model) {
  FailureOr<func::FuncOp> gradient = buildGradient(model);
  if (failed(gradient))
    return failure();
  EntryBuilder entry(model, model.getSymName() + ".step_any", "step");
  entry.addDims();
  Value step = entry.addCounter("step");
  ModelValues values;
  addFields(entry, model, values);
  addParameters(entry, model, values);
  SmallVector<Value> states;
  for (auto [index, state] : llvm::enumerate(model.getRecipe().getStates()))
    states.push_back(entry.addTensor({"state", static_cast<int64_t>(index)}, state.getType()));

  SmallVector<Value> arguments(entry.getDims());
  llvm::append_range(arguments, values.fields);
  llvm::append_range(arguments, values.parameters);
  SmallVector<Value> computed = entry.call(*gradient, arguments);
  gradient->erase();

  // Results of the gradient: the loss, the new buffers, and the gradients in order of the
  // parameters.
  size_t numBuffers = llvm::count_if(model.get<ParameterOp>(),
                                     [](ParameterOp parameter) { return parameter.getBuffer(); });
  ArrayRef<Value> buffers = ArrayRef(computed).slice(1, numBuffers);
  ArrayRef<Value> gradients = ArrayRef(computed).drop_front(1 + numBuffers);
  llvm::StringMap<Value> gradientOf;
  for (ParameterOp parameter : model.get<ParameterOp>())
    for (UpdateOp update : model.getRecipe().get<UpdateOp>())
      if (update.getParameter() == parameter.getName()) {
        gradientOf[parameter.getName()] = gradients.front();
        gradients = gradients.drop_front();
      }

  llvm::StringMap<int64_t> numberOf;
  for (auto [index, parameter] : llvm::enumerate(model.get<ParameterOp>()))
    numberOf[parameter.getName()] = index;
  int64_t state = 0;
  for (UpdateOp update : model.getRecipe().get<UpdateOp>()) {
    int64_t number = numberOf.lookup(update.getParameter());
    Value old = values.parameters[number];
    SmallVector<Value> operands = {old, gradientOf.lookup(update.getParameter())};
    size_t numStates = llvm::range_size(update.get<StateOp>());
    llvm::append_range(operands, ArrayRef(states).slice(state, numStates));
    operands.push_back(step);
    SmallVector<Value> updated = entry.call(lookup(update.getRuleAttr()), operands);
    entry.addResult({"parameter", number}, updated.front(), old);
    for (Value value : ArrayRef(updated).drop_front()) {
      entry.addResult({"state", state}, value, states[state]);
      ++state;
    }
  }
  size_t firstBuffer = values.parameters.size() - numBuffers;
  for (auto [index, buffer] : llvm::enumerate(buffers))
    entry.addResult({"parameter", static_cast<int64_t>(firstBuffer + index)}, buffer,
                    values.parameters[firstBuffer + index]);
  entry.addResult({"loss"}, castToF32(entry, computed.front()));
  return entry.finish();
}

//===----------------------------------------------------------------------===//
// The model
//===----------------------------------------------------------------------===//

/// Calls `visit` with each operation that names functions, and each attribute by which it does.
static void
forEachFunction(ModelOp model,
                llvm::function_ref<void(Operation *, StringAttr, FlatSymbolRefAttr)> visit) {
  model.walk([&](Operation *op) {
    for (NamedAttribute attribute : llvm::to_vector(op->getAttrs()))
      if (auto symbol = dyn_cast<FlatSymbolRefAttr>(attribute.getValue()))
        visit(op, attribute.getName(), symbol);
  });
}

/// Bodies are cloned into the entries: each must be one block.
LogicalResult BuildEntries::verifyBodies(ModelOp model) {
  LogicalResult result = success();
  forEachFunction(model, [&](Operation *op, StringAttr role, FlatSymbolRefAttr symbol) {
    auto function = lookup(symbol);
    if (succeeded(result) && (!function || !function.getBody().hasOneBlock()))
      result = op->emitOpError() << "expected " << symbol << ", its '" << role.getValue()
                                 << "', to be a func.func with a body of one block";
  });
  return result;
}

/// Turns the model into a built one, and erases the functions that it named where nothing else
/// uses them.
void BuildEntries::dropFunctions(ModelOp model, ArrayRef<Attribute> entries) {
  llvm::SetVector<Operation *> dropped;
  forEachFunction(model, [&](Operation *op, StringAttr role, FlatSymbolRefAttr symbol) {
    dropped.insert(lookup(symbol));
    op->removeAttr(role);
  });
  model.setEntriesAttr(ArrayAttr::get(&getContext(), entries));
  SymbolTableCollection current;
  SymbolUserMap users(current, getOperation());
  for (Operation *function : dropped)
    if (users.useEmpty(function))
      tables->getSymbolTable(getOperation()).erase(function);
}

LogicalResult BuildEntries::buildModel(ModelOp model) {
  if (failed(verifyBodies(model)))
    return failure();
  SmallVector<func::FuncOp> entries = {buildInit(model), buildPredict(model)};
  if (model.getRecipe()) {
    FailureOr<func::FuncOp> step = buildStep(model);
    if (failed(step))
      return failure();
    entries.append({*step, buildEval(model)});
  }
  numEntries += entries.size();
  SmallVector<Attribute> symbols;
  for (func::FuncOp entry : entries)
    symbols.push_back(FlatSymbolRefAttr::get(entry));
  dropFunctions(model, symbols);
  return success();
}

void BuildEntries::runOnOperation() {
  SymbolTableCollection named;
  tables = &named;
  for (ModelOp model : llvm::make_early_inc_range(getOperation().getOps<ModelOp>()))
    if (model.isDescribed() && failed(buildModel(model)))
      return signalPassFailure();
}
