// Elementwise operations against plain C++, for f64 and f32 and integers, static and dynamic.
#include "tests/unit/nn/Jit.h"
#include "gtest/gtest.h"

#include <cmath>
#include <limits>
#include <random>

using namespace nnc::test;

namespace {
constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// A function of up to three numbers, as an operation of this name computes it element by element.
struct ElementwiseCase {
  std::string op;
  unsigned arity;
  double low, high; ///< of the operands
  std::function<double(double, double)> reference;
  std::vector<std::string> elements = {"f64", "f32"};
};

void PrintTo(const ElementwiseCase &test, std::ostream *os) { *os << test.op; }

std::string typeOf(const std::string &element, bool dynamic) {
  return std::string("tensor<") + (dynamic ? "?" : "7") + "x3x" + element + ">";
}

/// Equal, or both NaN, or within a few units in the last place of the type.
void expectClose(double actual, double expected, const std::string &element) {
  if (std::isnan(expected) || std::isinf(expected) || (element != "f64" && element != "f32")) {
    EXPECT_TRUE(actual == expected || (std::isnan(actual) && std::isnan(expected)))
        << actual << " instead of " << expected;
    return;
  }
  double ulp = element == "f64" ? 2.3e-16 : 1.2e-7;
  EXPECT_NEAR(actual, expected, 4 * ulp * std::max(1.0, std::abs(expected)));
}

double roundTo(const std::string &element, double value) {
  if (element == "f64")
    return value;
  return element == "f32" ? static_cast<double>(static_cast<float>(value)) : std::trunc(value);
}

class ElementwiseValues : public testing::TestWithParam<ElementwiseCase> {};

TEST_P(ElementwiseValues, AgreeWithReference) {
  const ElementwiseCase &test = GetParam();
  std::mt19937 engine(7);
  std::uniform_real_distribution<> draw(test.low, test.high);
  for (const std::string &element : test.elements)
    for (bool dynamic : {false, true}) {
      SCOPED_TRACE(element + (dynamic ? ", dynamic" : ", static"));
      std::string type = typeOf(element, dynamic);
      std::unique_ptr<Jit> jit =
          Jit::compile("func.func @f(%n: index, %a: " + type + ", %b: " + type + ") -> " + type +
                       " {\n  %0 = nn." + test.op + " %a" + (test.arity == 2 ? ", %b" : "") +
                       " : " + type + "\n  return %0 : " + type + "\n}");
      ASSERT_TRUE(jit);
      Array a{element, {7, 3}, {}}, b = a;
      for (int i = 0; i < 21; ++i) {
        a.values.push_back(roundTo(element, draw(engine)));
        b.values.push_back(roundTo(element, draw(engine)));
      }
      Array result = jit->run(7, {a, b})[0];
      ASSERT_EQ(result.shape, a.shape);
      for (size_t i = 0; i < a.values.size(); ++i)
        expectClose(result.values[i], test.reference(a.values[i], b.values[i]), element);
    }
}

const std::vector<std::string> signedTypes = {"f64", "f32", "i64", "i32"};
const std::vector<std::string> allNumbers = {"f64", "f32", "i64", "i32", "ui8"};

INSTANTIATE_TEST_SUITE_P(
    Nn, ElementwiseValues,
    testing::Values(
        ElementwiseCase{"neg", 1, -9, 9, [](double a, double) { return -a; }, signedTypes},
        ElementwiseCase{"abs", 1, -9, 9, [](double a, double) { return std::abs(a); }, signedTypes},
        ElementwiseCase{"sign", 1, -3, 3,
                        [](double a, double) { return double((a > 0) - (a < 0)); }, signedTypes},
        ElementwiseCase{"exp", 1, -3, 3, [](double a, double) { return std::exp(a); }},
        ElementwiseCase{"log", 1, 0, 3, [](double a, double) { return std::log(a); }},
        ElementwiseCase{"log1p", 1, -0.9, 3, [](double a, double) { return std::log1p(a); }},
        ElementwiseCase{"sqrt", 1, 0, 9, [](double a, double) { return std::sqrt(a); }},
        ElementwiseCase{"rsqrt", 1, 0.1, 9, [](double a, double) { return 1 / std::sqrt(a); }},
        ElementwiseCase{"tanh", 1, -3, 3, [](double a, double) { return std::tanh(a); }},
        ElementwiseCase{"sin", 1, -9, 9, [](double a, double) { return std::sin(a); }},
        ElementwiseCase{"cos", 1, -9, 9, [](double a, double) { return std::cos(a); }},
        ElementwiseCase{"erf", 1, -3, 3, [](double a, double) { return std::erf(a); }},
        ElementwiseCase{"floor", 1, -9, 9, [](double a, double) { return std::floor(a); }},
        ElementwiseCase{"stop_gradient", 1, 0, 9, [](double a, double) { return a; }, allNumbers},
        ElementwiseCase{"add", 2, 0, 99, [](double a, double b) { return a + b; }, allNumbers},
        ElementwiseCase{"sub", 2, -9, 9, [](double a, double b) { return a - b; }, signedTypes},
        ElementwiseCase{"mul", 2, 0, 15, [](double a, double b) { return a * b; }, allNumbers},
        ElementwiseCase{"div", 2, -9, 9, [](double a, double b) { return a / b; }},
        ElementwiseCase{"remainder", 2, -9, 9, [](double a, double b) { return std::fmod(a, b); }},
        ElementwiseCase{"pow", 2, 0.1, 3, [](double a, double b) { return std::pow(a, b); }},
        ElementwiseCase{"maximum", 2, 0, 250, [](double a, double b) { return std::max(a, b); },
                        allNumbers},
        ElementwiseCase{"minimum", 2, 0, 250, [](double a, double b) { return std::min(a, b); },
                        allNumbers}));

/// Compiles `%r = nn.<code>` on one operand of `from` and runs it on the values.
Array runUnary(const std::string &code, const std::string &from, const std::string &to,
               std::vector<double> values) {
  auto size = static_cast<int64_t>(values.size());
  std::string in = "tensor<?x" + from + ">", out = "tensor<?x" + to + ">";
  std::unique_ptr<Jit> jit =
      Jit::compile("func.func @f(%n: index, %a: " + in + ") -> " + out + " {\n  %0 = nn." + code +
                   "\n  return %0 : " + out + "\n}");
  if (!jit)
    return {};
  return jit->run(size, {{from, {size}, std::move(values)}})[0];
}

/// As above, with two operands.
Array runBinary(const std::string &code, const std::string &from, const std::string &to,
                std::vector<double> a, std::vector<double> b) {
  auto size = static_cast<int64_t>(a.size());
  std::string in = "tensor<?x" + from + ">", out = "tensor<?x" + to + ">";
  std::unique_ptr<Jit> jit =
      Jit::compile("func.func @f(%n: index, %a: " + in + ", %b: " + in + ") -> " + out +
                   " {\n  %0 = nn." + code + "\n  return %0 : " + out + "\n}");
  if (!jit)
    return {};
  return jit->run(size, {{from, {size}, std::move(a)}, {from, {size}, std::move(b)}})[0];
}

void expectValues(const Array &actual, const std::vector<double> &expected) {
  ASSERT_EQ(actual.values.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_TRUE(actual.values[i] == expected[i] ||
                (std::isnan(actual.values[i]) && std::isnan(expected[i])))
        << "element " << i << ": " << actual.values[i] << " instead of " << expected[i];
}

TEST(NnValues, IntegerDivisionIsDefinedEverywhere) {
  double least = std::numeric_limits<int32_t>::min();
  std::vector<double> a{7, -7, 7, -7, 5, least, 0}, b{2, 2, -2, -2, 0, -1, 3};
  expectValues(runBinary("div %a, %b : tensor<?xi32>", "i32", "i32", a, b),
               {3, -3, -3, 3, 0, least, 0});
  expectValues(runBinary("remainder %a, %b : tensor<?xi32>", "i32", "i32", a, b),
               {1, -1, 1, -1, 5, 0, 0});
  expectValues(runBinary("div %a, %b : tensor<?xui8>", "ui8", "ui8", {200, 200, 255}, {3, 0, 255}),
               {66, 0, 1});
  expectValues(
      runBinary("remainder %a, %b : tensor<?xui8>", "ui8", "ui8", {200, 200, 255}, {3, 0, 255}),
      {2, 200, 0});
}

TEST(NnValues, UnsignedBytesWrap) {
  expectValues(runBinary("add %a, %b : tensor<?xui8>", "ui8", "ui8", {250, 1}, {10, 2}), {4, 3});
  expectValues(runBinary("sub %a, %b : tensor<?xui8>", "ui8", "ui8", {1, 9}, {2, 2}), {255, 7});
}

TEST(NnValues, NanIsKept) {
  std::vector<double> a{nan, 1, nan, -0.0, inf}, b{1, nan, nan, 0.0, -inf};
  expectValues(runBinary("maximum %a, %b : tensor<?xf32>", "f32", "f32", a, b),
               {nan, nan, nan, 0, inf});
  expectValues(runBinary("minimum %a, %b : tensor<?xf32>", "f32", "f32", a, b),
               {nan, nan, nan, 0, -inf});
  expectValues(runUnary("sign %a : tensor<?xf32>", "f32", "f32", {nan, -inf, inf, 0}),
               {nan, -1, 1, 0});
}

TEST(NnValues, Comparisons) {
  struct {
    const char *predicate;
    std::vector<double> floats, bytes;
  } cases[] = {
      {"eq", {0, 1, 0, 0}, {0, 1, 0}}, {"ne", {1, 0, 1, 1}, {1, 0, 1}},
      {"lt", {1, 0, 0, 0}, {1, 0, 0}}, {"le", {1, 1, 0, 0}, {1, 1, 0}},
      {"gt", {0, 0, 1, 0}, {0, 0, 1}}, {"ge", {0, 1, 1, 0}, {0, 1, 1}},
  };
  for (const auto &test : cases) {
    std::string code = std::string("compare \"") + test.predicate + "\" %a, %b : tensor<?x";
    SCOPED_TRACE(code);
    expectValues(runBinary(code + "f32>", "f32", "i1", {1, 2, 3, nan}, {2, 2, 2, nan}),
                 test.floats);
    expectValues(runBinary(code + "ui8>", "ui8", "i1", {1, 200, 200}, {200, 200, 1}), test.bytes);
    expectValues(runBinary(code + "i32>", "i32", "i1", {-1, 2, 3}, {1, 2, -3}), test.bytes);
  }
}

TEST(NnValues, TruthValues) {
  std::vector<double> a{0, 0, 1, 1}, b{0, 1, 0, 1};
  expectValues(runBinary("and %a, %b : tensor<?xi1>", "i1", "i1", a, b), {0, 0, 0, 1});
  expectValues(runBinary("or %a, %b : tensor<?xi1>", "i1", "i1", a, b), {0, 1, 1, 1});
  expectValues(runUnary("not %a : tensor<?xi1>", "i1", "i1", {0, 1}), {1, 0});
}

TEST(NnValues, SelectIgnoresTheOtherSide) {
  std::unique_ptr<Jit> jit = Jit::compile(
      "func.func @f(%n: index, %c: tensor<?xi1>, %a: tensor<?xf32>, %b: tensor<?xf32>) "
      "-> tensor<?xf32> {\n  %0 = nn.select %c, %a, %b : tensor<?xf32>\n  return %0 : "
      "tensor<?xf32>\n}");
  ASSERT_TRUE(jit);
  expectValues(
      jit->run(2, {{"i1", {2}, {1, 0}}, {"f32", {2}, {1, nan}}, {"f32", {2}, {nan, 2}}})[0],
      {1, 2});
}

TEST(NnValues, Casts) {
  auto cast = [](const std::string &from, const std::string &to, std::vector<double> values) {
    return runUnary("cast %a : tensor<?x" + from + "> to tensor<?x" + to + ">", from, to,
                    std::move(values));
  };
  constexpr double least = std::numeric_limits<int32_t>::min();
  constexpr double greatest = std::numeric_limits<int32_t>::max();
  expectValues(cast("f64", "i32", {2.9, -2.9, 1e10, -1e10, nan, inf, -inf}),
               {2, -2, greatest, least, 0, greatest, least});
  expectValues(cast("f32", "ui8", {254.9f, 256, 1e9f, -0.5f, -3, nan}), {254, 255, 255, 0, 0, 0});
  expectValues(cast("f32", "i1", {0, -0.0, 0.5, nan, -1}), {0, 0, 1, 1, 1});
  expectValues(cast("ui8", "f32", {0, 127, 200, 255}), {0, 127, 200, 255});
  expectValues(cast("ui8", "i64", {200}), {200});
  expectValues(cast("ui8", "i1", {0, 200}), {0, 1});
  expectValues(cast("i1", "i32", {0, 1}), {0, 1});
  expectValues(cast("i1", "f32", {0, 1}), {0, 1});
  expectValues(cast("i32", "ui8", {-1, 256, 300}), {255, 0, 44});
  expectValues(cast("i64", "i32", {4294967297.0, -1}), {1, -1});
  expectValues(cast("i32", "f64", {least, -7}), {least, -7});
  expectValues(cast("f64", "f32", {0.1, 1e300}), {double(0.1f), inf});
}
} // namespace
