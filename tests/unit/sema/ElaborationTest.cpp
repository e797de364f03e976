// Instantiation: parameters and their paths, conversions, repeated and shared layers, recipes.
#include "tests/unit/sema/Analysis.h"

#include "compiler/std/Library.h"

#include "llvm/Support/MemoryBuffer.h"

#include "gtest/gtest.h"

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
  EXPECT_EQ(paths(model), (Paths{"dense.0.w", "dense.0.b", "dense.1.w", "dense.1.b"}));
  EXPECT_EQ(model.parameters[0].type.str(), "f32[784, 64]");
  EXPECT_EQ(model.dims, Paths{"batch"});
  EXPECT_EQ(model.outputs.front().type.str(), "f32[batch, 10]");
  ASSERT_EQ(model.layers.size(), 3u);
  EXPECT_EQ(model.layers[1].path, "dense.0");
  EXPECT_EQ(model.layers[1].output.str(), "f32[batch, 64]");
  const sema::Recipe &recipe = analysis.program->recipes.front();
  EXPECT_EQ(recipe.updates.size(), 4u);
  EXPECT_EQ(recipe.updates[0].states, (Paths{"m", "v"}));
  EXPECT_EQ(recipe.batch, 32);
  EXPECT_EQ(recipe.epochs, 5);
  EXPECT_EQ(recipe.optimizer, "adam(lr: 1e-3)");
  ASSERT_EQ(recipe.data.fields.size(), 2u);
  EXPECT_EQ(recipe.data.fields[1].bounds, std::make_pair(int64_t(0), int64_t(10)));
  EXPECT_EQ(recipe.data.files.size(), 4u);
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
            (Paths{"block.0.dense.0.w", "block.0.dense.0.b", "block.0.dense.1.w",
                   "block.0.dense.1.b", "block.1.dense.0.w", "block.1.dense.0.b",
                   "block.1.dense.1.w", "block.1.dense.1.b", "dense.w", "dense.b"}));
}

TEST(Elaboration, ALayerBoundByLetSharesItsParameters) {
  test::Analysis analysis(R"(
model m(x: f32[batch, 8]) -> y: f32[batch, 8] {
  let shared = dense(8)
  x |> shared |> shared
}
)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  EXPECT_EQ(paths(analysis.program->models.front()), (Paths{"dense.w", "dense.b"}));
}

TEST(Elaboration, BuffersGetTheirNewValuesAsResults) {
  test::Analysis analysis(R"(
model m(x: f32[batch, 8]) -> y: f32[batch, 8] {
  buffer seen: f32[8] = zeros()
  seen = 0.9 * seen + 0.1 * mean(x, axis: 0)
  x - seen
}
)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const sema::Model &model = analysis.program->models.front();
  EXPECT_TRUE(model.parameters.front().isBuffer);
  ASSERT_EQ(model.forward.results.size(), 2u);
  EXPECT_EQ(model.forward.results[1].name, "seen");
  EXPECT_EQ(model.forward.results[1].node->op, "add");
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
  EXPECT_FALSE(isFine("x: f64[batch], z: f32[batch]", "x + z"));
  EXPECT_FALSE(isFine("x: bool[batch]", "x + 1"));
}

TEST(Elaboration, DifferentNamesNeverBroadcast) {
  test::Analysis analysis(
      "model m(x: f32[batch, n], z: f32[batch, k]) -> y: f32[batch, n] = x + z");
  EXPECT_TRUE(analysis.reports(Code::ShapeMismatch)) << analysis.messages();
}

TEST(Elaboration, ImportedLayersAreFound) {
  std::string path = std::string(NNC_SOURCE_DIR) + "/tests/sema/import.nn";
  auto buffer = llvm::MemoryBuffer::getFile(path);
  ASSERT_TRUE(!!buffer);
  test::Analysis analysis((*buffer)->getBuffer().str(), path);
  ASSERT_TRUE(analysis.program) << analysis.messages();
  EXPECT_EQ(paths(analysis.program->models.front()).front(), "block.0.dense.0.w");
}

TEST(Elaboration, SelectorsChooseOptimizers) {
  test::Analysis analysis(R"(
data pairs = idx { x: f32[4]  t: f32[4]  train { x: "a.gz"  t: "b.gz" } }
model m(x: f32[batch, 4]) -> y: f32[batch, 4] = x |> dense(4)
train m {
  data      pairs(x, t)
  loss      mse(y, t)
  optimizer adamw(lr: cosine(peak: 1e-3, warmup: 10, total: 100)) for "*.w"
            sgd(momentum: 0.9) for rest
  batch     8
}
)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const auto &updates = analysis.program->recipes.front().updates;
  ASSERT_EQ(updates.size(), 2u);
  EXPECT_EQ(updates[0].states, (Paths{"m", "v"}));
  EXPECT_EQ(updates[1].states, (Paths{"v"}));
}

TEST(Elaboration, TheWholeLibraryIsSound) {
  // As a user's file, every declaration is checked, used or not.
  std::string text;
  for (const StdFile &file : standardLibrary())
    text += file.text.str() + "\n";
  test::Analysis analysis(text);
  EXPECT_EQ(analysis.diagnostics.errorCount(), 0u) << analysis.messages();
  for (const StdDeclaration &declaration : standardDeclarations()) {
    EXPECT_FALSE(declaration.doc.empty()) << declaration.name.str() << " has no doc comment";
    EXPECT_TRUE(declaration.text.contains(declaration.kind.str() + " " + declaration.name.str()));
  }
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
  size(t)
}
model m(x: f32[batch]) -> y: f32[batch] = x * f(1)
)");
  EXPECT_TRUE(growing.reports(Code::ProgramTooLarge)) << growing.messages();

  test::Analysis huge(
      "model m(x: f32[batch, 9000000, 9000000]) -> y: f32[batch] = sum(x, axis: [1, 2])");
  EXPECT_TRUE(huge.reports(Code::TensorTooLarge)) << huge.messages();
}

} // namespace
