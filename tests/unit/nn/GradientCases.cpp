// For every differentiable nn operation, functions to check its derivative on.
#include "tests/unit/nn/GradientCases.h"

#include <algorithm>

using namespace nnc::test;

std::string Writer::type(const Shape &shape, const std::string &element) const {
  std::string text = "tensor<";
  for (const Dim &dim : shape)
    text += (dynamic && dim.symbolic ? "?" : std::to_string(dim.size)) + "x";
  return text + element + ">";
}

std::string Writer::sizes(const Shape &shape) const {
  std::string text = "[";
  for (const Dim &dim : shape)
    text += (text.size() > 1 ? ", " : "") +
            (dynamic && dim.symbolic ? std::string("%n") : std::to_string(dim.size));
  return text + "]";
}

namespace {
/// Elementwise, one operand within a range where the function is smooth.
GradientCaseBuilder unary(const std::string &op, double low, double high) {
  return [=](Writer &w) {
    Shape shape{w.batch, w.dim()};
    return GradientCase{{{shape, low, high}}, "nn." + op + " %0 : " + w.type(shape), shape};
  };
}

GradientCaseBuilder binary(const std::string &op, double lowA, double highA, double lowB,
                           double highB) {
  return [=](Writer &w) {
    Shape shape{w.batch, w.dim()};
    return GradientCase{{{shape, lowA, highA}, {shape, lowB, highB}},
                        "nn." + op + " %0, %1 : " + w.type(shape),
                        shape};
  };
}

GradientCase selectBySide(Writer &w) {
  Shape shape{w.batch, w.dim()};
  return {
      {{shape, 0, 1, "i1"}, {shape}, {shape}}, "nn.select %0, %1, %2 : " + w.type(shape), shape};
}

GradientCase cast(Writer &w) {
  // f64 to f64 folds away; to f32 and back would lose the digits that the check needs. So the
  // identity.
  Shape shape{w.batch, w.dim()};
  return {{{shape}}, "nn.cast %0 : " + w.type(shape) + " to " + w.type(shape), shape};
}

/// A contraction by its equation; the letter b is the batch.
GradientCaseBuilder contract(const std::string &equation) {
  return [=](Writer &w) {
    std::map<char, Dim> dims;
    auto shapeOf = [&](const std::string &term) {
      Shape shape;
      for (char letter : term)
        shape.push_back(dims.try_emplace(letter, letter == 'b' ? w.batch : w.dim()).first->second);
      return shape;
    };
    size_t comma = equation.find(','), arrow = equation.find("->");
    Shape lhs = shapeOf(equation.substr(0, comma));
    Shape rhs = shapeOf(equation.substr(comma + 1, arrow - comma - 1));
    Shape result = shapeOf(equation.substr(arrow + 2));
    return GradientCase{{{lhs}, {rhs}},
                        "nn.contract \"" + equation + "\" %0, %1 : (" + w.type(lhs) + ", " +
                            w.type(rhs) + ") -> " + w.type(result),
                        result};
  };
}

GradientCaseBuilder reduce(const std::string &op, const std::string &axes,
                           const std::vector<int> &kept) {
  return [=](Writer &w) {
    Shape shape{w.batch, w.dim(), w.dim()}, result;
    for (int dimension : kept)
      result.push_back(shape[dimension]);
    return GradientCase{{{shape}},
                        "nn." + op + " %0 " + axes + " : " + w.type(shape) + " -> " +
                            w.type(result),
                        result};
  };
}

GradientCase broadcastNew(Writer &w) {
  Shape operand{w.dim()}, result{w.batch, operand[0], w.dim()};
  return {{{operand}},
          "nn.broadcast %0 [1] to " + w.sizes(result) + " : " + w.type(operand) + " -> " +
              w.type(result),
          result};
}

GradientCase broadcastOnes(Writer &w) {
  Shape operand{{1}, w.dim(), {1}}, result{w.batch, operand[1], w.dim(), w.dim()};
  return {{{operand}},
          "nn.broadcast %0 [0, 1, 3] to " + w.sizes(result) + " : " + w.type(operand) + " -> " +
              w.type(result),
          result};
}

GradientCase broadcastScalar(Writer &w) {
  Shape result{w.batch, w.dim()};
  return {{{{}}},
          "nn.broadcast %0 [] to " + w.sizes(result) + " : " + w.type({}) + " -> " + w.type(result),
          result};
}

GradientCase reshapeCollapse(Writer &w) {
  Shape operand{w.batch, w.dim(), w.dim()};
  Shape result{w.batch, {operand[1].size * operand[2].size}};
  return {{{operand}},
          "nn.reshape %0 to " + w.sizes(result) + " : " + w.type(operand) + " -> " + w.type(result),
          result};
}

GradientCase reshapeExpand(Writer &w) {
  Shape result{w.batch, w.dim(), w.dim()};
  Shape operand{w.batch, {result[1].size * result[2].size}};
  return {{{operand}},
          "nn.reshape %0 to " + w.sizes(result) + " : " + w.type(operand) + " -> " + w.type(result),
          result};
}

GradientCase reshapeRegroup(Writer &w) {
  // Neither shape is a grouping of the other's dimensions.
  Shape operand{w.batch, {6}, {2}}, result{w.batch, {4}, {3}};
  return {{{operand}},
          "nn.reshape %0 to " + w.sizes(result) + " : " + w.type(operand) + " -> " + w.type(result),
          result};
}

GradientCase transpose(Writer &w) {
  Shape operand{w.batch, w.dim(), w.dim()}, result{operand[2], operand[0], operand[1]};
  return {{{operand}},
          "nn.transpose %0 [2, 0, 1] : " + w.type(operand) + " -> " + w.type(result),
          result};
}

GradientCase concat(Writer &w) {
  Shape a{w.batch, w.dim(), {2}}, b{w.batch, w.dim(), {2}}, c{w.batch, {1}, {2}};
  Shape result{w.batch, {a[1].size + b[1].size + 1}, {2}};
  return {{{a}, {b}, {c}},
          "nn.concat %0, %1, %2 axis 1 : (" + w.type(a) + ", " + w.type(b) + ", " + w.type(c) +
              ") -> " + w.type(result),
          result};
}

GradientCase slice(Writer &w) {
  Shape operand{w.batch, {7}, w.dim()}, result{w.batch, {3}, operand[2]};
  return {{{operand}},
          "nn.slice %0 [0, 1, 0] " + w.sizes(result) + " [1, 2, 1] : " + w.type(operand) + " -> " +
              w.type(result),
          result};
}

GradientCase pad(Writer &w) {
  Shape operand{w.batch, {3}}, result{w.batch, {1 + 5 + 2}};
  return {{{operand}},
          "nn.pad %0 low [0, 1] interior [0, 1] to " + w.sizes(result) + " : " + w.type(operand) +
              " -> " + w.type(result),
          result};
}

GradientCase gatherRows(Writer &w) {
  Shape table{w.dim(), w.dim()}, indices{w.batch, w.dim()};
  Shape result{indices[0], indices[1], table[1]};
  double last = static_cast<double>(table[0].size) - 1;
  return {{{table}, {indices, 0, last, "i32"}},
          "nn.gather %0, %1 : (" + w.type(table) + ", " + w.type(indices, "i32") + ") -> " +
              w.type(result),
          result};
}

GradientCase gatherColumns(Writer &w) {
  Shape table{w.batch, w.dim()}, indices{w.dim()}, result{w.batch, indices[0]};
  double last = static_cast<double>(table[1].size) - 1;
  return {{{table}, {indices, 0, last, "i64"}},
          "nn.gather %0, %1 axis 1 : (" + w.type(table) + ", " + w.type(indices, "i64") + ") -> " +
              w.type(result),
          result};
}

GradientCase scatterAdd(Writer &w) {
  Shape into{w.dim(), w.dim()}, indices{w.batch}, updates{w.batch, into[1]};
  double last = static_cast<double>(into[0].size) - 1;
  return {{{updates}, {indices, 0, last, "i32"}, {into}},
          "nn.scatter_add %0, %1 into %2 : (" + w.type(updates) + ", " + w.type(indices, "i32") +
              ", " + w.type(into) + ") -> " + w.type(into),
          into};
}

GradientCase stopGradient(Writer &w) {
  Shape shape{w.batch, w.dim()};
  return {{{shape}}, "nn.stop_gradient %0 : " + w.type(shape), shape, /*stopsGradient=*/true};
}
} // namespace

