// The operations of the train dialect: their signatures and verifiers.
#include "dialects/train/ir/TrainOps.h"

#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::train;

//===----------------------------------------------------------------------===//
// Helpers of the verifiers
//===----------------------------------------------------------------------===//

/// `tensor<i64>`: a seed or a step.
static Type getCounterType(MLIRContext *context) {
  return RankedTensorType::get({}, IntegerType::get(context, 64));
}

static bool isRankZeroFloat(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getRank() == 0 && isa<FloatType>(tensor.getElementType());
}

static ModelOp getModel(Operation *op) {
  auto model = dyn_cast<ModelOp>(op);
  return model ? model : op->getParentOfType<ModelOp>();
}

/// Looks up a function that `op` names as its `role`. Succeeds with a null function where the model
/// is built and names none.
static FailureOr<FunctionOpInterface> lookupFunction(Operation *op, FlatSymbolRefAttr symbol,
                                                     StringRef role,
                                                     SymbolTableCollection &tables) {
  if (getModel(op).isDescribed() != (symbol != nullptr)) {
    if (symbol)
      return op->emitOpError() << "expected no '" << role << "' in a model without 'forward'";
    return op->emitOpError() << "expected '" << role << "', as the model has 'forward'";
  }
  if (!symbol)
    return FunctionOpInterface();
  Operation *target = tables.lookupNearestSymbolFrom(op, symbol);
  if (!target)
    return op->emitOpError() << "names " << symbol << " as '" << role
                             << "', but there is no such symbol";
  auto function = dyn_cast<FunctionOpInterface>(target);
  if (!function || !isa<FunctionType>(function.getFunctionType())) {
    InFlightDiagnostic error = op->emitOpError()
                               << "expected " << symbol << " to be a function, found '"
                               << target->getName() << "'";
    error.attachNote(target->getLoc()) << "declared here";
    return error;
  }
  return function;
}

static InFlightDiagnostic emitTypeError(Operation *op, FunctionOpInterface function) {
  InFlightDiagnostic error = op->emitOpError();
  error.attachNote(function.getLoc()) << "the function is here";
  return error;
}

/// Verifies that `op` names a function of type `expected` as its `role`.
static LogicalResult verifyFunction(Operation *op, FlatSymbolRefAttr symbol, StringRef role,
                                    FunctionType expected, SymbolTableCollection &tables) {
  FailureOr<FunctionOpInterface> function = lookupFunction(op, symbol, role, tables);
  if (failed(function))
    return failure();
  if (*function && function->getFunctionType() != expected)
    return emitTypeError(op, *function) << "expected " << symbol << " to have type " << expected
                                        << ", found " << function->getFunctionType();
  return success();
}

/// Verifies that `op` names a function of the model's outputs, inputs and fields as its `role`,
/// with results that are rank-0 floats.
static LogicalResult verifyObjective(RecipeOp op, FlatSymbolRefAttr symbol, StringRef role,
                                     SymbolTableCollection &tables,
                                     function_ref<LogicalResult(FunctionOpInterface)> more) {
  FailureOr<FunctionOpInterface> function = lookupFunction(op, symbol, role, tables);
  if (failed(function))
    return failure();
  if (!*function)
    return success();
  auto expected = getModel(op).getLossArgumentTypes();
  if (function->getArgumentTypes() != ArrayRef(expected))
    return emitTypeError(op, *function) << "expected " << symbol << " to take (" << expected
                                        << "), found (" << function->getArgumentTypes() << ")";
  for (Type type : function->getResultTypes())
    if (!isRankZeroFloat(type))
      return emitTypeError(op, *function)
             << "expected results of " << symbol << " to be rank-0 floats, found " << type;
  return more(*function);
}

