// From values to tensors of a given type: constants, casts and broadcasts, always as nodes of their
// own.
#include "compiler/sema/Data.h"
#include "compiler/sema/Dimensions.h"
#include "compiler/sema/Elaborator.h"

#include "llvm/ADT/APFloat.h"

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

/// Adds the bytes of a number, rounded to this floating-point type.
static void appendAs(Element element, double number, std::string &bytes) {
  llvm::APFloat rounded(number);
  bool losesInfo = false;
  rounded.convert(element == Element::F16    ? llvm::APFloat::IEEEhalf()
                  : element == Element::BF16 ? llvm::APFloat::BFloat()
                  : element == Element::F32  ? llvm::APFloat::IEEEsingle()
                                             : llvm::APFloat::IEEEdouble(),
                  llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  llvm::APInt bits = rounded.bitcastToAPInt();
  for (unsigned i = 0; i < bits.getBitWidth(); i += 8)
    bytes += static_cast<char>(bits.extractBitsAsZExtValue(8, i));
}

/// A number of a list, and where it stands.
struct ListedNumber {
  Value value;
  SourceRange range;
};

/// The numbers of a list and of the lists in it, in order; false where it is no array of numbers.
static bool numbersOf(const ListedNumber &listed, llvm::ArrayRef<Dim> shape,
                      std::vector<ListedNumber> &numbers) {
  const Sequence *sequence = listed.value.asSequence();
  if (shape.empty() || !sequence) {
    numbers.push_back(listed);
    return shape.empty() && numberOf(listed.value).has_value();
  }
  if (sequence->isTuple || Dim(int64_t(sequence->elements->size())) != shape.front())
    return false;
  for (auto [i, each] : llvm::enumerate(*sequence->elements))
    if (!numbersOf({each, sequence->places ? (*sequence->places)[i] : listed.range},
                   shape.drop_front(), numbers))
      return false;
  return true;
}

const Node *Elaborator::listNode(const Value &value, Element element, SourceRange range) {
  Shape shape;
  for (const Sequence *list = value.asSequence(); list && !list->elements->empty();
       list = list->elements->front().asSequence())
    shape.push_back(int64_t(list->elements->size()));
  std::vector<ListedNumber> numbers;
  if (shape.empty() || !numbersOf({value, range}, shape, numbers)) {
    if (llvm::any_of(numbers, [](const ListedNumber &each) { return each.value.isUnknown(); }))
      return nullptr;
    error(Code::ArgumentType, range,
          "a list stands for a tensor where all it holds are numbers known at compile time, in "
          "rows of one length; this is " +
              value.describe());
    return nullptr;
  }
  std::string bytes;
  std::vector<int64_t> whole;
  std::vector<SourceRange> places;
  for (const ListedNumber &number : numbers) {
    if (!toNode(number.value, element, number.range)) // says what does not fit
      return nullptr;
    places.push_back(number.range);
    if (isFloat(element))
      appendAs(element, *numberOf(number.value), bytes);
    else
      whole.push_back(*number.value.asInt()->constant());
  }
  Node *node = graph.make("constant", {}, Type{element, shape});
  if (isFloat(element)) {
    node->attributes.push_back({"value", std::move(bytes)});
  } else {
    node->attributes.push_back({"value", std::move(whole)});
    listed[node] = std::move(places);
  }
  return node;
}

/// A number where a tensor is wanted is repeated to its shape.
bool Elaborator::fitNumber(TypedValue &typed) {
  settleGenericElement(typed.type->element.text);
  for (const ast::DimExpr &dim : typed.type->dims)
    if (dim.rest && !scope->find(dim.rest->text))
      bindRest(*dim.rest, {});
  auto type = resolveType(*typed.type, /*report=*/false);
  if (!type) {
    error(Code::UnsettledShape, typed.range,
          "the shape of " + typed.what + " is not known, so a number cannot stand for it")
        .suggest("it takes a tensor; a layer that is still to be given its settings is its name "
                 "alone, as in 'bidirectional(lstm, 64)'");
    return false;
  }
  if (auto limit = indexLimit(*typed.type))
    if (!checkIndex(*this, *typed.value, *limit, typed.range, typed.what))
      return false;
  *typed.value = coerce(*typed.value, *type, typed.range, typed.what, typed.code, typed.declared);
  return !typed.value->isUnknown();
}

bool Elaborator::fitArray(TypedValue &typed, std::vector<PendingDim> &pending) {
  const std::string &name = typed.type->element.text;
  settleGenericElement(name);
  auto element = elementHere(name);
  const Node *node = element ? listNode(*typed.value, *element, typed.range) : nullptr;
  if (!node)
    return false;
  *typed.value = Tensor{node};
  return matchShape(typed, pending);
}

Value Elaborator::coerce(const Value &value, const Type &type, SourceRange range,
                         llvm::StringRef what, Code shapeCode, SourceRange declared) {
  if (value.isUnknown())
    return Unknown{};
  graph.setPlace(range, frame->site);
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
