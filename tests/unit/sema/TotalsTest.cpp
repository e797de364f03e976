// Losses and metrics over a whole part: which totals they are made of, in how many passes. That
// their values are the same for any batch is tested with compiled programs.
#include "tests/unit/sema/Analysis.h"

#include "gtest/gtest.h"

using namespace nnc;
using sema::Evaluation;

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

/// "sum sum; max": the totals of each pass.
std::string passes(const Evaluation &evaluation) {
  std::string text;
  for (const Evaluation::Pass &pass : evaluation.passes) {
    text += text.empty() ? "" : "; ";
    for (size_t i = 0; i < pass.combine.size(); ++i)
      text +=
          std::string(i == 0 ? "" : " ") + (pass.combine[i] == Evaluation::Combine::Sum   ? "sum"
                                            : pass.combine[i] == Evaluation::Combine::Max ? "max"
                                                                                          : "min");
  }
  return text;
}

/// What a result is made of, as an expression of totals: "(#0 / #1)".
std::string formula(const sema::Function &function, const sema::Node *node) {
  for (const sema::Input &input : function.inputs)
    if (input.node == node)
      return "#" + input.name;
  if (node->operands.size() == 1)
    return node->op + formula(function, node->operands[0]);
  if (node->operands.size() == 2)
    return "(" + formula(function, node->operands[0]) + " " + node->op + " " +
           formula(function, node->operands[1]) + ")";
  return "?";
}

struct Case {
  const char *lines, *passes;
  std::vector<const char *> results; ///< losses, then metrics
};

const Case cases[] = {
    // A loss is the mean over all examples.
    {"  loss y\n", "sum sum", {"(#0 div #1)"}},
    {"  loss (y - t) ^ 2\n  metric rmse = sqrt(mean((y - t) ^ 2))\n",
     "sum sum sum",
     {"(#0 div #1)", "sqrt(#2 div #1)"}},
    // What a total is subtracted from is added up in a second pass.
    {"  loss y\n  metric spread = sqrt(mean((y - mean(y)) ^ 2))\n",
     "sum sum; sum",
     {"(#0 div #1)", "sqrt(#2 div #1)"}},
    {"  loss y\n  metric precision = sum((y > 4) and (t < 6)) / sum(y > 4)\n",
     "sum sum sum sum",
     {"(#0 div #1)", "(#2 div #3)"}},
    {"  loss y\n  metric most = max(y) - min(t)\n",
     "sum sum max min",
     {"(#0 div #1)", "(#2 sub #3)"}},
    {"  loss y\n  metric share = y > 4\n", "sum sum sum", {"(#0 div #1)", "(#2 div #1)"}},
    // A metric reads losses by their names, and their sum as `loss`.
    {"  loss first = y\n  loss second = 2 * y\n  metric both = exp(loss - first)\n",
     "sum sum sum",
     {"(#0 div #1)", "(#2 div #1)", "exp(((#0 div #1) add (#2 div #1)) sub (#0 div #1))"}},
    // What a loss divides by the batch is a batch's, and averaged by examples.
    {"  loss sum(y) / batch\n", "sum sum", {"(#0 div #1)"}},
    {"  let centre = mean(t)\n  loss y\n  metric off = mean(abs(t - centre))\n",
     "sum sum sum; sum",
     {"(#2 div #1)", "(#3 div #1)"}},
    // Over the batch of a vector is over all examples.
    {"  loss y\n  metric spread = sqrt(mean((y - mean(y, axis: 0)) ^ 2, axis: -1))\n",
     "sum sum; sum",
     {"(#0 div #1)", "sqrt(#2 div #1)"}},
    {"  loss y\n  metric precision = sum((y > 4) and (t < 6), axis: 0) / sum(y > 4)\n",
     "sum sum sum sum",
     {"(#0 div #1)", "(#2 div #3)"}},
    {"  loss y\n  metric most = max(y, axis: [0]) - min(t[:, new], axis: [0, 1])\n",
     "sum sum max min",
     {"(#0 div #1)", "(#2 sub #3)"}},
    // One element is as good as a number, and as exact.
    {"  loss y\n  metric most = max(t[:, new], axis: 0)\n",
     "sum sum max",
     {"(#0 div #1)", "reshapereshape#2"}},
    {"  loss mean(y, axis: 0)\n", "sum sum", {"(#0 div #1)"}},
};

