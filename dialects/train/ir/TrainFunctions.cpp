// Verifies the functions that a model names: what their arguments are bound to, and their results.
#include "dialects/train/ir/TrainOps.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::train;

namespace {

/// What the functions of a model may be given, read off the model once: one of many parameters is
/// an argument of many functions.
class ModelTypes {
public:
  ModelTypes(ModelOp model, SymbolTableCollection &tables);

  /// The type of what an argument of a function of `user` is bound to; null where there is no such
  /// thing.
  Type get(BindAttr binding, Operation *user) const;
  /// The totals, and what is collected, of the passes before this one; of all where it is none.
  std::pair<SmallVector<Type>, size_t> getBefore(Operation *user) const;
  /// The number of a parameter of this name.
  std::optional<int64_t> getParameterNumber(StringRef name) const {
    auto found = numbers.find(name);
    return found == numbers.end() ? std::nullopt : std::optional(found->second);
  }

  ModelOp model;
  SymbolTableCollection &tables;
  SmallVector<Type> parameters, states, optimizerStates, fitted, inputs, outputs, fields, columns,
      collected;

private:
  RecipeOp recipe;
  llvm::StringMap<int64_t> numbers;
};

/// Verifies one function that `op`, a model or an operation in it, names as its `role`.
class FunctionVerifier {
public:
  FunctionVerifier(Operation *op, FlatSymbolRefAttr symbol, StringRef role, const ModelTypes &given)
      : op(op), given(given), symbol(symbol), role(role),
        target(given.tables.lookupNearestSymbolFrom(op, symbol)) {}

  /// That it is a function whose arguments are bound to these sources.
  LogicalResult verifyArguments(ArrayRef<Source> sources);
  /// That it has exactly these results.
  LogicalResult verifyResults(ArrayRef<Type> types);
  /// That each result is a tensor of f64s with a known shape.
  LogicalResult verifyNumbers();
  /// That it has totals and then some of these, from number `first`.
  LogicalResult verifyTotals(ArrayRef<Type> collected, size_t first);

  FunctionOpInterface getFunction() { return function; }
  InFlightDiagnostic emitError() {
    InFlightDiagnostic error = op->emitOpError();
    if (target)
      error.attachNote(target->getLoc()) << "the function is here";
    return error;
  }

private:
  Operation *op;
  const ModelTypes &given;
  FlatSymbolRefAttr symbol;
  StringRef role;
  Operation *target;
  FunctionOpInterface function;
};

} // namespace

static Type getScalar(MLIRContext *context, bool isFloat) {
  Type element = isFloat ? Type(Float64Type::get(context)) : IntegerType::get(context, 64);
  return RankedTensorType::get({}, element);
}

/// The types of the operations of a kind.
template <typename OpTy, typename Parent> static SmallVector<Type> getTypes(Parent parent) {
  return llvm::map_to_vector(parent.template get<OpTy>(),
                             [](OpTy op) -> Type { return op.getType(); });
}

ModelTypes::ModelTypes(ModelOp model, SymbolTableCollection &tables)
    : model(model), tables(tables), parameters(getTypes<ParameterOp>(model)),
      states(getTypes<StateOp>(model)), fitted(getTypes<FittedOp>(model)),
      inputs(getTypes<InputOp>(model)), outputs(getTypes<OutputOp>(model)),
      fields(getTypes<FieldOp>(model)), columns(getTypes<ColumnOp>(model)),
      collected(getTypes<CollectedOp>(model)), recipe(model.getRecipe()) {
  for (OptimizerStateOp state : model.getOptimizerStates())
    optimizerStates.push_back(state.getType());
  for (auto [number, parameter] : llvm::enumerate(model.get<ParameterOp>()))
    numbers.try_emplace(parameter.getName(), number);
}

std::pair<SmallVector<Type>, size_t> ModelTypes::getBefore(Operation *user) const {
  SmallVector<Type> totals;
  size_t rows = 0;
  if (recipe)
    for (PassOp pass : RecipeOp(recipe).get<PassOp>()) {
      if (pass == user)
        break;
      if (auto function =
              tables.lookupNearestSymbolFrom<FunctionOpInterface>(pass, pass.getAccumulateAttr())) {
        size_t own = countTotals(function.getResultTypes());
        llvm::append_range(totals, function.getResultTypes().take_front(own));
        rows += function.getNumResults() - own;
      }
    }
  return {totals, rows};
}

