// Instantiation: parameters and their paths, conversions, repeated and shared layers, recipes.
#include "tests/unit/sema/Analysis.h"

#include "compiler/std/Library.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MemoryBuffer.h"

#include "gtest/gtest.h"

#include <set>

using namespace nnc;

namespace {

std::vector<std::string> paths(const sema::Model &model) {
  std::vector<std::string> result;
  for (const sema::Parameter &parameter : model.parameters)
    result.push_back(parameter.path);
  return result;
}

using Paths = std::vector<std::string>;

constexpr const char *mlp = R"(
model mlp(image: u8[batch, 28, 28]) -> logits: f32[batch, 10] {
  image / 255 |> flatten |> dense(64) |> relu |> dense(10)
}
train mlp {
  data      mnist(image, label)
  loss      cross_entropy(logits, label)
  metric    accuracy(logits, label)
  optimizer adam(lr: 1e-3)
  batch     32
  epochs    5
}
)";

TEST(Elaboration, TheMlp) {
  test::Analysis analysis(mlp);
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const sema::Model &model = analysis.program->models.front();
  EXPECT_EQ(paths(model), (Paths{"dense.w", "dense.b", "dense_2.w", "dense_2.b"}));
  EXPECT_EQ(model.parameters[0].type.str(), "f32[784, 64]");
  EXPECT_EQ(model.batchDim, "batch");
  EXPECT_EQ(model.outputs.front().type.str(), "f32[batch, 10]");
  ASSERT_EQ(model.layers.size(), 2u);
  EXPECT_EQ(model.layers[1].path, "dense_2");
  EXPECT_EQ(model.layers[0].output.str(), "f32[batch, 64]");
  ASSERT_TRUE(model.recipe);
  const sema::Recipe &recipe = *model.recipe;
  ASSERT_EQ(recipe.blocks.size(), 1u);
  EXPECT_EQ(recipe.blocks[0].updates.size(), 4u);
  EXPECT_EQ(recipe.blocks[0].updates[0].states, (Paths{"m", "v"}));
  EXPECT_EQ(recipe.batch, 32);
  EXPECT_EQ(recipe.epochs, 5);
  EXPECT_EQ(recipe.optimizer, "adam(lr: 1e-3)");
  ASSERT_TRUE(recipe.data);
  ASSERT_EQ(recipe.data->fields.size(), 2u);
  EXPECT_EQ(recipe.data->fields[1].limit, sema::Dim(10));
}

TEST(Elaboration, AUsersOwnDefinitionsGiveTheSameGraph) {
  std::string own = mlp;
  for (const char *name : {"dense", "flatten", "relu", "cross_entropy", "accuracy", "adam",
                           "glorot_uniform", "zeros", "log_softmax", "mnist"})
    own += findStd(name)->text.str();
  test::Analysis theirs(mlp), ours(own);
  ASSERT_TRUE(ours.program) << ours.messages();
  EXPECT_EQ(ours.dumped(), theirs.dumped());
  EXPECT_TRUE(ours.reports(Code::ShadowsStandardLibrary));
}

TEST(Elaboration, EachPassOfARepeatHasItsOwnParameters) {
  test::Analysis analysis(R"(
layer block(width: int)(x: f32[b, n]) -> f32[b, n] = x + (x |> dense(width) |> relu |> dense(n))
model m(x: f32[batch, 8]) -> y: f32[batch, 8] = x |> repeat(2) block(16) |> dense(8)
)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  EXPECT_EQ(paths(analysis.program->models.front()),
            (Paths{"block.0.dense.w", "block.0.dense.b", "block.0.dense_2.w", "block.0.dense_2.b",
                   "block.1.dense.w", "block.1.dense.b", "block.1.dense_2.w", "block.1.dense_2.b",
                   "dense.w", "dense.b"}));
}

TEST(Elaboration, ALayerBoundByLetSharesItsParameters) {
  test::Analysis analysis(R"(
model m(x: f32[batch, 8]) -> y: f32[batch, 8] {
  let shared = dense(8)
  x |> shared |> shared
}
)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  EXPECT_EQ(paths(analysis.program->models.front()), (Paths{"shared.w", "shared.b"}));
}

