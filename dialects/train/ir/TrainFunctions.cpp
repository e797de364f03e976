// Verifies the functions that a model names: what their arguments are bound to, and their results.
#include "dialects/train/ir/TrainOps.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::train;

namespace {

/// Verifies one function that `op` names as its `role`.
class FunctionVerifier {
public:
  FunctionVerifier(Operation *op, FlatSymbolRefAttr symbol, StringRef role,
                   SymbolTableCollection &tables)
      : op(op), model(op->getParentOfType<ModelOp>()), symbol(symbol), role(role) {
    if (!model)
      model = cast<ModelOp>(op);
    target = tables.lookupNearestSymbolFrom(op, symbol);
  }

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
  /// The type of an argument that is bound so; null where there is no such thing.
  Type getType(BindAttr binding);
  template <typename OpTy> Type getTypeOf(int64_t index) {
    auto all = model.get<OpTy>();
    for (auto [number, each] : llvm::enumerate(all))
      if (static_cast<int64_t>(number) == index)
        return each.getType();
    return {};
  }

  Operation *op;
  ModelOp model;
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

Type FunctionVerifier::getType(BindAttr binding) {
  MLIRContext *context = op->getContext();
  int64_t index = binding.getIndex();
  RecipeOp recipe = model.getRecipe();
  auto among = [&](size_t count, Type type) {
    return index < static_cast<int64_t>(count) ? type : Type();
  };
  switch (binding.getSource()) {
  case Source::Dim:
    return among(model.getDims().size(), IndexType::get(context));
  case Source::Step:
  case Source::Steps:
  case Source::Batch:
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
    return getTypeOf<ParameterOp>(index);
  case Source::State:
    return getTypeOf<StateOp>(index);
  case Source::Optimizer: {
    std::vector<OptimizerStateOp> states = model.getOptimizerStates();
    return index < static_cast<int64_t>(states.size()) ? Type(states[index].getType()) : Type();
  }
  case Source::Fit:
    return getTypeOf<FittedOp>(index);
  case Source::Input:
    return getTypeOf<InputOp>(index);
  case Source::Output:
    return getTypeOf<OutputOp>(index);
  case Source::Field:
    return getTypeOf<FieldOp>(index);
  case Source::Column:
    return getTypeOf<ColumnOp>(index);
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
    Type expected = getType(binding);
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

/// The types of the operations of a kind.
template <typename OpTy, typename Parent> static SmallVector<Type> getTypes(Parent parent) {
  return llvm::map_to_vector(parent.template get<OpTy>(),
                             [](OpTy op) -> Type { return op.getType(); });
}

LogicalResult ModelOp::verifySymbolUses(SymbolTableCollection &tables) {
  FunctionVerifier verifier(*this, getPredictAttr(), "predict", tables);
  if (failed(
          verifier.verifyArguments({Source::Dim, Source::Input, Source::Parameter, Source::State,
                                    Source::Seed, Source::Draw, Source::Example, Source::Number})))
    return failure();
  return verifier.verifyResults(getTypes<OutputOp>(*this));
}

static LogicalResult verifyInit(Operation *op, FlatSymbolRefAttr init, Type type,
                                ArrayRef<Source> sources, SymbolTableCollection &tables) {
  FunctionVerifier verifier(op, init, "init", tables);
  if (failed(verifier.verifyArguments(sources)))
    return failure();
  return verifier.verifyResults(type);
}

LogicalResult ParameterOp::verifySymbolUses(SymbolTableCollection &tables) {
  return verifyInit(*this, getInitAttr(), getType(), {Source::Seed}, tables);
}

LogicalResult StateOp::verifySymbolUses(SymbolTableCollection &tables) {
  return verifyInit(*this, getInitAttr(), getType(), {Source::Seed}, tables);
}

LogicalResult OptimizerStateOp::verifySymbolUses(SymbolTableCollection &tables) {
  return verifyInit(*this, getInitAttr(), getType(), {Source::Seed, Source::Parameter}, tables);
}

LogicalResult RecipeOp::verifySymbolUses(SymbolTableCollection &tables) {
  FunctionVerifier verifier(*this, getFinishAttr(), "finish", tables);
  if (failed(verifier.verifyArguments({Source::Total, Source::Number})))
    return failure();
  return verifier.verifyScalars();
}

LogicalResult BlockOp::verifySymbolUses(SymbolTableCollection &tables) {
  FunctionVerifier verifier(*this, getObjectiveAttr(), "objective", tables);
  if (failed(verifier.verifyArguments({Source::Dim, Source::Field, Source::Parameter, Source::State,
                                       Source::Step, Source::Steps, Source::Seed, Source::Draw,
                                       Source::Number})))
    return failure();
  SmallVector<Type> states = getTypes<StateOp>((*this)->getParentOfType<ModelOp>());
  auto types = llvm::to_vector(verifier.getFunction().getResultTypes());
  auto isLoss = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && tensor.getRank() == 0 && isa<FloatType>(tensor.getElementType());
  };
  if (types.size() <= states.size() ||
      !llvm::all_of(ArrayRef(types).drop_back(states.size()), isLoss) ||
      ArrayRef(types).take_back(states.size()) != ArrayRef(states))
    return verifier.emitError() << "expected " << getObjectiveAttr()
                                << " to give losses, rank-0 floats, then the states (" << states
                                << "), found (" << types << ")";
  if (!getLimitAttr())
    return success();
  FunctionVerifier limit(*this, getLimitAttr(), "limit", tables);
  if (failed(limit.verifyArguments({Source::Step, Source::Steps, Source::Batch, Source::Number})))
    return failure();
  return limit.verifyResults(getScalar(getContext(), true));
}

LogicalResult UpdateOp::verifySymbolUses(SymbolTableCollection &tables) {
  FunctionVerifier verifier(*this, getRuleAttr(), "rule", tables);
  if (failed(
          verifier.verifyArguments({Source::Parameter, Source::Gradient, Source::Optimizer,
                                    Source::Step, Source::Steps, Source::Batch, Source::Number})))
    return failure();
  // Other parameters' gradients may have been used up already, or not be those of this block.
  FunctionOpInterface rule = verifier.getFunction();
  for (unsigned index = 0; index < rule.getNumArguments(); ++index) {
    BindAttr binding = getArgumentBinding(rule, index);
    if (binding.getSource() == Source::Gradient && binding.getIndex() != getParameterNumber())
      return verifier.emitError() << "binds argument " << index << " of " << getRuleAttr()
                                  << " to gradient number " << binding.getIndex()
                                  << ", which is not that of \"" << getParameter() << "\"";
  }
  auto model = (*this)->getParentOfType<ModelOp>();
  SmallVector<Type> results = getTypes<OptimizerStateOp>(*this);
  for (ParameterOp parameter : model.get<ParameterOp>())
    if (parameter.getName() == getParameter())
      results.insert(results.begin(), parameter.getType());
  return verifier.verifyResults(results);
}

LogicalResult PassOp::verifySymbolUses(SymbolTableCollection &tables) {
  FunctionVerifier verifier(*this, getAccumulateAttr(), "accumulate", tables);
  if (failed(verifier.verifyArguments({Source::Dim, Source::Field, Source::Parameter, Source::State,
                                       Source::Step, Source::Steps, Source::Seed, Source::Draw,
                                       Source::Example, Source::Number, Source::Total})))
    return failure();
  return verifier.verifyScalars();
}

LogicalResult PreparationOp::verifySymbolUses(SymbolTableCollection &tables) {
  auto model = (*this)->getParentOfType<ModelOp>();
  FunctionVerifier fit(*this, getFitAttr(), "fit", tables);
  if (failed(fit.verifyArguments({Source::Dim, Source::Column, Source::Class})) ||
      failed(fit.verifyResults(getTypes<FittedOp>(model))))
    return failure();
  FunctionVerifier prepare(*this, getPrepareAttr(), "prepare", tables);
  if (failed(prepare.verifyArguments({Source::Dim, Source::Column, Source::Fit, Source::Class})))
    return failure();
  return prepare.verifyResults(getTypes<FieldOp>(model));
}