/// Verifies that the dims of a port name each dynamic dimension of its type, by names of the model.
static LogicalResult verifyPort(Operation *op, TensorType type, std::optional<ArrayAttr> dims) {
  ArrayRef<Attribute> names = dims ? dims->getValue() : ArrayRef<Attribute>();
  if (names.size() != type.getNumDynamicDims())
    return op->emitOpError() << "expected " << type.getNumDynamicDims()
                             << " names in 'dims', one for each '?' of " << type << ", found "
                             << names.size();
  ArrayAttr known = getModel(op).getDims();
  for (Attribute name : names)
    if (!llvm::is_contained(known, name))
      return op->emitOpError() << "expected a dimension of the model, one of " << known
                               << ", found " << name;
  return success();
}

/// `tensor<?x2xf32> of ["batch"]`
template <typename OpTy> static std::string describePort(OpTy port) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << "'" << port.getType() << "'";
  if (port.getDims())
    stream << " of " << *port.getDims();
  return text;
}

/// Verifies that no two of the operations have the same name.
template <typename Range> static LogicalResult verifyUniqueNames(Range operations, StringRef kind) {
  llvm::StringMap<Operation *> seen;
  for (auto op : operations) {
    auto [it, inserted] = seen.try_emplace(op.getName(), op);
    if (inserted)
      continue;
    InFlightDiagnostic error = op.emitOpError()
                               << "is the second " << kind << " named \"" << op.getName() << "\"";
    error.attachNote(it->second->getLoc()) << "the first one is here";
    return error;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// ModelOp
//===----------------------------------------------------------------------===//

RecipeOp ModelOp::getRecipe() {
  auto recipes = get<RecipeOp>();
  return recipes.empty() ? RecipeOp() : *recipes.begin();
}

SmallVector<Type> ModelOp::getDimTypes() {
  return SmallVector<Type>(getDims().size(), IndexType::get(getContext()));
}

FunctionType ModelOp::getForwardType() {
  SmallVector<Type> arguments = getDimTypes(), results;
  for (InputOp input : get<InputOp>())
    arguments.push_back(input.getType());
  for (OutputOp output : get<OutputOp>())
    results.push_back(output.getType());
  for (ParameterOp parameter : get<ParameterOp>()) {
    arguments.push_back(parameter.getType());
    if (parameter.getBuffer())
      results.push_back(parameter.getType());
  }
  return FunctionType::get(getContext(), arguments, results);
}

SmallVector<Type> ModelOp::getLossArgumentTypes() {
  SmallVector<Type> types = getDimTypes();
  llvm::StringSet<> inputs;
  for (OutputOp output : get<OutputOp>())
    types.push_back(output.getType());
  for (InputOp input : get<InputOp>()) {
    types.push_back(input.getType());
    inputs.insert(input.getName());
  }
  for (FieldOp field : getRecipe().getData().get<FieldOp>())
    if (!inputs.contains(field.getBoundName()))
      types.push_back(field.getType());
  return types;
}

LogicalResult ModelOp::verifyRegions() {
  for (Operation &op : getBody().front())
    if (!isa<InputOp, OutputOp, ParameterOp, RecipeOp>(op))
      return op.emitOpError() << "is not expected in a 'train.model'";
  if (failed(verifyUniqueNames(get<InputOp>(), "input")) ||
      failed(verifyUniqueNames(get<OutputOp>(), "output")) ||
      failed(verifyUniqueNames(get<ParameterOp>(), "parameter")))
    return failure();
  llvm::StringSet<> dims;
  for (StringRef dim : getDims().getAsValueRange<StringAttr>())
    if (!dims.insert(dim).second)
      return emitOpError() << "names dimension \"" << dim << "\" twice";
  ParameterOp buffer;
  for (ParameterOp parameter : get<ParameterOp>()) {
    if (buffer && !parameter.getBuffer()) {
      InFlightDiagnostic error = parameter.emitOpError() << "is expected before every buffer";
      error.attachNote(buffer.getLoc()) << "a buffer is here";
      return error;
    }
    buffer = parameter.getBuffer() ? parameter : buffer;
  }
  if (llvm::range_size(get<RecipeOp>()) > 1)
    return emitOpError() << "expected one recipe at most, found "
                         << llvm::range_size(get<RecipeOp>());
  return success();
}

LogicalResult ModelOp::verifySymbolUses(SymbolTableCollection &tables) {
  if (isDescribed() == getEntries().has_value())
    return emitOpError() << "expected either 'forward' or 'entries'";
  if (isDescribed())
    return verifyFunction(*this, getForwardAttr(), "forward", getForwardType(), tables);
  for (auto entry : getEntriesAttr().getAsRange<FlatSymbolRefAttr>())
    if (!tables.lookupNearestSymbolFrom(*this, entry))
      return emitOpError() << "has entry " << entry << ", but there is no such symbol";
  return success();
}

//===----------------------------------------------------------------------===//
// Ports and parameters
//===----------------------------------------------------------------------===//

using Bounds = std::optional<std::pair<int64_t, int64_t>>;

static Bounds makeBounds(std::optional<int64_t> low, std::optional<int64_t> high) {
  return low && high ? Bounds({*low, *high}) : std::nullopt;
}

static LogicalResult verifyBounds(Operation *op, std::optional<int64_t> low,
                                  std::optional<int64_t> high) {
  if (low.has_value() != high.has_value())
    return op->emitOpError() << "expected both bounds or none";
  if (low && *low >= *high)
    return op->emitOpError() << "expected the lower bound to be below the upper one, found " << *low
                             << " and " << *high;
  return success();
}

Bounds InputOp::getBounds() { return makeBounds(getLow(), getHigh()); }

LogicalResult InputOp::verify() {
  if (failed(verifyBounds(*this, getLow(), getHigh())))
    return failure();
  return verifyPort(*this, getType(), getDims());
}

LogicalResult OutputOp::verify() { return verifyPort(*this, getType(), getDims()); }

LogicalResult ParameterOp::verifySymbolUses(SymbolTableCollection &tables) {
  auto type = FunctionType::get(getContext(), getCounterType(getContext()), getType());
  return verifyFunction(*this, getInitAttr(), "init", type, tables);
}

//===----------------------------------------------------------------------===//
// The recipe
//===----------------------------------------------------------------------===//

DataOp RecipeOp::getData() { return *get<DataOp>().begin(); }

std::vector<StateOp> RecipeOp::getStates() {
  std::vector<StateOp> states;
  for (UpdateOp update : get<UpdateOp>())
    llvm::append_range(states, update.get<StateOp>());
  return states;
}

LogicalResult RecipeOp::verifyRegions() {
  for (Operation &op : getBody().front())
    if (!isa<DataOp, UpdateOp>(op))
      return op.emitOpError() << "is not expected in a 'train.recipe'";
  if (size_t count = llvm::range_size(get<DataOp>()); count != 1)
    return emitOpError() << "expected one 'train.data', found " << count;
  llvm::StringMap<Operation *> updates;
  for (UpdateOp update : get<UpdateOp>()) {
    ParameterOp parameter = update.getParameterOp();
    if (!parameter)
      return update.emitOpError() << "updates \"" << update.getParameter()
                                  << "\", but the model has no such parameter";
    if (parameter.getBuffer()) {
      InFlightDiagnostic error = update.emitOpError() << "updates a buffer, expected a parameter";
      error.attachNote(parameter.getLoc()) << "the buffer is here";
      return error;
    }
    auto [it, inserted] = updates.try_emplace(update.getParameter(), update);
    if (!inserted) {
      InFlightDiagnostic error = update.emitOpError()
                                 << "is the second update of \"" << update.getParameter() << "\"";
      error.attachNote(it->second->getLoc()) << "the first one is here";
      return error;
    }
  }
  return success();
}

LogicalResult RecipeOp::verifySymbolUses(SymbolTableCollection &tables) {
  auto verifyLoss = [&](FunctionOpInterface function) -> LogicalResult {
    if (function.getNumResults() == 0 || !llvm::all_equal(function.getResultTypes()))
      return emitTypeError(*this, function)
             << "expected " << getLossAttr() << " to have results of one type, found ("
             << function.getResultTypes() << ")";
    return success();
  };
  auto verifyMetrics = [&](FunctionOpInterface function) -> LogicalResult {
    if (function.getNumResults() != getMetrics().size())
      return emitTypeError(*this, function)
             << "expected " << getMetricsFunctionAttr() << " to have one result for each of "
             << getMetrics().size() << " metrics, found " << function.getNumResults();
    return success();
  };
  if (failed(verifyObjective(*this, getLossAttr(), "loss", tables, verifyLoss)))
    return failure();
  return verifyObjective(*this, getMetricsFunctionAttr(), "metrics", tables, verifyMetrics);
}

LogicalResult DataOp::verifyRegions() {
  for (Operation &op : getBody().front())
    if (!isa<FieldOp, FileOp>(op))
      return op.emitOpError() << "is not expected in a 'train.data'";
  if (failed(verifyUniqueNames(get<FieldOp>(), "field")))
    return failure();
  auto model = getModel(*this);
  for (InputOp input : model.get<InputOp>()) {
    auto field = llvm::find_if(
        get<FieldOp>(), [&](FieldOp field) { return field.getBoundName() == input.getName(); });
    if (field == get<FieldOp>().end())
      return emitOpError() << "expected a field for input \"" << input.getName() << "\"";
    if ((*field).getType() != input.getType() || (*field).getDims() != input.getDims()) {
      InFlightDiagnostic error = (*field).emitOpError()
                                 << "expected the type of the input that it feeds, "
                                 << describePort(input) << ", found " << describePort(*field);
      error.attachNote(input.getLoc()) << "the input is here";
      return error;
    }
  }
  for (FileOp file : get<FileOp>())
    if (llvm::none_of(get<FieldOp>(),
                      [&](FieldOp field) { return field.getName() == file.getField(); }))
      return file.emitOpError() << "expected a field of the data set, found \"" << file.getField()
                                << "\"";
  return success();
}

Bounds FieldOp::getBounds() { return makeBounds(getLow(), getHigh()); }

LogicalResult FieldOp::verify() {
  if (failed(verifyBounds(*this, getLow(), getHigh())) ||
      failed(verifyPort(*this, getType(), getDims())))
    return failure();
  Attribute batch =
      getType().getRank() && getType().isDynamicDim(0) ? (*getDims())[0] : Attribute();
  if (batch && batch != getModel(*this).getDims()[0])
    return emitOpError() << "expected the leading dimension to be the model's first, "
                         << getModel(*this).getDims()[0] << ", found " << batch;
  return success();
}

ParameterOp UpdateOp::getParameterOp() {
  for (ParameterOp parameter : getModel(*this).get<ParameterOp>())
    if (parameter.getName() == getParameter())
      return parameter;
  return {};
}

LogicalResult UpdateOp::verifyRegions() {
  for (Operation &op : getBody().front())
    if (!isa<StateOp>(op))
      return op.emitOpError() << "is not expected in a 'train.update'";
  return verifyUniqueNames(get<StateOp>(), "state");
}

LogicalResult UpdateOp::verifySymbolUses(SymbolTableCollection &tables) {
  Type type = getParameterOp().getType();
  SmallVector<Type> arguments = {type, type}, results = {type};
  for (StateOp state : get<StateOp>()) {
    arguments.push_back(state.getType());
    results.push_back(state.getType());
  }
  arguments.push_back(getCounterType(getContext()));
  return verifyFunction(*this, getRuleAttr(), "rule",
                        FunctionType::get(getContext(), arguments, results), tables);
}

LogicalResult StateOp::verifySymbolUses(SymbolTableCollection &tables) {
  Type arguments[] = {getCounterType(getContext()),
                      (*this)->getParentOfType<UpdateOp>().getParameterOp().getType()};
  Type result = getType();
  return verifyFunction(*this, getInitAttr(), "init",
                        FunctionType::get(getContext(), arguments, result), tables);
}

#define GET_OP_CLASSES
#include "dialects/train/ir/TrainOps.cpp.inc"
