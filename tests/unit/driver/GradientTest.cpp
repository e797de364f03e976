// The program that gradcheck compiles, and the measurement of what was compiled.
#include "compiler/driver/GradientCheck.h"
#include "compiler/driver/GradientProgram.h"

#include "gtest/gtest.h"

#include <cmath>

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

// A model written by hand: two parameters of three and one elements, loss = sum(sin(w)) * exp(b).
// `wrongBy` spoils the gradient of w.
double wrongBy = 0;

void split(double loss, void *const *parts) {
  for (unsigned i = 0; i < lossParts; ++i) {
    float part = static_cast<float>(loss);
    *static_cast<float *>(parts[i]) = part;
    loss -= part;
  }
}
void init(nnrt_context *, const int64_t *, void *const *buffers, void *) {
  for (int i = 0; i < 3; ++i)
    static_cast<double *>(buffers[0])[i] = i * 0.3;
  *static_cast<double *>(buffers[1]) = 0;
}
double lossOf(const double *w, const double *b) {
  return (std::sin(w[0]) + std::sin(w[1]) + std::sin(w[2])) * std::exp(*b);
}
void eval(nnrt_context *, const int64_t *, void *const *buffers, void *) {
  split(lossOf(static_cast<double *>(buffers[0]), static_cast<double *>(buffers[1])), buffers + 2);
}
void step(nnrt_context *, const int64_t *, void *const *buffers, void *) {
  auto *w = static_cast<double *>(buffers[0]), *b = static_cast<double *>(buffers[1]);
  double loss = lossOf(w, b), scale = std::exp(*b);
  for (int i = 0; i < 3; ++i)
    w[i] = std::cos(w[i]) * scale * (1 + wrongBy);
  *b = loss;
}
uint64_t noWorkspace(const int64_t *) { return 0; }

class GradientCheckTest : public testing::Test {
protected:
  GradientCheckTest() {
    model.recipe = &recipe;
    recipe.batch = 2;
    model.num_parameters = 2;
    model.parameters = parameters;
    model.parameter_bytes = 128;
    model.init = {init, 0, 2, nullptr, bindings, noWorkspace, 0};
    model.step_any = {step, 0, 2, nullptr, bindings, noWorkspace, 0};
    model.eval_any = {eval, 0, 5, nullptr, bindings, noWorkspace, 0};
  }

  const int64_t three = 3;
  const nnrt_tensor parameters[2] = {{"w", NNRT_F64, 1, &three, 0},
                                     {"b", NNRT_F64, 0, nullptr, 64}};
  const nnrt_binding bindings[5] = {{NNRT_PARAMETER, 0},
                                    {NNRT_PARAMETER, 1},
                                    {NNRT_METRIC, 0},
                                    {NNRT_METRIC, 1},
                                    {NNRT_METRIC, 2}};
  nnrt_recipe recipe{};
  nnrt_model model{};
};

TEST_F(GradientCheckTest, RightGradientsAgree) {
  wrongBy = 0;
  std::vector<GradientError> errors = checkGradients(model);
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_EQ(errors[0].parameter, "w");
  EXPECT_EQ(errors[0].elements, 3u);
  for (const GradientError &error : errors)
    EXPECT_LT(error.maxRelativeError, gradientTolerance / 10) << error.parameter;
}

TEST_F(GradientCheckTest, AnErrorOfAFewMillionthsIsSeen) {
  wrongBy = 5e-6;
  std::vector<GradientError> errors = checkGradients(model);
  EXPECT_GT(errors[0].maxRelativeError, gradientTolerance);
  EXPECT_NEAR(errors[0].maxRelativeError, 5e-6, 1e-6);
  EXPECT_LT(errors[1].maxRelativeError, gradientTolerance);
}

TEST_F(GradientCheckTest, NotANumberIsOff) {
  wrongBy = NAN;
  EXPECT_TRUE(std::isnan(checkGradients(model)[0].maxRelativeError));
}

} // namespace