TEST(Totals, AreWhatReductionsWithoutAnAxisNeed) {
  for (const Case &each : cases) {
    test::Analysis analysis(program(each.lines));
    ASSERT_TRUE(analysis.program) << each.lines << analysis.messages();
    const Evaluation &evaluation = analysis.program->models.front().recipe->evaluation;
    EXPECT_EQ(passes(evaluation), each.passes) << each.lines;
    ASSERT_EQ(evaluation.finish.results.size(), each.results.size()) << each.lines;
    for (size_t i = 0; i < each.results.size(); ++i)
      EXPECT_EQ(formula(evaluation.finish, evaluation.finish.results[i].node), each.results[i])
          << each.lines;
    // Everything is added up in f64.
    for (const Evaluation::Pass &pass : evaluation.passes)
      for (const sema::Function::Result &result : pass.accumulate.results)
        EXPECT_EQ(result.node->type.element, sema::Element::F64) << each.lines;
  }
}

TEST(Totals, LeaveReductionsInLayersToTheBatch) {
  test::Analysis analysis(program("  loss most(y)\n"));
  ASSERT_TRUE(analysis.program) << analysis.messages();
  EXPECT_EQ(passes(analysis.program->models.front().recipe->evaluation), "sum sum");
}

/// A recipe with several shapes to make metrics of.
std::string shapes(const std::string &line) {
  return R"(
fn centred(x: float[batch]) -> float[batch] = x - mean(x)
layer most(x: float[batch]) -> float[batch] = x / max(abs(x))
model m(x: f32[batch, 4]) -> (o: f32[batch, 4], seq: f32[batch, 5, 4], s: f32[batch]) {
  let o = x |> dense(4)
  let h: f32[batch, time, 4] = o[:, new, :] * stack(x, x, x, x, x, axis: 1)
  let r = scan xt in h over time {
    state k: f32[batch, 4] = zeros()
    k = tanh(xt + k)
    yield k
  }
  (o, r, sum(o, axis: -1))
}
data pairs(x: f32[4], y: f32[4], c: index(4)) { train npy(x: "a.npy", y: "b.npy", c: "c.npy") }
train m {
  data pairs(x, y, c)
  loss mse(o, y)
  optimizer sgd(lr: 0.1)
  )" + line +
         "\n}\n";
}

TEST(Totals, HaveTheGradientOfTheirBatch) {
  for (const char *line : {
           "metric q = gradient(sum(o), wrt: x)",
           "let total = sum(o)\n  metric q = gradient(total, wrt: x) ^ 2",
           "loss second = gradient(sum(o), wrt: x) ^ 2",
           // A loss is of a batch, whatever it takes the gradient of.
           "loss second = gradient(mean(o), wrt: x) ^ 2",
           "let middle = mean(o)\n  loss second = gradient(middle ^ 2, wrt: x) ^ 2",
           "loss second = (gradient(sum(o ^ 2), wrt: x) - sum(y)) ^ 2",
           "loss second = gradient(s * mean(s), wrt: x) ^ 2",
           "metric q = gradient(s * sum(y), wrt: x)",
       }) {
    test::Analysis analysis(shapes(line));
    EXPECT_TRUE(analysis.program) << line << analysis.messages();
  }
  for (const char *line : {
           "metric q = gradient(mean(o), wrt: x)",
           "let middle = mean(o)\n  metric q = gradient(middle, wrt: x)",
           "metric q = gradient(max(o), wrt: x)",
           "metric q = gradient(2 * sum(o), wrt: x)",
           "metric q = gradient(mean(s, axis: 0), wrt: x)",
           "metric q = gradient(mean(s, keep: true), wrt: x)",
           // A total that the value reads changes with `x`, too.
           "metric q = gradient(s * sum(s), wrt: x)",
           "metric q = gradient(sum((s - mean(s)) ^ 2), wrt: x)",
           "let far = exp(mean(abs(s)))\n  metric q = gradient(s * sum(abs(y) * far), wrt: x)",
       }) {
    test::Analysis analysis(shapes(line));
    EXPECT_TRUE(analysis.reports(Code::BatchDependent)) << line << analysis.messages();
    EXPECT_NE(analysis.messages().find("'gradient(u, wrt: x)' is that of 'sum(u)'"),
              std::string::npos)
        << line << analysis.messages();
  }
}