Type ModelTypes::get(BindAttr binding, Operation *user) const {
  MLIRContext *context = user->getContext();
  auto index = static_cast<size_t>(binding.getIndex());
  auto among = [&](size_t count, Type type) { return index < count ? type : Type(); };
  auto of = [&](ArrayRef<Type> types) { return index < types.size() ? types[index] : Type(); };
  switch (binding.getSource()) {
  case Source::Dim:
    return among(ModelOp(model).getDims().size(), IndexType::get(context));
  case Source::Step:
  case Source::Steps:
  case Source::Batch:
    return among(1, getScalar(context, true));
  case Source::Seed:
  case Source::Draw:
  case Source::Example:
    return among(1, getScalar(context, false));
  case Source::Number:
    return among(recipe ? RecipeOp(recipe).getNumNumbers() : 0, getScalar(context, true));
  case Source::Class:
    return among(recipe ? RecipeOp(recipe).getNumClasses() : 0, getScalar(context, false));
  case Source::Parameter:
  case Source::Average:
  case Source::Gradient:
    return of(parameters);
  case Source::State:
    return of(states);
  case Source::Optimizer:
    return of(optimizerStates);
  case Source::Fit:
    return of(fitted);
  case Source::Input:
    return of(inputs);
  case Source::Output:
    return of(outputs);
  case Source::Field:
    return of(fields);
  case Source::Column:
    return of(columns);
  case Source::Total: { // A pass is given the totals of those before it.
    int64_t number = 0;
    for (Type type : getBefore(user).first) {
      if (number == binding.getIndex())
        return type;
      number += isTotal(type) ? countNumbers(type) : 1;
    }
    return {};
  }
  case Source::Collected:
    return of(collected);
  case Source::Loss:
  case Source::Partial:
  case Source::Result:
  case Source::Passes: // Of entries alone.
  case Source::Place:
  case Source::Width:
  case Source::Cache:
  case Source::Table:
  case Source::Order:
    return {};
  }
  llvm_unreachable("every source is listed");
}

LogicalResult FunctionVerifier::verifyArguments(ArrayRef<Source> sources) {
  if (!target)
    return op->emitOpError() << "names " << symbol << " as '" << role
                             << "', but there is no such symbol";
  function = dyn_cast<FunctionOpInterface>(target);
  if (!function || !isa<FunctionType>(function.getFunctionType()))
    return emitError() << "expected " << symbol << " to be a function, found '" << target->getName()
                       << "'";
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
    BindAttr binding = getArgumentBinding(function, index);
    if (!binding)
      return emitError() << "expected argument " << index << " of " << symbol << " to have '"
                         << kBindAttr << "'";
    if (!llvm::is_contained(sources, binding.getSource()))
      return emitError() << "binds argument " << index << " of " << symbol << " to a "
                         << stringifySource(binding.getSource()) << ", which '" << role
                         << "' is not given";
    Type expected = given.get(binding, op);
    if (!expected)
      return emitError() << "binds argument " << index << " of " << symbol << " to "
                         << stringifySource(binding.getSource()) << " number " << binding.getIndex()
                         << ", which "
                         << (isa<PassOp>(op) && binding.getSource() == Source::Total
                                 ? "no earlier pass gives"
                                 : "the model doesn't have");
    if (expected != type)
      return emitError() << "expected argument " << index << " of " << symbol << " to be "
                         << expected << " as " << stringifySource(binding.getSource()) << " number "
                         << binding.getIndex() << " is, found " << type;
  }
  return success();
}

LogicalResult FunctionVerifier::verifyResults(ArrayRef<Type> types) {
  if (function.getResultTypes() != types)
    return emitError() << "expected " << symbol << " to give (" << types << "), found ("
                       << function.getResultTypes() << ")";
  return success();
}

LogicalResult FunctionVerifier::verifyNumbers() {
  if (!llvm::all_of(function.getResultTypes(), isTotal))
    return emitError() << "expected results of " << symbol
                       << " to be tensors of f64 with a known shape, found ("
                       << function.getResultTypes() << ")";
  return success();
}

LogicalResult FunctionVerifier::verifyTotals(ArrayRef<Type> collected, size_t first) {
  ArrayRef<Type> types = function.getResultTypes();
  ArrayRef<Type> totals = types.take_front(countTotals(types));
  ArrayRef<Type> rows = types.drop_front(totals.size());
  ArrayRef<Type> known = collected.drop_front(std::min(first, collected.size()));
  if (!llvm::all_of(totals, isTotal) || rows != known.take_front(rows.size()))
    return emitError()
           << "expected results of " << symbol
           << " to be tensors of f64 with a known shape, then what is collected from number "
           << first << " on (" << known << "), found (" << types << ")";
  return success();
}

static LogicalResult verifyFunctions(ModelOp op, const ModelTypes &given) {
  FunctionVerifier verifier(op, op.getPredictAttr(), "predict", given);
  if (failed(
          verifier.verifyArguments({Source::Dim, Source::Input, Source::Parameter, Source::State,
                                    Source::Seed, Source::Draw, Source::Example, Source::Number})))
    return failure();
  return verifier.verifyResults(given.outputs);
}

/// The function that gives a tensor its first value.
template <typename OpTy>
static LogicalResult verifyInit(OpTy op, ArrayRef<Source> sources, const ModelTypes &given) {
  FunctionVerifier verifier(op, op.getInitAttr(), "init", given);
  if (failed(verifier.verifyArguments(sources)))
    return failure();
  return verifier.verifyResults(Type(op.getType()));
}

