// The program that gradcheck compiles, and the measurement of what was compiled.
#include "compiler/driver/GradientCheck.h"
#include "compiler/driver/GradientProgram.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <cmath>
#include <functional>

using namespace nnc;
using namespace nnc::driver;
using sema::Element;
using sema::Node;

namespace {

//===-- The program --------------------------------------------------------------------------===//

class GradientProgramTest : public testing::Test {
protected:
  Node *node(std::string op, std::vector<const Node *> operands, Element element) {
    Node *made = program.nodes.emplace_back(std::make_unique<Node>()).get();
    made->op = std::move(op);
    made->operands = std::move(operands);
    made->type = {element, {}};
    return made;
  }
  sema::Program program;
};

TEST_F(GradientProgramTest, FloatsBecomeF64AndIdleCastsGo) {
  Node *x = node("input", {}, Element::U8);
  Node *narrow = node("cast", {x}, Element::F32);
  Node *wide = node("cast", {narrow}, Element::F64);
  Node *y = node("exp", {wide}, Element::F64);
  sema::Model &model = program.models.emplace_back();
  model.forward = {
      "forward", {{sema::Input::Kind::ModelInput, "x", x}}, {x, narrow, wide, y}, {{"y", y}}};
  makeGradientProgram(program);
  EXPECT_EQ(x->type.element, Element::U8);
  EXPECT_EQ(narrow->type.element, Element::F64);
  EXPECT_EQ(y->operands, std::vector<const Node *>{narrow});
  EXPECT_EQ(model.forward.nodes, (std::vector<const Node *>{x, narrow, y}));
}

TEST_F(GradientProgramTest, AResultThatWasACastIsItsOperand) {
  Node *x = node("input", {}, Element::F32), *cast = node("cast", {x}, Element::F64);
  sema::Model &model = program.models.emplace_back();
  model.forward = {"forward", {{sema::Input::Kind::ModelInput, "x", x}}, {x, cast}, {{"y", cast}}};
  makeGradientProgram(program);
  EXPECT_EQ(model.forward.results.front().node, x);
}

TEST_F(GradientProgramTest, UpdatesReturnTheGradientAndMetricsTheLoss) {
  Node *p = node("input", {}, Element::F32), *g = node("input", {}, Element::F32);
  Node *rule = node("sub", {p, g}, Element::F32);
  Node *first = node("input", {}, Element::F32), *second = node("input", {}, Element::F32);
  sema::Recipe &recipe = program.recipes.emplace_back();
  recipe.loss = {"loss", {}, {first, second}, {{"a", first}, {"b", second}}};
  recipe.metrics.name = "metrics";
  sema::Update &update = recipe.updates.emplace_back();
  update.parameter = "w";
  update.states = {"m"};
  update.rule = {"rule",
                 {{sema::Input::Kind::Parameter, "w", p}, {sema::Input::Kind::Gradient, "grad", g}},
                 {p, g, rule},
                 {{"w", rule}}};
  makeGradientProgram(program);
  ASSERT_EQ(update.rule.inputs.size(), 1u);
  EXPECT_EQ(update.rule.inputs[0].kind, sema::Input::Kind::Gradient);
  ASSERT_EQ(update.rule.results.size(), 1u);
  EXPECT_EQ(update.rule.results[0].node, update.rule.inputs[0].node);
  EXPECT_TRUE(update.states.empty());
  ASSERT_EQ(recipe.metrics.results.size(), lossParts);
  for (const auto &result : recipe.metrics.results)
    EXPECT_EQ(result.node->type.element, Element::F32);
  EXPECT_EQ(recipe.metrics.name, "metrics");
}

//===-- The measurement ----------------------------------------------------------------------===//

// A model written by hand, with a gradient that a test can spoil: parameters w[3], b and
// big[10000], loss = sum(sin(w)) * exp(b) + sum(c_i * sin(big_i)), where the c_i differ.
constexpr int bigSize = 10000;
struct Parameters {
  double *w, *b, *big;
  explicit Parameters(void *const *buffers)
      : w(static_cast<double *>(buffers[0])), b(static_cast<double *>(buffers[1])),
        big(static_cast<double *>(buffers[2])) {}
};
double weightOf(int i) { return (1 + i % 7) * 1e-3; }

double lossOf(Parameters p) {
  double sum = 0;
  for (int i = 0; i < bigSize; ++i)
    sum += weightOf(i) * std::sin(p.big[i]);
  return (std::sin(p.w[0]) + std::sin(p.w[1]) + std::sin(p.w[2])) * std::exp(*p.b) + sum;
}

/// What a test changes of that.
struct Spoiler {
  std::function<void(Parameters)> gradients = [](Parameters) {};
  std::function<double(Parameters)> loss = lossOf;
} *spoiler = nullptr;

void init(nnrt_context *, const int64_t *, void *const *buffers, void *) {
  Parameters p(buffers);
  for (int i = 0; i < 3; ++i)
    p.w[i] = i * 0.3;
  *p.b = 0;
  std::fill_n(p.big, bigSize, 0.5);
}
void eval(nnrt_context *, const int64_t *, void *const *buffers, void *) {
  double loss = spoiler->loss(Parameters(buffers));
  for (unsigned i = 0; i < lossParts; ++i) {
    float part = static_cast<float>(loss);
    *static_cast<float *>(buffers[3 + i]) = part;
    loss -= part;
  }
}
void step(nnrt_context *, const int64_t *, void *const *buffers, void *) {
  Parameters p(buffers);
  double scale = std::exp(*p.b);
  *p.b = (std::sin(p.w[0]) + std::sin(p.w[1]) + std::sin(p.w[2])) * scale;
  for (int i = 0; i < 3; ++i)
    p.w[i] = std::cos(p.w[i]) * scale;
  for (int i = 0; i < bigSize; ++i)
    p.big[i] = weightOf(i) * std::cos(p.big[i]);
  spoiler->gradients(p);
}
uint64_t noWorkspace(const int64_t *) { return 0; }

class GradientCheckTest : public testing::Test {
protected:
  GradientCheckTest() {
    spoiler = &spoiled;
    model.recipe = &recipe;
    recipe.batch = 2;
    model.num_parameters = 3;
    model.parameters = parameters;
    model.parameter_bytes = 128 + bigSize * sizeof(double);
    model.num_entries = 3;
    model.entries = entries;
  }
  ~GradientCheckTest() override { spoiler = nullptr; }

