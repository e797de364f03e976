// What a function needs of its symbolic sizes.
#include "compiler/sema/Needs.h"

#include "compiler/sema/Dimensions.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace nnc::sema {

/// `dim` >= 1 without a constant term, and divided by what its factors have in common.
static Need needOf(const Dim &dim, const Node *node) {
  Need asItIs{dim, 1, node};
  constexpr int64_t lowest = std::numeric_limits<int64_t>::min();
  int64_t constant = 0, common = 0;
  for (const auto &[atoms, factor] : dim.normalForm()) {
    if (factor == lowest)
      return asItIs; // which has no negative
    if (atoms.empty())
      constant = factor;
    else
      common = std::gcd(common, factor);
  }
  auto rest = Dim::subtract(dim, Dim(constant));
  auto part = rest ? Dim::divide(*rest, Dim(common)) : std::nullopt;
  int64_t least = 0;
  if (!part || llvm::SubOverflow(int64_t(1), constant, least))
    return asItIs;
  return {*part, llvm::divideCeilSigned(least, common), node};
}

const Node *findConstant(const Node *node) {
  while (llvm::is_contained({"cast", "reshape", "broadcast", "transpose"}, node->op))
    node = node->operands.front();
  return node->op == "constant" && isInteger(node->type.element) ? node : nullptr;
}

llvm::ArrayRef<int64_t> wholeNumbers(const Node &constant) {
  const Attribute &attribute = constant.attributes.front();
  if (const auto *several = std::get_if<std::vector<int64_t>>(&attribute.value))
    return *several;
  const auto *single = std::get_if<int64_t>(&attribute.value);
  return single ? llvm::ArrayRef<int64_t>(*single) : llvm::ArrayRef<int64_t>();
}

/// What is left of a dimension from the largest of the listed indices on that choose from it.
static std::optional<Dim> sizeFromLastIndex(const Node &node) {
  if (node.op != "gather" && node.op != "take_along")
    return std::nullopt;
  const Node *constant = findConstant(node.operands[1]);
  llvm::ArrayRef<int64_t> numbers = constant ? wholeNumbers(*constant) : llvm::ArrayRef<int64_t>();
  auto axis =
      llvm::find_if(node.attributes, [](const Attribute &each) { return each.name == "axis"; });
  if (numbers.empty() || axis == node.attributes.end())
    return std::nullopt;
  const Dim &size = node.operands[0]->type.shape[std::get<int64_t>(axis->value)];
  return Dim::subtract(size, Dim(*llvm::max_element(numbers)));
}

static void collect(const Function &function, std::vector<Need> &needs) {
  auto add = [&](const Dim &dim, const Node *node, Need::Of of) {
    // A size that may not be whole has been refused.
    if (dim.constant() || dim.asSymbol() || !dim.isWhole() || isSurelyAtMost(Dim(1), dim))
      return;
    Need need = needOf(dim, node);
    need.of = of;
    auto same = llvm::find_if(needs, [&](const Need &each) { return each.size == need.size; });
    if (same == needs.end())
      needs.push_back(std::move(need));
    else if (same->least < need.least)
      *same = std::move(need);
  };
  auto addAll = [&](const Type &type, const Node *node) {
    for (const Dim &dim : type.shape)
      add(dim, node, Need::Of::Size);
  };
  for (const Node *node : function.nodes) {
    addAll(node->type, node);
    for (const Type &type : node->resultTypes)
      addAll(type, node);
    if (auto left = sizeFromLastIndex(*node))
      add(*left, node, Need::Of::Indices);
    for (const auto &body : node->bodies)
      collect(*body, needs);
  }
}

std::vector<Need> needsOf(const Function &function) {
  std::vector<Need> needs;
  collect(function, needs);
  return needs;
}

int64_t leastBatch(const Model &model) {
  int64_t least = 1;
  auto consider = [&](const Function &function) {
    for (const Need &need : needsOf(function))
      if (need.size == Dim::symbol(model.batchDim))
        least = std::max(least, need.least);
  };
  if (!model.recipe || model.batchDim.empty())
    return least;
  for (const StepBlock &block : model.recipe->blocks)
    consider(block.objective);
  for (const Evaluation::Pass &pass : model.recipe->evaluation.passes)
    consider(pass.accumulate);
  return least;
}

} // namespace nnc::sema
