// Recipes: steps and what each updates, numbers that may change, patterns, states, predictions.
#include "tests/unit/sema/Analysis.h"

#include "gtest/gtest.h"

using namespace nnc;
using sema::Input;

namespace {

using Names = std::vector<std::string>;

const sema::Recipe &recipeOf(const test::Analysis &analysis) {
  return *analysis.program->models.front().recipe;
}

Names updated(const sema::StepBlock &block) {
  Names names;
  for (const sema::Update &update : block.updates)
    names.push_back(update.parameter);
  return names;
}

Names numbers(const sema::Recipe &recipe) {
  Names names;
  for (const sema::Recipe::Number &number : recipe.numbers)
    names.push_back(number.name);
  return names;
}

Names inputNames(const sema::Function &function, Input::Kind kind) {
  Names names;
  for (const Input &input : function.inputs)
    if (input.kind == kind)
      names.push_back(input.name);
  return names;
}

const sema::Node *find(const sema::Function &function, llvm::StringRef op) {
  for (const sema::Node *node : function.nodes)
    if (node->op == op)
      return node;
  return nullptr;
}

int64_t siteOf(const sema::Node &node) {
  for (const sema::Attribute &attribute : node.attributes)
    if (attribute.name == "site")
      return std::get<int64_t>(attribute.value);
  return -1;
}

constexpr const char *two = R"(
model maker(noise: f32[batch, 3]) -> image: f32[batch, 4] = noise |> dense(4)
model critic(image: f32[batch, 4]) -> score: f32[batch] = image |> dense(1) |> squeeze
data pictures(image: f32[4]) { train npy(image: "a.npy") }
train maker, critic {
  data pictures(image)
  batch 8
  epochs 2
  let noise: f32[batch, 3] = normal()
  let rate = 2e-4
  metric real = mean(critic(image) > 0)
  step judge {
    loss on_real = softplus(-critic(image))
    loss on_fake = softplus(critic(maker(noise)))
    optimizer adam(lr: rate) for "critic.*"
  }
  step forge every: 3 {
    let weight = 2.0
    loss weight * softplus(-critic(maker(noise)))
    optimizer sgd(lr: rate * weight) for "maker.*"
    clip value: 0.5
  }
  clip norm: 1.0
}
)";

TEST(Recipe, StepsUpdateWhatTheirOptimizersName) {
  test::Analysis analysis(two);
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const sema::Model &model = analysis.program->models.front();
  EXPECT_EQ(model.networks, (Names{"maker", "critic"}));
  const sema::Recipe &recipe = *model.recipe;
  ASSERT_EQ(recipe.blocks.size(), 2u);
  EXPECT_EQ(recipe.blocks[0].name, "judge");
  EXPECT_EQ(recipe.blocks[0].every, 1);
  EXPECT_EQ(recipe.blocks[0].losses, (Names{"on_real", "on_fake"}));
  EXPECT_EQ(updated(recipe.blocks[0]), (Names{"critic.dense.w", "critic.dense.b"}));
  EXPECT_EQ(recipe.blocks[1].every, 3);
  EXPECT_EQ(recipe.blocks[1].losses, Names{"forge"}) << "a loss without a name is called after it";
  EXPECT_EQ(updated(recipe.blocks[1]), (Names{"maker.dense.w", "maker.dense.b"}));
  EXPECT_EQ(numbers(recipe), (Names{"rate", "forge.weight"}));
  ASSERT_TRUE(recipe.blocks[0].clip && recipe.blocks[1].clip);
  EXPECT_EQ(recipe.blocks[0].clip->kind, sema::Clip::Kind::Norm) << "the recipe's";
  EXPECT_EQ(recipe.blocks[1].clip->kind, sema::Clip::Kind::Value) << "its own";
  // Each model by itself comes after them.
  ASSERT_EQ(analysis.program->models.size(), 3u);
  EXPECT_EQ(analysis.program->models[1].parameters[0].path, "dense.w");
  // Without lines of its own a recipe predicts what its first model does.
  EXPECT_EQ(model.inputs.front().name, "noise");
  EXPECT_EQ(model.outputs.front().type.str(), "f32[batch, 4]");
}

