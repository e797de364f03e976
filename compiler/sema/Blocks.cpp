// Statements: let, assignment, for, yield; param and state are in States.cpp.
#include "compiler/sema/Elaborator.h"
#include "compiler/sema/Scan.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/MathExtras.h"

#include <limits>

namespace nnc::sema {

using namespace ast;

Value Elaborator::evalBlock(const Block &block, const Type *expected) {
  Scope inner(scope);
  Scope *outer = scope;
  scope = &inner;
  llvm::scope_exit leave([&] { scope = outer; });
  for (const StatementPtr &statement : block.statements) {
    if (aborted || frame->isRefused)
      return Unknown{};
    evalStatement(*statement);
  }
  return block.result && !frame->isRefused ? eval(*block.result, expected) : Value();
}

void Elaborator::evalStatement(const Statement &statement) {
  switch (statement.kind) {
  case Statement::Kind::Let:
    return evalLet(llvm::cast<LetStatement>(statement));
  case Statement::Kind::Param:
    return evalParam(llvm::cast<ParamStatement>(statement));
  case Statement::Kind::State:
    return evalState(llvm::cast<StateStatement>(statement));
  case Statement::Kind::Assign:
    return evalAssign(llvm::cast<AssignStatement>(statement));
  case Statement::Kind::Yield:
    return evalYield(llvm::cast<YieldStatement>(statement));
  case Statement::Kind::For:
    return evalFor(llvm::cast<ForStatement>(statement));
  case Statement::Kind::Expr:
    if (const auto &value = llvm::cast<ExprStatement>(statement).value)
      eval(*value);
    return;
  }
}

void Elaborator::declareLocal(const Name &name, Variable variable) {
  if (name.text == "_" || name.text.empty()) // takes what is not wanted
    return;
  variable.declared = name.range;
  if (scope->declare(name.text, variable))
    return;
  Variable *old = scope->findHere(name.text);
  error(Code::DuplicateName, name.range, "'" + name.text + "' is already declared in this block")
      .note(old->declared, "it is first declared here")
      .suggest("'" + name.text + " = ...' gives a 'let' a new value");
  old->value = Unknown{};
}

/// A layer that a name is given to is called by it.
static void nameLayer(const Value &value, const Name &name, const Instance *here) {
  const LayerValue *layer = value.asLayer();
  if (layer && !layer->slot->instance && layer->slot->name.empty() && layer->slot->parent == here &&
      name.text != "_")
    layer->slot->name = name.text;
}

void Elaborator::bindPattern(const Pattern &pattern, const Value &value, Variable::Kind kind,
                             SourceRange range) {
  if (!pattern.isTuple) {
    for (const Name &name : pattern.names) {
      nameLayer(value, name, frame->instance);
      declareLocal(name, {kind, value, {}});
    }
    return;
  }
  const Sequence *sequence = value.asSequence();
  if (!value.isUnknown() && (!sequence || sequence->elements->size() != pattern.names.size())) {
    error(Code::TupleSize, range,
          std::to_string(pattern.names.size()) + " names for " + value.describe())
        .note(pattern.range, "the names are here")
        .suggest(sequence ? "one name for each value; '_' takes one that is not wanted"
                          : "'split' and functions with several results give tuples");
    sequence = nullptr;
  }
  for (size_t i = 0; i < pattern.names.size(); ++i) {
    Value each = sequence ? (*sequence->elements)[i] : Value();
    nameLayer(each, pattern.names[i], frame->instance);
    declareLocal(pattern.names[i], {kind, each, {}});
  }
}

void Elaborator::evalLet(const LetStatement &let) {
  std::optional<Type> type;
  if (let.type)
    type = resolveType(*let.type, /*report=*/false);
  std::optional<Dim> outerLimit = expectedLimit;
  expectedLimit = let.type ? indexLimit(*let.type) : std::nullopt;
  // A type that is spoilt, as by a size that only the place of use tells, asks for no shape.
  bool isSpoilt = let.type && !type && unboundNames(*let.type).empty();
  uncertain += isSpoilt;
  Value value = let.value ? eval(*let.value, type ? &*type : nullptr) : Value();
  uncertain -= isSpoilt;
  expectedLimit = outerLimit;
  if (let.value)
    value = instantiated(std::move(value), let.value->range, let.value.get());
  if (let.type && let.pattern.isTuple) {
    error(Code::ArgumentType, let.type->range, "a type stands after one name");
    value = Unknown{};
  } else if (let.type) {
    std::string what =
        let.pattern.names.empty() ? "the value" : "'" + let.pattern.names.front().text + "'";
    TypedValue typed{&*let.type, &value,          let.value ? let.value->range : let.range,
                     what,       let.type->range, Code::ShapeMismatch};
    if (!unify(typed))
      value = Unknown{};
  }
  bindPattern(let.pattern, value, Variable::Kind::Let, let.value ? let.value->range : let.range);
  if (let.type && !let.pattern.isTuple && !let.pattern.names.empty())
    if (Variable *variable = scope->findHere(let.pattern.names.front().text))
      variable->type = &*let.type;
}

void Elaborator::evalAssign(const AssignStatement &assign) {
  bool leavesScan = false;
  Variable *variable = scope->find(assign.name.text, &leavesScan);
  std::optional<Type> type;
  if (variable && variable->kind == Variable::Kind::State)
    if (const Tensor *tensor = variable->value.asTensor())
      type = tensor->node->type;
  Value value = eval(*assign.value, type ? &*type : nullptr);
  // The variables may have moved while the value was evaluated.
  variable = scope->find(assign.name.text);
  if (!variable) {
    unknownName(assign.name);
    return;
  }
  bool isState = variable->kind == Variable::Kind::State;
  if (variable->kind != Variable::Kind::Let && variable->kind != Variable::Kind::Input &&
      !isState) {
    error(Code::NotAssignable, assign.name.range,
          "'" + assign.name.text + "' cannot be given a new value")
        .note(variable->declared, "it is declared here")
        .suggest("'let' names, inputs and states can be renewed");
    return;
  }
  if (leavesScan) {
    error(Code::NotAssignable, assign.name.range,
          "'" + assign.name.text + "' cannot be renewed in a scan, for it is declared outside")
        .note(variable->declared, "it is declared here")
        .suggest("a 'state' of the scan goes from pass to pass: 'state " + assign.name.text +
                 ": ... = ...'");
    return;
  }
  if (frame->selects > 0) {
    error(Code::NotAssignable, assign.range,
          "nothing can be renewed in an 'if' whose condition is known at run time")
        .suggest("assign the value of the whole 'if'");
    return;
  }
  if (uncertain > 0) {
    variable->value = Unknown{};
    return;
  }
  if (type)
    value = coerce(value, *type, assign.value->range, "the new value of '" + assign.name.text + "'",
                   Code::ShapeMismatch, variable->declared);
  variable->value = value;
  if (isState)
    renewState(assign, *variable);
  else
    variable->type = nullptr; // which was of the value before
}

/// Every pass is code of its own, so there is a limit on all loops together: one on each alone
/// would let nested ones take forever.
bool Elaborator::mayPass(int64_t count, SourceRange range) {
  if (count <= limits.passes - passes) {
    passes += count;
    return true;
  }
  Diagnostic &diagnostic = error(Code::TooManyIterations, range,
                                 "this loop takes " + std::to_string(count) +
                                     " passes; it is unrolled, and all such loops may take " +
                                     std::to_string(limits.passes) + " together");
  if (passes > 0)
    diagnostic.detail("the loops before it and around it take " + std::to_string(passes));
  diagnostic.suggest(
      "'scan' loops when the program runs; what all passes do alike can often be one "
      "operation on a larger tensor");
  aborted = true;
  return false;
}

void Elaborator::evalFor(const ForStatement &loop) {
  if (!loop.sequence || !loop.body)
    return;
  auto runBody = [&](const Value &value, uintptr_t pass) {
    Scope inner(scope);
    Scope *outer = scope;
    scope = &inner;
    frame->passes.push_back(pass);
    bindPattern(loop.pattern, value, Variable::Kind::Loop, loop.sequence->range);
    evalBlock(*loop.body, nullptr);
    frame->passes.pop_back();
    scope = outer;
  };
  auto runUncertain = [&] {
    ++uncertain;
    runBody(Unknown{}, 0);
    --uncertain;
  };
  if (const auto *range = llvm::dyn_cast<RangeExpr>(loop.sequence.get())) {
    auto first = range->first ? evalConstantInt(*range->first, "the start of a 'for'")
                              : std::optional<int64_t>(0);
    auto last = range->last ? evalConstantInt(*range->last, "the end of a 'for'") : std::nullopt;
    if (!first || !last)
      return runUncertain();
    int64_t count = 0;
    if (*last > *first && llvm::SubOverflow(*last, *first, count))
      count = std::numeric_limits<int64_t>::max();
    if (!mayPass(count, range->range))
      return;
    for (int64_t i = *first; i < *last && !aborted; ++i)
      runBody(Dim(i), static_cast<uintptr_t>(i - *first));
    return;
  }
  Value sequence = eval(*loop.sequence);
  const Sequence *list = sequence.asSequence();
  if (!list) {
    if (!sequence.isUnknown())
      error(Code::OperandType, loop.sequence->range,
            "'for' goes over a range or a list, found " + sequence.describe())
          .suggest(sequence.asTensor() ? "'scan' goes over a tensor" : "such as '0..n'");
    return runUncertain();
  }
  if (!mayPass(static_cast<int64_t>(list->elements->size()), loop.sequence->range))
    return;
  for (size_t i = 0; i < list->elements->size() && !aborted; ++i)
    runBody((*list->elements)[i], i);
}

} // namespace nnc::sema
