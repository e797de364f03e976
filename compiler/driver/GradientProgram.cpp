// The program transformation behind `nnc gradcheck`. It uses the compiler as it is: no pass knows
// of it.
#include "compiler/driver/GradientProgram.h"

#include "compiler/sema/OpFacts.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"

using namespace llvm;

namespace nnc::driver {

using sema::Element;
using sema::Function;
using sema::Node;
using sema::Program;

namespace {

class GradientProgram {
public:
  GradientProgram(Program &program, sema::Model &model) : program(program), model(model) {}
  void run();

private:
  void promoteTypes();
  void promoteConstant(Node &node, Element from);
  /// Casts from one float to another, which promotion left without a purpose.
  void dropIdleCasts();
  void evaluateLosses(sema::Recipe &recipe);
  void simplifyUpdates(sema::Recipe &recipe);
  sema::Update makeUpdate(const sema::Parameter &parameter);
  template <typename Visit> void forEachFunction(Visit visit);

  Program &program;
  sema::Model &model;
};

} // namespace

static void promote(sema::Type &type) {
  if (sema::isFloat(type.element))
    type.element = Element::F64;
}

/// Of the model alone: no other is compiled.
template <typename Visit> void GradientProgram::forEachFunction(Visit visit) {
  auto visitWithBodies = [&](auto &self, Function &function) -> void {
    visit(function);
    for (const Node *node : function.nodes)
      for (const auto &body : node->bodies)
        self(self, *body);
  };
  auto each = [&](Function &function) { visitWithBodies(visitWithBodies, function); };
  each(model.predict);
  for (auto *tensors : {&model.parameters, &model.states})
    for (sema::Parameter &tensor : *tensors)
      each(tensor.init);
  if (!model.recipe)
    return;
  for (sema::StepBlock &block : model.recipe->blocks) {
    each(block.objective);
    for (sema::Update &update : block.updates) {
      each(update.rule);
      for_each(update.stateInit, each);
    }
  }
  if (model.recipe->data && model.recipe->data->isPrepared) {
    each(model.recipe->data->fit);
    each(model.recipe->data->prepare);
  }
}

/// A constant of many elements stands as their bytes.
void GradientProgram::promoteConstant(Node &node, Element from) {
  if (from != Element::F32)
    return;
  for (sema::Attribute &attribute : node.attributes) {
    auto *bytes = std::get_if<std::string>(&attribute.value);
    if (!bytes)
      continue;
    std::string wide(bytes->size() / sizeof(float) * sizeof(double), '\0');
    for (size_t i = 0; i < bytes->size() / sizeof(float); ++i) {
      float value;
      memcpy(&value, bytes->data() + i * sizeof(float), sizeof(float));
      double promoted = value;
      memcpy(wide.data() + i * sizeof(double), &promoted, sizeof(double));
    }
    *bytes = std::move(wide);
  }
}

void GradientProgram::promoteTypes() {
  for (auto &node : program.nodes) {
    if (sema::factsOf(node->op).isConstant)
      promoteConstant(*node, node->type.element);
    promote(node->type);
    for_each(node->resultTypes, promote);
  }
  for (auto *ports : {&model.inputs, &model.outputs})
    for (sema::Port &port : *ports)
      promote(port.type);
  for (auto *tensors : {&model.parameters, &model.states})
    for (sema::Parameter &tensor : *tensors)
      promote(tensor.type);
  if (!model.recipe || !model.recipe->data)
    return;
  for (sema::Port &field : model.recipe->data->fields)
    promote(field.type);
  for (sema::Column &column : model.recipe->data->columns)
    promote(column.type);
}

void GradientProgram::dropIdleCasts() {
  DenseMap<const Node *, const Node *> replacement;
  auto resolve = [&](const Node *&node) {
    for (auto found = replacement.find(node); found != replacement.end();
         found = replacement.find(node))
      node = found->second;
  };
  for (auto &node : program.nodes)
    if (sema::factsOf(node->op).onlyConverts() && node->operands.front()->type == node->type)
      replacement[node.get()] = node->operands.front();
  for (auto &node : program.nodes)
    for_each(node->operands, resolve);
  forEachFunction([&](Function &function) {
    erase_if(function.nodes, [&](const Node *node) { return replacement.contains(node); });
    for (Function::Result &result : function.results)
      resolve(result.node);
  });
}

void GradientProgram::evaluateLosses(sema::Recipe &recipe) {
  sema::Evaluation evaluation;
  for (const sema::StepBlock &block : recipe.blocks) {
    sema::Evaluation::Pass pass;
    pass.accumulate = block.objective;
    pass.accumulate.results.resize(block.losses.size());
    pass.combine.assign(block.losses.size(), sema::Evaluation::Combine::Sum);
    evaluation.passes.push_back(std::move(pass));
  }
  evaluation.finish.name = "finish";
  recipe.evaluation = std::move(evaluation);
}

/// The least that a rule can be: nobody runs it.
sema::Update GradientProgram::makeUpdate(const sema::Parameter &parameter) {
  Node *gradient = program.nodes.emplace_back(std::make_unique<Node>()).get();
  gradient->op = "input";
  gradient->type = parameter.type;
  gradient->range = parameter.range;
  sema::Update update;
  update.parameter = parameter.path;
  update.rule.inputs = {{sema::Input::Kind::Gradient, parameter.path, gradient}};
  update.rule.nodes = {gradient};
  update.rule.results = {{parameter.path, gradient}};
  return update;
}

/// Frozen parameters are updated by the first block: they have gradients, too.
void GradientProgram::simplifyUpdates(sema::Recipe &recipe) {
  StringMap<const sema::Parameter *> untrained;
  StringMap<const sema::Parameter *> byPath;
  for (const sema::Parameter &parameter : model.parameters)
    byPath[parameter.path] = untrained[parameter.path] = &parameter;
  for (sema::StepBlock &block : recipe.blocks) {
    block.clip.reset();
    for (sema::Update &update : block.updates) {
      untrained.erase(update.parameter);
      update = makeUpdate(*byPath.lookup(update.parameter));
    }
  }
  for (const sema::Parameter &parameter : model.parameters)
    if (untrained.contains(parameter.path) && !recipe.blocks.empty())
      recipe.blocks.front().updates.push_back(makeUpdate(parameter));
}

void GradientProgram::run() {
  promoteTypes();
  dropIdleCasts();
  sema::Recipe &recipe = *model.recipe;
  evaluateLosses(recipe);
  simplifyUpdates(recipe);
  recipe.accumulate = 2;
  recipe.average.reset();
  recipe.budgetBytes.reset();
}

void makeGradientProgram(Program &program, sema::Model &model) {
  GradientProgram(program, model).run();
}

} // namespace nnc::driver
