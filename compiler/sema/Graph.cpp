// Nodes and functions of the program graph.
#include "compiler/sema/Graph.h"

#include "compiler/sema/OpFacts.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"

#include <algorithm>

namespace nnc::sema {

Node *Graph::make(llvm::StringRef op, std::vector<const Node *> operands, Type type,
                  std::vector<Attribute> attributes) {
  auto node = std::make_unique<Node>();
  node->op = op.str();
  node->operands = std::move(operands);
  node->attributes = std::move(attributes);
  node->type = std::move(type);
  node->range = place;
  node->site = placeSite;
  order[node.get()] = program.nodes.size();
  needsInput[node.get()] =
      node->op == "input" ||
      llvm::any_of(node->operands, [&](const Node *operand) { return needsInput.lookup(operand); });
  program.nodes.push_back(std::move(node));
  return program.nodes.back().get();
}

Node *Graph::makeSized(llvm::StringRef op, std::vector<const Node *> operands, Type type,
                       std::vector<Attribute> attributes) {
  std::vector<Dim> sizes(type.shape.begin(), type.shape.end());
  Node *node = make(op, std::move(operands), std::move(type), std::move(attributes));
  node->sizes = std::move(sizes);
  node->hasSizes = true;
  return node;
}

Node *Graph::constant(Element element, double value) {
  if (!isFloat(element))
    return constant(element, static_cast<int64_t>(value));
  return make("constant", {}, Type{element, {}}, {{"value", value}});
}

Node *Graph::constant(Element element, int64_t value) {
  if (isFloat(element))
    return constant(element, static_cast<double>(value));
  if (element == Element::Bool)
    return make("constant", {}, Type{element, {}}, {{"value", value != 0}});
  return make("constant", {}, Type{element, {}}, {{"value", value}});
}

Node *Graph::cast(const Node *node, Element element) {
  return make("cast", {node}, Type{element, node->type.shape});
}

const Node *Graph::broadcastTo(const Node *node, const Shape &shape) {
  if (node->type.shape == shape)
    return node;
  std::vector<int64_t> dimensions;
  size_t lead = shape.size() - node->type.shape.size();
  for (size_t i = 0; i < node->type.shape.size(); ++i)
    dimensions.push_back(static_cast<int64_t>(lead + i));
  return makeSized("broadcast", {node}, Type{node->type.element, shape},
                   {{"dimensions", std::move(dimensions)}});
}

Node *Graph::fromDim(const Dim &dim) {
  if (auto constant = dim.constant())
    return this->constant(Element::F64, *constant);
  Node *node = make("from_index", {}, Type{Element::F64, {}});
  node->sizes = {dim};
  node->hasSizes = true;
  return node;
}

Node *Graph::fromOuterDim(const Dim &dim) {
  Node *node = fromDim(dim);
  needsInput[node] = true;
  return node;
}

std::vector<const Node *> Graph::makeSeveral(Node *node, std::vector<Type> types) {
  node->type = types.front();
  if (types.size() == 1)
    return {node};
  node->resultTypes = types;
  std::vector<const Node *> results;
  for (unsigned i = 0; i < types.size(); ++i) {
    Node *result = make("result", {node}, types[i]);
    result->result = i;
    results.push_back(result);
  }
  return results;
}

std::vector<const Node *> Graph::reach(llvm::ArrayRef<const Node *> roots, bool byGradient,
                                       size_t since, llvm::ArrayRef<Input> stops) {
  llvm::DenseSet<const Node *> seen;
  for (const Input &stop : stops)
    seen.insert(stop.node);
  std::vector<const Node *> found, pending(roots.begin(), roots.end());
  while (!pending.empty()) {
    const Node *node = pending.back();
    pending.pop_back();
    if (order.lookup(node) < since || !seen.insert(node).second)
      continue;
    bool isOne = node->resultTypes.empty();
    if (byGradient && isOne && !isFloat(node->type.element))
      continue;
    found.push_back(node);
    if (byGradient && factsOf(node->op).isFlat)
      continue;
    pending.insert(pending.end(), node->operands.begin(), node->operands.end());
  }
  std::sort(found.begin(), found.end(),
            [&](const Node *a, const Node *b) { return order.lookup(a) < order.lookup(b); });
  return found;
}

Function Graph::cut(std::string name, std::vector<Input> inputs,
                    std::vector<Function::Result> results) {
  std::vector<const Node *> roots;
  for (const Function::Result &result : results)
    roots.push_back(result.node);
  Function function{std::move(name), std::move(inputs), {}, std::move(results)};
  for (const Node *node : reach(roots, /*byGradient=*/false, /*since=*/0, function.inputs))
    if (node->op != "input")
      function.nodes.push_back(node);
  return function;
}

Function Graph::cutUsed(std::string name, llvm::ArrayRef<Input> inputs,
                        std::vector<Function::Result> results) {
  std::vector<const Node *> roots;
  for (const Function::Result &result : results)
    roots.push_back(result.node);
  std::vector<const Node *> used = inputsAmong(reach(roots));
  llvm::DenseSet<const Node *> isUsed(used.begin(), used.end());
  std::vector<Input> kept;
  for (const Input &input : inputs)
    if (isUsed.contains(input.node))
      kept.push_back(input);
  return cut(std::move(name), std::move(kept), std::move(results));
}

std::vector<const Node *> Graph::inputsAmong(llvm::ArrayRef<const Node *> nodes) {
  std::vector<const Node *> inputs(nodes.begin(), nodes.end());
  llvm::erase_if(inputs, [](const Node *node) { return node->op != "input"; });
  return inputs;
}

std::vector<const Node *> Graph::inputsOf(const Node *node) { return inputsAmong(reach({node})); }

std::vector<const Node *> Graph::trainableInputsOf(const Node *node) {
  return inputsAmong(reach({node}, /*byGradient=*/true));
}

bool Graph::dependsOn(const Node *node, llvm::ArrayRef<const Node *> sources) {
  size_t since = program.nodes.size();
  for (const Node *source : sources)
    since = std::min(since, order.lookup(source));
  for (const Node *each : reach({node}, /*byGradient=*/false, since))
    if (llvm::is_contained(sources, each))
      return true;
  return false;
}

} // namespace nnc::sema
