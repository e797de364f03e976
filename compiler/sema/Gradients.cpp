// Gradients as values, and functions that bring their own.
#include "compiler/sema/Elaborator.h"

#include "llvm/ADT/ScopeExit.h"

namespace nnc::sema {

using namespace ast;

static bool isFloatTensor(const Value &value) {
  return value.isStrong() && isFloat(value.asTensor()->node->type.element);
}

/// `gradient(u, wrt: x)`: the part of the graph between x and u, in a body of its own.
Value Elaborator::evalGradient(const std::vector<GivenArgument> &given, SourceRange range) {
  Parameters parameters{"gradient", {"u", "wrt"}, {true, true}, {}};
  auto matched = matchArguments(parameters, given, range);
  if (!matched)
    return Unknown{};
  const GivenArgument &of = *(*matched)[0], &by = *(*matched)[1];
  if (of.value.isUnknown() || by.value.isUnknown())
    return Unknown{};
  const Node *u = isFloatTensor(of.value) ? of.value.asTensor()->node : nullptr;
  if (of.value.isWeak() && context.ofBatch) {
    u = context.ofBatch(of.value.asTensor()->node, range);
    if (!u)
      return Unknown{};
  }
  if (!u) {
    error(Code::ArgumentType, of.range,
          "'gradient' takes a tensor of floats, found " + of.value.describe());
    return Unknown{};
  }
  const Sequence *several = by.value.asSequence();
  std::vector<Value> values = several ? *several->elements : std::vector<Value>{by.value};
  std::vector<const Node *> wrt;
  for (const Value &value : values) {
    if (value.isUnknown())
      return Unknown{};
    if (!isFloatTensor(value)) {
      error(Code::ArgumentType, by.range,
            "'wrt' names a tensor of floats, found " + value.describe())
          .suggest("what 'u' is computed from, by its name");
      return Unknown{};
    }
    const Node *x = value.asTensor()->node;
    if (context.joinsBatches && context.joinsBatches(u, x, range))
      return Unknown{};
    if (!graph.dependsOn(u, {x}) && !isGeneric) {
      error(Code::GradientOfConstant, range,
            "'" + quote(of.range) + "' does not depend on '" + quote(by.range) + "'")
          .suggest("a gradient is taken with respect to a value that 'u' was computed from");
      return Unknown{};
    }
    if (llvm::is_contained(wrt, x)) {
      error(Code::DuplicateArgument, by.range, "'wrt' names a tensor twice");
      return Unknown{};
    }
    wrt.push_back(x);
  }
  if (wrt.empty()) {
    error(Code::MissingArgument, by.range, "'wrt' names no tensor");
    return Unknown{};
  }
  // What is held fixed beside a tensor must not be computed from it: each such group is an
  // operation of its own.
  std::vector<std::vector<const Node *>> groups;
  for (const Node *x : wrt) {
    auto isApart = [&](const Node *other) {
      return !graph.dependsOn(x, {other}) && !graph.dependsOn(other, {x});
    };
    auto group = llvm::find_if(
        groups, [&](const std::vector<const Node *> &each) { return llvm::all_of(each, isApart); });
    if (group == groups.end())
      group = groups.insert(groups.end(), std::vector<const Node *>());
    group->push_back(x);
  }
  llvm::DenseMap<const Node *, const Node *> gradients;
  for (const std::vector<const Node *> &group : groups) {
    auto made = gradientOp(u, group, range);
    if (made.empty())
      return Unknown{};
    for (auto [x, gradient] : llvm::zip(group, made))
      gradients[x] = gradient;
  }
  if (!several)
    return Tensor{gradients[wrt.front()]};
  std::vector<Value> results;
  for (const Node *x : wrt)
    results.push_back(Tensor{gradients[x]});
  return Sequence{std::make_shared<std::vector<Value>>(std::move(results)), 1, several->isTuple};
}

/// The gradient of sum(u) with respect to tensors none of which is computed from another. Empty
/// after an error.
std::vector<const Node *> Elaborator::gradientOp(const Node *u, llvm::ArrayRef<const Node *> wrt,
                                                 SourceRange range) {
  Graph::Captures captures;
  auto body = graph.isolate("gradient", wrt, {u}, captures);
  std::vector<const Node *> operands(wrt);
  operands.insert(operands.end(), captures.begin(), captures.end());
  std::vector<Type> types;
  for (const Node *x : wrt)
    types.push_back(x->type);
  graph.setPlace(range, frame->site);
  Node *node = graph.make("gradient", std::move(operands), types.front());
  node->segments = {static_cast<unsigned>(wrt.size()), static_cast<unsigned>(captures.size())};
  graph.addBody(node, std::move(body));
  if (graph.nesting(node) > limits.regions) {
    error(Code::ElaborationTooDeep, range, "loops and gradients are nested too deeply")
        .suggest("gradients of gradients may be of order " + std::to_string(limits.regions));
    return {};
  }
  return graph.makeSeveral(node, types);
}

Value gradientOf(Elaborator &elaborator, const std::vector<GivenArgument> &arguments,
                 SourceRange range) {
  return elaborator.evalGradient(arguments, range);
}

/// The values of a result as tensors. Empty after an error.
static std::vector<const Node *> tensorsOf(const Value &value) {
  std::vector<const Node *> nodes;
  const Sequence *several = value.asSequence();
  for (const Value &each : several ? *several->elements : std::vector<Value>{value}) {
    if (!each.isStrong())
      return {};
    nodes.push_back(each.asTensor()->node);
  }
  return nodes;
}

/// In the frame of a function whose parameters are bound: its result as an operation with a forward
/// and a backward body.
Value Elaborator::finishWithGradient(const FnDeclaration &fn, const Value &result,
                                     llvm::ArrayRef<const Node *> inputs,
                                     llvm::ArrayRef<const ast::Parameter *> names,
                                     llvm::ArrayRef<const Node *> actual, SourceRange range) {
  const GradientClause &clause = *fn.gradient;
  std::vector<const Node *> results = tensorsOf(result);
  if (result.isUnknown() || !clause.body)
    return Unknown{};
  if (results.empty()) {
    error(Code::GradientClause, clause.range,
          "the value of '" + fn.name.text + "' is no tensor, and has no gradient");
    return Unknown{};
  }
  if (clause.parameters.size() != results.size()) {
    error(Code::GradientClause, clause.range,
          "the gradient of '" + fn.name.text + "' takes " +
              std::to_string(clause.parameters.size()) + " values, but the function has " +
              std::to_string(results.size()) + (results.size() == 1 ? " result" : " results"))
        .suggest("one name for each result, such as 'gradient(dy)'");
    return Unknown{};
  }
  std::vector<const Node *> cotangents;
  Scope names_(&frame->root);
  Scope *outer = scope;
  scope = &names_;
  for (auto [parameter, node] : llvm::zip(clause.parameters, results)) {
    const Node *cotangent = graph.input(node->type);
    cotangents.push_back(cotangent);
    declareLocal(parameter.name, {Variable::Kind::Input, Tensor{cotangent}, {}});
  }
  Value value = evalBlock(*clause.body, inputs.size() == 1 ? &inputs.front()->type : nullptr);
  scope = outer;
  if (value.isUnknown())
    return Unknown{};
  const Sequence *several = value.asSequence();
  std::vector<Value> values = several ? *several->elements : std::vector<Value>{value};
  SourceRange where = clause.body->result ? clause.body->result->range : clause.range;
  if (values.size() != inputs.size()) {
    error(Code::GradientClause, where,
          "the gradient of '" + fn.name.text + "' gives " + std::to_string(values.size()) +
              " values, but " + std::to_string(inputs.size()) + " inputs have one")
        .suggest("a value for each input that is a tensor of floats, in their order");
    return Unknown{};
  }
  std::vector<const Node *> gradients;
  for (auto [each, input, name] : llvm::zip(values, inputs, names)) {
    if (each.isUnknown())
      return Unknown{};
    bool hasShape = !each.isStrong() || each.asTensor()->node->type.shape == input->type.shape;
    if (!hasShape) {
      error(Code::GradientClause, where,
            "the gradient that '" + fn.name.text + "' declares for its input '" + name->name.text +
                "' does not have the shape of '" + name->name.text + "'")
          .detail("expected " + input->type.str())
          .detail("found    " + each.asTensor()->node->type.str())
          .note(name->name.range, "the input is declared here")
          .suggest("a gradient has a value for each element of its input; 'dy' has one for each "
                   "element of the result");
      return Unknown{};
    }
    Value fitting =
        coerce(each, input->type, where, "the gradient with respect to '" + name->name.text + "'",
               Code::GradientClause);
    if (!fitting.asTensor())
      return Unknown{};
    gradients.push_back(fitting.asTensor()->node);
  }
  Graph::Captures captures;
  std::vector<const Node *> backward(inputs.begin(), inputs.end());
  backward.insert(backward.end(), cotangents.begin(), cotangents.end());
  // The two bodies see the same: first find what either captures.
  (void)graph.isolate("forward", inputs, results, captures);
  (void)graph.isolate("backward", backward, gradients, captures);
  auto first = graph.isolate("forward", inputs, results, captures);
  auto second = graph.isolate("backward", backward, gradients, captures);
  // Inputs, captures, then cotangents.
  std::rotate(second->inputs.begin() + inputs.size(), second->inputs.begin() + backward.size(),
              second->inputs.end());
  std::vector<const Node *> operands(actual.begin(), actual.end());
  operands.insert(operands.end(), captures.begin(), captures.end());
  std::vector<Type> types;
  for (const Node *each : results)
    types.push_back(each->type);
  graph.setPlace(range, frame->caller ? frame->caller->site : nullptr);
  Node *node = graph.make("with_gradient", std::move(operands), types.front());
  node->segments = {static_cast<unsigned>(inputs.size()), static_cast<unsigned>(captures.size())};
  graph.addBody(node, std::move(first));
  graph.addBody(node, std::move(second));
  auto made = graph.makeSeveral(node, types);
  if (!result.asSequence())
    return Tensor{made.front()};
  std::vector<Value> outputs;
  for (const Node *each : made)
    outputs.push_back(Tensor{each});
  return Sequence{std::make_shared<std::vector<Value>>(std::move(outputs)), 1, true};
}

} // namespace nnc::sema