TEST(Elaboration, ALayerThatIsASettingIsOneInstance) {
  test::Analysis analysis(R"(
layer twice(inner: layer)(x: float[batch, n]) -> float[batch, n] = x |> inner |> inner
layer both(make: layer)(x: float[batch, n]) -> float[batch, n] = x |> make(8) |> make(8)
model m(x: f32[batch, 8]) -> y: f32[batch, 8] = x |> twice(dense(8)) |> both(dense)
)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  EXPECT_EQ(paths(analysis.program->models.front()),
            (Paths{"dense.w", "dense.b", "both.dense.w", "both.dense.b", "both.dense_2.w",
                   "both.dense_2.b"}));
}

TEST(Elaboration, ALayerInAScanIsOneInstance) {
  test::Analysis analysis(R"(
layer walk(units: int)(x: float[batch, time, n]) -> float[batch, units] {
  scan xt in x over time {
    state h: float[batch, units] = zeros()
    h = tanh((xt |> dense(units)) + (h |> dense(units, bias: false)))
    h
  }
}
// The size of `time` is that of other dimensions, too.
model m(x: f32[batch, 8, 8]) -> y: f32[batch, 8] = tanh(x / 2) |> walk(8)
)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const sema::Model &model = analysis.program->models.front();
  EXPECT_EQ(paths(model), (Paths{"walk.dense.w", "walk.dense.b", "walk.dense_2.w"}));
  auto scan = llvm::find_if(model.predict.nodes, [](const auto *n) { return n->op == "scan"; });
  ASSERT_NE(scan, model.predict.nodes.end());
  EXPECT_EQ((*scan)->segments, (std::vector<unsigned>{1, 1, 3}));
  EXPECT_EQ((*scan)->bodies.size(), 1u);
}

TEST(Elaboration, TrainingAndPredictionAreTwoVersionsOfTheSameInstances) {
  test::Analysis analysis(R"(
layer either(x: float[batch, n]) -> float[batch, n] =
  if training { x |> dense(n) |> dropout(0.5) } else { x |> dense(n, bias: false) }
model m(x: f32[batch, 8]) -> y: f32[batch, 8] = x |> either |> batch_norm
)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const sema::Model &model = analysis.program->models.front();
  EXPECT_EQ(paths(model).front(), "either.dense.w");
  EXPECT_EQ(model.states.size(), 2u);
  auto isDraw = [](const sema::Node *node) { return node->op == "random"; };
  EXPECT_TRUE(llvm::none_of(model.predict.nodes, isDraw)) << "prediction drops nothing";
}

TEST(Elaboration, EveryDrawHasASiteOfItsOwn) {
  test::Analysis analysis(R"(
fn noise(x: float[...s]) -> float[...s] {
  let e: float[...s] = normal()
  x + e
}
model m(x: f32[batch, 8]) -> y: f32[batch, 8] {
  for i in 0..2 { x = x |> noise |> noise }
  x
}
)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  std::set<int64_t> sites;
  for (const sema::Node *node : analysis.program->models.front().predict.nodes)
    for (const sema::Attribute &attribute : node->attributes)
      if (attribute.name == "site")
        sites.insert(std::get<int64_t>(attribute.value));
  EXPECT_EQ(sites.size(), 4u);
}

TEST(Elaboration, AGradientIsAnOperationOnTheSliceBetween) {
  test::Analysis analysis(R"(
model m(x: f32[batch], t: f32[batch]) -> y: f32[batch] {
  let u = stack(x, t, axis: 1) |> dense(3) |> tanh |> dense(1) |> squeeze
  gradient(gradient(u, wrt: x), wrt: x) - gradient(u, wrt: t)
}
)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const sema::Function &predict = analysis.program->models.front().predict;
  std::vector<const sema::Node *> gradients;
  for (const sema::Node *node : predict.nodes)
    if (node->op == "gradient")
      gradients.push_back(node);
  ASSERT_EQ(gradients.size(), 2u) << "the inner one lives in the outer one's body";
  EXPECT_EQ(gradients[0]->segments.front(), 1u);
  EXPECT_EQ(gradients[0]->bodies.front()->inputs.size(), gradients[0]->operands.size());
}

