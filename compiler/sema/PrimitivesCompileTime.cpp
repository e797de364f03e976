// Primitives that compute at compile time or speak for the library: floor_div, ceil_div, require;
// and `gradient`.
#include "compiler/sema/Mentions.h"
#include "compiler/sema/Primitives.h"

namespace nnc::sema {

Value gradientOf(Elaborator &elaborator, const std::vector<GivenArgument> &arguments,
                 SourceRange range);

namespace {

/// The quotient of sizes, rounded down or up.
Value roundedQuotient(const PrimitiveCall &call, bool up) {
  Elaborator &e = call.elaborator;
  const Dim *a = call.value(0).asInt(), *b = call.value(1).asInt();
  if (!a || !b)
    return call.poison(Code::ArgumentType, call.range,
                       "'" + call.primitive.name.str() +
                           "' takes integers known at compile time, "
                           "found " +
                           (a ? call.value(1) : call.value(0)).describe());
  auto x = a->constant(), y = b->constant();
  if (y == 0)
    return call.poison(Code::DivisionByZero, call.range,
                       "division by zero in '" + e.quote(call.range) + "'");
  if (x && y) {
    if (*x == INT64_MIN && *y == -1)
      return call.poison(Code::IntegerOverflow, call.range,
                         "'" + e.quote(call.range) + "' does not fit in a 64-bit integer");
    int64_t quotient = *x / *y, rest = *x % *y;
    if (rest != 0 && up == ((rest < 0) == (*y < 0)))
      quotient += up ? 1 : -1;
    return Dim(quotient);
  }
  auto exact = Dim::divide(*a, *b);
  if (exact && exact->isWhole())
    return *exact;
  if (!e.isGeneric)
    e.error(Code::NotCompileTime, call.range,
            "'" + e.quote(call.range) + "' is not known at compile time")
        .detail("it divides " + a->str() + " by " + b->str());
  return Unknown{};
}

Value floorDiv(const PrimitiveCall &call) { return roundedQuotient(call, false); }
Value ceilDiv(const PrimitiveCall &call) { return roundedQuotient(call, true); }

/// What the names in a condition stand for: "width = 30, heads = 4".
std::string namesIn(const ast::Expr &condition, Scope &scope) {
  std::string text;
  std::set<std::string> seen;
  visitNames(condition, [&](const ast::NameExpr &name, bool isCalled) {
    const Variable *variable = isCalled ? nullptr : scope.find(name.name.text);
    if (!variable || !seen.insert(name.name.text).second)
      return;
    const Value &value = variable->value;
    std::optional<double> number = numberOf(value);
    if (!number && !value.asInt())
      return;
    text += (text.empty() ? "" : ", ") + name.name.text + " = " +
            (value.asInt() ? value.asInt()->str() : numberText(*number));
  });
  return text;
}

Value require(const PrimitiveCall &call) {
  Elaborator &e = call.elaborator;
  const std::string *why = call.value(1).asString();
  if (!why)
    return call.poison(Code::ArgumentType, call.rangeOf(1),
                       "'require' takes a text, found " + call.value(1).describe());
  const bool *holds = call.value(0).asBool();
  if (!holds)
    return call.poison(Code::NotCompileTime, call.rangeOf(0),
                       "what 'require' demands must be known at compile time, found " +
                           call.value(0).describe());
  if (*holds)
    return true;
  Diagnostic &diagnostic = e.error(Code::Requirement, call.rangeOf(0), *why);
  if (const ast::Expr *condition = call.arguments[0].source)
    if (std::string names = namesIn(*condition, *e.scope); !names.empty())
      diagnostic.detail("found " + names);
  // What follows relies on it.
  e.frame->isRefused = true;
  return Unknown{};
}

Value isConstant(const PrimitiveCall &call) {
  const Value &value = call.value(0);
  return !value.asTensor() && !(value.asInt() && !value.asInt()->constant());
}

Value lowest(const PrimitiveCall &call) {
  const Node *x = call.tensor(0);
  if (!x)
    return Unknown{};
  switch (x->type.element) {
  case Element::Bool:
    return call.poison(Code::ElementMismatch, call.rangeOf(0),
                       "'lowest' takes numbers, found bools");
  case Element::U8:
    return Dim(0);
  case Element::I32:
    return Dim(INT32_MIN);
  case Element::I64:
    return Dim(INT64_MIN);
  default:
    return -largest(x->type.element);
  }
}

Value gradient(const PrimitiveCall &call) {
  ast::Name wrt{"wrt", {}};
  return gradientOf(call.elaborator, {call.arguments[0], {wrt, call.value(1), call.rangeOf(1)}},
                    call.range);
}

const Primitive table[] = {
    {"floor_div", {{"a"}, {"b"}}, "a / b of integers, rounded down.", floorDiv},
    {"ceil_div", {{"a"}, {"b"}}, "a / b of integers, rounded up.", ceilDiv},
    {"require",
     {{"condition"}, {"why"}},
     "Refuses the program, with these words, where the condition does not hold.",
     require},
    {"is_constant",
     {{"x"}},
     "Whether the value is known at compile time: a number as written, not one of a run.",
     isConstant},
    {"lowest",
     {{"x"}},
     "The lowest finite number that an element of x can be: what no maximum or softmax sees.",
     lowest},
    {"gradient",
     {{"u"}, {"wrt"}},
     "The gradient of sum(u) with respect to what u was computed from, shaped like it.",
     gradient},
};

} // namespace

llvm::ArrayRef<Primitive> compileTimePrimitives() { return table; }

} // namespace nnc::sema
