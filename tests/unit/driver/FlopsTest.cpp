// FLOPs are counted from a graph, without a frontend.
#include "compiler/driver/Flops.h"

#include "gtest/gtest.h"

using namespace nnc;
using namespace nnc::driver;
using sema::Dim;

namespace {

class FlopsTest : public testing::Test {
protected:
  sema::Node *node(std::string op, std::vector<const sema::Node *> operands, sema::Shape shape) {
    auto &made = nodes.emplace_back(std::make_unique<sema::Node>());
    made->op = std::move(op);
    made->operands = std::move(operands);
    made->type.shape = std::move(shape);
    model.predict.nodes.push_back(made.get());
    return made.get();
  }
  sema::Node *contract(std::string equation, const sema::Node *lhs, const sema::Node *rhs,
                       sema::Shape shape) {
    sema::Node *made = node("contract", {lhs, rhs}, std::move(shape));
    made->attributes.push_back({"equation", std::move(equation)});
    return made;
  }

  std::vector<std::unique_ptr<sema::Node>> nodes;
  sema::Model model;
  Dim batch = Dim::symbol("batch"), time = Dim::symbol("time");
};

TEST_F(FlopsTest, AMatrixProductPerExample) {
  model.dims = {"batch"};
  auto *x = node("input", {}, {batch, 784}), *w = node("input", {}, {784, 64});
  model.predict.inputs = {{sema::Input::Kind::ModelInput, "x", x},
                          {sema::Input::Kind::Parameter, "dense.w", w}};
  model.layers.push_back({"dense", "dense", {}, {"dense.w"}, 0});
  contract("mk,kn->mn", x, w, {batch, 64});
  LayerFlops flops = countFlops(model);
  EXPECT_EQ(flops.total, Dim(2 * 784 * 64));
  EXPECT_EQ(flops.layers[0], Dim(2 * 784 * 64));
  EXPECT_EQ(flops.elsewhere, Dim(0));
}

TEST_F(FlopsTest, OtherSymbolicDimensionsStay) {
  model.dims = {"batch", "time"};
  auto *q = node("input", {}, {batch, time, 8}), *k = node("input", {}, {batch, time, 8});
  contract("bqd,bkd->bqk", q, k, {batch, time, time});
  LayerFlops flops = countFlops(model);
  EXPECT_EQ(flops.total, *Dim::multiply(16, *Dim::multiply(time, time)));
  EXPECT_EQ(flops.elsewhere, flops.total);
}

TEST_F(FlopsTest, CallsOfALayerAreItsInstancesInOrder) {
  sema::CallSite first{{}, "mix", nullptr}, second{{}, "mix", nullptr};
  model.layers = {{"mix.0", "mix", {}, {}, 0}, {"mix.1", "mix", {}, {}, 0}};
  auto *a = node("input", {}, {2, 3}), *b = node("input", {}, {3, 5});
  contract("mk,kn->mn", a, b, {2, 5})->site = &first;
  contract("mk,kn->mn", a, b, {2, 5})->site = &second;
  contract("mk,kn->mn", a, b, {2, 5})->site = &second;
  LayerFlops flops = countFlops(model);
  EXPECT_EQ(flops.layers[0], Dim(60));
  EXPECT_EQ(flops.layers[1], Dim(120));
}

TEST_F(FlopsTest, ElementsThatAreComputedOrCombined) {
  model.dims = {"batch"};
  auto *x = node("input", {}, {batch, 6});
  auto *tanh = node("tanh", {x}, {batch, 6});
  node("reduce_sum", {tanh}, {batch});
  EXPECT_EQ(countFlops(model).total, Dim(6 + 6));
  // What moves or converts elements, and truth values, are none.
  node("cast", {tanh}, {batch, 6});
  node("slice", {tanh}, {batch, 3});
  node("compare", {tanh, x}, {batch, 6})->type.element = sema::Element::Bool;
  EXPECT_EQ(countFlops(model).total, Dim(12));
}

TEST_F(FlopsTest, ALoopsBodyCountsForEachPass) {
  model.dims = {"batch", "time"};
  auto *x = node("input", {}, {batch, time, 6}), *h = node("input", {}, {batch, 6}),
       *w = node("input", {}, {6, 6});
  model.predict.inputs = {{sema::Input::Kind::ModelInput, "x", x},
                          {sema::Input::Kind::Parameter, "dense.w", w}};
  model.layers.push_back({"dense", "dense", {}, {"dense.w"}, 0});
  auto *scan = node("scan", {x, h, w}, {batch, 6});
  scan->sizes = {time};
  scan->hasSizes = true;
  auto body = std::make_unique<sema::Function>();
  std::swap(body->nodes, model.predict.nodes);
  auto *pass = node("input", {}, {}), *xt = node("input", {}, {batch, 6}),
       *state = node("input", {}, {batch, 6}), *weights = node("input", {}, {6, 6});
  node("add", {contract("bk,kn->bn", state, weights, {batch, 6}), xt}, {batch, 6});
  std::swap(body->nodes, model.predict.nodes);
  for (const sema::Node *argument : {pass, xt, state, weights})
    body->inputs.push_back({sema::Input::Kind::Argument, "", argument});
  scan->bodies.push_back(std::move(body));
  LayerFlops flops = countFlops(model);
  EXPECT_EQ(flops.layers[0], *Dim::multiply(2 * 6 * 6, time));
  EXPECT_EQ(flops.elsewhere, *Dim::multiply(6, time));
}

TEST_F(FlopsTest, AGradientIsThreeTimesItsBody) {
  model.dims = {"batch"};
  auto *x = node("input", {}, {batch, 6});
  auto *gradient = node("gradient", {x}, {batch, 6});
  auto body = std::make_unique<sema::Function>();
  std::swap(body->nodes, model.predict.nodes);
  auto *argument = node("input", {}, {batch, 6});
  node("exp", {argument}, {batch, 6});
  std::swap(body->nodes, model.predict.nodes);
  body->inputs = {{sema::Input::Kind::Argument, "", argument}};
  gradient->bodies.push_back(std::move(body));
  EXPECT_EQ(countFlops(model).total, Dim(18));
}

} // namespace