static LogicalResult verifyFunctions(RecipeOp op, const ModelTypes &given) {
  FunctionVerifier verifier(op, op.getFinishAttr(), "finish", given);
  if (failed(verifier.verifyArguments({Source::Dim, Source::Parameter, Source::State, Source::Seed,
                                       Source::Number, Source::Total, Source::Collected})))
    return failure();
  if (size_t count = given.getBefore(op).second; count != given.collected.size())
    return op.emitOpError() << "expected the passes to collect " << given.collected.size()
                            << " tensors, as the model says, found " << count;
  return verifier.verifyNumbers();
}

static LogicalResult verifyFunctions(BlockOp op, const ModelTypes &given) {
  FunctionVerifier verifier(op, op.getObjectiveAttr(), "objective", given);
  if (failed(verifier.verifyArguments({Source::Dim, Source::Field, Source::Parameter, Source::State,
                                       Source::Step, Source::Steps, Source::Seed, Source::Draw,
                                       Source::Number})))
    return failure();
  ArrayRef<Type> states = given.states;
  auto types = llvm::to_vector(verifier.getFunction().getResultTypes());
  auto isLoss = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && tensor.getRank() == 0 && isa<FloatType>(tensor.getElementType());
  };
  if (types.size() <= states.size() ||
      !llvm::all_of(ArrayRef(types).drop_back(states.size()), isLoss) ||
      ArrayRef(types).take_back(states.size()) != states)
    return verifier.emitError() << "expected " << op.getObjectiveAttr()
                                << " to give losses, rank-0 floats, then the states (" << states
                                << "), found (" << types << ")";
  if (!op.getLimitAttr())
    return success();
  FunctionVerifier limit(op, op.getLimitAttr(), "limit", given);
  if (failed(limit.verifyArguments({Source::Step, Source::Steps, Source::Batch, Source::Number})))
    return failure();
  return limit.verifyResults(getScalar(op.getContext(), true));
}

static LogicalResult verifyFunctions(UpdateOp op, const ModelTypes &given) {
  FunctionVerifier verifier(op, op.getRuleAttr(), "rule", given);
  if (failed(
          verifier.verifyArguments({Source::Parameter, Source::Gradient, Source::Optimizer,
                                    Source::Step, Source::Steps, Source::Batch, Source::Number})))
    return failure();
  std::optional<int64_t> number = given.getParameterNumber(op.getParameter());
  // Other parameters' gradients may have been used up already, or not be those of this block.
  FunctionOpInterface rule = verifier.getFunction();
  for (unsigned index = 0; index < rule.getNumArguments(); ++index) {
    BindAttr binding = getArgumentBinding(rule, index);
    if (binding.getSource() == Source::Gradient && binding.getIndex() != number)
      return verifier.emitError() << "binds argument " << index << " of " << op.getRuleAttr()
                                  << " to gradient number " << binding.getIndex()
                                  << ", which is not that of \"" << op.getParameter() << "\"";
  }
  SmallVector<Type> results = getTypes<OptimizerStateOp>(op);
  if (number)
    results.insert(results.begin(), given.parameters[*number]);
  return verifier.verifyResults(results);
}

static LogicalResult verifyFunctions(PassOp op, const ModelTypes &given) {
  FunctionVerifier verifier(op, op.getAccumulateAttr(), "accumulate", given);
  if (failed(verifier.verifyArguments({Source::Dim, Source::Field, Source::Parameter, Source::State,
                                       Source::Step, Source::Steps, Source::Seed, Source::Draw,
                                       Source::Example, Source::Number, Source::Total})))
    return failure();
  return verifier.verifyTotals(given.collected, given.getBefore(op).second);
}

static LogicalResult verifyFunctions(PreparationOp op, const ModelTypes &given) {
  FunctionVerifier fit(op, op.getFitAttr(), "fit", given);
  if (failed(fit.verifyArguments({Source::Dim, Source::Column, Source::Class})) ||
      failed(fit.verifyResults(given.fitted)))
    return failure();
  FunctionVerifier prepare(op, op.getPrepareAttr(), "prepare", given);
  if (failed(prepare.verifyArguments({Source::Dim, Source::Column, Source::Fit, Source::Class})))
    return failure();
  return prepare.verifyResults(given.fields);
}

/// Of all operations in the model, so that what they have in common is read once.
LogicalResult ModelOp::verifySymbolUses(SymbolTableCollection &tables) {
  ModelTypes given(*this, tables);
  WalkResult result = (*this)->walk<WalkOrder::PreOrder>([&](Operation *inner) -> WalkResult {
    return llvm::TypeSwitch<Operation *, LogicalResult>(inner)
        .Case<ModelOp, RecipeOp, BlockOp, UpdateOp, PassOp, PreparationOp>(
            [&](auto op) { return verifyFunctions(op, given); })
        .Case<ParameterOp, StateOp>([&](auto op) { return verifyInit(op, Source::Seed, given); })
        .Case([&](OptimizerStateOp op) {
          return verifyInit(op, {Source::Seed, Source::Parameter}, given);
        })
        .Default(success());
  });
  return failure(result.wasInterrupted());
}
