// What the library computes, against numbers worked out by hand.
#include "tests/unit/sema/Analysis.h"
#include "tests/unit/sema/Interpreter.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace nnc;
using test::Array;

namespace {

/// The model's value for `x`, a matrix of two rows.
Array evaluate(const std::string &expression, std::vector<double> x,
               const char *result = "f64[batch, n]") {
  auto columns = static_cast<int64_t>(x.size()) / 2;
  test::Analysis analysis("model m(x: f64[batch, n]) -> y: " + std::string(result) + " = " +
                          expression);
  EXPECT_TRUE(analysis.program) << analysis.messages();
  if (!analysis.program)
    return Array::filled({2, columns}, NAN);
  return test::run(analysis.program->models.front().predict, {Array{{2, columns}, std::move(x)}},
                   {{"batch", 2}, {"n", columns}})
      .front();
}

TEST(Values, Softmax) {
  Array y = evaluate("softmax(x)", {0, std::log(3.0), 1000, 1000});
  EXPECT_NEAR(y.data[0], 0.25, 1e-15);
  EXPECT_NEAR(y.data[1], 0.75, 1e-15);
  EXPECT_DOUBLE_EQ(y.data[2], 0.5) << "large inputs must not overflow";
}

TEST(Values, LogSoftmax) {
  Array y = evaluate("log_softmax(x)", {0, std::log(3.0), -2000, 0});
  EXPECT_NEAR(y.data[0], std::log(0.25), 1e-15);
  EXPECT_NEAR(y.data[2], -2000, 1e-9);
}

TEST(Values, Activations) {
  std::vector<double> x = {-1, 0.5, 2, -1000};
  EXPECT_EQ(evaluate("relu(x)", x).data, (std::vector<double>{0, 0.5, 2, 0}));
  EXPECT_DOUBLE_EQ(evaluate("leaky_relu(x)", x).data[0], -0.01);
  EXPECT_NEAR(evaluate("sigmoid(x)", x).data[1], 1 / (1 + std::exp(-0.5)), 1e-15);
  EXPECT_DOUBLE_EQ(evaluate("sigmoid(x)", x).data[3], 0);
  EXPECT_NEAR(evaluate("softplus(x)", x).data[2], std::log1p(std::exp(2.0)), 1e-15);
  EXPECT_NEAR(evaluate("gelu(x)", x).data[1], 0.5 * 0.69146246127401312, 1e-15);
  EXPECT_NEAR(evaluate("silu(x)", x).data[1], 0.5 / (1 + std::exp(-0.5)), 1e-15);
  EXPECT_TRUE(std::isnan(evaluate("relu(x)", {NAN, 0, 0, 0}).data[0]))
      << "a NaN must not be hidden";
}

TEST(Values, Losses) {
  std::vector<double> x = {0, std::log(3.0), 0, 0};
  // Classes 1 and 0: -log(3/4) and -log(1/2).
  test::Analysis analysis("model m(x: f64[batch, 2], label: index(2)[batch]) -> y: f64[batch] = "
                          "cross_entropy(x, label)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  Array y = test::run(analysis.program->models.front().predict,
                      {Array{{2, 2}, x}, Array{{2}, {1, 0}}}, {{"batch", 2}})
                .front();
  EXPECT_NEAR(y.data[0], -std::log(0.75), 1e-15);
  EXPECT_NEAR(y.data[1], -std::log(0.5), 1e-15);
  EXPECT_EQ(evaluate("mse(x, 1)", {0, 2, 3, 1}).data, (std::vector<double>{1, 1, 4, 0}));
  EXPECT_EQ(evaluate("mae(x, 1)", {0, 2, 3, 1}).data, (std::vector<double>{1, 1, 2, 0}));
  EXPECT_EQ(evaluate("huber(x, 1)", {0, 1.5, 3, 1}).data, (std::vector<double>{.5, .125, 1.5, 0}));
  EXPECT_NEAR(evaluate("binary_cross_entropy(x, 1)", {0, 0, 0, 0}).data[0], std::log(2.0), 1e-15);
  EXPECT_NEAR(evaluate("binary_cross_entropy(x, 0)", {800, 800, 800, 800}).data[0], 800, 1e-9);
  EXPECT_NEAR(evaluate("binary_cross_entropy(x, 1)", {30, 30, 30, 30}).data[0], std::exp(-30.0),
              1e-26)
      << "the loss of a sure and right answer is tiny, not 0";
}

TEST(Values, Statistics) {
  EXPECT_EQ(evaluate("median(x, axis: 1)", {5, 1, 3, 4, 9, 2, 8, 4}, "f64[batch]").data,
            (std::vector<double>{3.5, 6}));
  EXPECT_EQ(evaluate("median(x, axis: 1)", {5, NAN, 3, 1e9, -1, 2}, "f64[batch]").data,
            (std::vector<double>{4, 2}));
  EXPECT_EQ(evaluate("median(x)", {7, 7, 7, 7}, "f64").data, (std::vector<double>{7}));
  EXPECT_NEAR(evaluate("std(x)", {1, 2, 3, 4}, "f64").data[0], std::sqrt(1.25), 1e-15);
  EXPECT_EQ(evaluate("fill(x, 3)", {1, NAN, 2, 2}).data, (std::vector<double>{1, 3, 2, 2}));
  EXPECT_EQ(evaluate("standardize(x)", {1, 5, 3, 5.5}).data, (std::vector<double>{-1, -1, 1, 1}));
}

TEST(Values, AScanGoesOverADimension) {
  const char *sum = "scan c in x over n { state s: f64[batch] = zeros()\n s = 2 * s + c\n s }";
  EXPECT_EQ(evaluate(sum, {1, 2, 3, 4}, "f64[batch]").data, (std::vector<double>{4, 10}));
  const char *all = "scan c in x over n { state s: f64[batch] = zeros()\n s = s + c\n yield s }";
  EXPECT_EQ(evaluate(all, {1, 2, 3, 4}).data, (std::vector<double>{1, 3, 3, 7}));
  const char *last = "scan i in 1..4 { x * (i as f64) }";
  EXPECT_EQ(evaluate(last, {1, 2, 3, 4}).data, (std::vector<double>{3, 6, 9, 12}));
  const char *both = "scan (a, b) in (x, -x) over n { yield a - b }";
  EXPECT_EQ(evaluate(both, {1, 2, 3, 4}).data, (std::vector<double>{2, 4, 6, 8}));
}

TEST(Values, PatternsMoveAndMultiply) {
  EXPECT_EQ(evaluate("rearrange(x, \"b (k two) -> b (two k)\", two: 2)",
                     {1, 2, 3, 4, 5, 6, 7, 8}, "f64[batch, n]")
                .data,
            (std::vector<double>{1, 3, 2, 4, 5, 7, 6, 8}));
  EXPECT_EQ(evaluate("einsum(\"b n, b m, b m -> b\", x, x, x)", {1, 2, 3, 4}, "f64[batch]").data,
            (std::vector<double>{3 * 5, 7 * 25}));
}

TEST(Values, Windows) {
  test::Analysis analysis("model m(x: f64[batch, 4, 1]) -> y: f64[batch, 2, 3] = "
                          "windows(x, size: 3, stride: 2, padding: \"same\", fill: -1)[..., 0]");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  Array y = test::run(analysis.program->models.front().predict, {Array{{1, 4, 1}, {1, 2, 3, 4}}},
                      {{"batch", 1}})
                .front();
  EXPECT_EQ(y.data, (std::vector<double>{1, 2, 3, 3, 4, -1}));
}

TEST(Values, MeanDividesByTheBatchOfTheRun) {
  EXPECT_DOUBLE_EQ(evaluate("mean(x)", {1, 2, 3, 6}, "f64").data[0], 3);
  EXPECT_EQ(evaluate("mean(x, axis: 0)", {1, 2, 3, 6}, "f64[n]").data, (std::vector<double>{2, 4}));
}

TEST(Values, HalfOfASizeIsAFraction) {
  test::Analysis analysis("model m(x: f64[batch]) -> y: f64[batch] = x * (batch / 2)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  Array y =
      test::run(analysis.program->models.front().predict, {Array{{3}, {1, 2, 4}}}, {{"batch", 3}})
          .front();
  EXPECT_EQ(y.data, (std::vector<double>{1.5, 3, 6}));
}

TEST(Values, GlorotLimit) {
  test::Analysis analysis(
      "model m(x: f64[batch, 8]) -> y: f64[batch, 4] = x |> dense(4, bias: false)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  // The interpreter's random numbers are all 1: the upper end of the interval, sqrt(6 / (8 + 4)).
  Array w = test::run(analysis.program->models.front().parameters.front().init, {Array::scalar(0)})
                .front();
  EXPECT_EQ(w.shape, (std::vector<int64_t>{8, 4}));
  EXPECT_NEAR(w.data[0], std::sqrt(0.5), 1e-15);
}

constexpr const char *training = R"(
data pairs(x: f64[1], t: f64[1]) { train npy(x: "a.npy", t: "b.npy") }
model m(x: f64[batch, 1]) -> y: f64[batch, 1] {
  param w: f64[1] = ones()
  x * w
}
train m {
  data      pairs(x, t)
  loss      mse(y, t)
  optimizer OPTIMIZER
  steps     110
}
)";

/// Parameter and states after one update at `step`.
std::vector<Array> update(const std::string &optimizer, double step, double param, double grad,
                          std::vector<double> states) {
  std::string text = training;
  text.replace(text.find("OPTIMIZER"), 9, optimizer);
  test::Analysis analysis(text);
  EXPECT_TRUE(analysis.program) << analysis.messages();
  if (!analysis.program)
    return {Array::scalar(NAN)};
  using Kind = sema::Input::Kind;
  const sema::Function &rule =
      analysis.program->models.front().recipe->blocks.front().updates.front().rule;
  std::vector<Array> inputs;
  for (const sema::Input &input : rule.inputs) {
    if (input.kind == Kind::Optimizer) {
      inputs.push_back(Array{{1}, {states.front()}});
      states.erase(states.begin());
    } else if (input.kind == Kind::Parameter || input.kind == Kind::Gradient) {
      inputs.push_back(Array{{1}, {input.kind == Kind::Parameter ? param : grad}});
    } else {
      inputs.push_back(Array::scalar(input.kind == Kind::Steps ? 110 : step));
    }
  }
  return test::run(rule, inputs);
}

TEST(Values, Adam) {
  auto results = update("adam(lr: 0.1)", 3, 1.0, 0.5, {0.2, 0.03});
  double m = 0.9 * 0.2 + 0.1 * 0.5, v = 0.999 * 0.03 + 0.001 * 0.25;
  double expected =
      1 - 0.1 * (m / (1 - std::pow(0.9, 3))) / (std::sqrt(v / (1 - std::pow(0.999, 3))) + 1e-8);
  EXPECT_NEAR(results[0].data[0], expected, 1e-14);
  EXPECT_NEAR(results[1].data[0], m, 1e-15);
  EXPECT_NEAR(results[2].data[0], v, 1e-15);
}

TEST(Values, Sgd) {
  EXPECT_NEAR(update("sgd(lr: 0.1)", 1, 1.0, 0.5, {})[0].data[0], 0.95, 1e-15);
  auto results = update("sgd(lr: 0.1, momentum: 0.9)", 1, 1.0, 0.5, {2.0});
  EXPECT_NEAR(results[0].data[0], 1 - 0.1 * 2.3, 1e-15);
  EXPECT_NEAR(results[1].data[0], 2.3, 1e-15);
}

TEST(Values, SchedulesDependOnTheStep) {
  const char *cosine = "sgd(lr: cosine(step, 0.2, warmup: 10, total: 110))";
  EXPECT_NEAR(update(cosine, 5, 1.0, 1.0, {})[0].data[0], 1 - 0.1, 1e-14);
  EXPECT_NEAR(update(cosine, 60, 1.0, 1.0, {})[0].data[0], 1 - 0.1, 1e-14);
  EXPECT_NEAR(update(cosine, 110, 1.0, 1.0, {})[0].data[0], 1, 1e-14);
  const char *plain = "sgd(lr: cosine(peak: 0.2))"; // without a warm-up, over all steps
  EXPECT_NEAR(update(plain, 55, 1.0, 1.0, {})[0].data[0], 1 - 0.1, 1e-14);
  const char *decay = "sgd(lr: step_decay(start: 0.4, every: 10, factor: 0.5))";
  EXPECT_NEAR(update(decay, 10, 1.0, 1.0, {})[0].data[0], 0.6, 1e-14);
  EXPECT_NEAR(update(decay, 11, 1.0, 1.0, {})[0].data[0], 0.8, 1e-14);
  const char *warmup = "sgd(lr: linear_warmup(peak: 0.4, warmup: 4))";
  EXPECT_NEAR(update(warmup, 1, 1.0, 1.0, {})[0].data[0], 0.9, 1e-14);
  EXPECT_NEAR(update(warmup, 9, 1.0, 1.0, {})[0].data[0], 0.6, 1e-14);
}

} // namespace
