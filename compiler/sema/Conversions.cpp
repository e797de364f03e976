// From values to tensors of a given type: constants, casts and broadcasts, always as nodes of their
// own.
#include "compiler/sema/Data.h"
#include "compiler/sema/Elaborator.h"

#include <cmath>
#include <limits>

namespace nnc::sema {

Value Elaborator::tensor(Node *node, bool weak) {
  if (!isAllowed(node->type, node->range))
    return Unknown{};
  return Tensor{node, weak};
}

bool Elaborator::isAllowed(const Type &type, SourceRange range) {
  // What stands in the library says nothing to the user.
  std::string what = sources.isStd(range.file) ? "the tensor" : "'" + quote(range) + "'";
  if (type.shape.size() > limits.rank) {
    error(Code::TensorTooLarge, range,
          "the result has " + std::to_string(type.shape.size()) + " dimensions; at most " +
              std::to_string(limits.rank) + " are supported");
    return false;
  }
  for (const Dim &dim : type.shape) {
    if (auto size = dim.constant(); size && *size < 1) {
      error(Code::DimensionNotPositive, range,
            "a dimension of " + what + " is " + std::to_string(*size) + "; it must be at least 1")
          .detail("result has shape " + type.str());
      return false;
    }
  }
  if (!tensorBytes(type)) {
    error(Code::TensorTooLarge, range,
          (sources.isStd(range.file) ? what : "the result of " + what) +
              " takes more than 2^40 bytes")
        .detail("result has shape " + type.str());
    return false;
  }
  return true;
}

std::optional<Shape> Elaborator::broadcastShapes(const Shape &a, const Shape &b) {
  if (a.size() != b.size()) {
    const Shape &longer = a.size() > b.size() ? a : b, &shorter = a.size() > b.size() ? b : a;
    bool isEnd = std::equal(shorter.begin(), shorter.end(), longer.end() - shorter.size());
    return isEnd ? std::optional(longer) : std::nullopt;
  }
  Shape result(a);
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i] || b[i] == Dim(1))
      continue;
    if (!(a[i] == Dim(1)))
      return std::nullopt;
    result[i] = b[i];
  }
  return result;
}

const Node *Elaborator::broadcast(const Node *node, const Shape &shape) {
  return graph.broadcastTo(node, shape);
}

double largest(Element element) {
  switch (element) {
  case Element::F16:
    return 65504;
  case Element::BF16:
    return 0x1.fep127;
  case Element::F32:
    return std::numeric_limits<float>::max();
  default:
    return std::numeric_limits<double>::max();
  }
}

/// What is at most this in size becomes 0.
static double vanishing(Element element) {
  switch (element) {
  case Element::F16:
    return 0x1p-25;
  case Element::BF16:
    return 0x1p-134;
  case Element::F32:
    return 0x1p-150;
  default:
    return 0;
  }
}

/// A dimension as an f64 scalar. Quotients are divided as floats, so that `batch / 2` is 1.5 for a
/// batch of 3.
const Node *Elaborator::dimNode(const Dim &dim) {
  if (context.rows && dim == rowsDim())
    return context.rows;
  if (dim.isWhole() && !(context.rows && llvm::is_contained(dim.symbols(), rowsDim().str())))
    return graph.fromDim(dim);
  Type scalar{Element::F64, {}};
  const Node *sum = nullptr;
  for (const auto &[atoms, coefficient] : dim.normalForm()) {
    const Node *product = graph.constant(Element::F64, coefficient);
    for (const std::string &atom : atoms) {
      const Node *factor = nullptr;
      if (auto parts = Dim::quotient(atom))
        factor = graph.make("div", {dimNode(parts->first), dimNode(parts->second)}, scalar);
      else
        factor = dimNode(Dim::symbol(atom));
      product = graph.make("mul", {product, factor}, scalar);
    }
    sum = sum ? graph.make("add", {sum, product}, scalar) : product;
  }
  return sum;
}

const Node *Elaborator::toWeak(const Value &value) {
  if (const Tensor *tensor = value.asTensor())
    return tensor->node;
  if (auto number = numberOf(value))
    return graph.constant(Element::F64, *number);
  if (const Dim *dim = value.asInt())
    return dimNode(*dim);
  return nullptr;
}

