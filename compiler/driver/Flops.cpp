// FLOPs of contractions, each credited to the layer that it stands in.
#include "compiler/driver/Flops.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"

using namespace llvm;

namespace nnc::driver {

using sema::CallSite;
using sema::Dim;
using sema::Node;

namespace {

/// Finds the layer that a node stands in.
class LayerFinder {
public:
  explicit LayerFinder(const sema::Model &model);
  /// The index in Model::layers, or nullopt: the model's own body.
  std::optional<size_t> find(const Node *node) const;

private:
  std::optional<size_t> ownerOfParameter(const Node *node) const;

  DenseMap<const Node *, size_t> parameterOwner;
  DenseMap<const CallSite *, size_t> siteOwner;
};

LayerFinder::LayerFinder(const sema::Model &model) {
  StringMap<size_t> owner; // of a parameter's path; inner layers come after the ones around them
  for (const auto &[index, layer] : enumerate(model.layers))
    for (const std::string &path : layer.parameters)
      owner[path] = index;
  for (const sema::Input &input : model.predict.inputs)
    if (auto found = owner.find(input.name); found != owner.end())
      parameterOwner[input.node] = found->second;

  // The n-th call of a layer is its n-th instance.
  MapVector<StringRef, std::vector<const CallSite *>> calls;
  for (const Node *node : model.predict.nodes)
    for (const CallSite *site = node->site; site; site = site->caller)
      if (std::vector<const CallSite *> &list = calls[site->callee]; !is_contained(list, site))
        list.push_back(site);
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

/// Through ops that only rearrange.
std::optional<size_t> LayerFinder::ownerOfParameter(const Node *node) const {
  while (node->op == "broadcast" || node->op == "reshape" || node->op == "transpose" ||
         node->op == "cast")
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

/// Two operations for each point of the space that the equation's letters span.
static Dim contractionFlops(const Node *node, StringRef batch) {
  StringRef equation;
  for (const sema::Attribute &attribute : node->attributes)
    if (attribute.name == "equation")
      equation = std::get<std::string>(attribute.value);
  StringRef operands = equation.split("->").first;
  std::string seen;
  Dim flops = 2;
  SmallVector<StringRef, 2> letters;
  operands.split(letters, ',');
  for (auto [text, operand] : zip(letters, node->operands))
    for (auto [letter, size] : zip(text.trim(), operand->type.shape)) {
      if (StringRef(seen).contains(letter))
        continue;
      seen += letter;
      flops = Dim::multiply(flops, without(size, batch)).value_or(flops);
    }
  return flops;
}

LayerFlops countFlops(const sema::Model &model) {
  LayerFlops flops;
  flops.layers.resize(model.layers.size());
  LayerFinder finder(model);
  StringRef batch = model.dims.empty() ? "" : StringRef(model.dims.front());
  auto add = [](Dim &to, const Dim &more) { to = Dim::add(to, more).value_or(to); };
  for (const Node *node : model.predict.nodes) {
    if (node->op != "contract")
      continue;
    Dim count = contractionFlops(node, batch);
    std::optional<size_t> layer = finder.find(node);
    add(layer ? flops.layers[*layer] : flops.elsewhere, count);
    add(flops.total, count);
  }
  return flops;
}

} // namespace nnc::driver
