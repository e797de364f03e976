// Builds the entries of one block of a recipe: a step, or the gradient of a batch and the update
// from several.
#include "dialects/train/transforms/StepBuilder.h"

#include "dialects/nn/ir/NnOps.h"
#include "dialects/nn/transforms/Differentiate.h"

using namespace mlir;
using namespace mlir::train;

StepBuilder::StepBuilder(BlockOp block, function_ref<func::FuncOp(FlatSymbolRefAttr)> lookup)
    : block(block), recipe(block->getParentOfType<RecipeOp>()),
      model(block->getParentOfType<ModelOp>()), updates(block.get<UpdateOp>()) {
  if (block.getLimitAttr())
    limit = lookup(block.getLimitAttr());
  objective = lookup(block.getObjectiveAttr());
  for (UpdateOp update : updates) {
    parameters.push_back(*update.getParameterNumber());
    rules.push_back(lookup(update.getRuleAttr()));
  }
  size_t next = model.getOptimizerStates().size();
  for (int64_t number : getAveragesApart(model))
    averagesApart[number] = static_cast<int64_t>(next++);
}

std::string StepBuilder::getName(StringRef kind) {
  return (kind + (block.getName().empty() ? "" : ".") + block.getName()).str();
}

//===----------------------------------------------------------------------===//
// Arithmetic on tensors of any shape and type
//===----------------------------------------------------------------------===//

namespace {

/// While it lives, a builder's operations have this location.
class LocationScope {
public:
  LocationScope(ImplicitLocOpBuilder &builder, Location location)
      : builder(builder), before(builder.getLoc()) {
    builder.setLoc(location);
  }
  LocationScope(const LocationScope &) = delete;
  LocationScope &operator=(const LocationScope &) = delete;
  ~LocationScope() { builder.setLoc(before); }

private:
  ImplicitLocOpBuilder &builder;
  Location before;
};

} // namespace

static RankedTensorType getScalarType(Type element) { return RankedTensorType::get({}, element); }

static Value castTo(ImplicitLocOpBuilder &builder, Value value, Type element) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getElementType() == element)
    return value;
  return nn::CastOp::create(builder, type.clone(element), value);
}

/// The rank-0 tensor in every element of a tensor like `like`, of static shape.
static Value spread(ImplicitLocOpBuilder &builder, Value scalar, Value like) {
  auto type = cast<RankedTensorType>(like.getType());
  scalar = castTo(builder, scalar, type.getElementType());
  if (type.getRank() == 0)
    return scalar;
  return nn::BroadcastOp::create(builder, type, scalar, ArrayRef<int64_t>(), type.getShape(),
                                 ValueRange());
}

static Value makeScalar(ImplicitLocOpBuilder &builder, double value) {
  auto type = getScalarType(builder.getF64Type());
  return nn::ConstantOp::create(builder, DenseElementsAttr::get(type, value));
}

/// The type to compute in: narrow floats are widened, so that sums and products of small numbers
/// are not lost.
static Type getWideElement(Value value) {
  Type element = getElementTypeOrSelf(value.getType());
  return element.getIntOrFloatBitWidth() < 32 ? Float32Type::get(value.getContext()) : element;
}

//===----------------------------------------------------------------------===//
// The gradient
//===----------------------------------------------------------------------===//

/// Makes `gradient` from a copy of the objective.
LogicalResult StepBuilder::makeGradient() {
  OpBuilder outer(model->getContext());
  outer.setInsertionPointToEnd(model->getBlock());
  gradient = cast<func::FuncOp>(outer.clone(*objective));
  gradient.setSymName(
      getUniqueSymbolName(model, model.getSymName() + "." + getName(nn::kGradientEntry) + ".of"));
  gradient.setPrivate();
  auto terminator = cast<func::ReturnOp>(gradient.getBody().front().getTerminator());
  ImplicitLocOpBuilder builder(terminator.getLoc(), terminator);

  // Result 0 is the sum of the losses, in the widest type among them.
  size_t numStates = llvm::range_size(model.get<StateOp>());
  SmallVector<Value> losses(terminator.getOperands().drop_back(numStates));
  Type widest = getWideElement(losses.front());
  for (Value loss : losses)
    if (getElementTypeOrSelf(loss.getType()).getIntOrFloatBitWidth() >
        widest.getIntOrFloatBitWidth())
      widest = getElementTypeOrSelf(loss.getType());
  Value sum;
  for (Value loss : losses) {
    Value wide = castTo(builder, loss, widest);
    sum = sum ? Value(nn::AddOp::create(builder, sum, wide)) : wide;
  }
  terminator->insertOperands(0, sum);
  if (failed(gradient.insertResult(0, sum.getType(), DictionaryAttr())))
    return failure();
  for (unsigned index = 0; index < gradient.getNumArguments(); ++index) {
    BindAttr binding = getArgumentBinding(gradient, index);
    if (binding.getSource() == Source::Parameter &&
        llvm::is_contained(parameters, binding.getIndex()))
      gradient.setArgAttr(index, nn::kWrtAttr, builder.getUnitAttr());
  }
  return nn::differentiate(gradient);
}

