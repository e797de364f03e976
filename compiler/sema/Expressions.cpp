// The value of an expression.
#include "compiler/sema/Dimensions.h"
#include "compiler/sema/Elaborator.h"
#include "compiler/sema/ForeignNames.h"
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
  case Expr::Kind::Cast:
    return evalCast(llvm::cast<CastExpr>(expr));
  case Expr::Kind::Call:
    return evalCall(llvm::cast<CallExpr>(expr), expected);
  case Expr::Kind::Index:
    return evalIndex(llvm::cast<IndexExpr>(expr));
  case Expr::Kind::Pipe:
    return evalPipe(llvm::cast<PipeExpr>(expr), expected);
  case Expr::Kind::If:
    return evalIf(llvm::cast<IfExpr>(expr), expected);
  case Expr::Kind::Scan:
    return evalScan(llvm::cast<ScanExpr>(expr));
  case Expr::Kind::List:
    return evalSequence(llvm::cast<ListExpr>(expr).elements, /*isTuple=*/false, expr.range);
  case Expr::Kind::Tuple:
    return evalSequence(llvm::cast<TupleExpr>(expr).elements, /*isTuple=*/true, expr.range);
  case Expr::Kind::Range:
    error(Code::OperandType, expr.range, "a range may only stand in an index, a 'for' or a 'scan'");
    return Unknown{};
  case Expr::Kind::Repeat:
    error(Code::OperandType, expr.range, "'repeat' stands in a pipe, as in 'x |> repeat(3) f'");
    return Unknown{};
  case Expr::Kind::Error:
    return Unknown{};
  }
  return Unknown{};
}

Value Elaborator::evalCast(const CastExpr &expr) {
  Value value = eval(*expr.operand);
  const std::string &name = expr.type.element.text;
  std::optional<Element> element = elementHere(name);
  if (!element && !isTypeName(name))
    error(Code::UnknownType, expr.type.element.range, "unknown element type '" + name + "'")
        .suggest([&] {
          std::string near = nearest(name, typeNames());
          return near.empty() ? near : "did you mean '" + near + "'?";
        }());
  if (!element && isTypeName(name) && !value.isUnknown())
    reportNoElement(expr.type);
  if (name == "float")
    frame->floatElement = element;
  if (!element)
    return Unknown{};
  if ((name == "index") != (expr.type.argument != nullptr)) {
    error(Code::UnknownType, expr.type.range,
          name == "index" ? "how many values an index can have is not said"
                          : "'" + name + "' takes no argument")
        .suggest(name == "index" ? "'as index(n)' says it, 'as i32' makes an integer"
                                 : "only index(n) takes one");
    return Unknown{};
  }
  if (name != "index")
    return cast(value, *element, expr.range);
  auto limit = evalDim(*expr.type.argument, /*report=*/true);
  const Tensor *tensor = value.asTensor();
  if (limit && !checkIndex(*this, value, *limit, expr.range, "'" + quote(expr.range) + "'"))
    return Unknown{};
  if (!limit || (tensor && rangeOf(tensor->node) && rangeOf(tensor->node)->isDeclared &&
                 !requireIndexBelow(tensor->node, *limit, expr.range)))
    return Unknown{};
  // A node of its own, for what holds of it does not hold of the operand.
  Value converted = cast(value, *element, expr.range);
  if (!converted.asTensor())
    return converted;
  const Node *node =
      graph.make("cast", {converted.asTensor()->node}, converted.asTensor()->node->type);
  ranges[node] = {limit, true, "", expr.range};
  return Tensor{node};
}

Value Elaborator::lookup(const Name &name) {
  if (Variable *variable = scope->find(name.text))
    return variable->value;
  if (name.text == "pi")
    return std::numbers::pi;
  if (name.text == "training") {
    if (context.training)
      return *context.training;
    if (!isGeneric)
      error(Code::NotCompileTime, name.range,
            "'training' has a meaning in models, layers and what they call");
    return Unknown{};
  }
  bool isStep = name.text == "step", isPlan = name.text == "steps";
  if (const Declaration *decl = modules.find(frame->file, name.text))
    return evalDeclaration(*decl, name);
  if (isStep && context.step)
    return Tensor{context.step, true};
  if (isPlan && context.steps)
    return Tensor{context.steps, true};
  if (const Primitive *primitive = findPrimitive(name.text))
    return PrimitiveValue{primitive};
  if ((isStep || isPlan) && !isGeneric) {
    error(Code::UnknownName, name.range, "there is no '" + name.text + "' here")
        .suggest("a recipe and an optimizer know it, and hand it on as an argument");
    return Unknown{};
  }
  if (isStep || isPlan)
    return Unknown{};
  unknownName(name);
  return Unknown{};
}

