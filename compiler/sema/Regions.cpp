// Bodies of operations: copies of parts of the graph that see nothing but their inputs.
#include "compiler/sema/Graph.h"

#include "llvm/ADT/DenseSet.h"

namespace nnc::sema {

const Node *Graph::copy(const Node *node, std::vector<const Node *> operands) {
  Node *made = make(node->op, std::move(operands), node->type, node->attributes);
  made->segments = node->segments;
  made->sizes = node->sizes;
  made->hasSizes = node->hasSizes;
  made->resultTypes = node->resultTypes;
  made->result = node->result;
  made->range = node->range;
  made->site = node->site;
  // Bodies are isolated and never change: the nodes may be shared.
  for (const auto &body : node->bodies)
    addBody(made, std::make_unique<Function>(*body));
  return made;
}

void Graph::addBody(Node *node, std::unique_ptr<Function> body) {
  Extent extent = extents.lookup(node), inner{0, body->nodes.size()};
  for (const Node *each : body->nodes) {
    Extent own = extents.lookup(each);
    inner.depth = std::max(inner.depth, own.depth);
    inner.nodes = std::min(inner.nodes + own.nodes, maxNodes);
  }
  extent.depth = std::max(extent.depth, inner.depth + 1);
  extent.nodes = std::min(extent.nodes + inner.nodes, maxNodes);
  extents[node] = extent;
  withinBodies = std::min(withinBodies + inner.nodes, maxNodes);
  node->bodies.push_back(std::move(body));
}

/// Copies nodes into one body.
class RegionBuilder {
public:
  RegionBuilder(Graph &graph, Graph::Captures &captures) : graph(graph), captures(captures) {}

  void addArgument(const Node *node) {
    const Node *input = graph.input(node->type);
    inputs.push_back({Input::Kind::Argument, "", input});
    inside[node] = input;
  }

  /// What stands for a node made before, or outside of, the body.
  const Node *find(const Node *node) {
    if (auto it = inside.find(node); it != inside.end())
      return it->second;
    std::vector<const Node *> pending{node};
    // Operands first; constants can be deep, so no recursion.
    while (!pending.empty()) {
      const Node *each = pending.back();
      if (inside.contains(each)) {
        pending.pop_back();
        continue;
      }
      // A repeated value is captured before it is repeated.
      bool isCopied = graph.isConstant(each) || each->op == "broadcast";
      if (!isCopied) {
        captures.insert(each);
        inside[each] = graph.input(each->type);
        pending.pop_back();
        continue;
      }
      size_t before = pending.size();
      for (const Node *operand : each->operands)
        if (!inside.contains(operand))
          pending.push_back(operand);
      if (pending.size() != before)
        continue;
      pending.pop_back();
      add(each);
    }
    return inside.lookup(node);
  }

  /// Copies a node all of whose operands are here or can be captured.
  void add(const Node *node) {
    std::vector<const Node *> operands;
    for (const Node *operand : node->operands)
      operands.push_back(find(operand));
    const Node *made = graph.copy(node, std::move(operands));
    inside[node] = made;
    nodes.push_back(made);
  }

  std::unique_ptr<Function> finish(std::string name, llvm::ArrayRef<const Node *> results) {
    auto body = std::make_unique<Function>();
    body->name = std::move(name);
    body->inputs = std::move(inputs);
    for (const Node *result : results)
      body->results.push_back({"", find(result)});
    for (const Node *capture : captures)
      if (const Node *input = inside.lookup(capture))
        body->inputs.push_back({Input::Kind::Argument, "", input});
      else
        body->inputs.push_back({Input::Kind::Argument, "", graph.input(capture->type)});
    body->nodes = std::move(nodes);
    return body;
  }

private:
  Graph &graph;
  Graph::Captures &captures;
  std::vector<Input> inputs;
  std::vector<const Node *> nodes;
  llvm::DenseMap<const Node *, const Node *> inside;
};

std::unique_ptr<Function> Graph::isolate(std::string name, llvm::ArrayRef<const Node *> arguments,
                                         llvm::ArrayRef<const Node *> results, Captures &captures) {
  SourceRange outerPlace = place;
  const CallSite *outerSite = placeSite;
  size_t since = program.nodes.size();
  for (const Node *argument : arguments)
    since = std::min(since, order.lookup(argument));
  llvm::DenseSet<const Node *> depends(arguments.begin(), arguments.end());
  std::vector<const Node *> within;
  for (const Node *node : reach(results, /*byGradient=*/false, since)) {
    bool isArgument = llvm::is_contained(arguments, node);
    if (!isArgument && llvm::any_of(node->operands, [&](const Node *operand) {
          return depends.contains(operand);
        })) {
      depends.insert(node);
      within.push_back(node);
    }
  }
  RegionBuilder builder(*this, captures);
  for (const Node *argument : arguments)
    builder.addArgument(argument);
  for (const Node *node : within)
    builder.add(node);
  auto body = builder.finish(std::move(name), results);
  setPlace(outerPlace, outerSite);
  return body;
}

} // namespace nnc::sema
