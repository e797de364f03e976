// Floating-point operations, each credited to the layer that it stands in.
#include "compiler/driver/Flops.h"

#include "compiler/sema/OpFacts.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"

using namespace llvm;

namespace nnc::driver {

using sema::CallSite;
using sema::Dim;
using sema::Function;
using sema::Node;

/// Calls `visit` for the nodes of `function` and, before the node that has it, of the body that
/// each runs: the first; the others compute declared gradients.
static void forEachNode(const Function &function, function_ref<void(const Node *)> visit) {
  for (const Node *node : function.nodes) {
    if (!node->bodies.empty())
      forEachNode(*node->bodies.front(), visit);
    visit(node);
  }
}

namespace {

/// Finds the layer that a node stands in.
class LayerFinder {
public:
  LayerFinder(const sema::Model &model, const Function &function);
  /// The index in Model::layers, or nullopt: the model's own body.
  std::optional<size_t> find(const Node *node) const;

private:
  void noteArguments(const Function &function);
  std::optional<size_t> ownerOfParameter(const Node *node) const;

  DenseMap<const Node *, size_t> parameterOwner;
  DenseMap<const CallSite *, size_t> siteOwner;
};

LayerFinder::LayerFinder(const sema::Model &model, const Function &function) {
  StringMap<size_t> owner; // of a parameter's path; inner layers come after the ones around them
  for (const auto &[index, layer] : enumerate(model.layers))
    for (const std::string &path : layer.parameters)
      owner[path] = index;
  for (const sema::Input &input : function.inputs)
    if (auto found = owner.find(input.name); found != owner.end())
      parameterOwner[input.node] = found->second;

  noteArguments(function);

  // The n-th call of a layer is its n-th instance.
  MapVector<StringRef, std::vector<const CallSite *>> calls;
  forEachNode(function, [&](const Node *node) {
    for (const CallSite *site = node->site; site; site = site->caller)
      if (std::vector<const CallSite *> &list = calls[site->callee]; !is_contained(list, site))
        list.push_back(site);
  });
  for (const auto &[callee, sites] : calls) {
    std::vector<size_t> instances;
    for (const auto &[index, layer] : enumerate(model.layers))
      if (layer.layer == callee)
        instances.push_back(index);
    if (instances.size() == sites.size())
      for (auto [site, index] : zip(sites, instances))
        siteOwner[site] = index;
  }
}

/// The arguments of bodies have the owners of the operands that they are, or are part of. What an
/// op makes itself comes first: the number of a loop's pass.
void LayerFinder::noteArguments(const Function &function) {
  for (const Node *node : function.nodes) {
    if (node->bodies.empty())
      continue;
    const Function &body = *node->bodies.front();
    size_t own = body.inputs.size() - std::min(body.inputs.size(), node->operands.size());
    for (auto [input, operand] : zip(drop_begin(body.inputs, own), node->operands))
      if (std::optional<size_t> owner = ownerOfParameter(operand))
        parameterOwner[input.node] = *owner;
    noteArguments(body);
  }
}

/// Through ops that only rearrange.
std::optional<size_t> LayerFinder::ownerOfParameter(const Node *node) const {
  while (sema::factsOf(node->op).carriesIndex)
    node = node->operands.front();
  auto found = parameterOwner.find(node);
  return found == parameterOwner.end() ? std::nullopt : std::optional(found->second);
}

std::optional<size_t> LayerFinder::find(const Node *node) const {
  for (const CallSite *site = node->site; site; site = site->caller)
    if (auto found = siteOwner.find(site); found != siteOwner.end())
      return found->second;
  for (const Node *operand : node->operands)
    if (auto owner = ownerOfParameter(operand))
      return owner;
  return std::nullopt;
}

} // namespace

/// `dim` with `symbol` taken as one.
static Dim without(const Dim &dim, StringRef symbol) {
  Dim sum;
  for (const auto &[atoms, coefficient] : dim.normalForm()) {
    std::optional<Dim> term = Dim(coefficient);
    for (const std::string &atom : atoms)
      if (atom != symbol && term)
        term = Dim::multiply(*term, Dim::symbol(atom));
    sum = Dim::add(sum, term.value_or(Dim())).value_or(sum);
  }
  return sum;
}

static Dim multiply(const Dim &a, const Dim &b) { return Dim::multiply(a, b).value_or(a); }

static Dim countElements(const sema::Type &type, StringRef batch) {
  Dim count = 1;
  for (const Dim &size : type.shape)
    count = multiply(count, without(size, batch));
  return count;
}

/// Two operations for each point of the space that the equation's letters span.
static Dim countProducts(const Node *node, StringRef batch) {
  StringRef equation;
  for (const sema::Attribute &attribute : node->attributes)
    if (attribute.name == "equation")
      equation = std::get<std::string>(attribute.value);
  std::string seen;
  Dim flops = 2;
  SmallVector<StringRef, 2> terms;
  equation.split("->").first.split(terms, ',');
  for (auto [term, operand] : zip(terms, node->operands))
    for (auto [letter, size] : zip(term.trim(), operand->type.shape)) {
      if (StringRef(seen).contains(letter))
        continue;
      seen += letter;
      flops = multiply(flops, without(size, batch));
    }
  return flops;
}

/// What `node` computes itself, without its bodies.
static Dim countOwn(const Node *node, StringRef batch) {
  sema::OpFacts facts = sema::factsOf(node->op);
  if (node->operands.empty())
    return {};
  const sema::Type &operand = node->operands.front()->type;
  if (facts.sumsProducts && sema::isFloat(operand.element))
    return countProducts(node, batch);
  if (facts.combinesElements && sema::isFloat(operand.element))
    return countElements(operand, batch);
  // What carries its operand's elements only converts them.
  if (facts.isElementwise && !facts.carriesIndex && sema::isFloat(node->type.element))
    return countElements(node->type, batch);
  return {};
}

/// How often `node` runs its body. Backwards it is twice as much work: for each operation there is
/// the gradient of two operands.
static Dim countRuns(const Node *node, StringRef batch) {
  Dim runs = sema::factsOf(node->op).differentiates ? 3 : 1;
  for (const Dim &size : node->sizes)
    runs = multiply(runs, without(size, batch));
  return runs;
}

/// Calls `add` with what each node of `function`, which runs `runs` times, computes.
static void countNodes(const Function &function, const Dim &runs, StringRef batch,
                       function_ref<void(const Node *, const Dim &)> add) {
  for (const Node *node : function.nodes) {
    if (!node->bodies.empty())
      countNodes(*node->bodies.front(), multiply(runs, countRuns(node, batch)), batch, add);
    add(node, multiply(runs, countOwn(node, batch)));
  }
}

LayerFlops countFlops(const sema::Model &model) {
  LayerFlops flops;
  flops.layers.resize(model.layers.size());
  StringRef batch = model.dims.empty() ? "" : StringRef(model.dims.front());
  auto add = [](Dim &to, const Dim &more) { to = Dim::add(to, more).value_or(to); };
  LayerFinder finder(model, model.predict);
  countNodes(model.predict, 1, batch, [&](const Node *node, const Dim &count) {
    if (count == Dim())
      return;
    std::optional<size_t> layer = finder.find(node);
    add(layer ? flops.layers[*layer] : flops.elsewhere, count);
    add(flops.total, count);
  });
  if (!model.recipe)
    return flops;
  // Layers that only losses and metrics read, as an encoder's where a decoder alone predicts.
  for (const sema::Evaluation::Pass &pass : model.recipe->evaluation.passes) {
    LayerFinder other(model, pass.accumulate);
    // Of a model that losses call several times, the first call.
    MapVector<size_t, std::pair<const CallSite *, Dim>> counts;
    countNodes(pass.accumulate, 1, batch, [&](const Node *node, const Dim &count) {
      std::optional<size_t> layer = other.find(node);
      if (!layer || count == Dim() || !(flops.layers[*layer] == Dim()))
        return;
      const CallSite *call = node->site;
      while (call && call->caller)
        call = call->caller;
      auto &[first, sum] = counts.try_emplace(*layer, call, Dim()).first->second;
      if (first == call)
        add(sum, count);
    });
    for (const auto &[layer, entry] : counts) {
      flops.layers[layer] = entry.second;
      add(flops.total, entry.second);
    }
  }
  return flops;
}

} // namespace nnc::driver
