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
  sema::Model &addModel() {
    sema::Model &model = program.models.emplace_back();
    model.recipe.emplace();
    return model;
  }
  sema::Program program;
};

TEST_F(GradientProgramTest, FloatsBecomeF64AndIdleCastsGo) {
  Node *x = node("input", {}, Element::U8);
  Node *narrow = node("cast", {x}, Element::F32);
  Node *wide = node("cast", {narrow}, Element::F64);
  Node *y = node("exp", {wide}, Element::F64);
  sema::Model &model = addModel();
  model.predict = {
      "predict", {{sema::Input::Kind::ModelInput, "x", x}}, {x, narrow, wide, y}, {{"y", y}}};
  makeGradientProgram(program, model);
  EXPECT_EQ(x->type.element, Element::U8);
  EXPECT_EQ(narrow->type.element, Element::F64);
  EXPECT_EQ(y->operands, std::vector<const Node *>{narrow});
  EXPECT_EQ(model.predict.nodes, (std::vector<const Node *>{x, narrow, y}));
}

TEST_F(GradientProgramTest, AResultThatWasACastIsItsOperand) {
  Node *x = node("input", {}, Element::F32), *cast = node("cast", {x}, Element::F64);
  sema::Model &model = addModel();
  model.predict = {"predict", {{sema::Input::Kind::ModelInput, "x", x}}, {x, cast}, {{"y", cast}}};
  makeGradientProgram(program, model);
  EXPECT_EQ(model.predict.results.front().node, x);
}

TEST_F(GradientProgramTest, AConstantOfManyElementsIsWidened) {
  Node *c = node("constant", {}, Element::F32);
  float values[] = {0.1f, -2};
  c->type.shape = {2};
  c->attributes = {{"value", std::string(reinterpret_cast<char *>(values), sizeof(values))}};
  makeGradientProgram(program, addModel());
  auto &bytes = std::get<std::string>(c->attributes[0].value);
  double wide[2];
  ASSERT_EQ(bytes.size(), sizeof(wide));
  memcpy(wide, bytes.data(), sizeof(wide));
  EXPECT_EQ(wide[0], double(0.1f));
  EXPECT_EQ(wide[1], -2.0);
}

TEST_F(GradientProgramTest, BlocksGiveGradientsAndPassesLosses) {
  Node *first = node("input", {}, Element::F32), *second = node("input", {}, Element::F32);
  Node *state = node("input", {}, Element::F32);
  sema::Model &model = addModel();
  model.parameters.resize(2);
  model.parameters[0].path = "w";
  model.parameters[1].path = "frozen";
  sema::StepBlock &block = model.recipe->blocks.emplace_back();
  block.losses = {"a", "b"};
  block.objective = {"objective", {}, {first, second}, {{"a", first}, {"b", second}, {"s", state}}};
  block.clip.emplace();
  sema::Update &update = block.updates.emplace_back();
  update.parameter = "w";
  update.states = {"m"};
  makeGradientProgram(program, model);
  EXPECT_EQ(model.recipe->accumulate, 2);
  EXPECT_FALSE(block.clip);
  // The frozen parameter has a gradient, too.
  ASSERT_EQ(block.updates.size(), 2u);
  EXPECT_EQ(block.updates[1].parameter, "frozen");
  for (const sema::Update &each : block.updates) {
    EXPECT_TRUE(each.states.empty());
    EXPECT_EQ(each.rule.results.front().node, each.rule.inputs.front().node);
  }
  ASSERT_EQ(model.recipe->evaluation.passes.size(), 1u);
  EXPECT_EQ(model.recipe->evaluation.passes[0].accumulate.results.size(), 2u);
  EXPECT_EQ(block.objective.results.size(), 3u);
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
  *static_cast<double *>(buffers[3]) = loss;
}
/// Adds to the sums of gradients, which are zero.
void gradient(nnrt_context *, const int64_t *, void *const *buffers, void *) {
  Parameters p(buffers), g(buffers + 3);
  double scale = std::exp(*p.b);
  *g.b += (std::sin(p.w[0]) + std::sin(p.w[1]) + std::sin(p.w[2])) * scale;
  for (int i = 0; i < 3; ++i)
    g.w[i] += std::cos(p.w[i]) * scale;
  for (int i = 0; i < bigSize; ++i)
    g.big[i] += weightOf(i) * std::cos(p.big[i]);
  spoiler->gradients(g);
}
uint64_t noWorkspace(const int64_t *) { return 0; }

