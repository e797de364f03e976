// Derivatives where finite differences have none: at ties, at zeros, behind branches not taken.
#include "tests/unit/nn/Jit.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace nnc::test;

namespace {
using Values = std::vector<double>;

/// The gradients of sum(code) by all of the f64 vectors %0, %1, ... of equal length.
std::vector<Values> gradients(const std::string &code, const std::vector<Values> &operands) {
  std::string type = "tensor<" + std::to_string(operands[0].size()) + "xf64>";
  std::string text = "func.func @f(%n: index";
  std::vector<Array> arguments;
  for (const Values &operand : operands) {
    text += ", %" + std::to_string(arguments.size()) + ": " + type + " {nn.wrt}";
    arguments.push_back({"f64", {static_cast<int64_t>(operand.size())}, operand});
  }
  std::string body = code;
  for (size_t at = body.find('T'); at != std::string::npos; at = body.find('T'))
    body.replace(at, 1, type);
  text += ") -> tensor<f64> {\n" + body + "\n  %loss = nn.reduce_sum %y [0] : " + type +
          " -> tensor<f64>\n  return %loss : tensor<f64>\n}";
  std::unique_ptr<Jit> jit =
      Jit::compile(text, "nn-expand-gradients,func.func(nn-differentiate),nn-simplify");
  if (!jit)
    return {};
  std::vector<Values> result;
  for (const Array &array : jit->run(0, arguments))
    result.push_back(array.values);
  result.erase(result.begin());
  return result;
}

TEST(NnTies, EqualsShareTheGradient) {
  for (const std::string op : {"maximum", "minimum"}) {
    auto g = gradients("  %y = nn." + op + " %0, %1 : T", {{1, 2, 0}, {1, 3, -0.0}});
    ASSERT_EQ(g.size(), 2u);
    double chosen = op == "minimum" ? 1 : 0;
    EXPECT_EQ(g[0], (Values{0.5, chosen, 0.5}));
    EXPECT_EQ(g[1], (Values{0.5, 1 - chosen, 0.5}));
  }
  for (const std::string op : {"reduce_max", "reduce_min"}) {
    auto g = gradients("  %m = nn." + op +
                           " %0 [0] : T -> tensor<f64>\n"
                           "  %y = nn.broadcast %m [] to [3] : tensor<f64> -> T",
                       {{2, 2, 2}});
    ASSERT_EQ(g.size(), 1u);
    EXPECT_EQ(g[0], (Values{1, 1, 1}));
  }
}

TEST(NnTies, SmoothFunctionsAreSmoothAtZero) {
  auto g = gradients("  %y = nn.softplus %0 : T", {{0, -0.0, 700, -700}});
  ASSERT_EQ(g.size(), 1u);
  EXPECT_EQ(g[0][0], 0.5);
  EXPECT_EQ(g[0][1], 0.5);
  EXPECT_EQ(g[0][2], 1);
  EXPECT_NEAR(g[0][3] / std::exp(-700.0), 1, 1e-14);
  g = gradients("  %y = nn.log_sigmoid %0 : T", {{0, 40, -700}});
  EXPECT_EQ(g[0][0], 0.5);
  EXPECT_NEAR(g[0][1] / std::exp(-40.0), 1, 1e-14);
  EXPECT_EQ(g[0][2], 1);
  g = gradients("  %y = nn.sigmoid %0 : T", {{0, -36.04, -700}});
  EXPECT_EQ(g[0][0], 0.25);
  EXPECT_NEAR(g[0][1] / std::exp(-36.04), 1, 1e-14);
  EXPECT_NEAR(g[0][2] / std::exp(-700.0), 1, 1e-14);
  g = gradients("  %s = nn.sigmoid %0 : T\n  %y = nn.log %s : T", {{-16, -30, -40}});
  for (double slope : g[0])
    EXPECT_NEAR(slope, 1, 1e-6);
}

/// The condition is where the first operand is above 0.
TEST(NnTies, BranchesNotTakenHaveNoInfluence) {
  const std::string condition = "  %zero = nn.constant dense<0.0> : T\n"
                                "  %c = nn.compare \"gt\" %0, %zero : T\n";
  auto where = [&](const std::string &branch) {
    return gradients(condition + branch + "\n  %y = nn.select %c, %b, %0 : T", {{4, -1, 0}});
  };
  auto g = where("  %b = nn.sqrt %0 : T");
  ASSERT_EQ(g.size(), 1u);
  EXPECT_EQ(g[0], (Values{0.25, 1, 1}));
  EXPECT_EQ(where("  %b = nn.log %0 : T")[0], (Values{0.25, 1, 1}));
  EXPECT_EQ(where("  %b = nn.rsqrt %0 : T")[0], (Values{-0.0625, 1, 1}));
  EXPECT_EQ(where("  %b = nn.div %0, %0 : T")[0], (Values{0, 1, 1}));
  // Through a chain, and where two paths meet again within the branch.
  EXPECT_EQ(
      where("  %l = nn.log %0 : T\n  %s = nn.sqrt %0 : T\n  %q = nn.mul %s, %s : T\n"
            "  %m = nn.mul %l, %l : T\n  %z = nn.sub %m, %m : T\n  %b = nn.add %q, %z : T")[0],
      (Values{1, 1, 1}));
  // exp overflows where it isn't taken.
  g = gradients("  %ten = nn.constant dense<10.0> : T\n  %c = nn.compare \"lt\" %0, %ten : T\n"
                "  %e = nn.exp %0 : T\n  %y = nn.select %c, %e, %0 : T",
                {{0, 1000}});
  EXPECT_EQ(g[0], (Values{1, 1}));
  g = gradients("  %one = nn.constant dense<1.0> : T\n  %e = nn.exp %0 : T\n"
                "  %y = nn.minimum %e, %one : T",
                {{-1, 1000}});
  EXPECT_NEAR(g[0][0], std::exp(-1.0), 1e-15);
  EXPECT_EQ(g[0][1], 0);
}

/// Not either where several choices of one branch are made, alike or not.
TEST(NnTies, SharedBranchesNotTakenHaveNoInfluence) {
  auto shared = [](const std::string &bound) {
    return gradients("  %s = nn.sqrt %0 : T\n  %z = nn.constant dense<0.0> : T\n"
                     "  %zz = nn.constant dense<0.0> : T\n"
                     "  %b = nn.constant dense<" +
                         bound +
                         "> : T\n"
                         "  %c = nn.compare \"gt\" %0, %zz : T\n"
                         "  %d = nn.compare \"gt\" %0, %b : T\n"
                         "  %v = nn.select %c, %s, %z : T\n  %w = nn.select %d, %s, %z : T\n"
                         "  %y = nn.add %v, %w : T",
                     {{0, 0.25, -1, 4}});
  };
  auto g = shared("0.0");
  ASSERT_EQ(g.size(), 1u);
  EXPECT_EQ(g[0], (Values{0, 2, 0, 0.5}));
  EXPECT_EQ(shared("1.0")[0], (Values{0, 1, 0, 0.5}));
  EXPECT_EQ(shared("-2.0")[0][3], 0.5);
}

/// A constant: its slope is 0, where 0 * x ^ -1 is NaN as well.
TEST(NnTies, ThePowerOfZeroIsFlat) {
  auto g = gradients("  %y = nn.pow %0, %1 : T",
                     {{0, -0.0, 5e-324, -2, 0, 0, 3, 0}, {0, 0, 0, 0, 1, 2, 2, -0.0}});
  ASSERT_EQ(g.size(), 2u);
  EXPECT_EQ(g[0], (Values{0, 0, 0, 0, 1, 0, 6, 0}));
  g = gradients("  %e = nn.constant dense<0.0> : T\n  %y = nn.pow %0, %e : T", {{0, 1, -0.0}});
  EXPECT_EQ(g[0], (Values{0, 0, 0}));
}

/// A loop of no passes is its start, and what it is given has no gradient.
TEST(NnTies, LoopsOfNoPasses) {
  auto g =
      gradients("  %x = nn.slice %1 [0] [0] [1] : T -> tensor<0xf64>\n"
                "  %y = nn.scan [0] slices [0] (%x : tensor<0xf64>) inits (%0 : T) captures () "
                "dims () stack [] -> (T) {\n  ^bb0(%i: tensor<i64>, %a: tensor<f64>, %h: T):\n"
                "  %b = nn.broadcast %a [] to [2] : tensor<f64> -> T\n"
                "  %k = nn.mul %h, %b : T\n  nn.yield %k : T\n  }",
                {{1, 2}, {3, 4}});
  ASSERT_EQ(g.size(), 2u);
  EXPECT_EQ(g[0], (Values{1, 1}));
  EXPECT_EQ(g[1], (Values{0, 0}));
}
} // namespace
