// Finds primitives and reads their arguments.
#include "compiler/sema/Primitives.h"

#include <algorithm>

namespace nnc::sema {

std::vector<const Primitive *> allPrimitives() {
  std::vector<const Primitive *> all;
  for (llvm::ArrayRef<Primitive> group : {elementwisePrimitives(), reductionPrimitives(),
                                          shapePrimitives(), indexPrimitives(), fillPrimitives()})
    for (const Primitive &primitive : group)
      all.push_back(&primitive);
  return all;
}

const Primitive *findPrimitive(llvm::StringRef name) {
  for (const Primitive *primitive : allPrimitives())
    if (primitive->name == name)
      return primitive;
  return nullptr;
}

/// The names in `f(x, axis = all)` and which of them have a default.
static Elaborator::Parameters parametersOf(const Primitive &primitive) {
  Elaborator::Parameters parameters{primitive.name.str(), {}, {}, {}};
  llvm::StringRef list = primitive.signature.split('(').second.rsplit(')').first;
  while (!list.empty()) {
    auto [first, rest] = list.split(", ");
    auto [name, value] = first.split(" = ");
    parameters.names.push_back(name.str());
    parameters.required.push_back(value.empty());
    list = rest;
  }
  return parameters;
}

Value callPrimitive(Elaborator &elaborator, const Primitive &primitive,
                    llvm::ArrayRef<GivenArgument> arguments, SourceRange range,
                    const Type *expected) {
  auto matched = elaborator.matchArguments(parametersOf(primitive), arguments, range);
  if (!matched)
    return Unknown{};
  for (const GivenArgument &argument : arguments)
    if (argument.value.isUnknown())
      return Unknown{};
  elaborator.graph.setPlace(range, elaborator.frame->site);
  return primitive.build({elaborator, primitive, std::move(*matched), range, expected});
}

const Node *PrimitiveCall::tensor(size_t index) const {
  if (const Tensor *tensor = value(index).asTensor())
    return tensor->node;
  elaborator.error(Code::ArgumentType, rangeOf(index),
                   "'" + primitive.name.str() + "' takes a tensor, found " +
                       value(index).describe());
  return nullptr;
}

const Node *PrimitiveCall::floatTensor(size_t index) const {
  const Node *node = tensor(index);
  if (!node || isFloat(node->type.element))
    return node;
  if (convertsTo(node->type.element, Element::F32))
    return elaborator.graph.cast(node, Element::F32);
  elaborator
      .error(Code::ElementMismatch, rangeOf(index),
             "'" + primitive.name.str() + "' takes floats, found " + value(index).describe())
      .suggest("say 'as f32' to convert it");
  return nullptr;
}

bool PrimitiveCall::flag(size_t index, bool otherwise, bool &ok) const {
  if (!has(index))
    return otherwise;
  if (const bool *truth = value(index).asBool())
    return *truth;
  elaborator.error(Code::ArgumentType, rangeOf(index),
                   "'" + primitive.name.str() + "' takes a bool here, found " +
                       value(index).describe());
  ok = false;
  return otherwise;
}

std::optional<int64_t> PrimitiveCall::integer(size_t index) const {
  const Dim *dim = value(index).asInt();
  auto constant = dim ? dim->constant() : std::nullopt;
  if (!constant)
    elaborator.error(dim ? Code::NotCompileTime : Code::ArgumentType, rangeOf(index),
                     "'" + primitive.name.str() + "' takes a known integer here, found " +
                         value(index).describe());
  return constant;
}

static std::optional<int64_t> normalised(const PrimitiveCall &call, const Value &value,
                                         SourceRange range, size_t rank) {
  const Dim *dim = value.asInt();
  auto axis = dim ? dim->constant() : std::nullopt;
  if (!axis) {
    call.elaborator.error(Code::ArgumentType, range,
                          "an axis is a known integer, found " + value.describe());
    return std::nullopt;
  }
  auto size = static_cast<int64_t>(rank);
  if (*axis >= -size && *axis < size)
    return *axis < 0 ? *axis + size : *axis;
  call.elaborator
      .error(Code::AxisOutOfRange, range,
             "axis " + std::to_string(*axis) + " of a tensor with " + std::to_string(rank) +
                 " dimensions")
      .suggest(size == 0 ? "a scalar has no axes"
                         : "axes count from 0 to " + std::to_string(size - 1) +
                               ", or from the end: -1 is the last");
  return std::nullopt;
}

std::optional<int64_t> PrimitiveCall::axis(size_t index, size_t rank) const {
  return normalised(*this, value(index), rangeOf(index), rank);
}

std::optional<std::vector<int64_t>> PrimitiveCall::axes(size_t index, size_t rank) const {
  std::vector<int64_t> axes;
  if (!has(index)) {
    for (size_t i = 0; i < rank; ++i)
      axes.push_back(static_cast<int64_t>(i));
    return axes;
  }
  std::vector<Value> given{value(index)};
  if (const Sequence *sequence = value(index).asSequence())
    given = *sequence->elements;
  for (const Value &each : given) {
    auto axis = normalised(*this, each, rangeOf(index), rank);
    if (!axis)
      return std::nullopt;
    axes.push_back(*axis);
  }
  std::sort(axes.begin(), axes.end());
  if (std::adjacent_find(axes.begin(), axes.end()) != axes.end()) {
    elaborator.error(Code::AxisOutOfRange, rangeOf(index), "an axis is given twice");
    return std::nullopt;
  }
  return axes;
}

} // namespace nnc::sema