/// A declaration by its name: a `let` of a file is its value.
Value Elaborator::evalDeclaration(const Declaration &decl, const Name &name) {
  if (const auto *let = llvm::dyn_cast<LetDeclaration>(&decl))
    return evalTopLevelLet(*let, name);
  return DeclValue{&decl};
}

/// Evaluated when it is first named, without arguments, layers or draws.
Value Elaborator::evalTopLevelLet(const LetDeclaration &decl, const Name &name) {
  entered.insert(&decl);
  auto [it, isNew] = topLevel.try_emplace(&decl);
  TopLevelLet &known = it->second;
  if (isNew) {
    // The value is the same wherever it is first wanted, and so is what is wrong with it.
    Diagnostics &outerReports = exchangeDiagnostics(known.reports);
    auto outerCertainty = std::pair(std::exchange(uncertain, 0), std::exchange(isGeneric, false));
    llvm::scope_exit restore([&] {
      std::tie(uncertain, isGeneric) = outerCertainty;
      exchangeDiagnostics(outerReports);
    });
    Frame file;
    file.decl = &decl;
    file.file = decl.name.range.file;
    file.site = frame ? siteFor(name.range, decl.name.text) : nullptr;
    FrameGuard guard(*this, file);
    ContextGuard outer(*this, {});
    evalLet(decl.let);
    std::vector<Value> values;
    for (const Name &each : decl.let.pattern.names)
      values.push_back(file.root.findHere(each.text) ? file.root.findHere(each.text)->value
                                                     : Value());
    Value all = Sequence{std::make_shared<std::vector<Value>>(std::move(values)), 1, true};
    known.value = std::make_unique<Value>(std::move(all));
  }
  adopt(known.reports);
  if (!known.value) {
    error(Code::Recursion, name.range, "'" + name.text + "' is made of itself");
    return Unknown{};
  }
  const auto &values = *known.value->asSequence()->elements;
  for (auto [each, value] : llvm::zip(decl.let.pattern.names, values))
    if (each.text == name.text)
      return value;
  return Unknown{};
}

/// `std.dense`, `blocks.tower`
Value Elaborator::evalQualified(const NameExpr &expr) {
  const Name &qualifier = expr.qualifiers.front();
  if (expr.qualifiers.size() > 1) {
    error(Code::UnknownName, expr.range, "'" + quote(expr.range) + "' has too many parts")
        .suggest("a file's name, then a name of that file");
    return Unknown{};
  }
  if (scope->find(qualifier.text)) {
    error(Code::OperandType, expr.range,
          "'" + qualifier.text + "' has no part '" + expr.name.text + "'")
        .suggest(hintForPart(qualifier.text, expr.name.text));
    return Unknown{};
  }
  auto found = modules.findIn(frame->file, qualifier.text, expr.name.text);
  if (found.decl)
    return evalDeclaration(*found.decl, expr.name);
  if (qualifier.text == "std")
    if (const Primitive *primitive = findPrimitive(expr.name.text))
      return PrimitiveValue{primitive};
  UnknownPart unknown = describeUnknownPart(modules, frame->file, expr);
  error(Code::UnknownName, unknown.range, std::move(unknown.message))
      .suggest(std::move(unknown.hint));
  return Unknown{};
}

