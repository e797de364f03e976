// Elementwise operations, reductions and functions over many shapes.
#include "tests/unit/codegen/Harness.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>
#include <gtest/gtest.h>

namespace nnc::codegen::test {
namespace {

/// Log-softmax of rows of `n`, for any number of rows or for `rows`.
std::string softmaxEntry(int n, int rows) {
  std::string m = rows ? std::to_string(rows) : "?";
  std::string size = rows ? "" : "%m";
  return llvm::formatv(R"(
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
func.func @softmax({0}%x: tensor<{1}x{2}xf32>) -> tensor<{1}x{2}xf32> attributes {{nn.entry = "predict"} {{
  %zero = arith.constant 0.0 : f32
  %lowest = arith.constant 0xFF800000 : f32
  %e1 = tensor.empty({3}) : tensor<{1}xf32>
  %e2 = tensor.empty({3}) : tensor<{1}x{2}xf32>
  %f1 = linalg.fill ins(%lowest : f32) outs(%e1 : tensor<{1}xf32>) -> tensor<{1}xf32>
  %max = linalg.reduce ins(%x : tensor<{1}x{2}xf32>) outs(%f1 : tensor<{1}xf32>) dimensions = [1]
    (%a: f32, %b: f32) {{ %0 = arith.maximumf %a, %b : f32 linalg.yield %0 : f32 }
  %sh = linalg.generic {{indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x, %max : tensor<{1}x{2}xf32>, tensor<{1}xf32>) outs(%e2 : tensor<{1}x{2}xf32>) {{
    ^bb0(%a: f32, %b: f32, %o: f32):
      %0 = arith.subf %a, %b : f32
      linalg.yield %0 : f32 } -> tensor<{1}x{2}xf32>
  %ex = linalg.exp ins(%sh : tensor<{1}x{2}xf32>) outs(%e2 : tensor<{1}x{2}xf32>) -> tensor<{1}x{2}xf32>
  %f0 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<{1}xf32>) -> tensor<{1}xf32>
  %sum = linalg.reduce ins(%ex : tensor<{1}x{2}xf32>) outs(%f0 : tensor<{1}xf32>) dimensions = [1]
    (%a: f32, %b: f32) {{ %0 = arith.addf %a, %b : f32 linalg.yield %0 : f32 }
  %log = linalg.log ins(%sum : tensor<{1}xf32>) outs(%e1 : tensor<{1}xf32>) -> tensor<{1}xf32>
  %r = linalg.generic {{indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%sh, %log : tensor<{1}x{2}xf32>, tensor<{1}xf32>) outs(%e2 : tensor<{1}x{2}xf32>) {{
    ^bb0(%a: f32, %b: f32, %o: f32):
      %0 = arith.subf %a, %b : f32
      linalg.yield %0 : f32 } -> tensor<{1}x{2}xf32>
  return %r : tensor<{1}x{2}xf32>
}
)",
                       rows ? "" : "%m: index, ", m, n, size)
      .str();
}

std::vector<double> logSoftmax(const std::vector<float> &x, int n) {
  std::vector<double> result(x.begin(), x.end());
  for (size_t row = 0; row < x.size(); row += n) {
    double highest = -INFINITY, sum = 0;
    for (int j = 0; j < n; ++j)
      highest = std::max(highest, result[row + j]);
    for (int j = 0; j < n; ++j)
      sum += std::exp(result[row + j] - highest);
    for (int j = 0; j < n; ++j)
      result[row + j] -= highest + std::log(sum);
  }
  return result;
}

TEST(Elementwise, LogSoftmaxOfRowsOfAnyWidth) {
  for (int n : {1, 2, 5, 8, 10, 13, 16, 31, 33, 64, 100}) {
    for (int rows : {0, 1, 6}) {
      Compiled compiled(softmaxEntry(n, rows));
      int count = rows ? rows : 9;
      std::vector<float> x = randomFloats(count * n, n, 5), y(count * n, NAN);
      std::vector<int64_t> scalars;
      if (!rows)
        scalars.push_back(count);
      compiled.run("softmax", scalars, {x.data(), y.data()});
      EXPECT_LE(worstError(y, logSoftmax(x, n)), 2e-6) << n << " columns, " << rows << " rows";
    }
  }
}

/// A function of one element, applied to 1000 values.
std::string unaryEntry(const char *op, const char *type) {
  return llvm::formatv(R"(
func.func @f(%x: tensor<1000x{1}>) -> tensor<1000x{1}> attributes {{nn.entry = "predict"} {{
  %e = tensor.empty() : tensor<1000x{1}>
  %r = linalg.map {{ {0} } ins(%x : tensor<1000x{1}>) outs(%e : tensor<1000x{1}>)
  return %r : tensor<1000x{1}>
}
)",
                       op, type)
      .str();
}

/// Of bf16 rows of `n` elements: 2 x + 0.1, in f32, rounded once.
std::string bf16Entry(int n) {
  return llvm::formatv(R"(
func.func @f{0}(%rows: index, %x: tensor<?x{0}xbf16>) -> tensor<?x{0}xbf16> attributes {{nn.entry = "predict"} {{
  %two = arith.constant 2.0 : bf16
  %tenth = arith.constant 0.1 : f32
  %e = tensor.empty(%rows) : tensor<?x{0}xbf16>
  %r = linalg.generic {{indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<?x{0}xbf16>) outs(%e : tensor<?x{0}xbf16>) {{
    ^bb0(%a: bf16, %o: bf16):
      %0 = arith.mulf %a, %two : bf16
      %1 = arith.extf %0 : bf16 to f32
      %2 = arith.addf %1, %tenth : f32
      %3 = arith.truncf %2 : f32 to bf16
      linalg.yield %3 : bf16
  } -> tensor<?x{0}xbf16>
  return %r : tensor<?x{0}xbf16>
}
)",
                       n)
      .str();
}

float fromBf16(uint16_t bits) { return llvm::bit_cast<float>(uint32_t(bits) << 16); }

uint16_t toBf16(float value) {
  auto bits = llvm::bit_cast<uint32_t>(value);
  return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/// Where `n` elements are positive and marked, as truth values, and the elements that are.
std::string truthEntry(int n) {
  return llvm::formatv(R"(
func.func @f{0}(%x: tensor<{0}xf32>, %marks: tensor<{0}xi1>) -> (tensor<{0}xi1>, tensor<{0}xf32>) attributes {{nn.entry = "predict"} {{
  %zero = arith.constant 0.0 : f32
  %t = tensor.empty() : tensor<{0}xi1>
  %e = tensor.empty() : tensor<{0}xf32>
  %r:2 = linalg.generic {{indexing_maps = [#id, #id, #id, #id], iterator_types = ["parallel"]}
      ins(%x, %marks : tensor<{0}xf32>, tensor<{0}xi1>) outs(%t, %e : tensor<{0}xi1>, tensor<{0}xf32>) {{
    ^bb0(%a: f32, %mark: i1, %o0: i1, %o1: f32):
      %0 = arith.cmpf ogt, %a, %zero : f32
      %1 = arith.andi %0, %mark : i1
      %2 = arith.select %1, %a, %zero : f32
      linalg.yield %1, %2 : i1, f32
  } -> (tensor<{0}xi1>, tensor<{0}xf32>)
  return %r#0, %r#1 : tensor<{0}xi1>, tensor<{0}xf32>
}
)",
                       n)
      .str();
}

TEST(Elementwise, TruthValuesAreBytesAtAnyWidth) {
  std::string text = "#id = affine_map<(i) -> (i)>\n";
  const std::vector<int> widths{1, 2, 3, 7, 8, 13, 16, 17, 31, 64, 67, 131};
  for (int n : widths)
    text += truthEntry(n);
  for (const char *cpu : {"x86-64", "x86-64-v3", "native"}) {
    TargetOptions options;
    options.cpu = cpu;
    Compiled compiled(text, options);
    for (int n : widths) {
      std::vector<float> x = randomFloats(n, n), kept(n, NAN), wantKept(n);
      // One more at the end, which stays as it is.
      std::vector<uint8_t> marks(n), truths(n + 1, 9), want(n + 1, 9);
      for (int i = 0; i < n; ++i) {
        marks[i] = i % 3 != 1;
        want[i] = marks[i] && x[i] > 0;
        wantKept[i] = want[i] ? x[i] : 0;
      }
      compiled.run("f" + std::to_string(n), {},
                   {x.data(), marks.data(), truths.data(), kept.data()});
      EXPECT_EQ(truths, want) << n << " elements on " << cpu;
      EXPECT_EQ(kept, wantKept) << n << " elements on " << cpu;
    }
  }
}

TEST(Elementwise, Bf16OfAnyWidthNeedsNoLibrary) {
  std::string text;
  for (int n = 1; n <= 40; ++n)
    text += bf16Entry(n);
  for (const char *cpu : {"x86-64", "x86-64-v2", "x86-64-v3", "native"}) {
    TargetOptions options;
    options.cpu = cpu;
    // Where it needed one, it would not be found here.
    Compiled compiled(text, options);
    for (int n = 1; n <= 40; ++n) {
      std::vector<float> values = randomFloats(3 * n, n);
      std::vector<uint16_t> x(values.size()), got(values.size()), want(values.size());
      for (size_t i = 0; i < values.size(); ++i) {
        x[i] = toBf16(values[i]);
        want[i] = toBf16(2 * fromBf16(x[i]) + 0.1f);
      }
      compiled.run("f" + std::to_string(n), {3}, {x.data(), got.data()});
      EXPECT_EQ(got, want) << n << " columns on " << cpu;
    }
  }
}

struct Function {
  const char *op;
  double (*exact)(double);
  double low, high, ulps;
};

TEST(Elementwise, FunctionsAreAFewUlpFromExact) {
  const Function functions[] = {
      {"math.exp", std::exp, -80, 80, 2.5},     {"math.log", std::log, 1e-6, 1e4, 2.5},
      {"math.log1p", std::log1p, -0.9, 1e3, 4}, {"math.expm1", std::expm1, -5, 20, 4},
      {"math.tanh", std::tanh, -9, 9, 6},       {"math.erf", std::erf, -4, 4, 6},
      {"math.sqrt", std::sqrt, 0, 1e6, 0.51},   {"math.sin", std::sin, -30, 30, 2},
      {"math.cos", std::cos, -30, 30, 2}};
  for (unsigned level : {0u, 3u}) {
    for (const Function &f : functions) {
      TargetOptions options;
      options.optLevel = level;
      Compiled compiled(unaryEntry(f.op, "f32"), options);
      std::vector<float> x(1000), y(1000);
      for (int i = 0; i < 1000; ++i)
        x[i] = float(f.low + (f.high - f.low) * i / 999);
      compiled.run("f", {}, {x.data(), y.data()});
      for (int i = 0; i < 1000; ++i) {
        double want = f.exact(x[i]);
        double ulp = std::nextafter(std::fabs(float(want)), INFINITY) - std::fabs(float(want));
        ASSERT_LE(std::fabs(y[i] - want), f.ulps * ulp + 1e-7 * (std::fabs(want) < 1e-6))
            << f.op << " of " << x[i] << " at level " << level;
      }
    }
  }
}

TEST(Elementwise, FunctionsOnDoublesAreExact) {
  for (auto [op, exact] : {std::pair<const char *, double (*)(double)>{"math.exp", std::exp},
                           {"math.log", std::log},
                           {"math.log1p", std::log1p},
                           {"math.expm1", std::expm1},
                           {"math.tanh", std::tanh},
                           {"math.erf", std::erf}}) {
    Compiled compiled(unaryEntry(op, "f64"));
    std::vector<double> x(1000), y(1000);
    for (int i = 0; i < 1000; ++i)
      x[i] = 1e-9 + i * 0.005;
    compiled.run("f", {}, {x.data(), y.data()});
    for (int i = 0; i < 1000; ++i)
      ASSERT_NEAR(y[i], exact(x[i]), 4e-16 * std::fabs(exact(x[i]))) << op << " of " << x[i];
  }
}

TEST(Elementwise, NanAndInfinityPassThrough) {
  Compiled compiled(unaryEntry("math.exp", "f32"));
  std::vector<float> x(1000, 0), y(1000);
  x[3] = NAN, x[4] = INFINITY, x[5] = -INFINITY, x[999] = NAN;
  compiled.run("f", {}, {x.data(), y.data()});
  EXPECT_TRUE(std::isnan(y[3]));
  EXPECT_EQ(y[4], INFINITY);
  EXPECT_EQ(y[5], 0);
  EXPECT_TRUE(std::isnan(y[999]));
  EXPECT_EQ(y[0], 1);
}

/// A denormal number is zero to compiled code.
float flush(float value) {
  return std::fabs(value) < std::numeric_limits<float>::min() ? std::copysign(0.0f, value) : value;
}

/// Multiplying by the reciprocal must not show: not where that overflows, or is denormal.
TEST(Elementwise, DividesByScalarsOfAnySize) {
  Compiled compiled(R"(
func.func @f(%x: tensor<24xf32>, %s: tensor<f32>) -> tensor<24xf32> attributes {nn.entry = "predict"} {
  %e = tensor.empty() : tensor<24xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>, affine_map<(i) -> (i)>],
                       iterator_types = ["parallel"]}
      ins(%x, %s : tensor<24xf32>, tensor<f32>) outs(%e : tensor<24xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %0 = arith.divf %a, %b : f32
      linalg.yield %0 : f32 } -> tensor<24xf32>
  return %r : tensor<24xf32>
}
)");
  std::vector<float> x = randomFloats(16, 1), y(24);
  for (float special : {0.0f, -0.0f, 1e-45f, -3e-39f, 1e-38f, 3e38f, INFINITY, NAN})
    x.push_back(special);
  for (float s : {3.0f, -0.7f, 1e-45f, -1e-40f, 1.1e-38f, 6e-39f, 8e37f, 9e37f, -3.4e38f, 0.0f,
                  -0.0f, INFINITY, NAN}) {
    compiled.run("f", {}, {x.data(), &s, y.data()});
    for (unsigned i = 0; i < x.size(); ++i) {
      float want = flush(flush(x[i]) / flush(s));
      if (!std::isfinite(want)) {
        EXPECT_TRUE(std::isnan(want) ? std::isnan(y[i]) : y[i] == want)
            << x[i] << " / " << s << " is " << want << ", found " << y[i];
        continue;
      }
      // Two roundings in place of one.
      double ulp = std::nextafter(std::fabs(want), INFINITY) - double(std::fabs(want));
      EXPECT_LE(std::fabs(y[i] - want), ulp) << x[i] << " / " << s;
      EXPECT_EQ(std::signbit(y[i]), std::signbit(want)) << x[i] << " / " << s;
    }
  }
}

TEST(Elementwise, TransposesAndColumnSums) {
  for (auto [m, n] : {std::pair{1, 1}, {3, 17}, {16, 8}, {33, 65}, {70, 5}}) {
    std::string text = llvm::formatv(R"(
func.func @f(%x: tensor<{0}x{1}xf32>) -> (tensor<{1}x{0}xf32>, tensor<{1}xf32>, tensor<{0}xf32>) attributes {{nn.entry = "predict"} {{
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<{1}x{0}xf32>
  %t = linalg.transpose ins(%x : tensor<{0}x{1}xf32>) outs(%e : tensor<{1}x{0}xf32>) permutation = [1, 0]
  %e1 = tensor.empty() : tensor<{1}xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<{1}xf32>) -> tensor<{1}xf32>
  %c = linalg.reduce {{ arith.addf } ins(%x : tensor<{0}x{1}xf32>) outs(%f1 : tensor<{1}xf32>) dimensions = [0]
  %e0 = tensor.empty() : tensor<{0}xf32>
  %f0 = linalg.fill ins(%zero : f32) outs(%e0 : tensor<{0}xf32>) -> tensor<{0}xf32>
  %r = linalg.reduce {{ arith.addf } ins(%x : tensor<{0}x{1}xf32>) outs(%f0 : tensor<{0}xf32>) dimensions = [1]
  return %t, %c, %r : tensor<{1}x{0}xf32>, tensor<{1}xf32>, tensor<{0}xf32>
}
)",
                                     m, n)
                           .str();
    Compiled compiled(text);
    std::vector<float> x = randomFloats(m * n, 1), t(m * n), c(n), r(m);
    compiled.run("f", {}, {x.data(), t.data(), c.data(), r.data()});
    std::vector<double> columns(n), rows(m);
    for (int i = 0; i < m; ++i)
      for (int j = 0; j < n; ++j) {
        ASSERT_EQ(t[j * m + i], x[i * n + j]);
        columns[j] += x[i * n + j];
        rows[i] += x[i * n + j];
      }
    EXPECT_LE(worstError(c, columns), 1e-5);
    EXPECT_LE(worstError(r, rows), 1e-5);
  }
}

} // namespace
} // namespace nnc::codegen::test
