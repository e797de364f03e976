// Losses and metrics over a whole part: the same for any batch, in as few passes as they need.
#include "tests/unit/sema/Analysis.h"
#include "tests/unit/sema/Interpreter.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace nnc;
using sema::Evaluation;
using sema::Input;
using test::Array;

namespace {

/// A recipe whose model doubles its input, with these lines.
std::string program(const std::string &lines) {
  return R"(
layer most(x: float[batch]) -> float[batch] = x / max(abs(x))
model twice(x: f64[batch]) -> y: f64[batch] {
  param w: f64 = ones()
  2 * x * w
}
data points(x: f64, t: f64) { train npy(x: "x.npy", t: "t.npy") }
train twice {
  data points(x, t)
  optimizer sgd()
)" + lines +
         "}\n";
}

/// Runs the passes over x and t (of two equal columns) in batches, and what follows.
std::vector<double> evaluate(const Evaluation &evaluation, const std::vector<double> &x,
                             size_t batch) {
  std::vector<double> totals;
  for (const Evaluation::Pass &pass : evaluation.passes) {
    std::vector<double> sums;
    for (size_t begin = 0; begin < x.size(); begin += batch) {
      std::vector<double> part(x.begin() + begin,
                               x.begin() + std::min(begin + batch, x.size()));
      auto size = static_cast<int64_t>(part.size());
      std::vector<Array> inputs;
      for (const Input &input : pass.accumulate.inputs) {
        if (input.kind == Input::Kind::Field)
          inputs.push_back(Array{{size}, part});
        else if (input.kind == Input::Kind::Total)
          inputs.push_back(Array::scalar(totals[std::stoul(input.name)]));
        else
          inputs.push_back(Array::scalar(1));
      }
      std::vector<Array> results = test::run(pass.accumulate, inputs, {{"batch", size}});
      for (size_t i = 0; i < results.size(); ++i) {
        double value = results[i].data[0];
        if (begin == 0)
          sums.push_back(value);
        else if (pass.combine[i] == Evaluation::Combine::Sum)
          sums[i] += value;
        else if (pass.combine[i] == Evaluation::Combine::Max)
          sums[i] = std::max(sums[i], value);
        else
          sums[i] = std::min(sums[i], value);
      }
    }
    totals.insert(totals.end(), sums.begin(), sums.end());
  }
  std::vector<Array> inputs;
  for (const Input &input : evaluation.finish.inputs)
    inputs.push_back(Array::scalar(
        input.kind == Input::Kind::Total ? totals[std::stoul(input.name)] : 0));
  std::vector<double> values;
  for (const Array &result : test::run(evaluation.finish, inputs))
    values.push_back(result.data[0]);
  return values;
}

struct Case {
  const char *lines;
  size_t passes;
  std::vector<double> values; ///< losses, then metrics
};

// x is 1, 2, 3, 4, 6; y is 2 x; t is x.
const Case cases[] = {
    {"  loss y\n", 1, {6.4}},
    {"  loss (y - t) ^ 2\n  metric rmse = sqrt(mean((y - t) ^ 2))\n", 1, {13.2, std::sqrt(13.2)}},
    {"  loss y\n  metric sqrt(mean((y - mean(y)) ^ 2))\n", 2, {6.4, std::sqrt(51.2 - 6.4 * 6.4 + 1.6)}},
    {"  loss y\n  metric precision = sum((y > 4) and (t < 6)) / sum(y > 4)\n", 1, {6.4, 2.0 / 3}},
    {"  loss y\n  metric most = max(y) - min(t)\n", 1, {6.4, 11}},
    {"  loss y\n  metric share = y > 4\n", 1, {6.4, 0.6}},
    {"  loss first = y\n  loss second = 2 * y\n  metric both = exp(loss - first - second)\n", 1,
     {6.4, 12.8, 1}},
    {"  loss sum(y) / batch\n", 1, {6.4}},
    {"  let centre = mean(t)\n  loss y\n  metric off = mean(abs(t - centre))\n", 2, {6.4, 1.44}},
    {"  loss y\n  metric none = sum(y > 99) / sum(t > 99)\n", 1, {6.4, NAN}},
};

TEST(Totals, AreTheSameForAnyBatch) {
  for (const Case &each : cases) {
    std::string lines = each.lines;
    if (size_t at = lines.find("metric sqrt"); at != lines.npos)
      lines.replace(at, 7, "metric spread = ");
    test::Analysis analysis(program(lines));
    ASSERT_TRUE(analysis.program) << lines << analysis.messages();
    const Evaluation &evaluation = analysis.program->models.front().recipe->evaluation;
    EXPECT_EQ(evaluation.passes.size(), each.passes) << lines;
    for (size_t batch : {1, 2, 3, 5}) {
      std::vector<double> values = evaluate(evaluation, {1, 2, 3, 4, 6}, batch);
      ASSERT_EQ(values.size(), each.values.size()) << lines;
      for (size_t i = 0; i < values.size(); ++i) {
        if (std::isnan(each.values[i]))
          EXPECT_TRUE(std::isnan(values[i])) << lines;
        else
          EXPECT_NEAR(values[i], each.values[i], 1e-12) << lines << "batch " << batch;
      }
    }
  }
}

TEST(Totals, LeaveReductionsInLayersToTheBatch) {
  test::Analysis analysis(program("  loss y\n  metric m = most(y)\n"));
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const Evaluation &evaluation = analysis.program->models.front().recipe->evaluation;
  EXPECT_EQ(evaluation.passes.size(), 1u);
  EXPECT_NEAR(evaluate(evaluation, {1, 2, 4, 4}, 2)[1], (0.5 + 1 + 1 + 1) / 4, 1e-12);
}

TEST(Totals, AreSharedAndNumberedThroughAllPasses) {
  test::Analysis analysis(program(
      "  loss y\n  metric a = mean(y)\n  metric b = mean((y - mean(y)) ^ 2) / mean(y)\n"));
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const Evaluation &evaluation = analysis.program->models.front().recipe->evaluation;
  ASSERT_EQ(evaluation.passes.size(), 2u);
  EXPECT_EQ(evaluation.passes[0].combine.size(), 2u) << "a sum and a count";
  EXPECT_EQ(evaluation.passes[1].combine.size(), 1u) << "the count is the same";
  EXPECT_EQ(evaluation.passes[1].accumulate.results[0].name, "2");
  EXPECT_EQ(evaluation.metrics, (std::vector<std::string>{"a", "b"}));
}

} // namespace