class GradientCheckTest : public testing::Test {
protected:
  GradientCheckTest() {
    spoiler = &spoiled;
    for (nnrt_arena kind : {NNRT_PARAMETERS, NNRT_GRADIENTS})
      model.arenas[kind] = {3, parameters, 128 + bigSize * sizeof(double)};
    model.batch_dim = model.rows_dim = -1;
    model.num_totals = 1;
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
                                    {NNRT_GRADIENT, 0},  {NNRT_GRADIENT, 1},  {NNRT_GRADIENT, 2}};
  const nnrt_binding evaluated[4] = {
      {NNRT_PARAMETER, 0}, {NNRT_PARAMETER, 1}, {NNRT_PARAMETER, 2}, {NNRT_PARTIAL, 0}};
  const nnrt_entry entries[3] = {
      {"init", nullptr, init, 0, 3, nullptr, bindings, noWorkspace, 0, nullptr},
      {"gradient", nullptr, gradient, 0, 6, nullptr, bindings, noWorkspace, 0, nullptr},
      {"evaluate.0", nullptr, eval, 0, 4, nullptr, evaluated, noWorkspace, 0, nullptr},
  };
  nnrt_model model{};

  std::vector<GradientError> check() { return checkGradients(model, {}, {{"", {0, 1, 2}}}); }
};

TEST_F(GradientCheckTest, RightGradientsAgree) {
  std::vector<GradientError> errors = check();
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
  std::vector<GradientError> errors = check();
  EXPECT_NEAR(errors[0].maxRelativeError, 5e-6, 1e-6);
  EXPECT_FALSE(errors[0].isRight());
  EXPECT_TRUE(errors[1].isRight());
}

TEST_F(GradientCheckTest, OneWrongElementOfManyIsSeen) {
  for (int element : {0, 7345, bigSize - 1}) {
    spoiled.gradients = [&](Parameters p) { p.big[element] = 0; };
    std::vector<GradientError> errors = check();
    EXPECT_FALSE(errors[2].isRight()) << element;
    EXPECT_TRUE(errors[0].isRight());
  }
}

TEST_F(GradientCheckTest, TwoElementsThatChangedPlacesAreSeen) {
  spoiled.gradients = [](Parameters p) { std::swap(p.big[777], p.big[9001]); };
  EXPECT_FALSE(check()[2].isRight());
}

TEST_F(GradientCheckTest, AGradientThatIsWronglyZeroIsSeen) {
  spoiled.gradients = [](Parameters p) { std::fill_n(p.big, bigSize, 0.0); };
  GradientError error = check()[2];
  EXPECT_FALSE(error.isRight());
  EXPECT_FALSE(error.zero);
}

TEST_F(GradientCheckTest, NotANumberIsOff) {
  spoiled.gradients = [](Parameters p) { p.w[1] = NAN; };
  GradientError error = check()[0];
  EXPECT_TRUE(std::isnan(error.maxRelativeError));
  EXPECT_FALSE(error.isRight());
}

TEST_F(GradientCheckTest, AllNotANumberIsOff) {
  spoiled.gradients = [](Parameters p) { *p.b = NAN; };
  EXPECT_TRUE(std::isnan(check()[1].maxRelativeError));
}

TEST_F(GradientCheckTest, WhatTheLossDoesNotDependOnIsSaidToBeZero) {
  spoiled.loss = [](Parameters p) { return std::exp(*p.b); };
  spoiled.gradients = [](Parameters p) {
    std::fill_n(p.w, 3, 0.0);
    std::fill_n(p.big, bigSize, 0.0);
  };
  GradientError error = check()[0];
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
  GradientError error = check()[1];
  EXPECT_FALSE(error.zero);
  EXPECT_EQ(error.elements, 1u);
  EXPECT_TRUE(error.isRight());
}

} // namespace
