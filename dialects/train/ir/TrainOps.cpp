// The operations of the train dialect: what they hold, and the verifiers of their structure.
#include "dialects/train/ir/TrainOps.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::train;

//===----------------------------------------------------------------------===//
// Helpers of the verifiers
//===----------------------------------------------------------------------===//

/// Verifies that no two of the operations have the same name.
template <typename Range>
static LogicalResult verifyUniqueNames(Range &&operations, StringRef kind) {
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

/// Verifies that the body of `op` has operations of these kinds alone.
template <typename... Kinds> static LogicalResult verifyKinds(Operation *op) {
  for (Operation &inner : op->getRegion(0).front())
    if (!isa<Kinds...>(inner))
      return inner.emitOpError() << "is not expected in a '" << op->getName() << "'";
  return success();
}

/// Verifies the names of dimensions, and the numbers of two of them.
template <typename OpTy> static LogicalResult verifyDims(OpTy op) {
  llvm::StringSet<> names;
  for (StringRef dim : op.getDims().template getAsValueRange<StringAttr>())
    if (!names.insert(dim).second)
      return op.emitOpError() << "names dimension \"" << dim << "\" twice";
  for (auto [role, number] : {std::pair("batch", op.getBatch()), std::pair("rows", op.getRows())})
    if (number && *number >= op.getDims().size())
      return op.emitOpError() << "expected '" << role << "' to be the number of one of "
                              << op.getDims().size() << " dimensions, found " << *number;
  return success();
}

template <typename OpTy> static LogicalResult verifyPorts(OpTy op) {
  if (failed(verifyUniqueNames(op.template get<InputOp>(), "input")) ||
      failed(verifyUniqueNames(op.template get<OutputOp>(), "output")) ||
      failed(verifyUniqueNames(op.template get<FieldOp>(), "field")))
    return failure();
  return success();
}

/// Verifies that the dims of a port name each dynamic dimension of its type, by names of the model,
/// and that its bounds are both there and in order.
template <typename OpTy> static LogicalResult verifyPort(OpTy op) {
  TensorType type = cast<TensorType>(op.getType());
  ArrayAttr names = op.getDimsAttr();
  size_t count = names ? names.size() : 0;
  if (count != type.getNumDynamicDims())
    return op.emitOpError() << "expected " << type.getNumDynamicDims()
                            << " names in 'dims', one for each '?' of " << type << ", found "
                            << count;
  auto model = dyn_cast<ModelOp>(op->getParentOp());
  ArrayAttr known = model ? model.getDims() : cast<ProgramOp>(op->getParentOp()).getDims();
  for (size_t i = 0; i < count; ++i)
    if (!llvm::is_contained(known, names[i]))
      return op.emitOpError() << "expected a dimension of the model, one of " << known << ", found "
                              << names[i];
  if (op.getLow() && op.getLimit())
    return op.emitOpError() << "expected bounds or a limit, found both";
  if (SizeAttr limit = op.getLimitAttr();
      limit && limit.getPowers().asArrayRef().size() !=
                   limit.getFactors().asArrayRef().size() * known.size())
    return op.emitOpError() << "expected a power for each of " << known.size()
                            << " dimensions in every term of " << limit;
  if (op.getLow().has_value() != op.getHigh().has_value())
    return op.emitOpError() << "expected both bounds or none";
  auto low = static_cast<int64_t>(op.getLow().value_or(0));
  auto high = static_cast<int64_t>(op.getHigh().value_or(1));
  if (low >= high)
    return op.emitOpError() << "expected the lower bound to be below the upper one, found " << low
                            << " and " << high;
  return success();
}

LogicalResult InputOp::verify() { return verifyPort(*this); }
LogicalResult OutputOp::verify() { return verifyPort(*this); }
LogicalResult FieldOp::verify() { return verifyPort(*this); }
LogicalResult ColumnOp::verify() { return verifyPort(*this); }
LogicalResult CollectedOp::verify() { return verifyPort(*this); }

//===----------------------------------------------------------------------===//
// ModelOp and ProgramOp
//===----------------------------------------------------------------------===//

RecipeOp ModelOp::getRecipe() {
  auto recipes = get<RecipeOp>();
  return recipes.empty() ? RecipeOp() : *recipes.begin();
}

std::vector<OptimizerStateOp> ModelOp::getOptimizerStates() {
  std::vector<OptimizerStateOp> states;
  if (RecipeOp recipe = getRecipe())
    for (BlockOp block : recipe.get<BlockOp>())
      for (UpdateOp update : block.get<UpdateOp>())
        llvm::append_range(states, update.get<OptimizerStateOp>());
  return states;
}

LogicalResult ModelOp::verifyRegions() {
  if (failed(verifyKinds<InputOp, OutputOp, FieldOp, ColumnOp, CollectedOp, ParameterOp, StateOp,
                         FittedOp, RecipeOp>(*this)) ||
      failed(verifyDims(*this)) || failed(verifyPorts(*this)) ||
      failed(verifyUniqueNames(get<ParameterOp>(), "parameter")) ||
      failed(verifyUniqueNames(get<StateOp>(), "state")) ||
      failed(verifyUniqueNames(getOptimizerStates(), "state of the optimizer")) ||
      failed(verifyUniqueNames(get<FittedOp>(), "fitted tensor")))
    return failure();
  if (size_t count = llvm::range_size(get<RecipeOp>()); count > 1)
    return emitOpError() << "expected one recipe at most, found " << count;
  return success();
}

std::vector<TensorOp> ProgramOp::getTensors(Arena arena) {
  std::vector<TensorOp> tensors;
  for (TensorOp tensor : get<TensorOp>())
    if (tensor.getArena() == arena)
      tensors.push_back(tensor);
  return tensors;
}

/// The number that the settings have for `name`, if they have one.
static std::optional<int64_t> getNumber(DictionaryAttr settings, StringRef name) {
  auto number = settings ? settings.getAs<IntegerAttr>(name) : IntegerAttr();
  return number ? std::optional(number.getInt()) : std::nullopt;
}

/// How many there are in the settings' list `name`.
static size_t getCount(DictionaryAttr settings, StringRef name) {
  auto list = settings ? settings.getAs<ArrayAttr>(name) : ArrayAttr();
  return list ? list.size() : 0;
}

std::optional<int64_t> ProgramOp::getBatchSize() {
  return getNumber(getSettings().value_or(DictionaryAttr()), "batch");
}

LogicalResult ProgramOp::verifyRegions() {
  if (failed(verifyKinds<InputOp, OutputOp, FieldOp, ColumnOp, CollectedOp, TensorOp>(*this)) ||
      failed(verifyDims(*this)) || failed(verifyPorts(*this)))
    return failure();
  for (uint32_t arena = 0; arena <= getMaxEnumValForArena(); ++arena)
    if (failed(verifyUniqueNames(getTensors(static_cast<Arena>(arena)),
                                 stringifyArena(static_cast<Arena>(arena)))))
      return failure();
  if (getSettings() && getBatchSize().value_or(0) < 1)
    return emitOpError() << "expected 'settings' to have a 'batch' from 1";
  return success();
}

LogicalResult ProgramOp::verifySymbolUses(SymbolTableCollection &tables) {
  for (auto entry : getEntries().getAsRange<FlatSymbolRefAttr>())
    if (!tables.lookupNearestSymbolFrom(*this, entry))
      return emitOpError() << "has entry " << entry << ", but there is no such symbol";
  return success();
}

//===----------------------------------------------------------------------===//
// The recipe
//===----------------------------------------------------------------------===//

PreparationOp RecipeOp::getPreparation() {
  auto preparations = get<PreparationOp>();
  return preparations.empty() ? PreparationOp() : *preparations.begin();
}

int64_t RecipeOp::getBatchSize() { return getNumber(getSettings(), "batch").value_or(0); }
int64_t RecipeOp::getAccumulate() { return getNumber(getSettings(), "accumulate").value_or(1); }
size_t RecipeOp::getNumNumbers() { return getCount(getSettings(), "numbers"); }
size_t RecipeOp::getNumClasses() {
  return getCount(getSettings().getAs<DictionaryAttr>("data"), "classes");
}

std::optional<double> RecipeOp::getAverage() {
  auto decay = getSettings().getAs<FloatAttr>("average");
  return decay ? std::optional(decay.getValueAsDouble()) : std::nullopt;
}

/// Verifies that the settings say what JSON can.
static LogicalResult verifySettings(RecipeOp op, Attribute attribute) {
  if (auto dictionary = dyn_cast<DictionaryAttr>(attribute)) {
    for (NamedAttribute entry : dictionary)
      if (failed(verifySettings(op, entry.getValue())))
        return failure();
    return success();
  }
  if (auto list = dyn_cast<ArrayAttr>(attribute)) {
    for (Attribute element : list)
      if (failed(verifySettings(op, element)))
        return failure();
    return success();
  }
  auto number = dyn_cast<FloatAttr>(attribute);
  if (isa<StringAttr, IntegerAttr>(attribute) || (number && number.getValue().isFinite()))
    return success();
  return op.emitOpError() << "expected settings of strings, finite numbers, lists and "
                          << "dictionaries, found " << attribute;
}

LogicalResult RecipeOp::verifyRegions() {
  if (failed(verifyKinds<BlockOp, PassOp, PreparationOp>(*this)) ||
      failed(verifySettings(*this, getSettings())) ||
      failed(verifyUniqueNames(get<BlockOp>(), "block")))
    return failure();
  if (getBatchSize() < 1)
    return emitOpError() << "expected 'settings' to have a 'batch' from 1";
  if (getAccumulate() < 1)
    return emitOpError() << "expected 'accumulate' to be 1 or more, found " << getAccumulate();
  if (size_t count = llvm::range_size(get<PreparationOp>()); count > 1)
    return emitOpError() << "expected one preparation at most, found " << count;
  return success();
}

LogicalResult BlockOp::verifyRegions() {
  if (failed(verifyKinds<UpdateOp>(*this)))
    return failure();
  if (getClip().has_value() != getLimit().has_value())
    return emitOpError() << "expected both 'clip' and 'limit', or neither";
  llvm::StringSet<> parameters;
  for (ParameterOp parameter : (*this)->getParentOfType<ModelOp>().get<ParameterOp>())
    parameters.insert(parameter.getName());
  llvm::StringMap<Operation *> updates;
  for (UpdateOp update : get<UpdateOp>()) {
    if (!parameters.contains(update.getParameter()))
      return update.emitOpError() << "updates \"" << update.getParameter()
                                  << "\", but the model has no such parameter";
    auto [it, inserted] = updates.try_emplace(update.getParameter(), update);
    if (inserted)
      continue;
    InFlightDiagnostic error = update.emitOpError()
                               << "is the second update of \"" << update.getParameter() << "\"";
    error.attachNote(it->second->getLoc()) << "the first one is here";
    return error;
  }
  return success();
}

std::optional<int64_t> UpdateOp::getParameterNumber() {
  for (auto [number, parameter] :
       llvm::enumerate((*this)->getParentOfType<ModelOp>().get<ParameterOp>()))
    if (parameter.getName() == getParameter())
      return number;
  return std::nullopt;
}

LogicalResult UpdateOp::verifyRegions() { return verifyKinds<OptimizerStateOp>(*this); }

#define GET_OP_CLASSES
#include "dialects/train/ir/TrainOps.cpp.inc"
