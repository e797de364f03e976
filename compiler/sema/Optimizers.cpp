// Optimizers: the update rule of one parameter, with its states.
#include "compiler/sema/Recipe.h"

namespace nnc::sema {

using namespace ast;

/// In reduced precision a rule computes, and keeps its states, in f32: the squares of its gradients
/// and what keeps denominators from 0 would be 0.
static Element ruleElement(Element element) {
  return element == Element::F16 || element == Element::BF16 ? Element::F32 : element;
}

std::optional<Update> elaborateRule(Elaborator &e, const OptimizerDeclaration &decl,
                                    const std::vector<GivenArgument> &settings, SourceRange range,
                                    const Parameter &parameter, llvm::ArrayRef<Input> scalars) {
  if (!e.mayEnter(decl, range) || !decl.body)
    return std::nullopt;
  if (decl.inputs.size() != 2) {
    e.error(Code::OptimizerSignature, decl.name.range,
            "an optimizer takes a parameter and its gradient, found " +
                std::to_string(decl.inputs.size()) +
                (decl.inputs.size() == 1 ? " input" : " inputs"))
        .suggest("such as 'optimizer " + decl.name.text +
                 "(lr: float = 0.01)(w: float[...s], g: float[...s]) { ... }'");
    return std::nullopt;
  }
  const Type &type = parameter.type;
  e.graph.setPlace(range, e.frame->site);
  const Node *weights = e.graph.input(type), *gradient = e.graph.input(type);
  const Node *w = weights, *g = gradient;
  Type computed{ruleElement(type.element), type.shape};
  if (computed.element != type.element) {
    w = e.graph.cast(weights, computed.element);
    g = e.graph.cast(gradient, computed.element);
  }

  OptimizerState state;
  state.parameter = weights;
  state.draws.path = "state." + parameter.path;
  Frame body;
  body.decl = &decl;
  body.callable = &decl;
  body.file = decl.name.range.file;
  body.site = e.siteFor(range, decl.name.text);
  body.optimizer = &state;
  FrameGuard guard(e, body);
  if (!e.bindParameters(decl.parameters, settings, decl.name.text, range, decl.name.range))
    return std::nullopt;
  std::vector<GivenArgument> inputs{{std::nullopt, Tensor{w}, range},
                                    {std::nullopt, Tensor{g}, range}};
  if (!e.bindParameters(decl.inputs, inputs, decl.name.text, range, decl.name.range))
    return std::nullopt;
  Value value = e.evalBlock(*decl.body, &computed);
  if (value.isUnknown()) {
    // A parameter that nothing updates must not pass for a trained one.
    if (e.errorCount() == 0 && !e.isPartial)
      e.error(Code::UnsettledShape, range,
              "the update of '" + parameter.path + "' cannot be worked out");
    return std::nullopt;
  }
  SourceRange where = decl.body->result ? decl.body->result->range : decl.name.range;
  value = e.coerce(value, computed, where, "the value of the optimizer '" + decl.name.text + "'",
                   Code::ResultShape);
  if (value.isUnknown())
    return std::nullopt;
  const Node *result = value.asTensor()->node;
  if (computed.element != type.element)
    result = e.graph.cast(result, type.element);

  Update update;
  update.parameter = parameter.path;
  std::vector<Input> given{{Input::Kind::Parameter, parameter.path, weights},
                           {Input::Kind::Gradient, parameter.path, gradient}};
  std::vector<Function::Result> results{{parameter.path, result}};
  for (const OptimizerState::State &each : state.states) {
    if (!each.value || !each.initial)
      return std::nullopt;
    std::vector<Input> initInputs;
    if (state.seed)
      initInputs.push_back({Input::Kind::Seed, "seed", state.seed});
    initInputs.push_back({Input::Kind::Parameter, parameter.path, weights});
    std::vector<Function::Result> initial{{each.name, each.initial}};
    initInputs = usedInputs(initInputs, initial);
    update.states.push_back(each.name);
    update.stateInit.push_back(e.graph.cut("state." + parameter.path + "." + each.name,
                                           std::move(initInputs), std::move(initial)));
    given.push_back({Input::Kind::Optimizer, each.name, each.input});
    results.push_back({each.name, each.value});
  }
  std::vector<Input> used = usedInputs(scalars, results);
  given.insert(given.end(), used.begin(), used.end());
  update.rule = e.graph.cut("update." + parameter.path, std::move(given), std::move(results));
  return update;
}

} // namespace nnc::sema