  Spoiler spoiled;
  const int64_t three = 3, many = bigSize;
  const nnrt_tensor parameters[3] = {{"w", NNRT_F64, 1, &three, 0},
                                     {"b", NNRT_F64, 0, nullptr, 64},
                                     {"big", NNRT_F64, 1, &many, 128}};
  const nnrt_binding bindings[6] = {{NNRT_PARAMETER, 0}, {NNRT_PARAMETER, 1}, {NNRT_PARAMETER, 2},
                                    {NNRT_METRIC, 0},    {NNRT_METRIC, 1},    {NNRT_METRIC, 2}};
  const nnrt_entry entries[3] = {
      {NNRT_ENTRY_INIT, 0, init, 0, 3, nullptr, bindings, noWorkspace},
      {NNRT_ENTRY_STEP, 0, step, 0, 3, nullptr, bindings, noWorkspace},
      {NNRT_ENTRY_EVAL, 0, eval, 0, 6, nullptr, bindings, noWorkspace},
  };
  nnrt_recipe recipe{};
  nnrt_model model{};
};

TEST_F(GradientCheckTest, RightGradientsAgree) {
  std::vector<GradientError> errors = checkGradients(model);
  ASSERT_EQ(errors.size(), 3u);
  EXPECT_EQ(errors[0].parameter, "w");
  EXPECT_EQ(errors[0].elements, 3u);
  EXPECT_EQ(errors[0].directions, 3u);
  EXPECT_EQ(errors[1].directions, 0u); // its one element is all
  EXPECT_EQ(errors[2].elements, 64u);
  for (const GradientError &error : errors) {
    EXPECT_LT(error.maxRelativeError, gradientTolerance / 10) << error.parameter;
    EXPECT_EQ(error.skipped, 0u) << error.parameter;
    EXPECT_FALSE(error.zero) << error.parameter;
  }
}

TEST_F(GradientCheckTest, AnErrorOfAFewMillionthsIsSeen) {
  spoiled.gradients = [](Parameters p) {
    for (int i = 0; i < 3; ++i)
      p.w[i] *= 1 + 5e-6;
  };
  std::vector<GradientError> errors = checkGradients(model);
  EXPECT_NEAR(errors[0].maxRelativeError, 5e-6, 1e-6);
  EXPECT_FALSE(errors[0].isRight());
  EXPECT_TRUE(errors[1].isRight());
}

TEST_F(GradientCheckTest, OneWrongElementOfManyIsSeen) {
  for (int element : {0, 7345, bigSize - 1}) {
    spoiled.gradients = [&](Parameters p) { p.big[element] = 0; };
    std::vector<GradientError> errors = checkGradients(model);
    EXPECT_FALSE(errors[2].isRight()) << element;
    EXPECT_TRUE(errors[0].isRight());
  }
}

TEST_F(GradientCheckTest, TwoElementsThatChangedPlacesAreSeen) {
  spoiled.gradients = [](Parameters p) { std::swap(p.big[777], p.big[9001]); };
  EXPECT_FALSE(checkGradients(model)[2].isRight());
}

TEST_F(GradientCheckTest, AGradientThatIsWronglyZeroIsSeen) {
  spoiled.gradients = [](Parameters p) { std::fill_n(p.big, bigSize, 0.0); };
  GradientError error = checkGradients(model)[2];
  EXPECT_FALSE(error.isRight());
  EXPECT_FALSE(error.zero);
}

TEST_F(GradientCheckTest, NotANumberIsOff) {
  spoiled.gradients = [](Parameters p) { p.w[1] = NAN; };
  GradientError error = checkGradients(model)[0];
  EXPECT_TRUE(std::isnan(error.maxRelativeError));
  EXPECT_FALSE(error.isRight());
}

TEST_F(GradientCheckTest, AllNotANumberIsOff) {
  spoiled.gradients = [](Parameters p) { *p.b = NAN; };
  EXPECT_TRUE(std::isnan(checkGradients(model)[1].maxRelativeError));
}

TEST_F(GradientCheckTest, WhatTheLossDoesNotDependOnIsSaidToBeZero) {
  spoiled.loss = [](Parameters p) { return std::exp(*p.b); };
  spoiled.gradients = [](Parameters p) {
    std::fill_n(p.w, 3, 0.0);
    std::fill_n(p.big, bigSize, 0.0);
  };
  GradientError error = checkGradients(model)[0];
  EXPECT_TRUE(error.zero);
  EXPECT_TRUE(error.isRight());
  EXPECT_FALSE(error.isMeasured());
  EXPECT_EQ(error.skipped, 0u);
}

TEST_F(GradientCheckTest, AGradientThatVanishesAtOnePointIsMeasuredAtAnother) {
  // As behind a relu that is dead for most initial values: at the first two points here.
  int points = 0;
  spoiled.gradients = [&](Parameters p) {
    if (++points < 3)
      *p.b = 0;
  };
  spoiled.loss = [&](Parameters p) { return points < 3 ? 1 : lossOf(p); };
  GradientError error = checkGradients(model)[1];
  EXPECT_FALSE(error.zero);
  EXPECT_EQ(error.elements, 1u);
  EXPECT_TRUE(error.isRight());
}

} // namespace
