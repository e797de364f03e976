// The value of an expression.
#include "compiler/sema/Elaborator.h"
#include "compiler/sema/Primitives.h"

#include "llvm/ADT/ScopeExit.h"

#include <numbers>

namespace nnc::sema {

using namespace ast;

Value Elaborator::eval(const Expr &expr, const Type *expected) {
  if (aborted)
    return Unknown{};
  if (++steps > limits.steps || graph.isFull()) {
    error(Code::ProgramTooLarge, expr.range, "the program is too large once its calls are inlined")
        .suggest("fewer passes of a 'for' or 'repeat', or fewer calls in calls");
    aborted = true;
    return Unknown{};
  }
  if (depth >= limits.depth) {
    error(Code::ElaborationTooDeep, expr.range, "calls and expressions are nested too deeply");
    aborted = true;
    return Unknown{};
  }
  ++depth;
  llvm::scope_exit leave([&] { --depth; });
  return evalKind(expr, expected);
}

Value Elaborator::evalKind(const Expr &expr, const Type *expected) {
  switch (expr.kind) {
  case Expr::Kind::Integer:
    return Dim(llvm::cast<IntegerExpr>(expr).value);
  case Expr::Kind::Float:
    return llvm::cast<FloatExpr>(expr).value;
  case Expr::Kind::Bool:
    return llvm::cast<BoolExpr>(expr).value;
  case Expr::Kind::String:
    return llvm::cast<StringExpr>(expr).value;
  case Expr::Kind::Name:
    return evalName(llvm::cast<NameExpr>(expr));
  case Expr::Kind::Unary: {
    const auto &node = llvm::cast<UnaryExpr>(expr);
    return unary(node.op, eval(*node.operand, expected), expr.range);
  }
  case Expr::Kind::Binary:
    return evalBinary(llvm::cast<BinaryExpr>(expr), expected);
  case Expr::Kind::Cast: {
    const auto &node = llvm::cast<CastExpr>(expr);
    Value value = eval(*node.operand);
    std::optional<Element> element = elementNamed(node.element.text);
    if (node.element.text == "float")
      element = frame->floatElement;
    else if (node.element.text == "int")
      element = frame->intElement;
    else if (node.element.text == "any")
      element = frame->anyElement;
    else if (!element)
      error(Code::UnknownType, node.element.range,
            "unknown element type '" + node.element.text + "'")
          .suggest([&] {
            std::string near = nearest(node.element.text, typeNames());
            return near.empty() ? near : "did you mean '" + near + "'?";
          }());
    if (!element && isTypeName(node.element.text) && !value.isUnknown())
      error(Code::UnknownType, node.element.range,
            "'" + node.element.text + "' is settled by no argument here")
          .suggest("name an element type, such as f32");
    return element ? cast(value, *element, expr.range) : Unknown{};
  }
  case Expr::Kind::Call:
    return evalCall(llvm::cast<CallExpr>(expr), expected);
  case Expr::Kind::Index:
    return evalIndex(llvm::cast<IndexExpr>(expr));
  case Expr::Kind::Pipe:
    return evalPipe(llvm::cast<PipeExpr>(expr), expected);
  case Expr::Kind::If:
    return evalIf(llvm::cast<IfExpr>(expr), expected);
  case Expr::Kind::Block:
    return evalBlock(*llvm::cast<BlockExpr>(expr).block, expected);
  case Expr::Kind::List:
    return evalSequence(llvm::cast<ListExpr>(expr).elements, /*isTuple=*/false, expr.range);
  case Expr::Kind::Tuple:
    return evalSequence(llvm::cast<TupleExpr>(expr).elements, /*isTuple=*/true, expr.range);
  case Expr::Kind::Range:
    error(Code::OperandType, expr.range, "a range may only stand in an index or a 'for'");
    return Unknown{};
  case Expr::Kind::Error:
    return Unknown{};
  }
  return Unknown{};
}

Value Elaborator::lookup(const Name &name) {
  if (Variable *variable = scope->find(name.text))
    return variable->value;
  if (name.text == "pi")
    return std::numbers::pi;
  if (name.text == "training") {
    // One version of the model serves training and prediction: either answer would be wrong for
    // one.
    error(Code::ReservedWord, name.range,
          "'training' is not supported yet: a model is the same in training and in prediction");
    return Unknown{};
  }
  if (const Declaration *decl = modules.find(frame->file, name.text))
    return DeclValue{decl};
  if (const Primitive *primitive = findPrimitive(name.text))
    return PrimitiveValue{primitive};
  unknownName(name);
  return Unknown{};
}

Value Elaborator::evalName(const NameExpr &expr) {
  const std::string &name = expr.name.text;
  if (hasUnknownFields && !scope->find(name) && !modules.find(frame->file, name) &&
      !findPrimitive(name) && name != "pi" && name != "training")
    return Unknown{};
  return lookup(expr.name);
}

Value Elaborator::evalBinary(const BinaryExpr &expr, const Type *expected) {
  bool isLogical = expr.op == BinaryOp::And || expr.op == BinaryOp::Or;
  // Only operators that keep the shape hand the expectation on.
  bool keepsShape = expr.op == BinaryOp::Add || expr.op == BinaryOp::Subtract ||
                    expr.op == BinaryOp::Multiply || expr.op == BinaryOp::Divide;
  const Type *inner = keepsShape ? expected : nullptr;
  Value left = eval(*expr.lhs, inner);
  // `rank > 2 && x[0]...`: what can't be reached isn't looked at.
  if (isLogical && left.asBool() && *left.asBool() == (expr.op == BinaryOp::Or))
    return left;
  Value right = eval(*expr.rhs, inner);
  return binary(expr.op, left, right, expr.range, &expr);
}

Value Elaborator::evalIf(const IfExpr &expr, const Type *expected) {
  Value condition = eval(*expr.condition);
  auto evalBranch = [&](const Block *block) -> Value {
    return block ? evalBlock(*block, expected) : Value();
  };
  if (const bool *truth = condition.asBool())
    return evalBranch(*truth ? expr.thenBlock.get() : expr.elseBlock.get());
  if (const Tensor *tensor = condition.asTensor();
      tensor && tensor->node->type.element == Element::Bool && tensor->weak) {
    // An argument that only a caller knows may well be known at compile time.
    bool isOpen = isGeneric && llvm::any_of(graph.inputsOf(tensor->node),
                                            [&](const Node *input) { return input != step; });
    if (!isOpen)
      return evalSelect(expr, tensor->node, expected);
    condition = Unknown{};
  }
  if (!condition.isUnknown()) {
    if (condition.asTensor()) {
      error(Code::NotCompileTime, expr.condition->range,
            "the condition of 'if' must be known at compile time, but '" +
                quote(expr.condition->range) + "' is a tensor")
          .suggest("'where(condition, a, b)' chooses per element at run time");
    } else {
      error(Code::OperandType, expr.condition->range,
            "the condition of 'if' must be a bool, found " + condition.describe());
    }
  }
  // Not known which one is taken: both are looked at for what is wrong in either case.
  ++uncertain;
  evalBranch(expr.thenBlock.get());
  evalBranch(expr.elseBlock.get());
  --uncertain;
  return Unknown{};
}

/// `if step < warmup { a } else { b }`: both are computed, one is chosen when the program runs.
Value Elaborator::evalSelect(const IfExpr &expr, const Node *condition, const Type *expected) {
  if (!expr.elseBlock || !expr.thenBlock || !expr.thenBlock->result || !expr.elseBlock->result) {
    error(Code::NotCompileTime, expr.condition->range,
          "an 'if' whose condition depends on the step needs a value in both branches")
        .suggest("both are computed, and one is chosen when the program runs");
    return Unknown{};
  }
  ++frame->selects;
  Value first = evalBlock(*expr.thenBlock, expected);
  Value second = evalBlock(*expr.elseBlock, expected);
  --frame->selects;
  if (first.isUnknown() || second.isUnknown())
    return Unknown{};
  graph.setPlace(expr.range, frame->site);
  const Node *a = toWeak(first), *b = toWeak(second);
  if (!a || !b) {
    error(Code::OperandType, expr.range,
          "both branches must be numbers where the condition depends on the step");
    return Unknown{};
  }
  bool weak = !first.isStrong() && !second.isStrong();
  if (!weak) {
    auto element = elementOfMeeting(BinaryOp::Add, first, second);
    auto shape = broadcastShapes(a->type.shape, b->type.shape);
    if (!element || !shape) {
      error(Code::ShapeMismatch, expr.range, "the branches have different types")
          .detail("the first  has type " + a->type.str())
          .detail("the second has type " + b->type.str());
      return Unknown{};
    }
    a = toNode(first, *element, expr.range);
    b = toNode(second, *element, expr.range);
    if (!a || !b)
      return Unknown{};
    a = broadcast(a, *shape);
    b = broadcast(b, *shape);
  }
  const Node *chosen = broadcast(condition, a->type.shape);
  return tensor(graph.make("select", {chosen, a, b}, a->type), weak);
}

Value Elaborator::evalSequence(llvm::ArrayRef<ExprPtr> elements, bool isTuple, SourceRange range) {
  if (elements.size() > limits.sequenceLength) {
    error(Code::ProgramTooLarge, range,
          "a list holds at most " + std::to_string(limits.sequenceLength) + " values");
    return Unknown{};
  }
  auto values = std::make_shared<std::vector<Value>>();
  unsigned nesting = 0;
  for (const ExprPtr &element : elements) {
    values->push_back(eval(*element));
    if (const Sequence *sequence = values->back().asSequence())
      nesting = std::max(nesting, sequence->depth);
  }
  if (nesting + 1 > limits.sequenceDepth) {
    error(Code::ElaborationTooDeep, range, "lists are nested too deeply");
    return Unknown{};
  }
  return Sequence{std::move(values), nesting + 1, isTuple};
}

std::optional<int64_t> Elaborator::evalConstantInt(const Expr &expr, llvm::StringRef what) {
  Value value = eval(expr);
  if (value.isUnknown())
    return std::nullopt;
  if (const Dim *dim = value.asInt()) {
    if (auto constant = dim->constant())
      return constant;
    // Where only a caller knows the number, nothing can be said here.
    if (!isGeneric)
      error(Code::NotCompileTime, expr.range,
            what.str() + " must be known at compile time, but '" + dim->str() +
                "' is only known when the program runs");
    return std::nullopt;
  }
  if (const double *number = value.asFloat()) {
    error(Code::NotWhole, expr.range,
          what.str() + " must be an integer, found " + numberText(*number))
        .suggest("'/' divides exactly; '(a - a % b) / b' rounds down");
    return std::nullopt;
  }
  error(Code::OperandType, expr.range,
        what.str() + " must be an integer, found " + value.describe());
  return std::nullopt;
}

} // namespace nnc::sema