TEST(Elaboration, StatesAreRenewedInTrainingAlone) {
  test::Analysis analysis(R"(
model m(x: f32[batch, 8]) -> y: f32[batch, 8] {
  state seen: f32[8] = zeros()
  seen = 0.9 * seen + 0.1 * mean(x, axis: 0)
  x - seen
}
)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const sema::Model &model = analysis.program->models.front();
  ASSERT_EQ(model.states.size(), 1u);
  EXPECT_EQ(model.states.front().path, "seen");
  EXPECT_EQ(model.predict.results.size(), 1u);
}

TEST(Elaboration, IntegersConvertOnlyWithoutLoss) {
  auto isFine = [](const char *types, const char *expression) {
    test::Analysis analysis(std::string("model m(") + types + ") -> y: f32[batch] = " + expression);
    return analysis.diagnostics.errorCount() == 0;
  };
  EXPECT_TRUE(isFine("x: u8[batch]", "x / 255"));
  EXPECT_TRUE(isFine("x: u8[batch]", "x * 0.5"));
  EXPECT_TRUE(isFine("x: u8[batch], z: f32[batch]", "x + z"));
  EXPECT_TRUE(isFine("x: i32[batch]", "x as f32"));
  EXPECT_FALSE(isFine("x: i32[batch]", "x / 2"));
  EXPECT_FALSE(isFine("x: i32[batch], z: f32[batch]", "x + z"));
  EXPECT_FALSE(isFine("x: f64[batch], z: f32[batch]", "x + z")); // f64, which is no f32
  EXPECT_TRUE(isFine("x: bool[batch]", "x + 1"));                // as a float
  EXPECT_TRUE(isFine("x: u8[batch]", "-x"));
  EXPECT_TRUE(isFine("x: u8[batch]", "x - 128"));
  EXPECT_TRUE(isFine("x: bool[batch], z: f32[batch]", "x * z"));
}

TEST(Elaboration, FloatsConvertOnlyWithoutLoss) {
  auto isFine = [](const std::string &result, const std::string &body) {
    test::Analysis analysis("let c: f16[2] = full(0.5)\n"
                            "fn same(a: f64[...s]) -> f64[...s] = a\n"
                            "fn meet(a: float[...s], b: float[...s]) -> float[...s] = a + b\n"
                            "model m(h: f16[batch], b: bf16[batch], x: f32[batch], z: f64[batch])"
                            " -> y: " +
                            result + "[batch] {\n" + body + "\n}\n");
    return analysis.diagnostics.errorCount() == 0;
  };
  EXPECT_TRUE(isFine("f64", "x"));
  EXPECT_TRUE(isFine("f32", "h"));
  EXPECT_TRUE(isFine("f32", "b"));
  EXPECT_TRUE(isFine("f64", "h + b * x"));
  EXPECT_TRUE(isFine("f64", "x * z"));
  EXPECT_TRUE(isFine("f64", "same(x)"));
  EXPECT_TRUE(isFine("f64", "meet(x, z)"));
  EXPECT_TRUE(isFine("f64", "meet(z, x)"));
  EXPECT_TRUE(isFine("f64", "let wide: f64[batch] = x\nwide"));
  EXPECT_TRUE(isFine("f64", "where(x > 0, x, z)"));
  EXPECT_TRUE(isFine("f64", "maximum(x, z)"));
  EXPECT_TRUE(isFine("f32", "let wide: f32[2] = c\nx * sum(wide)"));
  EXPECT_TRUE(isFine("f64", "param w: f32 = ones()\nz * w"));
  EXPECT_FALSE(isFine("f32", "z"));
  EXPECT_FALSE(isFine("f16", "b"));
  EXPECT_FALSE(isFine("bf16", "h"));
  EXPECT_FALSE(isFine("f32", "h + b"));
  EXPECT_FALSE(isFine("f32", "x * z"));
  EXPECT_FALSE(isFine("f32", "meet(x, z)"));
}

