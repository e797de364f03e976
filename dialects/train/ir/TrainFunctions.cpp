// Verifies the functions that a model names: what their arguments are bound to, and their results.
#include "dialects/train/ir/TrainOps.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::train;

static Type getScalar(MLIRContext *context, bool isFloat) {
  Type element = isFloat ? Type(Float64Type::get(context)) : IntegerType::get(context, 64);
  return RankedTensorType::get({}, element);
}

/// The types of the operations of a kind.
template <typename OpTy, typename Parent> static SmallVector<Type> getTypes(Parent parent) {
  return llvm::map_to_vector(parent.template get<OpTy>(),
                             [](OpTy op) -> Type { return op.getType(); });
}

namespace {

/// What the arguments of a model's functions may be bound to: listed once for all of them, of which
/// there are several for each parameter.
class BoundTypes {
public:
  explicit BoundTypes(ModelOp model)
      : model(model), parameters(getTypes<ParameterOp>(model)), states(getTypes<StateOp>(model)),
        fitted(getTypes<FittedOp>(model)), inputs(getTypes<InputOp>(model)),
        outputs(getTypes<OutputOp>(model)), fields(getTypes<FieldOp>(model)),
        columns(getTypes<ColumnOp>(model)) {
    for (OptimizerStateOp state : model.getOptimizerStates())
      optimizerStates.push_back(state.getType());
    for (auto [number, parameter] : llvm::enumerate(model.get<ParameterOp>()))
      numbers.try_emplace(parameter.getName(), number);
  }

  /// The type of an argument of a function of `op` that is bound so; null where there is no such
  /// thing.
  Type get(BindAttr binding, Operation *op) const;

  ArrayRef<Type> getParameters() const { return parameters; }
  ArrayRef<Type> getStates() const { return states; }
  ArrayRef<Type> getFitted() const { return fitted; }
  ArrayRef<Type> getOutputs() const { return outputs; }
  ArrayRef<Type> getFields() const { return fields; }
  std::optional<int64_t> getNumber(UpdateOp update) const {
    auto found = numbers.find(update.getParameter());
    return found == numbers.end() ? std::nullopt : std::optional(found->second);
  }

private:
  ModelOp model;
  SmallVector<Type> parameters, states, optimizerStates, fitted, inputs, outputs, fields, columns;
  llvm::StringMap<int64_t> numbers; // Of parameters.
};

/// Verifies one function that `op` names as its `role`.
class FunctionVerifier {
public:
  FunctionVerifier(Operation *op, FlatSymbolRefAttr symbol, StringRef role, const BoundTypes &bound,
                   SymbolTableCollection &tables)
      : op(op), bound(bound), symbol(symbol), role(role),
        target(tables.lookupNearestSymbolFrom(op, symbol)) {}

  /// That it is a function whose arguments are bound to these sources.
  LogicalResult verifyArguments(ArrayRef<Source> sources);
  /// That it has exactly these results.
  LogicalResult verifyResults(ArrayRef<Type> types);
  /// That it has one result or more, each a tensor<f64>.
  LogicalResult verifyScalars();

  FunctionOpInterface getFunction() { return function; }
  InFlightDiagnostic emitError() {
    InFlightDiagnostic error = op->emitOpError();
    if (target)
      error.attachNote(target->getLoc()) << "the function is here";
    return error;
  }

private:
  Operation *op;
  const BoundTypes &bound;
  FlatSymbolRefAttr symbol;
  StringRef role;
  Operation *target;
  FunctionOpInterface function;
};

} // namespace

