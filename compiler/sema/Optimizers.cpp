// Optimizers: the update rule of one parameter, with its states.
#include "compiler/sema/Optimizers.h"

#include "llvm/ADT/ScopeExit.h"

namespace nnc::sema {

using namespace ast;

void Elaborator::evalState(const StateStatement &statement) {
  bool inOptimizer = optimizer && frame->decl && llvm::isa<OptimizerDeclaration>(frame->decl);
  for (const StateStatement::Entry &entry : statement.entries) {
    if (!inOptimizer || frame->loops > 0) {
      error(Code::StateOutsideOptimizer, entry.name.range,
            inOptimizer ? "a 'state' cannot be declared in a loop"
                        : "a 'state' can only be declared in an optimizer")
          .suggest(inOptimizer ? "declare it before the loop"
                               : "'buffer' declares what a layer keeps and does not train");
      declareLocal(entry.name, {Variable::Kind::State, Unknown{}, {}});
      continue;
    }
    Value initial = entry.init ? eval(*entry.init, &optimizer->type) : Value();
    if (entry.init)
      initial = coerce(initial, optimizer->type, entry.init->range,
                       "the initial value of '" + entry.name.text + "'", Code::ShapeMismatch);
    graph.setPlace(entry.name.range, frame->site);
    const Node *input = graph.input(optimizer->type);
    Value value = Tensor{input};
    if (initial.isUnknown()) {
      value = Unknown{};
    } else if (!isGeneric && !graph.inputsOf(initial.asTensor()->node).empty()) {
      error(Code::InitialValueNotConstant, entry.init->range,
            "the initial value of the state '" + entry.name.text +
                "' depends on a tensor that is only known when the program runs")
          .suggest("a state begins with a number, such as 0");
      value = Unknown{};
    }
    bool isNew = llvm::none_of(optimizer->states, [&](const OptimizerState::State &state) {
      return state.name == entry.name.text;
    });
    declareLocal(entry.name, {Variable::Kind::State, value, {}});
    if (isNew && !value.isUnknown())
      optimizer->states.push_back({entry.name.text, input, initial.asTensor()->node, value});
  }
}

std::optional<Update> Elaborator::elaborateUpdate(const OptimizerDeclaration &decl,
                                                  const std::vector<ast::Argument> *arguments,
                                                  SourceRange range, const std::string &path,
                                                  const Type &type) {
  graph.setPlace(range, frame->site);
  const Node *param = graph.input(type), *grad = graph.input(type);
  const Node *stepInput = graph.input(Type{Element::I64, {}});
  const Node *outerStep = step;
  OptimizerState state{type, {}};
  OptimizerState *outerState = optimizer;
  step = graph.cast(stepInput, Element::F64);
  optimizer = &state;
  llvm::scope_exit leave([&] {
    step = outerStep;
    optimizer = outerState;
  });
  std::vector<GivenArgument> given;
  if (arguments)
    given = evalArguments(*arguments);
  for (const GivenArgument &argument : given)
    if (argument.value.isStrong()) {
      error(Code::ArgumentType, argument.range,
            "an optimizer takes numbers and schedules, found " + argument.value.describe())
          .suggest("such as 1e-3, or cosine(peak: 1e-3, total: 1000)");
      return std::nullopt;
    }
  if (!mayEnter(decl, range) || !decl.body)
    return std::nullopt;

  Frame body;
  body.decl = &decl;
  body.callable = &decl;
  body.file = decl.name.range.file;
  body.site = siteFor(range, decl.name.text);
  FrameGuard guard(*this, body);
  if (!bindParameters(decl.parameters, given, decl.name.text, range, decl.name.range))
    return std::nullopt;
  auto declareImplicit = [&](llvm::StringRef name, Value value) {
    body.root.declare(name, {Variable::Kind::Implicit, std::move(value), decl.name.range});
  };
  declareImplicit("param", Tensor{param});
  declareImplicit("grad", Tensor{grad});
  declareImplicit("step", Tensor{step, true});
  Value value = evalBlock(*decl.body, &type);
  if (value.isUnknown())
    return std::nullopt;
  SourceRange where = decl.body->result ? decl.body->result->range : decl.name.range;
  value = coerce(value, type, where, "the value of the optimizer '" + decl.name.text + "'",
                 Code::ResultShape);
  if (value.isUnknown())
    return std::nullopt;

  Update update;
  update.parameter = path;
  std::vector<Input> inputs{{Input::Kind::Parameter, path, param},
                            {Input::Kind::Gradient, path, grad}};
  std::vector<Function::Result> results{{path, value.asTensor()->node}};
  for (OptimizerState::State &each : state.states) {
    if (each.value.isUnknown())
      return std::nullopt;
    update.states.push_back(each.name);
    update.stateInit.push_back(
        graph.cut("state." + path + "." + each.name, {}, {{each.name, each.initial}}));
    inputs.push_back({Input::Kind::State, each.name, each.input});
    results.push_back({each.name, each.value.asTensor()->node});
  }
  inputs.push_back({Input::Kind::Step, "step", stepInput});
  update.rule = graph.cut("update." + path, std::move(inputs), std::move(results));
  return update;
}

/// Keeps the newest value of a state, for when its block has ended.
void Elaborator::noteState(llvm::StringRef name, const Value &value) {
  if (!optimizer)
    return;
  for (OptimizerState::State &state : optimizer->states)
    if (state.name == name)
      state.value = value;
}

} // namespace nnc::sema
