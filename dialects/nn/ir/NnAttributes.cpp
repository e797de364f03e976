// Verifies the attributes that the nn dialect puts on functions, their arguments and results.
#include "dialects/nn/ir/NnAttributes.h"
#include "dialects/nn/ir/NnDialect.h"

#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace mlir::nn;

/// What an attribute must be, in words, and whether it is.
namespace {
struct Rule {
  StringRef name;
  StringRef expected;
  bool (*accepts)(Attribute);
};
} // namespace

static bool isNumberFrom(Attribute attribute, int64_t least) {
  auto number = dyn_cast<IntegerAttr>(attribute);
  return number && number.getType().isInteger(64) && number.getInt() >= least;
}

static bool isArgumentNumber(Attribute attribute) { return isNumberFrom(attribute, 0); }

template <typename Kind> static bool is(Attribute attribute) { return isa<Kind>(attribute); }

template <typename Element> static bool isArrayOf(Attribute attribute) {
  auto array = dyn_cast<ArrayAttr>(attribute);
  return array && llvm::all_of(array, llvm::IsaPred<Element>);
}

static const Rule onFunctions[] = {
    {kEntryAttr, "a string", is<StringAttr>},
    {kSpecializeAttr, "an array of i64", is<DenseI64ArrayAttr>},
    {kArgumentsAttr, "an array of types", isArrayOf<TypeAttr>},
    {kArgumentDimsAttr, "an array of arrays of i64", isArrayOf<DenseI64ArrayAttr>},
    {kWorkspaceBytesAttr, "an i64 from 0", isArgumentNumber},
    {kHiddenAttr, "a unit attribute", is<UnitAttr>},
};
static const Rule onArguments[] = {
    {kDimsAttr, "an array of i64", is<DenseI64ArrayAttr>},
    {kWrtAttr, "a unit attribute", is<UnitAttr>},
    {kContextAttr, "a unit attribute", is<UnitAttr>},
};
static const Rule onResults[] = {
    {kDimsAttr, "an array of i64", is<DenseI64ArrayAttr>},
    {kTiedAttr, "an i64 from 0", isArgumentNumber},
    {kGradientOfAttr, "an i64 from 0", isArgumentNumber},
};

/// Whether one of `rules` allows `attribute` on `place` ("a function").
static LogicalResult verifyBy(ArrayRef<Rule> rules, Operation *op, NamedAttribute attribute,
                              StringRef place) {
  const Rule *rule = llvm::find_if(
      rules, [&](const Rule &rule) { return rule.name == attribute.getName().getValue(); });
  if (rule == rules.end())
    return op->emitOpError("has '")
           << attribute.getName().getValue() << "', which the nn dialect doesn't have on " << place;
  if (!rule->accepts(attribute.getValue()))
    return op->emitOpError("expects '")
           << rule->name << "' to be " << rule->expected << ", found " << attribute.getValue();
  return success();
}

static LogicalResult verifyDims(FunctionOpInterface function, Type type, Attribute attribute) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  // Once tensors have become buffers, the attribute says nothing that can be checked.
  if (!tensor)
    return success();
  auto dims = cast<DenseI64ArrayAttr>(attribute);
  if (dims.asArrayRef().size() != tensor.getNumDynamicDims())
    return function.emitOpError("expects 'nn.dims' to be an array of one i64 per '?' of ")
           << type << ", found " << attribute;
  for (int64_t dim : dims.asArrayRef())
    if (dim < 0 || dim >= static_cast<int64_t>(function.getNumArguments()) ||
        !function.getArgumentTypes()[dim].isIndex())
      return function.emitOpError("expects 'nn.dims' to name arguments of type index, found ")
             << dim;
  return success();
}

/// A tied result takes the place of an argument that no other result takes.
static LogicalResult verifyTied(FunctionOpInterface function, unsigned result, int64_t argument) {
  if (argument >= static_cast<int64_t>(function.getNumArguments()) ||
      function.getArgumentTypes()[argument] != function.getResultTypes()[result])
    return function.emitOpError("expected result ")
           << result << " to be tied to an argument of its type, found argument " << argument;
  auto getTied = [&](unsigned number) {
    return dyn_cast_or_null<IntegerAttr>(function.getResultAttr(number, kTiedAttr));
  };
  // All of them at the first, so that many cost no more than one pass over the results.
  for (unsigned other = 0; other < result; ++other)
    if (getTied(other))
      return success();
  llvm::DenseMap<int64_t, unsigned> results;
  for (unsigned other = result; other < function.getNumResults(); ++other) {
    IntegerAttr tied = getTied(other);
    if (!tied)
      continue;
    auto [known, isNew] = results.try_emplace(tied.getInt(), other);
    if (!isNew)
      return function.emitOpError("expected results to be tied to different arguments, found ")
             << tied.getInt() << " for results " << known->second << " and " << other;
  }
  return success();
}

LogicalResult NnDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  if (isa<FunctionOpInterface>(op))
    return verifyBy(onFunctions, op, attribute, "a function");
  return verifyBy(ArrayRef<Rule>(), op, attribute, "this operation");
}

LogicalResult NnDialect::verifyRegionArgAttribute(Operation *op, unsigned, unsigned argument,
                                                  NamedAttribute attribute) {
  if (failed(verifyBy(onArguments, op, attribute, "an argument")))
    return failure();
  auto function = cast<FunctionOpInterface>(op);
  Type type = function.getArgumentTypes()[argument];
  if (attribute.getName() == kDimsAttr)
    return verifyDims(function, type, attribute.getValue());
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (attribute.getName() == kWrtAttr && (!tensor || !isa<FloatType>(tensor.getElementType())))
    return op->emitOpError("expects 'nn.wrt' on a float tensor, found ") << type;
  return success();
}

LogicalResult NnDialect::verifyRegionResultAttribute(Operation *op, unsigned, unsigned result,
                                                     NamedAttribute attribute) {
  if (failed(verifyBy(onResults, op, attribute, "a result")))
    return failure();
  auto function = cast<FunctionOpInterface>(op);
  if (attribute.getName() == kDimsAttr)
    return verifyDims(function, function.getResultTypes()[result], attribute.getValue());
  if (attribute.getName() == kTiedAttr)
    return verifyTied(function, result, cast<IntegerAttr>(attribute.getValue()).getInt());
  return success();
}