TEST(Recipe, ADrawOfTheRecipeIsTheSameInEveryStep) {
  test::Analysis analysis(two);
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const sema::Recipe &recipe = recipeOf(analysis);
  const sema::Node *first = find(recipe.blocks[0].objective, "random");
  const sema::Node *second = find(recipe.blocks[1].objective, "random");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(siteOf(*first), siteOf(*second));
  EXPECT_EQ(first->segments, (std::vector<unsigned>{1, 1, 0})) << "keyed by seed and batch";
  const sema::Node *evaluated = find(recipe.evaluation.passes.front().accumulate, "random");
  ASSERT_TRUE(evaluated);
  EXPECT_EQ(siteOf(*evaluated), siteOf(*first));
  EXPECT_EQ(evaluated->segments, (std::vector<unsigned>{1, 1, 1})) << "and by the example";
}

std::string withLines(const std::string &lines) {
  return R"(
model net(x: f32[batch, 4]) -> y: f32[batch, 2] = x |> dense(3) |> relu |> dense(2)
data pairs(x: f32[4], t: f32[2]) { train npy(x: "x.npy", t: "t.npy") }
train net {
  data pairs(x, t)
  loss mse(y, t)
)" + lines +
         "}\n";
}

TEST(Recipe, PlainNumbersChangeAtRunTimeUnlessTheyAreNeededToCompile) {
  test::Analysis analysis(withLines(R"(
  let peak = 2e-3
  let halvings = 2
  let double_peak = peak * 2
  let count = 16
  let lr = double_peak |> repeat(halvings) half
  optimizer sgd(lr: lr)
  batch count
)") + "fn half(x: float) -> float = x / 2\n");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  EXPECT_EQ(numbers(recipeOf(analysis)), Names{"peak"});
  EXPECT_EQ(recipeOf(analysis).batch, 16);
  const sema::Update &update = recipeOf(analysis).blocks[0].updates[0];
  EXPECT_EQ(inputNames(update.rule, Input::Kind::Number), Names{"peak"});
}

/// A recipe of twelve numbers, of which `used` is needed to compile it.
std::string twelveNumbers(const std::string &used) {
  std::string lets, sum = "0";
  for (int i = 0; i < 12; ++i) {
    lets += "  let n" + std::to_string(i) + " = 2\n";
    sum += " + n" + std::to_string(i);
  }
  return withLines(lets + "  let twice = 2 * n11\n  loss more = mean(y) * (" + sum + ")" + used +
                   "\n  optimizer sgd(lr: 0.1)\n") +
         "fn ones_of(count: int, factor: float) -> float = factor * sum(ones([count]))\n";
}

TEST(Recipe, OnlyNumbersThatAreNeededToCompileStayConstants) {
  Names all;
  for (int i = 0; i < 12; ++i)
    all.push_back("n" + std::to_string(i));
  auto without = [&](const Names &gone) {
    Names rest;
    for (const std::string &name : all)
      if (!llvm::is_contained(gone, name))
        rest.push_back(name);
    return rest;
  };
  test::Analysis none(twelveNumbers(""));
  ASSERT_TRUE(none.program) << none.messages();
  EXPECT_EQ(numbers(recipeOf(none)), all);
  const size_t once = none.program->nodes.size();
  struct Case {
    std::string used;
    Names constants;
    size_t attempts;
  };
  for (const Case &each :
       {Case{" * sum(ones([n3]))", {"n3"}, 2},
        Case{" * sum(ones([n3, n9])) + n8 ^ n10 * ones_of(n10, n4)", {"n3", "n9", "n10"}, 6},
        Case{" * sum(ones([n1 + n6]))", {"n1", "n6"}, 4},
        Case{" * sum(ones([twice]))", {"n11", "twice"}, 3}}) {
    test::Analysis analysis(twelveNumbers(each.used));
    ASSERT_TRUE(analysis.program) << each.used << analysis.messages();
    EXPECT_EQ(numbers(recipeOf(analysis)), without(each.constants)) << each.used;
    EXPECT_LE(analysis.program->nodes.size(), (each.attempts + 1) * once - once / 2) << each.used;
  }
}

TEST(Recipe, TheFirstLineThatMatchesHasTheParameter) {
  test::Analysis analysis(withLines(R"(
  optimizer adam() for "dense.w", "*_2.w"
  optimizer sgd(momentum: 0.9)
)"));
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const sema::StepBlock &block = recipeOf(analysis).blocks[0];
  EXPECT_EQ(updated(block), (Names{"dense.w", "dense.b", "dense_2.w", "dense_2.b"}));
  for (const sema::Update &update : block.updates)
    EXPECT_EQ(update.states.size(), llvm::StringRef(update.parameter).ends_with(".w") ? 2u : 1u);
  EXPECT_EQ(recipeOf(analysis).optimizer, "adam() for \"dense.w\", \"*_2.w\"; sgd(momentum: 0.9)");
}

TEST(Recipe, NothingIsLeftForALineAfterTheRest) {
  test::Analysis analysis(withLines("  optimizer sgd()\n  optimizer adam() for \"*.w\"\n"));
  EXPECT_TRUE(analysis.reports(Code::SettingValue)) << analysis.messages();
  test::Analysis again(
      withLines("  optimizer sgd() for \"*.w\"\n  optimizer adam() for \"dense.w\"\n"));
  EXPECT_TRUE(again.reports(Code::SelectorWithoutMatch)) << again.messages();
}

TEST(Recipe, WhatIsFrozenHasNoUpdateAndRunsAsInEvaluation) {
  test::Analysis analysis(R"(
layer noisy(units: int)(x: float[batch, n]) -> float[batch, units] {
  let y = x |> dense(units)
  if training { y + 1 } else { y }
}
model net(x: f32[batch, 4]) -> y: f32[batch, 2] = x |> noisy(3) |> dense(2)
data pairs(x: f32[4], t: f32[2]) { train npy(x: "x.npy", t: "t.npy") }
train net {
  data pairs(x, t)
  loss mse(y, t)
  freeze "noisy.*"
  optimizer sgd()
}
)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const sema::Recipe &recipe = recipeOf(analysis);
  EXPECT_EQ(recipe.frozen, (Names{"noisy.dense.b", "noisy.dense.w"}));
  EXPECT_EQ(updated(recipe.blocks[0]), (Names{"dense.w", "dense.b"}));
  for (const sema::Node *node : recipe.blocks[0].objective.nodes)
    EXPECT_FALSE(node->op == "constant" && node->type.str() == "f32" &&
                 std::get<double>(node->attributes[0].value) == 1.0);
}

TEST(Recipe, StatesAreRenewedInTrainingAlone) {
  test::Analysis analysis(R"(
layer centred(x: float[batch, c]) -> float[batch, c] {
  state centre: float[c] = zeros()
  if training {
    let m = mean(x, axis: 0)
    centre = 0.9 * centre + 0.1 * m
    x - m
  } else { x - centre }
}
model net(x: f32[batch, 4]) -> y: f32[batch, 2] = x |> centred |> dense(2)
data pairs(x: f32[4], t: f32[2]) { train npy(x: "x.npy", t: "t.npy") }
train net {
  data pairs(x, t)
  loss mse(y, t)
  optimizer sgd()
}
)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const sema::Model &model = analysis.program->models.front();
  ASSERT_EQ(model.states.size(), 1u);
  EXPECT_EQ(model.states[0].path, "centred.centre");
  const sema::Function &objective = model.recipe->blocks[0].objective;
  ASSERT_EQ(objective.results.size(), 2u) << "the loss, the state";
  EXPECT_NE(objective.results[1].node->op, "input");
  EXPECT_EQ(inputNames(model.predict, Input::Kind::LayerState), Names{"centred.centre"});
}

TEST(Recipe, HalvesAreUpdatedInSinglePrecision) {
  test::Analysis analysis(R"(
model net(x: f16[batch, 4]) -> y: f16[batch] = x |> dense(1) |> squeeze
train net {
  let x: f16[batch, 4] = normal()
  loss y ^ 2
  optimizer adam()
  steps 10
}
)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const sema::StepBlock &block = recipeOf(analysis).blocks[0];
  EXPECT_EQ(block.objective.results[0].node->type.str(), "f32");
  const sema::Update &update = block.updates[0];
  EXPECT_EQ(update.rule.results[0].node->type.str(), "f16[4, 1]");
  EXPECT_EQ(update.rule.results[1].node->type.str(), "f32[4, 1]");
  // What keeps the denominator from 0 would be 0 in f16.
  for (const sema::Node *node : update.rule.nodes)
    if (node->op == "div")
      EXPECT_NE(node->type.element, sema::Element::F16);
}

TEST(Recipe, StatesOfOptimizersHaveAnyShape) {
  test::Analysis analysis(withLines("  optimizer rows()\n") + R"(
optimizer rows(lr: float = 0.1)(w: float[...s], g: float[...s]) {
  if rank(w) == 2 {
    state r: float[shape(w)[0], 1] = zeros()
    state first: float[...s] = w
    r = r + mean(g, axis: 1, keep: true)
    w - lr * r + 0 * first
  } else {
    w - lr * g
  }
}
)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const sema::Update &update = recipeOf(analysis).blocks[0].updates[0];
  EXPECT_EQ(update.states, (Names{"r", "first"}));
  EXPECT_EQ(update.stateInit[0].results[0].node->type.str(), "f32[4, 1]");
  EXPECT_EQ(inputNames(update.stateInit[1], Input::Kind::Parameter), Names{"dense.w"});
  EXPECT_TRUE(recipeOf(analysis).blocks[0].updates[1].states.empty());
}

TEST(Recipe, AFloatThatNothingSettlesIsF32) {
  test::Analysis analysis(R"(
layer table(width: int)(k: index(11)[batch]) -> float[batch, width] {
  param rows: float[11, width] = normal(0.3)
  rows[k]
}
optimizer heavy(lr: float = 0.1)(w: f32[...s], g: f32[...s]) {
  state v: float[...s] = zeros()
  v = 0.9 * v + g
  w - lr * v
}
model m(k: index(11)[batch]) -> logits: f32[batch, 4] = k |> table(4)
data examples(k: index(11), y: index(4)) { train npy(k: "k.npy", y: "y.npy") }
train m {
  data examples(k, y)
  loss cross_entropy(logits, y)
  optimizer heavy
  batch 8
  epochs 3
}
)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  EXPECT_EQ(analysis.program->models.front().parameters[0].type.str(), "f32[11, 4]");
  const std::vector<sema::Update> &updates = recipeOf(analysis).blocks[0].updates;
  ASSERT_EQ(updates.size(), 1u);
  EXPECT_EQ(updates[0].states, Names{"v"});
  EXPECT_EQ(updates[0].stateInit[0].results[0].node->type.str(), "f32[11, 4]");
}

TEST(Recipe, PredictionsHaveNames) {
  test::Analysis analysis(withLines(R"(
  optimizer sgd()
  predict best = argmax(y)
  predict softmax(y)
)"));
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const sema::Model &model = analysis.program->models.front();
  ASSERT_EQ(model.outputs.size(), 2u);
  EXPECT_EQ(model.outputs[0].name, "best");
  EXPECT_EQ(model.outputs[1].name, "softmax");
  EXPECT_EQ(inputNames(model.predict, Input::Kind::ModelInput), Names{"x"});
  EXPECT_TRUE(inputNames(model.predict, Input::Kind::Field).empty());
}

TEST(Recipe, AModelThatIsCalledPredictsFromColumns) {
  test::Analysis analysis(R"(
model net(x: f32[batch, 4]) -> x2: f32[batch, 2] = x |> dense(2)
data pairs(raw: f32[4], t: f32[2]) { train npy(raw: "x.npy", t: "t.npy") }
train net {
  data pairs(raw, t)
  let y = net(raw / 2)
  loss mse(y, t)
  optimizer sgd()
  predict y2 = y * 2
}
)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const sema::Model &model = analysis.program->models.front();
  ASSERT_EQ(model.inputs.size(), 1u);
  EXPECT_EQ(model.inputs[0].name, "raw");
}

TEST(Recipe, AugmentationIsOfTrainingAlone) {
  test::Analysis analysis(withLines(R"(
  optimizer sgd()
  augment x = x * 3
)"));
  ASSERT_TRUE(analysis.program) << analysis.messages();
  auto scales = [](const sema::Function &function) {
    return llvm::any_of(function.nodes, [](const sema::Node *node) {
      return node->op == "constant" && std::holds_alternative<double>(node->attributes[0].value) &&
             std::get<double>(node->attributes[0].value) == 3.0;
    });
  };
  const sema::Model &model = analysis.program->models.front();
  EXPECT_TRUE(scales(model.recipe->blocks[0].objective));
  EXPECT_FALSE(scales(model.recipe->evaluation.passes[0].accumulate));
  EXPECT_FALSE(scales(model.predict));
}

TEST(Recipe, ADeclaredGradientIsNoted) {
  test::Analysis analysis(R"(
fn sign_ste(x: float[...s]) -> float[...s] = sign(x)
  gradient(dy) = dy
layer binary(units: int)(x: float[batch, n]) -> float[batch, units] {
  param w: float[n, units] = glorot_uniform()
  x @ sign_ste(w)
}
model net(x: f32[batch, 4]) -> y: f32[batch, 2] = x |> binary(3) |> dense(2)
data pairs(x: f32[4], t: f32[2]) { train npy(x: "x.npy", t: "t.npy") }
train net {
  data pairs(x, t)
  loss mse(y, t)
  optimizer sgd()
}
)");
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const auto &parameters = analysis.program->models.front().parameters;
  EXPECT_TRUE(parameters[0].hasDeclaredGradient) << parameters[0].path;
  EXPECT_FALSE(parameters[1].hasDeclaredGradient) << parameters[1].path;
}

TEST(Recipe, EverySettingIsRead) {
  test::Analysis analysis(withLines(R"(
  split valid: 0.1, seed: 3
  metric far = mean(abs(y - t))
  optimizer sgd()
  accumulate 2
  ema 0.99
  steps 100
  seed 42
  shuffle false
  evaluate every: 20
  keep min: far
  stop patience: 8, min: loss
  budget memory: "1.5MiB"
  load "weights.safetensors", under: "dense"
)"));
  ASSERT_TRUE(analysis.program) << analysis.messages();
  const sema::Recipe &recipe = recipeOf(analysis);
  EXPECT_EQ(recipe.accumulate, 2);
  EXPECT_EQ(recipe.average, 0.99);
  EXPECT_EQ(recipe.steps, 100);
  EXPECT_EQ(recipe.seed, 42u);
  EXPECT_FALSE(recipe.shuffle);
  EXPECT_EQ(recipe.evaluateEvery, 20);
  EXPECT_EQ(recipe.keep->of, "far");
  EXPECT_EQ(recipe.stop->of, "loss");
  EXPECT_EQ(recipe.patience, 8);
  EXPECT_EQ(recipe.budgetBytes, 3 << 19);
  EXPECT_EQ(recipe.loads[0].under, "dense");
  EXPECT_EQ(recipe.data->validShare, 0.1);
  EXPECT_EQ(recipe.data->validSeed, 3u);
}

TEST(Recipe, MisspeltLinesAreSuggestedAndNotMissed) {
  test::Analysis analysis(withLines("  optimiser sgd()\n  epoch 3\n"));
  std::string text = analysis.messages();
  EXPECT_NE(text.find("did you mean 'optimizer'?"), text.npos) << text;
  EXPECT_NE(text.find("did you mean 'epochs'?"), text.npos) << text;
  EXPECT_FALSE(analysis.reports(Code::MissingSetting)) << text;
}

} // namespace