Value Elaborator::evalName(const NameExpr &expr) {
  if (!expr.qualifiers.empty())
    return evalQualified(expr);
  const std::string &name = expr.name.text;
  if (hasUnknownFields && !scope->find(name) && !modules.find(frame->file, name) &&
      !findPrimitive(name) && name != "pi" && name != "training" && name != "step" &&
      name != "steps")
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
  // `rank(x) > 2 and shape(x)[2] > 1`: what can't be reached isn't looked at.
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
      tensor && tensor->node->type.element == Element::Bool && tensor->node->type.shape.empty()) {
    // An argument that only a caller knows may well be known at compile time.
    bool isOpen = isGeneric && tensor->weak &&
                  llvm::any_of(graph.inputsOf(tensor->node), [&](const Node *input) {
                    return input != context.step && input != context.steps;
                  });
    if (!isOpen)
      return evalSelect(expr, condition, expected);
    condition = Unknown{};
  }
  if (!condition.isUnknown()) {
    if (condition.asTensor()) {
      error(Code::NotCompileTime, expr.condition->range,
            "the condition of 'if' must be one truth value, but '" + quote(expr.condition->range) +
                "' is " + condition.describe())
          .suggest("'where(condition, a, b)' chooses per element");
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
Value Elaborator::evalSelect(const IfExpr &expr, const Value &condition, const Type *expected) {
  auto hasValue = [](const Block *block) { return block && block->result; };
  if (!hasValue(expr.thenBlock.get()) || !hasValue(expr.elseBlock.get())) {
    error(Code::NotCompileTime, expr.condition->range,
          "an 'if' whose condition is known at run time needs a value in both branches")
        .suggest("both are computed, and one is chosen when the program runs");
    return Unknown{};
  }
  const Node *chosen = condition.asTensor()->node;
  auto evalBranch = [&](const Block &block, bool isTaken) {
    ++frame->selects;
    choices.emplace_back(chosen, isTaken);
    Value value = evalBlock(block, expected);
    choices.pop_back();
    --frame->selects;
    return value;
  };
  Value first = evalBranch(*expr.thenBlock, true);
  Value second = evalBranch(*expr.elseBlock, false);
  if (first.isUnknown() || second.isUnknown())
    return Unknown{};
  graph.setPlace(expr.range, frame->site);
  return selectValues(chosen, first, second, expr.range);
}

Value Elaborator::selectValues(const Node *condition, const Value &first, const Value &second,
                               SourceRange range) {
  const Sequence *many = first.asSequence(), *others = second.asSequence();
  if (many && others && many->elements->size() == others->elements->size()) {
    auto values = std::make_shared<std::vector<Value>>();
    for (auto [a, b] : llvm::zip(*many->elements, *others->elements)) {
      if (aborted || ++steps > limits.steps) { // a list within lists may hold billions of values
        if (!aborted)
          error(Code::ProgramTooLarge, range, "the lists are too large once they are taken apart");
        aborted = true;
        return Unknown{};
      }
      values->push_back(selectValues(condition, a, b, range));
    }
    return Sequence{std::move(values), many->depth, many->isTuple};
  }
  auto isBool = [](const Value &value) { return value.asBool() != nullptr; };
  const Node *a = isBool(first) ? nullptr : toWeak(first);
  const Node *b = isBool(second) ? nullptr : toWeak(second);
  bool isWeak = a && b && !first.isStrong() && !second.isStrong();
  if (!isWeak) {
    auto element = elementOfMeeting(BinaryOp::Equal, first, second);
    bool canMeet = element && (a || isBool(first)) && (b || isBool(second));
    a = canMeet ? toNode(first, *element, range) : nullptr;
    b = canMeet ? toNode(second, *element, range) : nullptr;
    auto shape = a && b ? broadcastShapes(a->type.shape, b->type.shape) : std::nullopt;
    if (!shape) {
      error(Code::ShapeMismatch, range, "the branches have different types")
          .detail("the first is  " + first.describe())
          .detail("the second is " + second.describe())
          .suggest("both are computed when the program runs, so they are of one type");
      return Unknown{};
    }
    a = broadcast(a, *shape);
    b = broadcast(b, *shape);
  }
  const Node *chosen = broadcast(condition, a->type.shape);
  return tensor(graph.make("select", {chosen, a, b}, a->type), isWeak);
}

Value Elaborator::evalSequence(llvm::ArrayRef<ExprPtr> elements, bool isTuple, SourceRange range) {
  if (elements.size() > limits.sequenceLength) {
    error(Code::ProgramTooLarge, range,
          "a list holds at most " + std::to_string(limits.sequenceLength) + " values");
    return Unknown{};
  }
  auto values = std::make_shared<std::vector<Value>>();
  auto places = std::make_shared<std::vector<SourceRange>>();
  unsigned nesting = 0;
  for (const ExprPtr &element : elements) {
    values->push_back(eval(*element));
    places->push_back(element->range);
    if (const Sequence *sequence = values->back().asSequence())
      nesting = std::max(nesting, sequence->depth);
  }
  if (nesting + 1 > limits.sequenceDepth) {
    error(Code::ElaborationTooDeep, range, "lists are nested too deeply");
    return Unknown{};
  }
  return Sequence{std::move(values), nesting + 1, isTuple, std::move(places)};
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
        .suggest("'/' divides exactly; 'floor_div' and 'ceil_div' round");
    return std::nullopt;
  }
  error(Code::OperandType, expr.range,
        what.str() + " must be an integer, found " + value.describe());
  return std::nullopt;
}

} // namespace nnc::sema
