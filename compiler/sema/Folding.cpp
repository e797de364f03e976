// Arithmetic of values that the compiler knows: 64-bit integers, perhaps symbolic, floats, bools,
// strings, lists.
#include "compiler/sema/Elaborator.h"

#include "llvm/ADT/APFloat.h"

#include <cmath>

namespace nnc::sema {

using ast::BinaryOp;
using ast::UnaryOp;

/// The largest exponent of a symbolic dimension that is multiplied out.
static constexpr int64_t maxSymbolicExponent = 16;

static std::optional<Dim> power(const Dim &base, int64_t exponent) {
  std::optional<Dim> result = Dim(1), square = base;
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1)
      result = square ? Dim::multiply(*result, *square) : std::nullopt;
    if (!result)
      return std::nullopt;
    if (exponent > 1 && square)
      square = Dim::multiply(*square, *square);
  }
  return result;
}

Value Elaborator::compareIntegers(BinaryOp op, const Dim &a, const Dim &b, SourceRange range) {
  auto difference = Dim::subtract(a, b);
  auto sign = difference ? difference->constant() : std::nullopt;
  if (!sign) {
    if (isGeneric)
      return Unknown{};
    error(Code::NotCompileTime, range,
          "whether '" + a.str() + " " + ast::spelling(op) + " " + b.str() +
              "' holds is not known at compile time")
        .suggest("only sizes that are numbers, or equal names, can be compared");
    return Unknown{};
  }
  switch (op) {
  case BinaryOp::Equal:
    return *sign == 0;
  case BinaryOp::NotEqual:
    return *sign != 0;
  case BinaryOp::Less:
    return *sign < 0;
  case BinaryOp::LessEqual:
    return *sign <= 0;
  case BinaryOp::Greater:
    return *sign > 0;
  default:
    return *sign >= 0;
  }
}

Value Elaborator::foldIntegers(BinaryOp op, const Dim &a, const Dim &b, SourceRange range) {
  auto ca = a.constant(), cb = b.constant();
  std::optional<Dim> result;
  switch (op) {
  case BinaryOp::Add:
    result = Dim::add(a, b);
    break;
  case BinaryOp::Subtract:
    result = Dim::subtract(a, b);
    break;
  case BinaryOp::Multiply:
    result = Dim::multiply(a, b);
    break;
  case BinaryOp::Divide:
    if (cb == 0)
      break;
    if (auto quotient = Dim::divide(a, b))
      return *quotient;
    if (ca && cb)
      return static_cast<double>(*ca) / static_cast<double>(*cb);
    // A number over a size: a weak scalar.
    return combineTensors(op, Tensor{dimNode(a), true}, Tensor{dimNode(b), true}, range, nullptr);
  case BinaryOp::Modulo:
    if (cb == 0)
      break;
    if (ca && cb) { // NumPy's: the sign of the divisor
      if (*cb == -1)
        return Dim(0);
      int64_t rest = *ca % *cb;
      return Dim(rest != 0 && (rest < 0) != (*cb < 0) ? rest + *cb : rest);
    }
    if (auto quotient = Dim::divide(a, b); quotient && quotient->isWhole())
      return Dim(0);
    if (!isGeneric)
      error(Code::NotCompileTime, range,
            "'" + a.str() + " % " + b.str() + "' is not known at compile time");
    return Unknown{};
  case BinaryOp::Power:
    if (cb && *cb < 0 && ca)
      return foldFloats(op, static_cast<double>(*ca), static_cast<double>(*cb), range);
    if (cb && *cb >= 0 && (ca || *cb <= maxSymbolicExponent)) {
      bool isTrivial = ca && *ca >= -1 && *ca <= 1;
      if (ca && !isTrivial && *cb > 64)
        break; // overflows
      result = power(a, isTrivial && *cb > 64 ? 64 + *cb % 2 : *cb);
      break;
    }
    return combineTensors(op, Tensor{dimNode(a), true}, Tensor{dimNode(b), true}, range, nullptr);
  default:
    return compareIntegers(op, a, b, range);
  }
  if (result)
    return *result;
  if (cb == 0 && (op == BinaryOp::Divide || op == BinaryOp::Modulo))
    error(Code::DivisionByZero, range, "division by zero in '" + quote(range) + "'");
  else
    error(Code::IntegerOverflow, range, "'" + quote(range) + "' does not fit in a 64-bit integer");
  return Unknown{};
}

Value Elaborator::foldFloats(BinaryOp op, double a, double b, SourceRange range) {
  switch (op) {
  case BinaryOp::Add:
    return a + b;
  case BinaryOp::Subtract:
    return a - b;
  case BinaryOp::Multiply:
    return a * b;
  case BinaryOp::Divide:
  case BinaryOp::Modulo:
    if (b == 0) {
      error(Code::DivisionByZero, range, "division by zero in '" + quote(range) + "'");
      return Unknown{};
    }
    return op == BinaryOp::Divide ? a / b : a - std::floor(a / b) * b;
  case BinaryOp::Power: {
    double power = std::pow(a, b);
    if (std::isfinite(power) || !std::isfinite(a) || !std::isfinite(b))
      return power;
    error(Code::NumberOutOfRange, range, "'" + quote(range) + "' is not a finite number");
    return Unknown{};
  }
  case BinaryOp::Equal:
    return a == b;
  case BinaryOp::NotEqual:
    return a != b;
  case BinaryOp::Less:
    return a < b;
  case BinaryOp::LessEqual:
    return a <= b;
  case BinaryOp::Greater:
    return a > b;
  case BinaryOp::GreaterEqual:
    return a >= b;
  default:
    return Unknown{};
  }
}

