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
  return test::run(analysis.program->models.front().forward, {Array{{2, columns}, std::move(x)}},
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
  test::Analysis analysis(
      "model m(x: f64[batch, 2], label: u8[batch]) -> y: f64 = cross_entropy(x, label)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  Array y = test::run(analysis.program->models.front().forward,
                      {Array{{2, 2}, x}, Array{{2}, {1, 0}}}, {{"batch", 2}})
                .front();
  EXPECT_NEAR(y.data[0], (-std::log(0.75) - std::log(0.5)) / 2, 1e-15);
  EXPECT_NEAR(evaluate("mse(x, 1)", {0, 2, 3, 1}, "f64").data[0], 6.0 / 4, 1e-15);
  EXPECT_NEAR(evaluate("mae(x, 1)", {0, 2, 3, 1}, "f64").data[0], 4.0 / 4, 1e-15);
  EXPECT_NEAR(evaluate("binary_cross_entropy(x, 1)", {0, 0, 0, 0}, "f64").data[0], std::log(2.0),
              1e-15);
  EXPECT_NEAR(evaluate("binary_cross_entropy(x, 0)", {800, 800, 800, 800}, "f64").data[0], 800,
              1e-9);
}

TEST(Values, MeanDividesByTheBatchOfTheRun) {
  EXPECT_DOUBLE_EQ(evaluate("mean(x)", {1, 2, 3, 6}, "f64").data[0], 3);
  EXPECT_EQ(evaluate("mean(x, axis: 0)", {1, 2, 3, 6}, "f64[n]").data, (std::vector<double>{2, 4}));
}

TEST(Values, HalfOfASizeIsAFraction) {
  test::Analysis analysis("model m(x: f64[batch]) -> y: f64[batch] = x * (batch / 2)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  Array y =
      test::run(analysis.program->models.front().forward, {Array{{3}, {1, 2, 4}}}, {{"batch", 3}})
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
data pairs = idx { x: f64[1]  t: f64[1]  train { x: "a.gz"  t: "b.gz" } }
model m(x: f64[batch, 1]) -> y: f64[batch, 1] {
  param w: f64[1] = ones()
  x * w
}
train m {
  data      pairs(x, t)
  loss      mse(y, t)
  optimizer OPTIMIZER
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
  std::vector<Array> inputs{Array{{1}, {param}}, Array{{1}, {grad}}};
  for (double state : states)
    inputs.push_back(Array{{1}, {state}});
  inputs.push_back(Array::scalar(step));
  return test::run(analysis.program->recipes.front().updates.front().rule, inputs);
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
  const char *cosine = "sgd(lr: cosine(peak: 0.2, warmup: 10, total: 110))";
  EXPECT_NEAR(update(cosine, 5, 1.0, 1.0, {})[0].data[0], 1 - 0.1, 1e-14);
  EXPECT_NEAR(update(cosine, 60, 1.0, 1.0, {})[0].data[0], 1 - 0.1, 1e-14);
  EXPECT_NEAR(update(cosine, 110, 1.0, 1.0, {})[0].data[0], 1, 1e-14);
  const char *decay = "sgd(lr: step_decay(start: 0.4, every: 10, factor: 0.5))";
  EXPECT_NEAR(update(decay, 10, 1.0, 1.0, {})[0].data[0], 0.6, 1e-14);
  EXPECT_NEAR(update(decay, 11, 1.0, 1.0, {})[0].data[0], 0.8, 1e-14);
  const char *warmup = "sgd(lr: linear_warmup(peak: 0.4, warmup: 4))";
  EXPECT_NEAR(update(warmup, 1, 1.0, 1.0, {})[0].data[0], 0.9, 1e-14);
  EXPECT_NEAR(update(warmup, 9, 1.0, 1.0, {})[0].data[0], 0.6, 1e-14);
}

} // namespace
