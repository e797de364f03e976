// The program transformation behind `nnc gradcheck`. It uses the compiler as it is: no pass knows
// of it.
#include "compiler/driver/GradientProgram.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace nnc::driver {

using sema::Element;
using sema::Function;
using sema::Input;
using sema::Node;
using sema::Program;

namespace {

class GradientProgram {
public:
  explicit GradientProgram(Program &program) : program(program) {}
  void run();

private:
  void promote(sema::Type &type);
  void promoteTypes();
  /// Casts from one float to another, which promotion left without a purpose.
  void dropIdleCasts();
  void returnGradients(sema::Recipe &recipe);
  void splitLoss(sema::Recipe &recipe);
  template <typename Visit> void forEachFunction(Visit visit);
  Node *make(std::string op, std::vector<const Node *> operands, sema::Type type);

  Program &program;
};

} // namespace

void GradientProgram::promote(sema::Type &type) {
  if (sema::isFloat(type.element))
    type.element = Element::F64;
}

template <typename Visit> void GradientProgram::forEachFunction(Visit visit) {
  for (sema::Model &model : program.models) {
    visit(model.forward);
    for (sema::Parameter &parameter : model.parameters)
      visit(parameter.init);
  }
  for (sema::Recipe &recipe : program.recipes) {
    visit(recipe.loss);
    visit(recipe.metrics);
    for (sema::Update &update : recipe.updates) {
      visit(update.rule);
      for_each(update.stateInit, visit);
    }
  }
}

void GradientProgram::promoteTypes() {
  for (auto &node : program.nodes)
    promote(node->type);
  for (sema::Model &model : program.models) {
    for (auto *ports : {&model.inputs, &model.outputs})
      for (sema::Port &port : *ports)
        promote(port.type);
    for (sema::Parameter &parameter : model.parameters)
      promote(parameter.type);
  }
  for (sema::Recipe &recipe : program.recipes)
    for (sema::DataField &field : recipe.data.fields)
      promote(field.type);
}

void GradientProgram::dropIdleCasts() {
  DenseMap<const Node *, const Node *> replacement;
  auto resolve = [&](const Node *&node) {
    for (auto found = replacement.find(node); found != replacement.end();
         found = replacement.find(node))
      node = found->second;
  };
  for (auto &node : program.nodes)
    if (node->op == "cast" && node->operands.front()->type == node->type)
      replacement[node.get()] = node->operands.front();
  for (auto &node : program.nodes)
    for_each(node->operands, resolve);
  forEachFunction([&](Function &function) {
    erase_if(function.nodes, [&](const Node *node) { return replacement.contains(node); });
    for (Function::Result &result : function.results)
      resolve(result.node);
  });
}

Node *GradientProgram::make(std::string op, std::vector<const Node *> operands, sema::Type type) {
  Node *node = program.nodes.emplace_back(std::make_unique<Node>()).get();
  node->op = std::move(op);
  node->operands = std::move(operands);
  node->type = std::move(type);
  if (!node->operands.empty()) {
    node->range = node->operands.front()->range;
    node->site = node->operands.front()->site;
  }
  return node;
}

void GradientProgram::returnGradients(sema::Recipe &recipe) {
  for (sema::Update &update : recipe.updates) {
    const Node *gradient = nullptr;
    for (const Input &input : update.rule.inputs)
      if (input.kind == Input::Kind::Parameter || input.kind == Input::Kind::Gradient)
        gradient = make("input", {}, input.node->type);
    update.states.clear();
    update.stateInit.clear();
    update.rule.inputs = {{Input::Kind::Gradient, update.parameter, gradient}};
    update.rule.nodes = {gradient};
    update.rule.results = {{update.parameter, gradient}};
  }
}

void GradientProgram::splitLoss(sema::Recipe &recipe) {
  Function parts = recipe.loss;
  parts.name = recipe.metrics.name;
  auto add = [&](std::string op, std::vector<const Node *> operands, Element element) {
    sema::Type type{element, {}};
    parts.nodes.push_back(make(std::move(op), std::move(operands), type));
    return parts.nodes.back();
  };
  const Node *rest = recipe.loss.results.front().node;
  for (const Function::Result &loss : drop_begin(recipe.loss.results))
    rest = add("add", {rest, loss.node}, Element::F64);
  parts.results.clear();
  for (unsigned i = 0; i < lossParts; ++i) {
    const Node *part = add("cast", {rest}, Element::F32);
    parts.results.push_back({"loss." + std::to_string(i), part});
    if (i + 1 < lossParts)
      rest = add("sub", {rest, add("cast", {part}, Element::F64)}, Element::F64);
  }
  recipe.metrics = std::move(parts);
}

void GradientProgram::run() {
  promoteTypes();
  dropIdleCasts();
  for (sema::Recipe &recipe : program.recipes) {
    returnGradients(recipe);
    splitLoss(recipe);
  }
}

void makeGradientProgram(Program &program) { GradientProgram(program).run(); }

} // namespace nnc::driver
