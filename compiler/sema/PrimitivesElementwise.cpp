// Primitives that work element by element.
#include "compiler/sema/Primitives.h"

#include <cmath>
#include <numbers>

namespace nnc::sema {

namespace {

/// A float function of one tensor; numbers are folded.
Value unaryFloat(const PrimitiveCall &call) {
  Elaborator &e = call.elaborator;
  const Value &x = call.value(0);
  if (auto number = numberOf(x)) {
    double folded = call.primitive.fold(*number);
    if (std::isfinite(folded) || !std::isfinite(*number))
      return folded;
    return call.poison(Code::NumberOutOfRange, call.range,
                       "'" + e.quote(call.range) + "' is not a finite number");
  }
  bool weak = x.isWeak() || x.asInt();
  const Node *node = weak ? e.toWeak(x) : call.floatTensor(0);
  if (!node)
    return Unknown{};
  return Tensor{e.graph.make(call.primitive.op, {node}, node->type), weak};
}

/// abs and sign, which integers have too.
Value unarySigned(const PrimitiveCall &call) {
  if (const Dim *dim = call.value(0).asInt())
    if (auto constant = dim->constant(); constant && *constant != INT64_MIN) {
      int64_t sign = *constant > 0 ? 1 : *constant < 0 ? -1 : 0;
      return Dim(call.primitive.op == "abs" ? sign * *constant : sign);
    }
  const Tensor *tensor = call.value(0).asTensor();
  bool isSignedInt = tensor && (tensor->node->type.element == Element::I32 ||
                                tensor->node->type.element == Element::I64);
  if (!isSignedInt)
    return unaryFloat(call);
  Elaborator &e = call.elaborator;
  return Tensor{e.graph.make(call.primitive.op, {tensor->node}, tensor->node->type)};
}

Value extremum(const PrimitiveCall &call) { return buildExtremum(call, 0, 1); }

Value where(const PrimitiveCall &call) {
  Elaborator &e = call.elaborator;
  if (const bool *truth = call.value(0).asBool())
    return call.value(*truth ? 1 : 2);
  const Node *condition = call.tensor(0);
  if (!condition)
    return Unknown{};
  if (condition->type.element != Element::Bool)
    return call.poison(Code::ArgumentType, call.rangeOf(0),
                       "the condition of 'where' must be bool, found " + call.value(0).describe());
  const Node *nodes[2];
  bool weak = false;
  if (!meetAll(call, {1, 2}, nodes, &condition->type.shape, weak))
    return Unknown{};
  // Two plain numbers chosen by a tensor are f32, as any number in a tensor's place is.
  if (weak && !call.value(0).isWeak()) {
    weak = false;
    for (const Node *&node : nodes)
      node = e.graph.cast(node, Element::F32);
  }
  condition = e.broadcast(condition, nodes[0]->type.shape);
  return e.tensor(e.graph.make("select", {condition, nodes[0], nodes[1]}, nodes[0]->type), weak);
}

Value stopGradient(const PrimitiveCall &call) {
  if (call.value(0).isNumber())
    return call.value(0);
  const Node *node = call.tensor(0);
  if (!node)
    return Unknown{};
  return Tensor{call.elaborator.graph.make("stop_gradient", {node}, node->type),
                call.value(0).isWeak()};
}

double foldRsqrt(double x) { return 1 / std::sqrt(x); }
double foldSign(double x) { return x > 0 ? 1 : x < 0 ? -1 : x; }

double foldNormalCdf(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }
double foldNormalPdf(double x) {
  return std::exp(-x * x / 2) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
}
double foldSigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double foldSoftplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }
double foldLogSigmoid(double x) { return -foldSoftplus(-x); }

const Primitive table[] = {
    {"exp", {{"x"}}, "e^x.", unaryFloat, "exp", std::exp},
    {"log", {{"x"}}, "The natural logarithm.", unaryFloat, "log", std::log},
    {"expm1", {{"x"}}, "exp(x) - 1, exact near 0.", unaryFloat, "expm1", std::expm1},
    {"log1p", {{"x"}}, "log(1 + x), exact near 0.", unaryFloat, "log1p", std::log1p},
    {"sqrt", {{"x"}}, "The square root.", unaryFloat, "sqrt", std::sqrt},
    {"rsqrt", {{"x"}}, "1 / sqrt(x).", unaryFloat, "rsqrt", foldRsqrt},
    {"tanh", {{"x"}}, "The hyperbolic tangent.", unaryFloat, "tanh", std::tanh},
    {"sin", {{"x"}}, "The sine.", unaryFloat, "sin", std::sin},
    {"cos", {{"x"}}, "The cosine.", unaryFloat, "cos", std::cos},
    {"erf", {{"x"}}, "The error function.", unaryFloat, "erf", std::erf},
    {"normal_cdf",
     {{"x"}},
     "The probability that a standard normal variable is below x, exact where it is tiny.",
     unaryFloat,
     "normal_cdf",
     foldNormalCdf},
    {"normal_pdf",
     {{"x"}},
     "The density of a standard normal variable.",
     unaryFloat,
     "normal_pdf",
     foldNormalPdf},
    {"sigmoid",
     {{"x"}},
     "1 / (1 + exp(-x)), exact where it is tiny.",
     unaryFloat,
     "sigmoid",
     foldSigmoid},
    {"softplus",
     {{"x"}},
     "log(1 + exp(x)), which does not overflow. Dugas et al. 2001.",
     unaryFloat,
     "softplus",
     foldSoftplus},
    {"log_sigmoid",
     {{"x"}},
     "log(sigmoid(x)), which does not underflow.",
     unaryFloat,
     "log_sigmoid",
     foldLogSigmoid},
    {"floor", {{"x"}}, "The largest whole number not above x.", unaryFloat, "floor", std::floor},
    {"abs", {{"x"}}, "The absolute value.", unarySigned, "abs", std::fabs},
    {"sign", {{"x"}}, "1, 0 or -1.", unarySigned, "sign", foldSign},
    {"maximum",
     {{"x"}, {"y"}},
     "The larger of each two elements; NaN where one is NaN.",
     extremum,
     "maximum"},
    {"minimum",
     {{"x"}, {"y"}},
     "The smaller of each two elements; NaN where one is NaN.",
     extremum,
     "minimum"},
    {"where", {{"condition"}, {"x"}, {"y"}}, "x where the condition holds, else y.", where},
    {"stop_gradient", {{"x"}}, "x, through which no gradient flows.", stopGradient},
};

} // namespace