TEST(Elaboration, DifferentNamesNeverBroadcast) {
  test::Analysis analysis(
      "model m(x: f32[batch, n], z: f32[batch, k]) -> y: f32[batch, n] = x + z");
  EXPECT_TRUE(analysis.reports(Code::ShapeMismatch)) << analysis.messages();
}

TEST(Elaboration, ALowerRankIsTheEndOfTheOther) {
  auto isFine = [](const char *types, const char *expression) {
    test::Analysis analysis(std::string("model m(") + types + ") = " + expression);
    return analysis.diagnostics.errorCount() == 0;
  };
  EXPECT_TRUE(isFine("x: f32[batch, 4], z: f32[4]", "x + z"));
  EXPECT_TRUE(isFine("x: f32[batch, 4], z: f32[batch, 1]", "x + z"));
  EXPECT_TRUE(isFine("x: f32[batch, 4], z: f32", "x + z"));
  EXPECT_FALSE(isFine("x: f32[batch, 4], z: f32[1]", "x + z"));
  EXPECT_FALSE(isFine("x: f32[batch, 1], z: f32[batch]", "x - z"));
  EXPECT_FALSE(isFine("x: f32[batch, 4], z: f32[batch]", "x - z"));
}

TEST(Elaboration, ImportedLayersAreFound) {
  std::string path = std::string(NNC_SOURCE_DIR) + "/tests/sema/import.nn";
  auto buffer = llvm::MemoryBuffer::getFile(path);
  ASSERT_TRUE(!!buffer);
  test::Analysis analysis((*buffer)->getBuffer().str(), path);
  ASSERT_TRUE(analysis.program) << analysis.messages();
  EXPECT_EQ(paths(analysis.program->models.front()).front(), "block.0.dense.w");
}

TEST(Elaboration, SelectorsChooseOptimizers) {
  test::Analysis analysis(R"(
data pairs(x: f32[4], t: f32[4]) { train npy(x: "a.npy", t: "b.npy") }
model m(x: f32[batch, 4]) -> y: f32[batch, 4] = x |> dense(4)
train m {
  data      pairs(x, t)
  loss      mse(y, t)
  optimizer adamw(lr: cosine(peak: 1e-3, warmup: 10, total: 100)) for "*.w"
  optimizer sgd(momentum: 0.9)
  batch     8
  steps     9
}
)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const auto &updates = analysis.program->models.front().recipe->blocks.front().updates;
  ASSERT_EQ(updates.size(), 2u);
  EXPECT_EQ(updates[0].states, (Paths{"m", "v"}));
  EXPECT_EQ(updates[1].states, (Paths{"v"}));
}

TEST(Elaboration, ASettingMayBeAWordANumberOrAList) {
  test::Analysis analysis(R"(
fn wide(p) -> int = if p == "same" { 1 } else { if "full" != p { 2 } else { 3 } }
model m(x: f32[batch, 8]) -> y: f32[batch, 8] =
  x + zeros([wide("same") + wide(3) + wide([[1, 2]]) + wide("full")])
)");
  EXPECT_TRUE(analysis.program) << analysis.messages();
}