TEST(Totals, TakeWhatIsDoneToEachExampleByItself) {
  for (const char *line : {
           "metric q = mse(o, y)",
           "metric q = accuracy(o, c)",
           "metric q = top_k_accuracy(o, c, k: 2)",
           "metric q = rmse(o, y)",
           "metric q = r2(o, y)",
           "metric q = sum(o * y, axis: -1)",
           "metric q = argmax(o)",
           "metric q = softmax(o)",
           "metric q = max(seq, axis: [1, 2])",
           "metric q = sum(reshape(seq, [batch * 5, 4]), axis: 1)",
           "metric q = mean(reshape(transpose(seq, [1, 0, 2]), [5, batch * 4]), axis: 0)",
           "metric q = einsum(\"b i, b i -> b\", o, y)",
           "metric q = einsum(\"b t i, b i -> t b\", seq, y)",
           "metric q = rearrange(seq, \"b t i -> (b t) i\")",
           "metric q = rearrange(seq, \"b t i -> (t b) i\")",
           "metric q = pick(o, c)",
           "metric q = one_hot(c, 4) * o",
           "metric q = y[:, 0]",
           "metric q = (iota(4) as f32) * o",
           "metric q = sqrt(mean((s - mean(s)) ^ 2))",
           "metric q = sum(s, axis: 0)",
           "metric q = mean(o, axis: [0, 1])",
           "metric q = softmax(s)",
           "metric q = std(s, axis: 0)",
           "metric q = s - mean(s, axis: 0, keep: true)",
           "metric q = centred(s)",
           "metric q = exp(mean(s)) * s",
           "metric q = perplexity(loss)",
           "metric q = gradient(o ^ 2, wrt: o)",
           "metric q = gradient(s, wrt: x)",
           "metric q = concat(s, y[:, 0], axis: 0)",
           "metric q = concat(s, s, axis: 0) * concat(exp(s * 0), -exp(s * 0), axis: 0)",
           "metric q = reshape(concat(s, s, axis: 0), [2, batch])",
           "predict p = softmax(o)",
       }) {
    test::Analysis analysis(shapes(line));
    EXPECT_TRUE(analysis.program) << line << analysis.messages();
  }
}

/// "f32[batch] bool[batch]": what passes collect, in order.
std::string collected(const Evaluation &evaluation) {
  std::string text;
  for (const Evaluation::Pass &pass : evaluation.passes)
    for (size_t i = pass.combine.size(); i < pass.accumulate.results.size(); ++i)
      text += (text.empty() ? "" : " ") + pass.accumulate.results[i].node->type.str();
  return text;
}

TEST(Totals, AreGivenAllExamplesOfWhatMixesThem) {
  struct {
    const char *line, *collected;
  } const lines[] = {
      {"metric q = mse(o, y)", ""},
      {"metric q = median(s)", "f32[batch]"},
      {"let half = median(s)\n  metric q = half", "f32[batch]"},
      // What a view shows of each example is there once.
      {"metric q = mean(s[:, new] > s[new, :])", "f32[batch]"},
      {"metric q = max(o @ transpose(o))", "f32[batch, 4]"},
      {"metric q = max(reshape(o, [4, batch]))", "f32[batch, 4]"},
      {"metric q = auc(s, c == 1)", "f32[batch] bool[batch] bool[batch] bool[batch]"},
      {"metric q = einsum(\"b i, c i -> b c\", o, y)", "f32[batch, 4] f32[batch, 4]"},
      {"metric q = sum(mean(o, axis: 0), axis: 0)", ""},
      {"metric q = o[0, 0]", "f32[batch, 4]"},
      {"metric q = s * s[0]", "f32[batch]"},
      {"metric q = (iota(batch) as f32) * s", "f32[batch]"},
      {"metric q = sum(most(s))", "f32[batch] f32[batch]"},
      {"metric q = concat(s, iota(3) as f32, axis: 0)", "f32[batch]"},
      // The number of examples alone.
      {"metric q = sum(s) / batch", ""},
      // Of a later pass: what is compared reads a total.
      {"metric q = median(exp(s - max(s)))", "f32[batch]"},
      {"metric q = median(s) + exp(loss)", "f32[batch]"},
  };
  for (const auto &[line, expected] : lines) {
    test::Analysis analysis(shapes(line));
    ASSERT_TRUE(analysis.program) << line << analysis.messages();
    const Evaluation &evaluation = analysis.program->models.front().recipe->evaluation;
    EXPECT_EQ(collected(evaluation), expected) << line;
    // All that `finish` reads is there without a batch.
    for (const sema::Input &input : evaluation.finish.inputs)
      EXPECT_TRUE(input.kind == sema::Input::Kind::Total ||
                  input.kind == sema::Input::Kind::Collected)
          << line << ": " << input.name;
    EXPECT_EQ(evaluation.finish.results.back().node->type.str(), "f64") << line;
  }
}

