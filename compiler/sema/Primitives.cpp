// Finds primitives and reads their arguments.
#include "compiler/sema/Primitives.h"

#include "llvm/ADT/StringExtras.h"

#include <algorithm>

namespace nnc::sema {

const std::vector<const Primitive *> &allPrimitives() {
  static const std::vector<const Primitive *> all = [] {
    std::vector<const Primitive *> found;
    for (llvm::ArrayRef<Primitive> group :
         {elementwisePrimitives(), reductionPrimitives(), shapePrimitives(), joinPrimitives(),
          patternPrimitives(), windowPrimitives(), indexPrimitives(), fillPrimitives(),
          compileTimePrimitives(), dataPrimitives()})
      for (const Primitive &primitive : group)
        found.push_back(&primitive);
    return found;
  }();
  return all;
}

const Primitive *findPrimitive(llvm::StringRef name) {
  static const llvm::StringMap<const Primitive *> byName = [] {
    llvm::StringMap<const Primitive *> map;
    for (const Primitive *primitive : allPrimitives())
      map[primitive->name] = primitive;
    return map;
  }();
  return byName.lookup(name);
}

Value PrimitiveParameter::defaultValue() const {
  if (const auto *number = std::get_if<int64_t>(&otherwise))
    return Dim(*number);
  if (const auto *number = std::get_if<double>(&otherwise))
    return *number;
  if (const auto *truth = std::get_if<bool>(&otherwise))
    return *truth;
  if (const auto *text = std::get_if<llvm::StringLiteral>(&otherwise))
    return text->str();
  return Unknown{};
}

llvm::ArrayRef<PrimitiveParameter> Primitive::list() const {
  size_t count = 0;
  while (count < std::size(parameters) && !parameters[count].name.empty())
    ++count;
  return llvm::ArrayRef(parameters, count);
}

std::string Primitive::signature() const {
  std::vector<std::string> words;
  for (const PrimitiveParameter &parameter : list()) {
    std::string word = parameter.name.str();
    if (isVariadic && words.empty())
      word += ", ...";
    if (const auto *none = std::get_if<PrimitiveParameter::None>(&parameter.otherwise))
      word += " = " + none->word.str();
    else if (const auto *number = std::get_if<int64_t>(&parameter.otherwise))
      word += " = " + std::to_string(*number);
    else if (const auto *fraction = std::get_if<double>(&parameter.otherwise))
      word += " = " + numberText(*fraction);
    else if (const auto *truth = std::get_if<bool>(&parameter.otherwise))
      word += *truth ? " = true" : " = false";
    else if (const auto *text = std::get_if<llvm::StringLiteral>(&parameter.otherwise))
      word += " = \"" + text->str() + "\"";
    words.push_back(std::move(word));
  }
  if (takesSizes)
    words.push_back("name: size, ...");
  return name.str() + "(" + llvm::join(words, ", ") + ")";
}

Value callPrimitive(Elaborator &elaborator, const Primitive &primitive,
                    llvm::ArrayRef<GivenArgument> arguments, SourceRange range,
                    const Type *expected) {
  Elaborator::Parameters parameters{primitive.name.str(), {}, {}, {}};
  for (const PrimitiveParameter &parameter : primitive.list()) {
    parameters.names.push_back(parameter.name.str());
    parameters.required.push_back(parameter.isRequired());
  }
  PrimitiveCall call{elaborator, primitive, {}, {}, {}, {}, range, expected};
  std::vector<GivenArgument> ordinary;
  for (const GivenArgument &argument : arguments) {
    bool isNamed = argument.name && llvm::is_contained(parameters.names, argument.name->text);
    if (primitive.takesSizes && argument.name && !isNamed)
      call.sizes.push_back(argument);
    else if (primitive.isVariadic && !argument.name)
      call.variadic.push_back(argument);
    else
      ordinary.push_back(argument);
  }
  // The first parameter stands for all of a variadic one.
  if (primitive.isVariadic && !call.variadic.empty())
    ordinary.insert(ordinary.begin(), call.variadic.front());
  auto matched = elaborator.matchArguments(parameters, ordinary, range);
  if (!matched)
    return Unknown{};
  for (const GivenArgument &argument : arguments)
    if (argument.value.isUnknown())
      return Unknown{};
  for (auto [argument, parameter] : llvm::zip(*matched, primitive.list())) {
    Value value = argument ? argument->value : parameter.defaultValue();
    call.given.push_back(!value.isUnknown());
    call.arguments.push_back({std::nullopt, value, argument ? argument->range : range,
                              argument ? argument->source : nullptr});
  }
  elaborator.graph.setPlace(range, elaborator.frame->site);
  return primitive.build(call);
}

const Node *PrimitiveCall::tensor(const GivenArgument &argument) const {
  if (const Tensor *tensor = argument.value.asTensor())
    return tensor->node;
  elaborator.error(Code::ArgumentType, argument.range,
                   "'" + primitive.name.str() + "' takes a tensor, found " +
                       argument.value.describe());
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

std::optional<bool> PrimitiveCall::flag(size_t index) const {
  if (const bool *truth = value(index).asBool())
    return *truth;
  elaborator.error(Code::ArgumentType, rangeOf(index),
                   "'" + primitive.name.str() + "' takes a bool here, found " +
                       value(index).describe());
  return std::nullopt;
}

std::optional<int64_t> PrimitiveCall::integer(size_t index) const {
  const Dim *dim = value(index).asInt();
  auto constant = dim ? dim->constant() : std::nullopt;
  if (!constant && !(dim && elaborator.isGeneric))
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
    if (!(dim && call.elaborator.isGeneric))
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

bool PrimitiveCall::hasAxes(size_t index) const {
  return has(index) && !(value(index).asString() && *value(index).asString() == "all");
}

std::optional<std::vector<int64_t>> PrimitiveCall::axes(size_t index, size_t rank) const {
  std::vector<int64_t> axes;
  if (!hasAxes(index)) {
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

std::optional<std::vector<int64_t>> PrimitiveCall::integers(size_t index, size_t count) const {
  std::vector<int64_t> result;
  const Sequence *sequence = value(index).asSequence();
  if (!sequence) {
    auto one = integer(index);
    if (!one)
      return std::nullopt;
    return std::vector<int64_t>(count, *one);
  }
  if (sequence->elements->size() != count) {
    elaborator.error(Code::ArgumentType, rangeOf(index),
                     "'" + primitive.name.str() + "' takes " + std::to_string(count) +
                         " numbers here, found " + std::to_string(sequence->elements->size()));
    return std::nullopt;
  }
  for (const Value &each : *sequence->elements) {
    const Dim *dim = each.asInt();
    auto constant = dim ? dim->constant() : std::nullopt;
    if (!constant) {
      if (!each.isUnknown() && !(dim && elaborator.isGeneric))
        elaborator.error(Code::NotCompileTime, rangeOf(index),
                         "'" + primitive.name.str() + "' takes known integers here, found " +
                             each.describe());
      return std::nullopt;
    }
    result.push_back(*constant);
  }
  return result;
}

} // namespace nnc::sema