const Node *Elaborator::toNode(const Value &value, Element element, SourceRange range) {
  if (value.isUnknown())
    return nullptr;
  if (const Dim *dim = value.asInt()) {
    if (element == Element::Bool) {
      error(Code::ElementMismatch, range, "expected a bool, found " + value.describe());
      return nullptr;
    }
    auto constant = dim->constant();
    if (!constant)
      return graph.cast(dimNode(*dim), element);
    bool fits = isFloat(element)          ? std::abs(double(*constant)) <= largest(element)
                : element == Element::U8  ? *constant >= 0 && *constant <= 255
                : element == Element::I32 ? *constant == static_cast<int32_t>(*constant)
                                          : true;
    if (!fits) {
      error(Code::ElementMismatch, range,
            std::to_string(*constant) + " does not fit in " + spelling(element));
      return nullptr;
    }
    return graph.constant(element, *constant);
  }
  if (const double *number = value.asFloat()) {
    if (!isFloat(element)) {
      error(Code::ElementMismatch, range,
            "a fraction does not convert to " + std::string(spelling(element)) + " implicitly")
          .suggest("say 'as' to convert it");
      return nullptr;
    }
    if (std::abs(*number) > largest(element)) {
      error(Code::NumberOutOfRange, range,
            numberText(*number) + " is beyond the range of " + spelling(element));
      return nullptr;
    }
    if (*number != 0 && std::abs(*number) <= vanishing(element)) {
      error(Code::NumberOutOfRange, range,
            numberText(*number) + " is too small for " + spelling(element) + ", where it is 0")
          .suggest("'as f32' computes in a type that holds it");
      return nullptr;
    }
    return graph.constant(element, *number);
  }
  if (const bool *truth = value.asBool(); truth && (element == Element::Bool || isFloat(element)))
    return graph.constant(element, static_cast<int64_t>(*truth));
  if (const Tensor *tensor = value.asTensor()) {
    Element from = tensor->node->type.element;
    if (from == element)
      return tensor->node;
    if ((tensor->weak && isFloat(element)) || convertsTo(from, element))
      return graph.cast(tensor->node, element);
    error(Code::ElementMismatch, range,
          std::string(spelling(from)) + " does not convert to " + spelling(element) + " implicitly")
        .detail("the value has type " + tensor->node->type.str())
        .suggest("say 'as " + std::string(spelling(element)) + "' to convert it");
    return nullptr;
  }
  error(Code::OperandType, range, "expected a number or a tensor, found " + value.describe());
  return nullptr;
}

const Node *Elaborator::listNode(const Sequence &list, Element element, SourceRange range) {
  std::vector<const Node *> entries;
  std::vector<int64_t> known;
  for (const Value &each : *list.elements) {
    const Node *entry = toNode(each, element, range);
    if (!entry)
      return nullptr;
    entries.push_back(graph.makeSized("reshape", {entry}, Type{element, {1}}));
    if (const Dim *dim = each.asInt(); dim && dim->constant())
      known.push_back(*dim->constant());
  }
  Type type{element, {static_cast<int64_t>(entries.size())}};
  if (known.size() == entries.size())
    return graph.make("constant", {}, type, {{"value", known}});
  return entries.size() == 1 ? entries.front()
                             : graph.make("concat", entries, type, {{"axis", int64_t(0)}});
}

void Elaborator::takeList(TypedValue &typed) {
  if (!typed.type->hasShape || !typed.value->isListOfNumbers())
    return;
  llvm::StringRef name = typed.type->element.text;
  std::optional<Element> element =
      name == "float" ? frame->floatElement.value_or(Element::F32) : elementNamed(name);
  if (!element)
    return;
  const Node *list = listNode(*typed.value->asSequence(), *element, typed.range);
  *typed.value = list ? Value(Tensor{list}) : Value(Unknown{});
}

Value Elaborator::coerce(const Value &value, const Type &type, SourceRange range,
                         llvm::StringRef what, Code shapeCode, SourceRange declared) {
  if (value.isUnknown())
    return Unknown{};
  graph.setPlace(range, frame->site);
  if (value.isListOfNumbers()) {
    if (!isAllowed(type, range))
      return Unknown{};
    const Node *list = listNode(*value.asSequence(), type.element, range);
    return list ? coerce(Tensor{list}, type, range, what, shapeCode, declared) : Unknown{};
  }
  bool isScalar = value.isNumber() || value.asBool() || value.isWeak();
  if (!isScalar && !value.asTensor()) {
    error(Code::OperandType, range,
          what.str() + " should be a tensor " + type.str() + ", found " + value.describe());
    return Unknown{};
  }
  if (value.isStrong() && value.asTensor()->node->type.shape != type.shape) {
    Diagnostic &diagnostic =
        error(shapeCode, range, what.str() + " does not have the shape it should");
    diagnostic.detail("expected " + type.str());
    diagnostic.detail("found    " + value.asTensor()->node->type.str());
    if (declared.isValid())
      diagnostic.note(declared, "the expected shape is declared here");
    return Unknown{};
  }
  if (!isAllowed(type, range))
    return Unknown{};
  const Node *node = toNode(value, type.element, range);
  if (!node)
    return Unknown{};
  return Tensor{broadcast(node, type.shape)};
}

std::optional<Shape> Elaborator::shapeOf(const Value &value, SourceRange range) {
  if (value.isUnknown())
    return std::nullopt;
  Shape shape;
  if (const Dim *dim = value.asInt()) {
    if (!isKnownWhole(*dim, range))
      return std::nullopt;
    shape.push_back(*dim);
    return shape;
  }
  const Sequence *sequence = value.asSequence();
  if (!sequence) {
    error(Code::ArgumentType, range,
          "expected a shape such as [batch, 64], found " + value.describe());
    return std::nullopt;
  }
  for (const Value &element : *sequence->elements) {
    if (element.isUnknown())
      return std::nullopt;
    const Dim *dim = element.asInt();
    if (!dim) {
      error(Code::ArgumentType, range, "a shape holds integers, found " + element.describe());
      return std::nullopt;
    }
    if (!isKnownWhole(*dim, range))
      return std::nullopt;
    shape.push_back(*dim);
  }
  return shape;
}

} // namespace nnc::sema