Type BoundTypes::get(BindAttr binding, Operation *op) const {
  MLIRContext *context = op->getContext();
  int64_t index = binding.getIndex();
  RecipeOp recipe = ModelOp(model).getRecipe();
  auto among = [&](size_t count, Type type) {
    return index < static_cast<int64_t>(count) ? type : Type();
  };
  auto of = [&](ArrayRef<Type> types) {
    return index < static_cast<int64_t>(types.size()) ? types[index] : Type();
  };
  switch (binding.getSource()) {
  case Source::Dim:
    return among(ModelOp(model).getDims().size(), IndexType::get(context));
  case Source::Step:
  case Source::Steps:
    return among(1, getScalar(context, true));
  case Source::Seed:
  case Source::Draw:
  case Source::Example:
    return among(1, getScalar(context, false));
  case Source::Number:
    return among(recipe ? recipe.getNumNumbers() : 0, getScalar(context, true));
  case Source::Class:
    return among(recipe ? recipe.getNumClasses() : 0, getScalar(context, false));
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
  case Source::Total: {
    size_t count = 0;
    if (recipe)
      for (PassOp pass : recipe.get<PassOp>()) {
        // A pass is given the totals of those before it.
        if (pass == op)
          break;
        if (auto function = SymbolTable::lookupNearestSymbolFrom<FunctionOpInterface>(
                pass, pass.getAccumulateAttr()))
          count += function.getNumResults();
      }
    return among(count, getScalar(context, true));
  }
  case Source::Loss:
  case Source::Partial:
  case Source::Result:
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
    Type expected = bound.get(binding, op);
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

LogicalResult FunctionVerifier::verifyScalars() {
  Type scalar = getScalar(op->getContext(), true);
  if (!llvm::all_of(function.getResultTypes(), [&](Type type) { return type == scalar; }))
    return emitError() << "expected results of " << symbol << " to be " << scalar << ", found ("
                       << function.getResultTypes() << ")";
  return success();
}

static LogicalResult verifyFunctions(ModelOp op, const BoundTypes &bound,
                                     SymbolTableCollection &tables) {
  FunctionVerifier verifier(op, op.getPredictAttr(), "predict", bound, tables);
  if (failed(
          verifier.verifyArguments({Source::Dim, Source::Input, Source::Parameter, Source::State,
                                    Source::Seed, Source::Draw, Source::Example, Source::Number})))
    return failure();
  return verifier.verifyResults(bound.getOutputs());
}

static LogicalResult verifyInit(Operation *op, FlatSymbolRefAttr init, Type type,
                                ArrayRef<Source> sources, const BoundTypes &bound,
                                SymbolTableCollection &tables) {
  FunctionVerifier verifier(op, init, "init", bound, tables);
  if (failed(verifier.verifyArguments(sources)))
    return failure();
  return verifier.verifyResults(type);
}

static LogicalResult verifyFunctions(ParameterOp op, const BoundTypes &bound,
                                     SymbolTableCollection &tables) {
  return verifyInit(op, op.getInitAttr(), op.getType(), {Source::Seed}, bound, tables);
}

static LogicalResult verifyFunctions(StateOp op, const BoundTypes &bound,
                                     SymbolTableCollection &tables) {
  return verifyInit(op, op.getInitAttr(), op.getType(), {Source::Seed}, bound, tables);
}

static LogicalResult verifyFunctions(OptimizerStateOp op, const BoundTypes &bound,
                                     SymbolTableCollection &tables) {
  return verifyInit(op, op.getInitAttr(), op.getType(), {Source::Seed, Source::Parameter}, bound,
                    tables);
}

static LogicalResult verifyFunctions(RecipeOp op, const BoundTypes &bound,
                                     SymbolTableCollection &tables) {
  FunctionVerifier verifier(op, op.getFinishAttr(), "finish", bound, tables);
  if (failed(verifier.verifyArguments({Source::Total, Source::Number})))
    return failure();
  return verifier.verifyScalars();
}

static LogicalResult verifyFunctions(BlockOp op, const BoundTypes &bound,
                                     SymbolTableCollection &tables) {
  FunctionVerifier verifier(op, op.getObjectiveAttr(), "objective", bound, tables);
  if (failed(verifier.verifyArguments({Source::Dim, Source::Field, Source::Parameter, Source::State,
                                       Source::Step, Source::Steps, Source::Seed, Source::Draw,
                                       Source::Number})))
    return failure();
  ArrayRef<Type> states = bound.getStates();
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
  FunctionVerifier limit(op, op.getLimitAttr(), "limit", bound, tables);
  if (failed(limit.verifyArguments({Source::Step, Source::Steps, Source::Number})))
    return failure();
  return limit.verifyResults(getScalar(op.getContext(), true));
}

static LogicalResult verifyFunctions(UpdateOp op, const BoundTypes &bound,
                                     SymbolTableCollection &tables) {
  FunctionVerifier verifier(op, op.getRuleAttr(), "rule", bound, tables);
  if (failed(verifier.verifyArguments({Source::Parameter, Source::Gradient, Source::Optimizer,
                                       Source::Step, Source::Steps, Source::Number})))
    return failure();
  // Other parameters' gradients may have been used up already, or not be those of this block.
  FunctionOpInterface rule = verifier.getFunction();
  std::optional<int64_t> number = bound.getNumber(op);
  for (unsigned index = 0; index < rule.getNumArguments(); ++index) {
    BindAttr binding = getArgumentBinding(rule, index);
    if (binding.getSource() == Source::Gradient && binding.getIndex() != number)
      return verifier.emitError() << "binds argument " << index << " of " << op.getRuleAttr()
                                  << " to gradient number " << binding.getIndex()
                                  << ", which is not that of \"" << op.getParameter() << "\"";
  }
  SmallVector<Type> results = getTypes<OptimizerStateOp>(op);
  if (number)
    results.insert(results.begin(), bound.getParameters()[*number]);
  return verifier.verifyResults(results);
}

static LogicalResult verifyFunctions(PassOp op, const BoundTypes &bound,
                                     SymbolTableCollection &tables) {
  FunctionVerifier verifier(op, op.getAccumulateAttr(), "accumulate", bound, tables);
  if (failed(verifier.verifyArguments({Source::Dim, Source::Field, Source::Parameter, Source::State,
                                       Source::Step, Source::Steps, Source::Seed, Source::Draw,
                                       Source::Example, Source::Number, Source::Total})))
    return failure();
  return verifier.verifyScalars();
}

static LogicalResult verifyFunctions(PreparationOp op, const BoundTypes &bound,
                                     SymbolTableCollection &tables) {
  FunctionVerifier fit(op, op.getFitAttr(), "fit", bound, tables);
  if (failed(fit.verifyArguments({Source::Dim, Source::Column, Source::Class})) ||
      failed(fit.verifyResults(bound.getFitted())))
    return failure();
  FunctionVerifier prepare(op, op.getPrepareAttr(), "prepare", bound, tables);
  if (failed(prepare.verifyArguments({Source::Dim, Source::Column, Source::Fit, Source::Class})))
    return failure();
  return prepare.verifyResults(bound.getFields());
}

LogicalResult ModelOp::verifySymbolUses(SymbolTableCollection &tables) {
  BoundTypes bound(*this);
  WalkResult result = walk<WalkOrder::PreOrder>([&](Operation *op) -> WalkResult {
    return llvm::TypeSwitch<Operation *, LogicalResult>(op)
        .Case<ModelOp, ParameterOp, StateOp, OptimizerStateOp, RecipeOp, BlockOp, UpdateOp, PassOp,
              PreparationOp>([&](auto op) { return verifyFunctions(op, bound, tables); })
        .Default(success());
  });
  return failure(result.wasInterrupted());
}