SmallVector<Value> StepBuilder::callGradient(EntryBuilder &entry) {
  SmallVector<Value> results = entry.call(gradient);
  size_t numStates = llvm::range_size(model.get<StateOp>());
  size_t numLosses = objective.getNumResults() - numStates;
  ImplicitLocOpBuilder &builder = entry.getBuilder();
  // Gradients follow the objective's results and their sum, one per argument.
  ArrayRef<Value> found = ArrayRef(results).drop_front(1 + objective.getNumResults());
  llvm::DenseMap<int64_t, Value> byParameter;
  for (unsigned index = 0; index < gradient.getNumArguments(); ++index) {
    BindAttr binding = getArgumentBinding(gradient, index);
    if (binding.getSource() != Source::Parameter ||
        !llvm::is_contained(parameters, binding.getIndex()))
      continue;
    Value &sum = byParameter[binding.getIndex()];
    sum = sum ? Value(nn::AddOp::create(builder, sum, found.front())) : found.front();
    found = found.drop_front();
  }
  SmallVector<Value> gradients;
  for (int64_t number : parameters) {
    Value value = byParameter.lookup(number);
    // The loss doesn't depend on this parameter.
    gradients.push_back(value ? value
                              : spread(builder, makeScalar(builder, 0),
                                       entry.get(bind(Source::Parameter, number))));
  }
  for (size_t index = 0; index < numStates; ++index)
    entry.addResult(bind(Source::State, index), results[1 + numLosses + index], /*inPlace=*/true);
  for (size_t index = 0; index < numLosses; ++index) {
    Value loss = results[1 + index];
    LocationScope place(builder, loss.getLoc());
    entry.addResult(bind(Source::Loss, index), castTo(builder, loss, builder.getF64Type()));
  }
  return gradients;
}

//===----------------------------------------------------------------------===//
// The update
//===----------------------------------------------------------------------===//

void StepBuilder::clipByNorm(EntryBuilder &entry, Value limit, MutableArrayRef<Value> gradients) {
  ImplicitLocOpBuilder &builder = entry.getBuilder();
  Value squares;
  for (Value value : gradients) {
    Value wide = castTo(builder, value, getWideElement(value));
    Value square = nn::MulOp::create(builder, wide, wide);
    auto type = cast<RankedTensorType>(wide.getType());
    auto axes = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
    Value sum = axes.empty() ? square
                             : Value(nn::ReduceSumOp::create(
                                   builder, getScalarType(type.getElementType()), square, axes));
    sum = castTo(builder, sum, builder.getF64Type());
    squares = squares ? Value(nn::AddOp::create(builder, squares, sum)) : sum;
  }
  if (!squares)
    return;
  // Of a norm of 0 the quotient is infinite, and the scale 1.
  Value quotient = nn::DivOp::create(builder, limit, nn::SqrtOp::create(builder, squares));
  Value scale = nn::MinimumOp::create(builder, makeScalar(builder, 1), quotient);
  for (Value &value : gradients)
    value = nn::MulOp::create(builder, value, spread(builder, scale, value));
}

void StepBuilder::clip(EntryBuilder &entry, MutableArrayRef<Value> gradients) {
  if (!limit)
    return;
  ImplicitLocOpBuilder &builder = entry.getBuilder();
  LocationScope place(builder, limit.getLoc());
  Value bound = entry.call(limit).front();
  if (*block.getClip() == Clip::Norm)
    return clipByNorm(entry, bound, gradients);
  Value least = nn::NegOp::create(builder, bound);
  for (Value &value : gradients) {
    Value above = nn::MaximumOp::create(builder, value, spread(builder, least, value));
    value = nn::MinimumOp::create(builder, above, spread(builder, bound, value));
  }
}

/// The rules come last: whatever reads an old parameter comes before the new one, which can
/// therefore take its place in memory.
void StepBuilder::update(EntryBuilder &entry, MutableArrayRef<Value> gradients) {
  clip(entry, gradients);
  ImplicitLocOpBuilder &builder = entry.getBuilder();
  llvm::StringMap<int64_t> numberOf;
  for (auto [index, state] : llvm::enumerate(model.getOptimizerStates()))
    numberOf[state.getName()] = index;
  for (auto [op, number, rule, value] : llvm::zip_equal(updates, parameters, rules, gradients)) {
    entry.set(bind(Source::Gradient, number), value);
    SmallVector<Value> updated = entry.call(rule);
    entry.addResult(bind(Source::Parameter, number), updated.front(), /*inPlace=*/true);
    for (auto [state, next] :
         llvm::zip_equal(op.get<OptimizerStateOp>(), ArrayRef(updated).drop_front()))
      entry.addResult(bind(Source::Optimizer, numberOf.lookup(state.getName())), next,
                      /*inPlace=*/true);
    std::optional<double> decay = recipe.getAverage();
    if (!decay)
      continue;
    auto apart = averagesApart.find(number);
    bool isApart = apart != averagesApart.end();
    BindAttr running =
        isApart ? bind(Source::Optimizer, apart->second) : bind(Source::Average, number);
    Value old = entry.get(running), parameter = updated.front();
    Value fresh = castTo(builder, parameter, getElementTypeOrSelf(old.getType()));
    Value kept = nn::MulOp::create(builder, old, spread(builder, makeScalar(builder, *decay), old));
    Value added =
        nn::MulOp::create(builder, fresh, spread(builder, makeScalar(builder, 1 - *decay), old));
    Value average = nn::AddOp::create(builder, kept, added);
    entry.addResult(running, average, /*inPlace=*/true);
    if (isApart)
      entry.addResult(bind(Source::Average, number),
                      castTo(builder, average, getElementTypeOrSelf(parameter.getType())),
                      /*inPlace=*/true);
  }
}