TEST(Totals, LeaveRowsToThePassThatKnowsWhatTheyRead) {
  test::Analysis analysis(shapes("metric q = mean((s - max(s))[:, new] > s[new, :])"));
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const Evaluation &evaluation = analysis.program->models.front().recipe->evaluation;
  ASSERT_EQ(passes(evaluation), "sum sum max; ");
  EXPECT_EQ(evaluation.passes[0].accumulate.results.size(), 4u);
  EXPECT_EQ(evaluation.passes[1].accumulate.results.size(), 1u);
}

TEST(Totals, MayBeTables) {
  struct {
    const char *line, *type, *collected;
  } const lines[] = {
      {"metric q = o[0]", "f64[4]", "f32[batch, 4]"},
      {"metric q = argmax(o, axis: 0)", "f64[4]", "f32[batch, 4]"},
      {"metric q = einsum(\"b i, b j -> i j\", o, y)", "f64[4, 4]", "f32[batch, 4] f32[batch, 4]"},
      {"metric q = mean(o, axis: 0)", "f64[4]", ""},
      {"metric q = max(o, axis: 0)", "f64[4]", ""},
      {"metric q = std(o, axis: 0)", "f64[4]", ""},
  };
  for (const auto &[line, type, expected] : lines) {
    test::Analysis analysis(shapes(line));
    ASSERT_TRUE(analysis.program) << line << analysis.messages();
    const Evaluation &evaluation = analysis.program->models.front().recipe->evaluation;
    EXPECT_EQ(evaluation.finish.results.back().node->type.str(), type) << line;
    EXPECT_EQ(collected(evaluation), expected) << line;
  }
}

TEST(Totals, RefuseWhatDependsOnTheBatch) {
  for (const char *line : {
           "let noise: f32 = normal()\n  metric q = s * noise",
           "let noise: f32[4] = normal()\n  metric q = o * noise",
           "predict p = s - mean(s, axis: 0)",
           "predict p = o - mean(o, axis: 0)",
           "predict p = o[0]",
       }) {
    test::Analysis analysis(shapes(line));
    EXPECT_FALSE(analysis.program) << line;
    EXPECT_NE(analysis.messages().find("which examples share a batch"), std::string::npos)
        << line << analysis.messages();
  }
  test::Analysis analysis(shapes("let noise: f32 = normal()\n  metric q = sum(s) * noise"));
  EXPECT_TRUE(analysis.reports(Code::MixedTotals)) << analysis.messages();
}

TEST(Totals, WeighLossesAsTheEndOfThePlanDoes) {
  test::Analysis analysis(program("  steps 50\n  loss minimum(1, step / steps) * y\n"));
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const sema::Recipe &recipe = *analysis.program->models.front().recipe;
  auto reads = [](const sema::Function &function, sema::Input::Kind kind) {
    return llvm::any_of(function.inputs,
                        [&](const sema::Input &input) { return input.kind == kind; });
  };
  EXPECT_TRUE(reads(recipe.blocks[0].objective, sema::Input::Kind::Step));
  EXPECT_FALSE(reads(recipe.evaluation.passes[0].accumulate, sema::Input::Kind::Step));
  EXPECT_FALSE(reads(recipe.evaluation.finish, sema::Input::Kind::Step));
}

TEST(Totals, AreSharedAndNumberedThroughAllPasses) {
  test::Analysis analysis(
      program("  loss y\n  metric a = mean(y)\n  metric b = mean((y - mean(y)) ^ 2) / mean(y)\n"));
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const Evaluation &evaluation = analysis.program->models.front().recipe->evaluation;
  EXPECT_EQ(passes(evaluation), "sum sum; sum");
  EXPECT_EQ(evaluation.passes[1].accumulate.results[0].name, "2");
  EXPECT_EQ(evaluation.metrics, (std::vector<std::string>{"a", "b"}));
}

} // namespace
