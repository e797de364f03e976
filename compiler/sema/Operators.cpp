// Binary operators on tensors: conversion of elements, broadcasts, matrix products.
#include "compiler/sema/Elaborator.h"

namespace nnc::sema {

using ast::BinaryOp;

namespace {

bool isComparison(BinaryOp op) {
  switch (op) {
  case BinaryOp::Equal:
  case BinaryOp::NotEqual:
  case BinaryOp::Less:
  case BinaryOp::LessEqual:
  case BinaryOp::Greater:
  case BinaryOp::GreaterEqual:
    return true;
  default:
    return false;
  }
}

bool isLogical(BinaryOp op) { return op == BinaryOp::And || op == BinaryOp::Or; }

const char *opName(BinaryOp op) {
  switch (op) {
  case BinaryOp::Add:
    return "add";
  case BinaryOp::Subtract:
    return "sub";
  case BinaryOp::Multiply:
    return "mul";
  case BinaryOp::Divide:
    return "div";
  case BinaryOp::Modulo:
    return "floor_mod";
  case BinaryOp::Power:
    return "pow";
  case BinaryOp::And:
    return "and";
  case BinaryOp::Or:
    return "or";
  default:
    return "compare";
  }
}

const char *predicate(BinaryOp op) {
  switch (op) {
  case BinaryOp::Equal:
    return "eq";
  case BinaryOp::NotEqual:
    return "ne";
  case BinaryOp::Less:
    return "lt";
  case BinaryOp::LessEqual:
    return "le";
  case BinaryOp::Greater:
    return "gt";
  default:
    return "ge";
  }
}

} // namespace

Value Elaborator::invalidOperands(BinaryOp op, const Value &a, const Value &b, SourceRange range) {
  auto isTruth = [](const Value &value) {
    return value.asBool() ||
           (value.asTensor() && value.asTensor()->node->type.element == Element::Bool);
  };
  auto isWord = [&](const Value &value) {
    return context.data && (op == BinaryOp::Equal || op == BinaryOp::NotEqual) && value.asString();
  };
  bool isApplied = !a.isCallable() && !b.isCallable();
  error(Code::OperandType, range,
        "'" + std::string(ast::spelling(op)) + "' does not take these operands")
      .detail("left operand is  " + a.describe())
      .detail("right operand is " + b.describe())
      .suggest(!isApplied                 ? "'x |> f' applies a function or a layer to a tensor"
               : isLogical(op)            ? "it takes truth values, such as comparisons"
               : isTruth(a) || isTruth(b) ? "'not', 'and' and 'or' work on truth values"
               : isWord(a) || isWord(b)
                   ? "a word is compared with a category: 'category(1, classes: 2) == \"M\"'"
               : op == BinaryOp::MatMul ? "it multiplies matrices; a number takes '*'"
                                        : "it takes numbers and tensors");
  return Unknown{};
}

Value Elaborator::binary(BinaryOp op, const Value &a, const Value &b, SourceRange range,
                         const ast::BinaryExpr *source) {
  if (a.isUnknown() || b.isUnknown())
    return Unknown{};
  graph.setPlace(range, frame->site);
  if (op == BinaryOp::MatMul)
    return matmul(a, b, range, source);
  if (a.asInt() && b.asInt() && !isLogical(op))
    return foldIntegers(op, *a.asInt(), *b.asInt(), range);
  if (auto x = numberOf(a), y = numberOf(b); x && y && !isLogical(op))
    return foldFloats(op, *x, *y, range);
  if (a.asBool() && b.asBool()) {
    bool x = *a.asBool(), y = *b.asBool();
    switch (op) {
    case BinaryOp::And:
      return x && y;
    case BinaryOp::Or:
      return x || y;
    case BinaryOp::Equal:
      return x == y;
    case BinaryOp::NotEqual:
      return x != y;
    default:
      return invalidOperands(op, a, b, range);
    }
  }
  bool isEquality = op == BinaryOp::Equal || op == BinaryOp::NotEqual;
  if (a.asString() && b.asString() && isEquality)
    return (*a.asString() == *b.asString()) == (op == BinaryOp::Equal);
  // A setting without a type, as the padding of windows, may be a word, a number or a list.
  auto settingKind = [](const Value &value) {
    return value.asString()                        ? 1
           : value.asSequence()                    ? 2
           : value.isNumber() && !value.asTensor() ? 3
                                                   : 0;
  };
  if (int left = settingKind(a), right = settingKind(b);
      isEquality && left && right && left != right)
    return op == BinaryOp::NotEqual;
  // A category meets the name of one of its classes.
  const Value &category = a.asString() ? b : a, &name = a.asString() ? a : b;
  if (isEquality && context.classNumber && category.isStrong() && name.asString())
    if (auto number = context.classNumber(category.asTensor()->node, *name.asString(), range))
      return number->isUnknown() ? Unknown{} : binary(op, category, *number, range, source);
  if (a.asSequence() && b.asSequence() && (isEquality || op == BinaryOp::Add))
    return combineSequences(op, *a.asSequence(), *b.asSequence(), range);
  auto isOperand = [](const Value &value) {
    return value.isNumber() || value.asTensor() || value.asBool();
  };
  if (!isOperand(a) || !isOperand(b))
    return invalidOperands(op, a, b, range);
  return combineTensors(op, a, b, range, source);
}

/// The element in which two values meet. A number takes the tensor's, where it fits there; u8 and
/// bool compute as floats.
std::optional<Element> Elaborator::elementOfMeeting(BinaryOp op, const Value &a, const Value &b) {
  auto elementOf = [](const Value &value) -> std::optional<Element> {
    if (value.isStrong())
      return value.asTensor()->node->type.element;
    return value.asBool() ? std::optional(Element::Bool) : std::nullopt;
  };
  auto x = elementOf(a), y = elementOf(b);
  std::optional<Element> meeting = x && y ? commonElement(*x, *y) : x ? x : y;
  bool computes = !isComparison(op) && !isLogical(op);
  // u8 and bool have only floats in common.
  bool areSmall = x && y && (*x == Element::Bool || *y == Element::Bool) &&
                  (*x == Element::U8 || *y == Element::U8);
  if (areSmall && !isLogical(op))
    return Element::F32;
  if (!meeting)
    return x || y ? std::nullopt : std::optional(Element::F64);
  if (isFloat(*meeting))
    return meeting;
  if (*meeting == Element::U8 && computes)
    return Element::F32;
  // Wider integers would lose digits as floats.
  auto isFraction = [](const Value &value) { return value.asFloat() || value.isWeak(); };
  auto isNumber = [](const Value &value) { return value.isNumber() || value.isWeak(); };
  if (*meeting == Element::Bool)
    return computes || isNumber(a) || isNumber(b) ? Element::F32 : Element::Bool;
  bool wantsFloat = (op == BinaryOp::Divide && computes) || isFraction(a) || isFraction(b);
  if (!wantsFloat)
    return meeting;
  return convertsTo(*meeting, Element::F32) ? std::optional(Element::F32) : std::nullopt;
}

void Elaborator::describeOperands(Diagnostic &diagnostic, const Node *a, const Node *b,
                                  const ast::BinaryExpr *source) {
  auto what = [](const Node *node) { return node->type.shape.empty() ? "type " : "shape "; };
  diagnostic.detail(std::string("left operand has ") + what(a) + " " + a->type.str());
  diagnostic.detail(std::string("right operand has ") + what(b) + b->type.str());
  if (!source)
    return;
  for (const ast::Expr *operand : {source->lhs.get(), source->rhs.get()})
    if (const auto *name = llvm::dyn_cast<ast::NameExpr>(operand))
      if (Variable *variable = scope->find(name->name.text);
          variable && variable->declared.isValid())
        diagnostic.note(variable->declared, "'" + name->name.text + "' is declared here");
}

Value Elaborator::combineTensors(BinaryOp op, const Value &a, const Value &b, SourceRange range,
                                 const ast::BinaryExpr *source) {
  bool weak = !a.isStrong() && !b.isStrong() && !a.asBool() && !b.asBool();
  auto meeting = elementOfMeeting(op, a, b);
  if (!meeting) {
    auto isTensor = [](const Value &value) { return value.isStrong(); };
    auto elementOf = [&](const Value &value) {
      return isTensor(value) ? value.asTensor()->node->type.element : Element::F32;
    };
    Diagnostic &diagnostic = error(Code::ElementMismatch, range,
                                   isTensor(a) && isTensor(b) && op != BinaryOp::Divide
                                       ? "element types do not meet in '" + quote(range) + "'"
                                       : "'" + quote(range) + "' needs an explicit conversion");
    diagnostic.detail("left operand is  " + a.describe());
    diagnostic.detail("right operand is " + b.describe());
    diagnostic.suggest(conversionHint(elementOf(a), elementOf(b)));
    return Unknown{};
  }
  bool takesBool = isLogical(op) || op == BinaryOp::Equal || op == BinaryOp::NotEqual;
  if ((*meeting == Element::Bool) != isLogical(op) && !(*meeting == Element::Bool && takesBool))
    return invalidOperands(op, a, b, range);
  if (op == BinaryOp::Power && !isFloat(*meeting))
    return integerPower(a, b, range);

  if ((op == BinaryOp::Divide || op == BinaryOp::Modulo) && numberOf(b) == 0.0) {
    error(Code::DivisionByZero, range, "division by zero in '" + quote(range) + "'");
    return Unknown{};
  }

  const Node *left = weak ? toWeak(a) : toNode(a, *meeting, range);
  const Node *right = weak ? toWeak(b) : toNode(b, *meeting, range);
  if (!left || !right)
    return Unknown{};
  auto shape = broadcastShapes(left->type.shape, right->type.shape);
  if (!shape) {
    Diagnostic &diagnostic =
        error(Code::ShapeMismatch, range, "shapes do not match in '" + quote(range) + "'");
    describeOperands(diagnostic, left, right, source);
    bool sameRank = left->type.shape.size() == right->type.shape.size();
    diagnostic.suggest(sameRank ? "each pair of sizes must be equal, or one of them 1"
                                : "the smaller shape must be the end of the larger; '[:, new]' "
                                  "inserts a dimension of size 1, 'squeeze' drops one");
    return Unknown{};
  }
  left = broadcast(left, *shape);
  right = broadcast(right, *shape);
  if (isComparison(op))
    return Tensor{graph.make("compare", {left, right}, Type{Element::Bool, *shape},
                             {{"predicate", std::string(predicate(op))}}),
                  weak};
  return tensor(graph.make(opName(op), {left, right}, left->type), weak);
}

/// An integer tensor to a small power: repeated multiplication.
Value Elaborator::integerPower(const Value &a, const Value &b, SourceRange range) {
  auto exponent = b.asInt() ? b.asInt()->constant() : std::nullopt;
  if (!exponent || *exponent < 1 || *exponent > 16 || !a.asTensor()) {
    error(Code::OperandType, range, "integers can be raised to the powers 1 to 16")
        .detail("the base is     " + a.describe())
        .detail("the exponent is " + b.describe())
        .suggest("'as f32' computes with floats");
    return Unknown{};
  }
  Value result = a;
  for (int64_t i = 1; i < *exponent; ++i)
    result = binary(BinaryOp::Multiply, result, a, range);
  return result;
}

/// Pixels from 0 to 255 that nobody divides make the first products hundreds of times too large.
void Elaborator::warnOfPixels(const Node *node, SourceRange range) {
  const Node *source = node;
  while (source->op == "cast" || source->op == "reshape" || source->op == "transpose" ||
         source->op == "slice" || source->op == "broadcast")
    source = source->operands.front();
  IndexRange *known = rangeOf(source);
  if (source->op != "input" || source->type.element != Element::U8 || (known && known->limit))
    return;
  warning(Code::RawPixels, range, "values from 0 to 255 are multiplied by weights as they are")
      .suggest("'/ 255' brings them to 0 to 1; 'as f32' says that it is meant")
      .detail("the values are u8" + str(source->type.shape));
}

/// The last dimension of the left operand meets the last but one of the right; those before them
/// are equal, or the right operand has none.
Value Elaborator::matmul(const Value &a, const Value &b, SourceRange range,
                         const ast::BinaryExpr *source) {
  if (!a.isStrong() || !b.isStrong() || a.asTensor()->node->type.shape.empty() ||
      b.asTensor()->node->type.shape.empty())
    return invalidOperands(BinaryOp::MatMul, a, b, range);
  auto meeting = elementOfMeeting(BinaryOp::MatMul, a, b);
  if (!meeting || !isFloat(*meeting)) {
    error(Code::ElementMismatch, range, "a matrix product takes two float tensors of one type")
        .detail("left operand is  " + a.describe())
        .detail("right operand is " + b.describe())
        .suggest("say 'as f32' to convert");
    return Unknown{};
  }
  const Node *left = toNode(a, *meeting, range), *right = toNode(b, *meeting, range);
  warnOfPixels(left, range);
  const Shape &x = left->type.shape, &y = right->type.shape;
  bool matrix = y.size() >= 2;
  size_t leadX = x.empty() ? 0 : x.size() - 1, leadY = matrix ? y.size() - 2 : 0;
  bool ranksFit = !x.empty() && !y.empty() && (leadY == 0 || x.size() == y.size());
  bool leadsFit = ranksFit && std::equal(y.begin(), y.begin() + leadY, x.begin());
  if (!ranksFit || !leadsFit || !(x.back() == y[leadY])) {
    Diagnostic &diagnostic =
        error(Code::ShapeMismatch, range, "shapes do not match in '" + quote(range) + "'");
    describeOperands(diagnostic, left, right, source);
    diagnostic.suggest(
        ranksFit && leadsFit
            ? "the inner dimensions of a matrix product must be equal"
            : "the dimensions before the last two must be equal, or absent on the right");
    return Unknown{};
  }
  // Letters: a, b, c... for the leading dimensions, y for the inner one, z for the last.
  std::string lead;
  for (size_t i = 0; i < leadX; ++i)
    lead += static_cast<char>('a' + i);
  std::string equation = lead + "y," + lead.substr(0, leadY) + "y" + (matrix ? "z" : "") + "->" +
                         lead + (matrix ? "z" : "");
  Shape shape(x.begin(), x.end() - 1);
  if (matrix)
    shape.push_back(y.back());
  return tensor(
      graph.make("contract", {left, right}, Type{*meeting, shape}, {{"equation", equation}}));
}

} // namespace nnc::sema