const std::map<std::string, std::vector<GradientCaseBuilder>> &nnc::test::gradientCases() {
  static std::map<std::string, std::vector<GradientCaseBuilder>> cases = {
      {"nn.abs", {unary("abs", -1, -0.05), unary("abs", 0.05, 1)}},
      {"nn.add", {binary("add", -1, 1, -1, 1)}},
      {"nn.broadcast", {broadcastNew, broadcastOnes, broadcastScalar}},
      {"nn.cast", {cast}},
      {"nn.concat", {concat}},
      {"nn.contract",
       {contract("bk,kn->bn"), contract("bk,nk->bn"), contract("kb,kn->bn"),
        contract("bij,bjk->bik"), contract("b,b->"), contract("b,n->bn"), contract("bn,bn->bn"),
        contract("bij,ij->b")}},
      {"nn.cos", {unary("cos", -3, 3)}},
      {"nn.div", {binary("div", -1, 1, 0.5, 2), binary("div", -1, 1, -2, -0.5)}},
      {"nn.erf", {unary("erf", -2, 2)}},
      {"nn.exp", {unary("exp", -2, 2)}},
      {"nn.expm1", {unary("expm1", -2, 2), unary("expm1", -0.01, 0.01)}},
      // Without a whole number within reach of a quotient, which lies between 1 and 2, then between
      // -2 and -1.
      {"nn.floor_mod",
       {binary("floor_mod", 1.55, 2.0, 1.05, 1.5), binary("floor_mod", -2.0, -1.55, 1.05, 1.5)}},
      {"nn.floor", {unary("floor", -0.9, -0.1), unary("floor", 1.1, 1.9)}},
      {"nn.gather", {gatherRows, gatherColumns}},
      {"nn.log", {unary("log", 0.2, 3)}},
      {"nn.log_sigmoid", {unary("log_sigmoid", -20, 20), unary("log_sigmoid", -0.01, 0.01)}},
      {"nn.log1p", {unary("log1p", -0.7, 2)}},
      {"nn.maximum", {binary("maximum", -1, 1, -1, 1)}},
      {"nn.minimum", {binary("minimum", -1, 1, -1, 1)}},
      {"nn.mul", {binary("mul", -1, 1, -1, 1)}},
      {"nn.neg", {unary("neg", -1, 1)}},
      {"nn.normal_cdf", {unary("normal_cdf", -3, 3)}},
      {"nn.normal_pdf", {unary("normal_pdf", -3, 3)}},
      {"nn.pad", {pad}},
      {"nn.pow", {binary("pow", 0.2, 2, -2, 2)}},
      {"nn.reduce_max",
       {reduce("reduce_max", "[1]", {0, 2}), reduce("reduce_max", "[0, 1, 2]", {})}},
      {"nn.reduce_mean",
       {reduce("reduce_mean", "[0]", {1, 2}), reduce("reduce_mean", "[0, 2]", {1}),
        reduce("reduce_mean", "[1]", {0, 2})}},
      {"nn.reduce_min", {reduce("reduce_min", "[2]", {0, 1}), reduce("reduce_min", "[0, 1]", {2})}},
      {"nn.reduce_sum",
       {reduce("reduce_sum", "[0]", {1, 2}), reduce("reduce_sum", "[0, 2]", {1}),
        reduce("reduce_sum", "[0, 1, 2]", {})}},
      {"nn.reshape", {reshapeCollapse, reshapeExpand, reshapeRegroup}},
      {"nn.rsqrt", {unary("rsqrt", 0.3, 3)}},
      {"nn.scatter_add", {scatterAdd}},
      {"nn.select", {selectBySide}},
      {"nn.sigmoid", {unary("sigmoid", -20, 20), unary("sigmoid", -0.01, 0.01)}},
      {"nn.softplus", {unary("softplus", -20, 20), unary("softplus", -0.01, 0.01)}},
      {"nn.sign", {unary("sign", -1, -0.1), unary("sign", 0.1, 1)}},
      {"nn.sin", {unary("sin", -3, 3)}},
      {"nn.slice", {slice}},
      {"nn.sqrt", {unary("sqrt", 0.3, 3)}},
      {"nn.stop_gradient", {stopGradient}},
      {"nn.sub", {binary("sub", -1, 1, -1, 1)}},
      {"nn.tanh", {unary("tanh", -2, 2)}},
      {"nn.transpose", {transpose}},
  };
  static const bool merged = [] {
    cases.merge(bodyGradientCases());
    return true;
  }();
  (void)merged;
  return cases;
}
