// Primitives that make a tensor of the shape that is wanted: full, uniform, normal.
#include "compiler/sema/Primitives.h"

namespace nnc::sema {

namespace {

const Type *wanted(const PrimitiveCall &call) {
  if (!call.expected)
    call.elaborator
        .error(Code::UnsettledShape, call.range,
               "the shape of '" + call.elaborator.quote(call.range) + "' is not known here")
        .suggest("it takes its shape from a type: 'let x: f32[batch, 4] = normal()'");
  return call.expected;
}

Value full(const PrimitiveCall &call) {
  const Type *type = wanted(call);
  if (!type)
    return Unknown{};
  return call.elaborator.coerce(call.value(0), *type, call.rangeOf(0), "the value of 'full'",
                                Code::ShapeMismatch);
}

/// Random numbers of the wanted type.
const Node *random(const PrimitiveCall &call, llvm::StringRef distribution) {
  Elaborator &e = call.elaborator;
  const Type *type = wanted(call);
  if (!type)
    return nullptr;
  if (!isFloat(type->element)) {
    e.error(Code::ElementMismatch, call.range,
            "random numbers are floats, but " + std::string(spelling(type->element)) +
                " is wanted here")
        .suggest("'random_index' draws integers");
    return nullptr;
  }
  return e.draw(distribution, *type, call.range);
}

bool areNumbers(const PrimitiveCall &call) {
  for (const GivenArgument &argument : call.arguments) {
    if (argument.value.isNumber() || argument.value.isWeak())
      continue;
    call.elaborator.error(Code::ArgumentType, argument.range,
                          "'" + call.primitive.name.str() + "' takes numbers, found " +
                              argument.value.describe());
    return false;
  }
  return true;
}

Value uniform(const PrimitiveCall &call) {
  const Node *node = areNumbers(call) ? random(call, "uniform") : nullptr;
  if (!node)
    return Unknown{};
  Elaborator &e = call.elaborator;
  const Value &low = call.value(0), &high = call.value(1);
  Value width = e.binary(ast::BinaryOp::Subtract, high, low, call.range);
  Value scaled = Tensor{node};
  if (numberOf(width) != 1.0)
    scaled = e.binary(ast::BinaryOp::Multiply, scaled, width, call.range);
  return numberOf(low) == 0.0 ? scaled : e.binary(ast::BinaryOp::Add, scaled, low, call.range);
}

Value normal(const PrimitiveCall &call) {
  const Node *node = areNumbers(call) ? random(call, "normal") : nullptr;
  if (!node)
    return Unknown{};
  Elaborator &e = call.elaborator;
  Value value = Tensor{node};
  if (numberOf(call.value(0)) != 1.0)
    value = e.binary(ast::BinaryOp::Multiply, value, call.value(0), call.range);
  if (numberOf(call.value(1)) != 0.0)
    value = e.binary(ast::BinaryOp::Add, value, call.value(1), call.range);
  return value;
}

/// floor(u * n) of u uniform in [0, 1), in f64: exact for any n.
Value randomIndex(const PrimitiveCall &call) {
  Elaborator &e = call.elaborator;
  const Type *type = wanted(call);
  if (!type)
    return Unknown{};
  std::optional<Dim> count = e.expectedLimit;
  if (call.has(0)) {
    if (!call.value(0).asInt())
      return call.poison(Code::ArgumentType, call.rangeOf(0),
                         "'random_index' takes an integer, found " + call.value(0).describe());
    count = *call.value(0).asInt();
  }
  if (!count) {
    e.error(Code::MissingArgument, call.range,
            "how many values 'random_index' draws from is not said")
        .suggest("as in 'random_index(10)', or by the type: 'let i: index(10)[batch] = "
                 "random_index()'");
    return Unknown{};
  }
  if (count->constant() && *count->constant() < 1)
    return call.poison(Code::DimensionNotPositive, call.range,
                       "'random_index' draws from at least one value");
  if (!isInteger(type->element))
    return call.poison(Code::ElementMismatch, call.range,
                       "'random_index' draws integers, but " +
                           std::string(spelling(type->element)) + " is wanted here");
  const Node *uniform = e.draw("uniform", Type{Element::F64, type->shape}, call.range);
  if (!uniform)
    return Unknown{};
  Type wide{Element::F64, type->shape};
  const Node *scale = e.broadcast(e.dimNode(*count), type->shape);
  const Node *scaled = e.graph.make("mul", {uniform, scale}, wide);
  const Node *whole = e.graph.cast(e.graph.make("floor", {scaled}, wide), type->element);
  e.ranges[whole] = {count, true, "", call.range};
  return Tensor{whole};
}

const Primitive table[] = {
    {"full", {{"value"}}, "One value everywhere, in the shape that is wanted.", full},
    {"uniform",
     {{"low", int64_t(0)}, {"high", int64_t(1)}},
     "Random numbers in [low, high), as many as are wanted; Philox4x32-10 keyed by seed, step and "
     "place.",
     uniform},
    {"normal",
     {{"std", int64_t(1)}, {"mean", int64_t(0)}},
     "Normally distributed random numbers, as many as are wanted; Box-Muller over Philox4x32-10.",
     normal},
    {"random_index",
     {{"n", PrimitiveParameter::None{"that of the type"}}},
     "Random integers from 0 to n - 1, as many as are wanted.",
     randomIndex},
};

} // namespace

llvm::ArrayRef<Primitive> fillPrimitives() { return table; }

} // namespace nnc::sema