TEST(Elaboration, HostileProgramsEnd) {
  std::string tower = "fn f0(x: f32[n]) -> f32[n] = x + 1\n";
  for (int i = 1; i < 60; ++i) {
    std::string before = "f" + std::to_string(i - 1);
    tower +=
        "fn f" + std::to_string(i) + "(x: f32[n]) -> f32[n] = " + before + "(" + before + "(x))\n";
  }
  test::Analysis exponential(tower + "model m(x: f32[batch]) -> y: f32[batch] = f59(x)");
  EXPECT_TRUE(exponential.reports(Code::ProgramTooLarge)) << exponential.messages();

  test::Analysis growing(R"(
fn f(n: int) -> int {
  let t = [1]
  for i in 0..100 { t = t + t }
  size(t) + n
}
model m(x: f32[batch]) -> y: f32[batch] = x * f(1)
)");
  EXPECT_TRUE(growing.reports(Code::ProgramTooLarge)) << growing.messages();

  // A list of lists of lists holds ten billion numbers.
  std::string lists = "model m(x: f32[batch]) -> y: f32[batch] {\n  let a0 = 1\n";
  for (int i = 1; i <= 5; ++i) {
    lists += "  let a" + std::to_string(i) + " = (a" + std::to_string(i - 1);
    for (int j = 1; j < 100; ++j)
      lists += ", a" + std::to_string(i - 1);
    lists += ")\n";
  }
  for (const char *use : {"a5 == a5", "a5 as f32", "if sum(x) > 0 { a5 } else { a5 }"}) {
    test::Analysis nested(lists + "  let _b = " + use + "\n  x\n}");
    EXPECT_TRUE(nested.reports(Code::ProgramTooLarge)) << use << nested.messages();
  }

  // Each gradient holds those before it.
  std::string orders = "model m(x: f32[batch]) -> y: f32[batch] {\n  let u = sin(x)\n"
                       "  for i in 0..COUNT { u = TERM }\n  u\n}";
  auto differentiated = [&](std::string count, const std::string &term) {
    std::string text = orders;
    text.replace(text.find("COUNT"), 5, count);
    text.replace(text.find("TERM"), 4, term);
    return text;
  };
  EXPECT_TRUE(test::Analysis(differentiated("3", "gradient(u, wrt: x)")).program);
  EXPECT_TRUE(test::Analysis(differentiated("100", "gradient(u, wrt: x)"))
                  .reports(Code::ElaborationTooDeep));
  std::string several = "gradient(u, wrt: x)";
  for (int i = 0; i < 20; ++i)
    several += " * gradient(u, wrt: x)";
  EXPECT_TRUE(test::Analysis(differentiated("8", several)).reports(Code::ProgramTooLarge));

  test::Analysis endless(
      "fn f(x: f32[n], k: int) -> f32[n] = if k == 0 { x } else { f(x, k + 1) }\n"
      "model m(x: f32[batch]) -> y: f32[batch] = f(x, 1)");
  EXPECT_TRUE(endless.reports(Code::Recursion)) << endless.messages();

  test::Analysis huge(
      "model m(x: f32[batch, 9000000, 9000000]) -> y: f32[batch] = sum(x, axis: [1, 2])");
  EXPECT_TRUE(huge.reports(Code::TensorTooLarge)) << huge.messages();
}

TEST(Elaboration, AFloatThatNothingSettlesIsF32) {
  test::Analysis analysis(R"(
layer table(width: int)(k: index(11)[batch]) -> float[batch, width] {
  param rows: float[11, width] = normal(0.3)
  state sums: float[width] = zeros()
  sums = sums + 1
  let noise: float[width] = normal()
  rows[k] + (k as float)[:, new] + sums + noise
}
fn halves(k: index(11)[...s]) -> float[...s] = full(0.5)
model m(k: index(11)[batch]) -> y: f32[batch, 4] = (k |> table(4)) + halves(k)[:, new]
)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const sema::Model &model = analysis.program->models.front();
  ASSERT_EQ(model.parameters.size(), 1u);
  EXPECT_EQ(model.parameters[0].type.str(), "f32[11, 4]");
  ASSERT_EQ(model.states.size(), 1u);
  EXPECT_EQ(model.states[0].type.str(), "f32[4]");
}

TEST(Elaboration, ValuesSettleAFloatBeforeItIsF32) {
  test::Analysis analysis(R"(
fn same(x: f64[...s]) -> float[...s] = x
fn again(x: f64[...s]) -> float[...s] = same(x)
fn unused(x: f64[...s]) -> float[...s] = x
model m(x: f64[batch, 4]) -> y: float[batch, 2] = again(x) |> dense(2)
)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const sema::Model &model = analysis.program->models.front();
  EXPECT_EQ(model.outputs.front().type.str(), "f64[batch, 2]");
  EXPECT_EQ(model.parameters[0].type.str(), "f64[4, 2]");
}

} // namespace