SmallVector<func::FuncOp> StepBuilder::getRules() {
  SmallVector<func::FuncOp> functions(rules);
  if (limit)
    functions.push_back(limit);
  return functions;
}

/// What the update replaces in place, whether or not a rule reads it.
SmallVector<BindAttr> StepBuilder::getUpdated() {
  SmallVector<BindAttr> updated;
  std::vector<OptimizerStateOp> states = model.getOptimizerStates();
  for (auto [index, state] : llvm::enumerate(states))
    if (state->getParentOfType<BlockOp>() == block)
      updated.push_back(bind(Source::Optimizer, index));
  for (int64_t number : parameters) {
    updated.push_back(bind(Source::Parameter, number));
    if (recipe.getAverage())
      updated.push_back(bind(Source::Average, number));
    if (auto apart = averagesApart.find(number); apart != averagesApart.end())
      updated.push_back(bind(Source::Optimizer, apart->second));
  }
  return updated;
}

//===----------------------------------------------------------------------===//
// The entries
//===----------------------------------------------------------------------===//

/// The states of layers, which the objective renews in place.
static void addStates(ModelOp model, SmallVectorImpl<BindAttr> &more) {
  for (size_t index = 0; index < llvm::range_size(model.get<StateOp>()); ++index)
    more.push_back(BindAttr::get(model.getContext(), Source::State, index));
}

func::FuncOp StepBuilder::buildStep() {
  SmallVector<func::FuncOp> callees = getRules();
  callees.push_back(gradient);
  SmallVector<BindAttr> more = getUpdated();
  addStates(model, more);
  EntryBuilder entry(model, getName(nn::kStepEntry), callees, more, Source::Gradient);
  LocationScope place(entry.getBuilder(), block.getLoc());
  SmallVector<Value> gradients = callGradient(entry);
  update(entry, gradients);
  return entry.finish();
}

func::FuncOp StepBuilder::buildGradient() {
  SmallVector<BindAttr> more;
  addStates(model, more);
  for (int64_t number : parameters) {
    more.push_back(bind(Source::Gradient, number));
    more.push_back(bind(Source::Parameter, number));
  }
  EntryBuilder entry(model, getName(nn::kGradientEntry), gradient, more);
  LocationScope place(entry.getBuilder(), block.getLoc());
  SmallVector<Value> gradients = callGradient(entry);
  for (auto [number, value] : llvm::zip_equal(parameters, gradients)) {
    ImplicitLocOpBuilder &builder = entry.getBuilder();
    Value old = entry.get(bind(Source::Gradient, number));
    Value sum = nn::AddOp::create(builder, old,
                                  castTo(builder, value, getElementTypeOrSelf(old.getType())));
    entry.addResult(bind(Source::Gradient, number), sum, /*inPlace=*/true);
  }
  return entry.finish();
}

func::FuncOp StepBuilder::buildUpdate() {
  SmallVector<BindAttr> more = getUpdated();
  for (int64_t number : parameters)
    more.push_back(bind(Source::Gradient, number));
  EntryBuilder entry(model, getName(nn::kUpdateEntry), getRules(), more);
  LocationScope place(entry.getBuilder(), block.getLoc());
  ImplicitLocOpBuilder &builder = entry.getBuilder();
  Value share = makeScalar(builder, 1.0 / static_cast<double>(recipe.getAccumulate()));
  SmallVector<Value> gradients;
  for (int64_t number : parameters) {
    Value sum = entry.get(bind(Source::Gradient, number));
    Value mean = nn::MulOp::create(builder, sum, spread(builder, share, sum));
    Value parameter = entry.get(bind(Source::Parameter, number));
    gradients.push_back(castTo(builder, mean, getElementTypeOrSelf(parameter.getType())));
  }
  update(entry, gradients);
  return entry.finish();
}

FailureOr<SmallVector<func::FuncOp>> StepBuilder::run() {
  if (failed(makeGradient()))
    return failure();
  SmallVector<func::FuncOp> built;
  if (recipe.getAccumulate() == 1)
    built = {buildStep()};
  else
    built = {buildGradient(), buildUpdate()};
  gradient.erase();
  return built;
}