llvm::ArrayRef<Primitive> elementwisePrimitives() { return table; }

bool meetAll(const PrimitiveCall &call, llvm::ArrayRef<size_t> indices,
             llvm::MutableArrayRef<const Node *> nodes, const Shape *with, bool &weak) {
  Elaborator &e = call.elaborator;
  Element element = Element::F64;
  weak = true;
  bool hasNumber = false, hasFraction = false;
  for (size_t index : indices) {
    const Value &value = call.value(index);
    hasNumber |= value.isNumber() || value.isWeak();
    hasFraction |= value.asFloat() || value.isWeak();
    if (!value.isStrong() && !value.asBool())
      continue;
    Element own = value.asBool() ? Element::Bool : value.asTensor()->node->type.element;
    auto common = weak ? std::optional(own) : commonElement(element, own);
    if (!common) {
      e.error(Code::ElementMismatch, call.rangeOf(index),
              "'" + call.primitive.name.str() + "' takes values of one element type")
          .detail("one is " + std::string(spelling(element)))
          .detail("one is " + std::string(spelling(own)))
          .suggest(conversionHint(element, own));
      return false;
    }
    element = *common;
    weak = false;
  }
  // u8 and bool compute as floats where they meet what they are not.
  if (!weak && ((element == Element::U8 && hasFraction) || (element == Element::Bool && hasNumber)))
    element = Element::F32;
  Shape shape = with ? *with : Shape();
  for (size_t i = 0; i < indices.size(); ++i) {
    nodes[i] = weak ? e.toWeak(call.value(indices[i]))
                    : e.toNode(call.value(indices[i]), element, call.rangeOf(indices[i]));
    if (!nodes[i]) {
      if (weak)
        e.error(Code::ArgumentType, call.rangeOf(indices[i]),
                "expected a number or a tensor, found " + call.value(indices[i]).describe());
      return false;
    }
    auto common = Elaborator::broadcastShapes(shape, nodes[i]->type.shape);
    if (!common) {
      e.error(Code::ShapeMismatch, call.range,
              "shapes do not match in '" + e.quote(call.range) + "'")
          .detail("one has shape " + str(shape))
          .detail("one has shape " + str(nodes[i]->type.shape));
      return false;
    }
    shape = *common;
  }
  for (const Node *&node : nodes)
    node = e.broadcast(node, shape);
  return true;
}

Value buildExtremum(const PrimitiveCall &call, size_t first, size_t second) {
  auto a = numberOf(call.value(first)), b = numberOf(call.value(second));
  bool isMaximum = call.primitive.op == "maximum";
  if (a && b)
    return call.value((isMaximum ? *a >= *b : *a <= *b) ? first : second);
  const Node *nodes[2];
  bool weak = false;
  if (!meetAll(call, {first, second}, nodes, nullptr, weak))
    return Unknown{};
  Elaborator &e = call.elaborator;
  if (nodes[0]->type.element == Element::Bool)
    return call.poison(Code::ElementMismatch, call.range,
                       "'" + call.primitive.name.str() + "' takes numbers, found bools");
  return e.tensor(e.graph.make(call.primitive.op, {nodes[0], nodes[1]}, nodes[0]->type), weak);
}

} // namespace nnc::sema
