// Functions to check the derivatives of operations with bodies, of windows and of lookups on.
#include "tests/unit/nn/GradientCases.h"

using namespace nnc::test;

namespace {
/// `dims (%n)`, and the argument that it is in a body: only where sizes are symbolic.
std::string dims(const Writer &w) { return w.dynamic ? "dims (%n)" : "dims ()"; }
std::string dimArgument(const Writer &w) { return w.dynamic ? ", %d: index" : ""; }
/// Sizes within a body, whose symbol is %d.
std::string sizesWithin(const Writer &w, const Shape &shape) {
  std::string text = w.sizes(shape);
  for (size_t at = text.find("%n"); at != std::string::npos; at = text.find("%n"))
    text[at + 1] = 'd';
  return text;
}

/// tanh(x w + h u + b), stacked in the middle, and the last h: contractions after the loop.
GradientCaseBuilder recurrent(bool reverse, bool symbolicTime) {
  return [=](Writer &w) {
    Dim time = symbolicTime ? w.batch : Dim{3};
    Shape x{w.batch, time, w.dim()}, h{w.batch, w.dim()}, result{w.batch, time, h[1]};
    Shape wx{x[2], h[1]}, wh{h[1], h[1]}, b{h[1]}, xt{w.batch, x[2]};
    std::string ht = w.type(h), rt = w.type(result);
    std::string code =
        "  %s:2 = nn.scan " + w.sizes({time}) + (reverse ? " reverse" : "") +
        " slices [1] (%0 : " + w.type(x) + ") inits (%1 : " + ht +
        ") captures (%2, %3, %4 : " + w.type(wx) + ", " + w.type(wh) + ", " + w.type(b) + ") " +
        dims(w) + " stack [1] -> (" + ht + ", " + rt +
        ") {\n  ^bb0(%i: tensor<i64>, %xt: " + w.type(xt) + ", %h: " + ht + ", %wx: " + w.type(wx) +
        ", %wh: " + w.type(wh) + ", %b: " + w.type(b) + dimArgument(w) +
        "):\n  %a = nn.contract \"bk,kn->bn\" %xt, %wx : (" + w.type(xt) + ", " + w.type(wx) +
        ") -> " + ht + "\n  %c = nn.contract \"bk,kn->bn\" %h, %wh : (" + ht + ", " + w.type(wh) +
        ") -> " + ht + "\n  %e = nn.broadcast %b [1] to " + sizesWithin(w, h) + " : " + w.type(b) +
        " -> " + ht + "\n  %f = nn.add %a, %c : " + ht + "\n  %g = nn.add %f, %e : " + ht +
        "\n  %k = nn.tanh %g : " + ht + "\n  nn.yield %k, %k : " + ht + ", " + ht +
        "\n  }\n  %last = nn.broadcast %s#0 [0, 2] to " + w.sizes(result) + " : " + ht + " -> " +
        rt + "\n";
    return GradientCase{
        {{x}, {h}, {wx}, {wh}, {b}}, "nn.mul %s#1, %last : " + rt, result, false, code};
  };
}

/// Counts, looks rows up by the pass, and multiplies by a capture elementwise: its gradient is
/// carried. One carried value leads nowhere, another has no derivative.
GradientCase counting(Writer &w) {
  Shape table{{3}, w.batch}, c{w.batch};
  std::string tt = w.type(table), ct = w.type(c);
  std::string code =
      "  %zero = nn.constant dense<0> : tensor<i64>\n  %s:3 = nn.scan [3] slices [] () inits (%0, "
      "%zero, %0 : " +
      ct + ", tensor<i64>, " + ct + ") captures (%1, %2 : " + ct + ", " + tt +
      ") dims () stack [] -> (" + ct + ", tensor<i64>, " + ct +
      ") {\n  ^bb0(%i: tensor<i64>, %c: " + ct + ", %m: tensor<i64>, %idle: " + ct + ", %w: " + ct +
      ", %t: " + tt + "):\n  %row = nn.gather %t, %i : (" + tt + ", tensor<i64>) -> " + ct +
      "\n  %a = nn.mul %c, %w : " + ct + "\n  %b = nn.add %a, %row : " + ct +
      "\n  %k = nn.sin %b : " + ct +
      "\n  %e = nn.add %m, %i : tensor<i64>\n  %f = nn.mul %idle, %k : " + ct +
      "\n  nn.yield %k, %e, %f : " + ct + ", tensor<i64>, " + ct + "\n  }\n";
  return {{{c}, {c}, {table}}, "nn.exp %s#0 : " + ct, c, false, code};
}

/// A loop in a loop, whose inner carried value starts from the outer one.
GradientCase nested(Writer &w) {
  Shape x{{2}, {3}, w.batch}, h{w.batch}, xt{{3}, w.batch}, weight{w.batch};
  std::string ht = w.type(h), xtt = w.type(xt);
  std::string inner = "  %in = nn.scan [3] slices [0] (%xt : " + xtt + ") inits (%h : " + ht +
                      ") captures (%w : " + ht + ") dims () stack [] -> (" + ht +
                      ") {\n  ^bb0(%j: tensor<i64>, %xs: " + ht + ", %g: " + ht + ", %v: " + ht +
                      "):\n  %p = nn.mul %g, %v : " + ht + "\n  %q = nn.add %p, %xs : " + ht +
                      "\n  %r = nn.tanh %q : " + ht + "\n  nn.yield %r : " + ht + "\n  }\n";
  std::string code = "  %s = nn.scan [2] slices [0] (%0 : " + w.type(x) + ") inits (%1 : " + ht +
                     ") captures (%2 : " + ht + ") dims () stack [] -> (" + ht +
                     ") {\n  ^bb0(%i: tensor<i64>, %xt: " + xtt + ", %h: " + ht + ", %w: " + ht +
                     "):\n" + inner + "  %z = nn.add %in, %h : " + ht + "\n  nn.yield %z : " + ht +
                     "\n  }\n";
  return {{{x}, {h}, {weight}}, "nn.mul %s, %s : " + ht, h, false, code};
}

/// The gradient of a loop's result by its first carried value and a weight, differentiated again.
GradientCase secondOrder(Writer &w) {
  Shape x{{3}, w.batch, {2}}, h{w.batch, {2}}, wh{{2}, {2}};
  std::string ht = w.type(h), wt = w.type(wh), xt = w.type(x);
  std::string code =
      "  %dh, %dw = nn.gradient wrt (%1, %2 : " + ht + ", " + wt + ") captures (%0 : " + xt +
      ") dims () -> (" + ht + ", " + wt + ") {\n  ^bb0(%a: " + ht + ", %b: " + wt + ", %x: " + xt +
      "):\n  %s = nn.scan [3] slices [0] (%x : " + xt + ") inits (%a : " + ht +
      ") captures (%b : " + wt + ") dims () stack [] -> (" + ht +
      ") {\n  ^bb0(%i: tensor<i64>, %xs: " + ht + ", %g: " + ht + ", %v: " + wt +
      "):\n  %p = nn.contract \"bk,kn->bn\" %g, %v : (" + ht + ", " + wt + ") -> " + ht +
      "\n  %q = nn.add %p, %xs : " + ht + "\n  %r = nn.tanh %q : " + ht +
      "\n  nn.yield %r : " + ht + "\n  }\n  %u = nn.sin %s : " + ht + "\n  nn.yield %u : " + ht +
      "\n  }\n  %m = nn.contract \"bk,kn->bn\" %dh, %dw : (" + ht + ", " + wt + ") -> " + ht + "\n";
  return {{{x}, {h}, {wh}}, "nn.sin %m : " + ht, h, false, code};
}

/// x^3, whose declared gradient is the true one, within a gradient.
GradientCase declared(Writer &w) {
  Shape shape{w.batch, w.dim()};
  std::string type = w.type(shape);
  return {{{shape, 0.5, 2}},
          "nn.with_gradient inputs (%0 : " + type + ") captures () dims () -> (" + type +
              ") {\n  ^bb0(%a: " + type + "):\n  %p = nn.mul %a, %a : " + type +
              "\n  %q = nn.mul %p, %a : " + type + "\n  nn.yield %q : " + type +
              "\n  }, {\n  ^bb0(%a: " + type + ", %g: " + type + "):\n  %p = nn.mul %a, %a : " +
              type + "\n  %r = nn.add %p, %p : " + type + "\n  %q = nn.add %p, %r : " + type +
              "\n  %s = nn.mul %q, %g : " + type + "\n  nn.yield %s : " + type + "\n  }",
          shape};
}

struct Spatial {
  int64_t in, size, stride, dilation, low, high;
  int64_t out() const { return (in + low + high - dilation * (size - 1) - 1) / stride + 1; }
};

/// ` size [3] stride [1] ...`
std::string attributes(const std::vector<Spatial> &spatial) {
  std::string text;
  for (auto [name, member] : {std::pair("size", &Spatial::size),
                              {"stride", &Spatial::stride},
                              {"dilation", &Spatial::dilation},
                              {"low", &Spatial::low},
                              {"high", &Spatial::high}}) {
    text += std::string(" ") + name + " [";
    for (size_t d = 0; d < spatial.size(); ++d)
      text += (d ? ", " : "") + std::to_string(spatial[d].*member);
    text += "]";
  }
  return text;
}

struct WindowShapes {
  Shape whole, parts;
  WindowShapes(Dim batch, const std::vector<Spatial> &spatial, Dim channels)
      : whole{batch}, parts{batch} {
    for (const Spatial &s : spatial) {
      whole.push_back({s.in});
      parts.push_back({s.out()});
    }
    for (const Spatial &s : spatial)
      parts.push_back({s.size});
    whole.push_back(channels);
    parts.push_back(channels);
  }
};

GradientCaseBuilder windows(const std::vector<Spatial> &spatial, const std::string &fill = "") {
  return [=](Writer &w) {
    WindowShapes shapes(w.batch, spatial, w.dim());
    return GradientCase{{{shapes.whole}},
                        "nn.windows %0" + attributes(spatial) + fill + " to " +
                            w.sizes(shapes.parts) + " : " + w.type(shapes.whole) + " -> " +
                            w.type(shapes.parts),
                        shapes.parts};
  };
}

GradientCaseBuilder windowsSum(const std::vector<Spatial> &spatial) {
  return [=](Writer &w) {
    WindowShapes shapes(w.batch, spatial, w.dim());
    return GradientCase{{{shapes.parts}},
                        "nn.windows_sum %0" + attributes(spatial) + " to " + w.sizes(shapes.whole) +
                            " : " + w.type(shapes.parts) + " -> " + w.type(shapes.whole),
                        shapes.whole};
  };
}

/// A convolution; `depthwise` keeps channels apart.
GradientCaseBuilder convolution(const std::vector<Spatial> &spatial, bool depthwise = false) {
  return [=](Writer &w) {
    WindowShapes shapes(w.batch, spatial, w.dim());
    Shape filter, result(shapes.whole);
    std::string out = std::string("hw").substr(0, spatial.size());
    std::string offsets = std::string("ij").substr(0, spatial.size());
    for (size_t d = 0; d < spatial.size(); ++d) {
      filter.push_back({spatial[d].size});
      result[d + 1] = {spatial[d].out()};
    }
    filter.push_back(shapes.whole.back());
    if (!depthwise) {
      filter.push_back(w.dim());
      result.back() = filter.back();
    }
    std::string equation = "b" + out + offsets + "c," + offsets + (depthwise ? "c" : "cf") + "->b" +
                           out + (depthwise ? "c" : "f");
    return GradientCase{{{shapes.whole}, {filter}},
                        "nn.contract \"" + equation + "\" %windows, %1 : (" + w.type(shapes.parts) +
                            ", " + w.type(filter) + ") -> " + w.type(result),
                        result,
                        false,
                        "  %windows = nn.windows %0" + attributes(spatial) + " to " +
                            w.sizes(shapes.parts) + " : " + w.type(shapes.whole) + " -> " +
                            w.type(shapes.parts) + "\n"};
  };
}

/// Pooling: a reduction of windows.
GradientCaseBuilder pooling(const std::string &op, const std::string &fill) {
  return [=](Writer &w) {
    std::vector<Spatial> spatial{{5, 2, 2, 1, 0, 1}, {4, 3, 1, 1, 1, 1}};
    WindowShapes shapes(w.batch, spatial, w.dim());
    Shape result(shapes.whole);
    for (size_t d = 0; d < 2; ++d)
      result[d + 1] = {spatial[d].out()};
    return GradientCase{
        {{shapes.whole}},
        "nn." + op + " %windows [3, 4] : " + w.type(shapes.parts) + " -> " + w.type(result),
        result,
        false,
        "  %windows = nn.windows %0" + attributes(spatial) + fill + " to " + w.sizes(shapes.parts) +
            " : " + w.type(shapes.whole) + " -> " + w.type(shapes.parts) + "\n"};
  };
}

GradientCaseBuilder takeAlong(int axis) {
  return [=](Writer &w) {
    Shape x{w.batch, w.dim(), w.dim()}, result(x);
    result.erase(result.begin() + axis);
    double last = static_cast<double>(x[axis].size) - 1;
    return GradientCase{{{x}, {result, 0, last, "i32"}},
                        "nn.take_along %0, %1 axis " + std::to_string(axis) + " : (" + w.type(x) +
                            ", " + w.type(result, "i32") + ") -> " + w.type(result),
                        result};
  };
}

GradientCase putAlong(Writer &w) {
  Shape result{w.batch, w.dim()}, updates{w.batch};
  double last = static_cast<double>(result[1].size) - 1;
  return {{{updates}, {updates, 0, last, "i64"}},
          "nn.put_along %0, %1 axis 1 to " + w.sizes(result) + " : (" + w.type(updates) + ", " +
              w.type(updates, "i64") + ") -> " + w.type(result),
          result};
}
} // namespace

std::map<std::string, std::vector<GradientCaseBuilder>> nnc::test::bodyGradientCases() {
  Spatial same{5, 3, 1, 1, 1, 1}, strided{6, 3, 2, 1, 1, 0}, dilated{7, 2, 1, 3, 0, 0};
  return {
      {"nn.put_along", {putAlong}},
      {"nn.scan",
       {recurrent(false, false), recurrent(true, false), recurrent(false, true), counting, nested,
        secondOrder}},
      {"nn.take_along", {takeAlong(2), takeAlong(1)}},
      {"nn.windows",
       {windows({same}), windows({strided, dilated}), windows({same, same}, " fill 2.0"),
        convolution({same}), convolution({same, dilated}), convolution({strided, strided}),
        convolution({same, same}, /*depthwise=*/true), pooling("reduce_max", " fill -100.0"),
        pooling("reduce_mean", ""), pooling("reduce_sum", "")}},
      {"nn.windows_sum", {windowsSum({same}), windowsSum({strided, dilated})}},
      {"nn.with_gradient", {declared}},
  };
}
