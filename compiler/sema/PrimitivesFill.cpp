// Primitives that make a tensor of the shape that is wanted: full, uniform, normal.
#include "compiler/sema/Primitives.h"

namespace nnc::sema {

namespace {

const Type *wanted(const PrimitiveCall &call) {
  if (!call.expected)
    call.elaborator
        .error(Code::UnsettledShape, call.range,
               "the shape of '" + call.elaborator.quote(call.range) + "' is not known here")
        .suggest("it takes its shape from the declaration it initialises");
  return call.expected;
}

Value full(const PrimitiveCall &call) {
  const Type *type = wanted(call);
  if (!type)
    return Unknown{};
  return call.elaborator.coerce(call.value(0), *type, call.rangeOf(0), "the value of 'full'",
                                Code::ShapeMismatch);
}

/// Random numbers of the wanted type; their site is set once the parameter's path is known.
const Node *random(const PrimitiveCall &call, llvm::StringRef distribution) {
  Elaborator &e = call.elaborator;
  const Type *type = wanted(call);
  if (!type)
    return nullptr;
  if (!e.seed) {
    e.error(Code::RandomOutsideInit, call.range,
            "random numbers can only be drawn in the initial value of a parameter")
        .suggest("as in 'param w: f32[4] = uniform(-1, 1)'");
    return nullptr;
  }
  if (!isFloat(type->element)) {
    e.error(Code::ElementMismatch, call.range,
            "random numbers are floats, but " + std::string(spelling(type->element)) +
                " is wanted here");
    return nullptr;
  }
  Node *node = e.graph.makeSized("random", {e.seed}, *type,
                                 {{"distribution", distribution.str()}, {"site", int64_t(0)}});
  if (e.randomNodes)
    e.randomNodes->push_back(node);
  return node;
}

bool areNumbers(const PrimitiveCall &call) {
  for (const GivenArgument *argument : call.arguments) {
    if (!argument || argument->value.isNumber() || argument->value.isWeak())
      continue;
    call.elaborator.error(Code::ArgumentType, argument->range,
                          "'" + call.primitive.name.str() + "' takes numbers, found " +
                              argument->value.describe());
    return false;
  }
  return true;
}

Value uniform(const PrimitiveCall &call) {
  const Node *node = areNumbers(call) ? random(call, "uniform") : nullptr;
  if (!node)
    return Unknown{};
  Elaborator &e = call.elaborator;
  Value low = call.has(0) ? call.value(0) : Value(0.0);
  Value high = call.has(1) ? call.value(1) : Value(1.0);
  Value width = e.binary(ast::BinaryOp::Subtract, high, low, call.range);
  Value scaled = e.binary(ast::BinaryOp::Multiply, Tensor{node}, width, call.range);
  return e.binary(ast::BinaryOp::Add, scaled, low, call.range);
}

Value normal(const PrimitiveCall &call) {
  const Node *node = areNumbers(call) ? random(call, "normal") : nullptr;
  if (!node)
    return Unknown{};
  Elaborator &e = call.elaborator;
  Value value = Tensor{node};
  if (call.has(0))
    value = e.binary(ast::BinaryOp::Multiply, value, call.value(0), call.range);
  if (call.has(1))
    value = e.binary(ast::BinaryOp::Add, value, call.value(1), call.range);
  return value;
}

const Primitive table[] = {
    {"full", "full(value)", "One value everywhere, in the shape that is wanted.", full},
    {"uniform", "uniform(low = 0, high = 1)",
     "Random numbers in [low, high), for initial values; Philox4x32-10 keyed by the seed.",
     uniform},
    {"normal", "normal(std = 1, mean = 0)",
     "Normally distributed random numbers, for initial values; Box-Muller over Philox4x32-10.",
     normal},
};

} // namespace

llvm::ArrayRef<Primitive> fillPrimitives() { return table; }

} // namespace nnc::sema
