// Statements: let, assignment, for; param and buffer are in Layers.cpp, state in Optimizers.cpp.
#include "compiler/sema/Elaborator.h"

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
    if (aborted)
      return Unknown{};
    evalStatement(*statement);
  }
  return block.result ? eval(*block.result, expected) : Value();
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
  case Statement::Kind::For:
    return evalFor(llvm::cast<ForStatement>(statement));
  case Statement::Kind::If:
    eval(*llvm::cast<IfStatement>(statement).value);
    return;
  }
}

void Elaborator::declareLocal(const Name &name, Variable variable) {
  if (name.text == "_") // takes what is not wanted
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

void Elaborator::evalLet(const LetStatement &let) {
  std::optional<Type> type;
  if (let.type)
    type = resolveType(*let.type, /*report=*/false);
  Value value = let.value ? eval(*let.value, type ? &*type : nullptr) : Value();
  if (let.type) {
    std::string what = let.names.empty() ? "the value" : "'" + let.names.front().text + "'";
    TypedValue typed{&*let.type, &value,          let.value ? let.value->range : let.range,
                     what,       let.type->range, Code::ShapeMismatch};
    if (!unify(typed))
      value = Unknown{};
  }
  if (!let.isTuple) {
    for (const Name &name : let.names)
      declareLocal(name, {Variable::Kind::Let, value, {}});
    return;
  }
  const Sequence *sequence = value.asSequence();
  if (!value.isUnknown() && (!sequence || sequence->elements->size() != let.names.size())) {
    error(Code::TupleSize, let.value->range,
          std::to_string(let.names.size()) + " names for " + value.describe())
        .note(let.names.front().range, "the first name is here")
        .suggest(sequence ? "one name for each value; '_' takes one that is not wanted"
                          : "'split' and functions with several results give tuples");
    sequence = nullptr;
  }
  for (size_t i = 0; i < let.names.size(); ++i)
    declareLocal(let.names[i],
                 {Variable::Kind::Let, sequence ? (*sequence->elements)[i] : Value(), {}});
}

void Elaborator::evalAssign(const AssignStatement &assign) {
  Variable *variable = scope->find(assign.name.text);
  std::optional<Type> type;
  if (variable)
    if (const Tensor *tensor = variable->value.asTensor();
        tensor && variable->kind != Variable::Kind::Let)
      type = tensor->node->type;
  Value value = eval(*assign.value, type ? &*type : nullptr);
  if (!variable) {
    unknownName(assign.name);
    return;
  }
  bool assignable = variable->kind == Variable::Kind::Let ||
                    variable->kind == Variable::Kind::State ||
                    variable->kind == Variable::Kind::Buffer;
  if (!assignable) {
    error(Code::NotAssignable, assign.name.range,
          "'" + assign.name.text + "' cannot be given a new value")
        .note(variable->declared, "it is declared here")
        .suggest("only 'let', 'state' and 'buffer' names change");
    return;
  }
  if (frame->selects > 0) {
    error(Code::NotAssignable, assign.range,
          "nothing can be assigned in an 'if' whose condition depends on the step")
        .suggest("assign the value of the whole 'if'");
    return;
  }
  if (uncertain > 0) {
    variable->value = Unknown{};
    if (variable->kind == Variable::Kind::State)
      noteState(assign.name.text, Unknown{});
    return;
  }
  if (type)
    value = coerce(value, *type, assign.value->range, "the new value of '" + assign.name.text + "'",
                   Code::ShapeMismatch, variable->declared);
  variable->value = value;
  if (variable->kind == Variable::Kind::State)
    noteState(assign.name.text, value);
  if (variable->kind == Variable::Kind::Buffer && frame->instance)
    for (auto &parameter : frame->instance->parameters)
      if (parameter->name == assign.name.text && value.asTensor())
        parameter->newValue = value.asTensor()->node;
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
                                     " passes; loops are unrolled, and may take " +
                                     std::to_string(limits.passes) + " in all");
  if (passes > 0)
    diagnostic.detail("the loops before it and around it take " + std::to_string(passes));
  diagnostic.suggest("what all passes do alike can often be one operation on a larger tensor");
  aborted = true;
  return false;
}

void Elaborator::evalFor(const ForStatement &loop) {
  if (!loop.first || !loop.last || !loop.body)
    return;
  auto first = evalConstantInt(*loop.first, "the start of a 'for'");
  auto last = evalConstantInt(*loop.last, "the end of a 'for'");
  auto runBody = [&](Value index) {
    Scope inner(scope);
    Scope *outer = scope;
    scope = &inner;
    inner.declare(loop.variable.text,
                  {Variable::Kind::Loop, std::move(index), loop.variable.range});
    evalBlock(*loop.body, nullptr);
    scope = outer;
  };
  ++frame->loops;
  llvm::scope_exit leave([&] { --frame->loops; });
  if (!first || !last) {
    ++uncertain;
    runBody(Unknown{});
    --uncertain;
    return;
  }
  int64_t count = 0;
  if (*last > *first && llvm::SubOverflow(*last, *first, count))
    count = std::numeric_limits<int64_t>::max();
  SourceRange range = loop.first->range;
  range.end = loop.last->range.end;
  if (!mayPass(count, range))
    return;
  for (int64_t i = *first; i < *last && !aborted; ++i)
    runBody(Dim(i));
}

} // namespace nnc::sema