/// Equality, element by element, and `+`, which appends.
Value Elaborator::combineSequences(BinaryOp op, const Sequence &a, const Sequence &b,
                                   SourceRange range) {
  const auto &left = *a.elements, &right = *b.elements;
  if (op == BinaryOp::Add) {
    if (left.size() + right.size() > limits.sequenceLength) {
      error(Code::ProgramTooLarge, range,
            "a list holds at most " + std::to_string(limits.sequenceLength) + " values");
      return Unknown{};
    }
    auto all = std::make_shared<std::vector<Value>>(left);
    all->insert(all->end(), right.begin(), right.end());
    return Sequence{std::move(all), std::max(a.depth, b.depth), a.isTuple && b.isTuple};
  }
  bool equal = left.size() == right.size();
  for (size_t i = 0; equal && i < left.size(); ++i) {
    if (aborted || ++steps > limits.steps) { // a list within lists may hold billions of values
      if (!aborted)
        error(Code::ProgramTooLarge, range, "the lists are too large once they are taken apart");
      aborted = true;
      return Unknown{};
    }
    Value same = binary(BinaryOp::Equal, left[i], right[i], range);
    if (!same.asBool())
      return Unknown{};
    equal = *same.asBool();
  }
  return equal == (op == BinaryOp::Equal);
}

Value Elaborator::unary(UnaryOp op, const Value &a, SourceRange range) {
  if (a.isUnknown())
    return Unknown{};
  graph.setPlace(range, frame->site);
  if (op == UnaryOp::Not) {
    if (const bool *truth = a.asBool())
      return !*truth;
    if (const Tensor *tensor = a.asTensor(); tensor && tensor->node->type.element == Element::Bool)
      return Tensor{graph.make("not", {tensor->node}, tensor->node->type), tensor->weak};
    error(Code::OperandType, range, "'not' takes a bool, found " + a.describe());
    return Unknown{};
  }
  if (const Dim *dim = a.asInt())
    return foldIntegers(BinaryOp::Subtract, Dim(0), *dim, range);
  if (const double *number = a.asFloat())
    return -*number;
  const Tensor *tensor = a.asTensor();
  if (!tensor) {
    error(Code::OperandType, range, "'-' takes a number or a tensor, found " + a.describe());
    return Unknown{};
  }
  Element element = tensor->node->type.element;
  if (element == Element::Bool || element == Element::U8) // which compute as floats
    return Tensor{graph.make("neg", {graph.cast(tensor->node, Element::F32)},
                             Type{Element::F32, tensor->node->type.shape})};
  return Tensor{graph.make("neg", {tensor->node}, tensor->node->type), tensor->weak};
}

/// The nearest number that a float type has, for one within its range.
static double rounded(double number, Element element) {
  const llvm::fltSemantics &semantics = element == Element::F16    ? llvm::APFloat::IEEEhalf()
                                        : element == Element::BF16 ? llvm::APFloat::BFloat()
                                        : element == Element::F32  ? llvm::APFloat::IEEEsingle()
                                                                   : llvm::APFloat::IEEEdouble();
  llvm::APFloat value(number);
  bool isInexact = false;
  value.convert(semantics, llvm::APFloat::rmNearestTiesToEven, &isInexact);
  value.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &isInexact);
  return value.convertToDouble();
}

Value Elaborator::cast(const Value &value, Element element, SourceRange range) {
  if (value.isUnknown())
    return Unknown{};
  graph.setPlace(range, frame->site);
  if (const Tensor *tensor = value.asTensor()) {
    bool same = tensor->node->type.element == element;
    return Tensor{same ? tensor->node : graph.cast(tensor->node, element)};
  }
  if (const Sequence *sequence = value.asSequence(); sequence && sequence->isTuple) {
    auto converted = std::make_shared<std::vector<Value>>();
    for (const Value &each : *sequence->elements) {
      if (aborted || ++steps > limits.steps) { // a list within lists may hold billions of values
        if (!aborted)
          error(Code::ProgramTooLarge, range, "the lists are too large once they are taken apart");
        aborted = true;
        return Unknown{};
      }
      converted->push_back(cast(each, element, range));
    }
    return Sequence{std::move(converted), sequence->depth, true};
  }
  if (const Dim *dim = value.asInt()) {
    if (!dim->constant())
      return Tensor{graph.cast(dimNode(*dim), element)};
    const Node *node = toNode(*dim, element, range); // which it must fit
    if (!node)
      return Unknown{};
    if (isFloat(element))
      return rounded(static_cast<double>(*dim->constant()), element);
    return Tensor{node};
  }
  if (const bool *truth = value.asBool(); truth && element == Element::Bool)
    return *truth;
  if (const bool *truth = value.asBool())
    return isFloat(element) ? Value(static_cast<double>(*truth))
                            : Value(Tensor{graph.constant(element, static_cast<int64_t>(*truth))});
  if (const double *number = value.asFloat()) {
    if (isFloat(element))
      return toNode(value, element, range) ? Value(rounded(*number, element)) : Value();
    double whole = std::trunc(*number);
    if (!(std::abs(whole) < 9.2e18)) {
      error(Code::CannotCast, range,
            "'" + quote(range) + "' does not fit in " + std::string(spelling(element)));
      return Unknown{};
    }
    Dim result(static_cast<int64_t>(whole));
    return toNode(result, element, range) ? Value(result) : Value();
  }
  error(Code::CannotCast, range, "'as' converts numbers and tensors, found " + value.describe())
      .suggest(value.isCallable()
                   ? "'as' binds tightly: convert what the call gives, '(f(x)) as f32'"
               : value.asSequence() ? "convert each value by itself"
                                    : "");
  return Unknown{};
}

} // namespace nnc::sema
