// Whether what is gathered from the rows of all examples are each example's own.
//
// The rows of all examples lie in one dimension, so many of each, one example after the other. An
// index into them is taken apart into `scale * i + rest`, with i the number of the example that has
// the index: where the scale is the number of rows to an example, and the rest lies within them, no
// example reads another's, and how examples are cut into batches doesn't show.
#include "compiler/sema/Dimensions.h"
#include "compiler/sema/Examples.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

namespace nnc::sema {

using Layout = ExampleAnalysis::Layout;
using Bound = std::optional<Dim>;

template <typename T> static const T *attribute(const Node *node, llvm::StringRef name) {
  auto it = llvm::find_if(node->attributes, [&](const Attribute &a) { return a.name == name; });
  return it == node->attributes.end() ? nullptr : std::get_if<T>(&it->value);
}

static Bound sum(const Bound &a, const Bound &b) {
  return a && b ? Dim::add(*a, *b) : std::nullopt;
}

static Bound product(const Bound &a, const Bound &b) {
  return a && b ? Dim::multiply(*a, *b) : std::nullopt;
}

/// The larger of two bounds; nothing where it isn't known which that is.
static Bound larger(const Bound &a, const Bound &b) {
  if (!a || !b)
    return std::nullopt;
  if (isSurelyAtMost(*a, *b))
    return b;
  return isSurelyAtMost(*b, *a) ? a : std::nullopt;
}

static Bound smaller(const Bound &a, const Bound &b) {
  Bound most = larger(a, b);
  if (!most)
    return std::nullopt;
  return *most == *a ? b : a;
}

/// Of two bounds that both hold, `best`, which is the one that says more, or any.
static Bound either(const Bound &best, const Bound &a, const Bound &b) {
  return best ? best : b ? b : a;
}

/// n of what `random_index(n)` draws, the whole part of u * n with u below 1. In f64, for what is
/// rounded to less may be 1.
static const Node *findDrawn(const Node *node) {
  if (node->op != "floor" || node->operands[0]->op != "mul" || node->type.element != Element::F64)
    return nullptr;
  const std::vector<const Node *> &factors = node->operands[0]->operands;
  const auto *distribution = attribute<std::string>(factors[0], "distribution");
  return distribution && *distribution == "uniform" ? factors[1] : nullptr;
}

void ExampleAnalysis::giveExamples(const Node *node, const std::optional<Dim> &limit) {
  Layout layout{Layout::Kind::Along, 0, Dim(1)};
  give(node, layout);
  if (limit)
    rows[node] = {Dim(0), Dim(0), sum(limit, Dim(-1)), layout};
}

std::optional<ExampleAnalysis::Rows> ExampleAnalysis::sumRows(const Rows &a, const Rows &b) {
  auto scale = Dim::add(a.scale, b.scale);
  if (!scale)
    return std::nullopt;
  return Rows{*scale, sum(a.low, b.low), sum(a.high, b.high)};
}

std::optional<ExampleAnalysis::Rows> ExampleAnalysis::scaleRows(const Rows &a, const Dim &by) {
  auto scale = Dim::multiply(a.scale, by);
  bool isRising = isSurelyAtMost(Dim(0), by);
  if (!scale || (!isRising && !isSurelyAtMost(by, Dim(0))))
    return std::nullopt;
  Bound low = product(a.low, by), high = product(a.high, by);
  return isRising ? Rows{*scale, low, high} : Rows{*scale, high, low};
}

std::optional<ExampleAnalysis::Rows> ExampleAnalysis::combineRows(const Node *node,
                                                                  llvm::ArrayRef<Rows> of) const {
  const std::string &op = node->op;
  if (op == "constant") {
    if (const auto *number = attribute<int64_t>(node, "value"))
      return Rows{Dim(0), Dim(*number), Dim(*number)};
    const auto *numbers = attribute<std::vector<int64_t>>(node, "value");
    if (numbers && !numbers->empty())
      return Rows{Dim(0), Dim(*llvm::min_element(*numbers)), Dim(*llvm::max_element(*numbers))};
    // Factors of draws are numbers of f64.
    const auto *real = attribute<double>(node, "value");
    if (real && std::abs(*real) < 0x1p53 && *real == std::trunc(*real))
      return Rows{Dim(0), Dim(static_cast<int64_t>(*real)), Dim(static_cast<int64_t>(*real))};
    return Rows{};
  }
  if (op == "from_index")
    return Rows{Dim(0), node->sizes.front(), node->sizes.front()};
  if (op == "iota") {
    const Dim &size = node->type.shape[*attribute<int64_t>(node, "axis")];
    return size == count ? Rows{Dim(1), Dim(0), Dim(0)}
                         : Rows{Dim(0), Dim(0), Dim::subtract(size, Dim(1))};
  }
  if (op == "floor" && findDrawn(node)) {
    const Rows &drawn = rows.find(findDrawn(node))->second;
    bool isCount = drawn.scale == Dim(0) && drawn.low && isSurelyAtMost(Dim(1), *drawn.low);
    if (!isCount)
      return std::nullopt;
    return Rows{Dim(0), Dim(0), sum(drawn.high, Dim(-1))};
  }
  if (op == "add")
    return sumRows(of[0], of[1]);
  if (op == "sub" || op == "neg") {
    auto minus = scaleRows(of.back(), Dim(-1));
    return minus && op == "sub" ? sumRows(of[0], *minus) : minus;
  }
  if (op == "mul") {
    for (size_t i = 0; i < 2; ++i)
      if (of[i].scale == Dim(0) && of[i].low && of[i].low == of[i].high)
        return scaleRows(of[1 - i], *of[i].low);
    return std::nullopt;
  }
  if (op == "maximum" || op == "minimum" || op == "select") {
    const Rows &a = of[of.size() - 2], &b = of.back();
    if (!(a.scale == b.scale))
      return std::nullopt;
    Bound low = smaller(a.low, b.low), high = larger(a.high, b.high);
    if (op == "maximum")
      low = either(larger(a.low, b.low), a.low, b.low);
    if (op == "minimum")
      high = either(smaller(a.high, b.high), a.high, b.high);
    return Rows{a.scale, low, high};
  }
  // Others may not hold the number.
  const Element holding[] = {Element::I64, Element::I32, Element::F64, Element::F32};
  if (op == "cast" && !llvm::is_contained(holding, node->type.element))
    return std::nullopt;
  if (llvm::is_contained({"broadcast", "reshape", "transpose", "slice", "cast"}, op))
    return of[0];
  return std::nullopt;
}

const ExampleAnalysis::Rows &ExampleAnalysis::rowsOf(const Node *root) {
  auto isKnown = [&](const Node *node) { return rows.contains(node); };
  visitUnknown(root, isKnown, [&](const Node *node) {
    std::vector<Rows> of;
    std::vector<Layout> layouts;
    for (const Node *operand : node->operands) {
      of.push_back(rows.find(operand)->second);
      layouts.push_back(of.back().layout);
    }
    auto combined = combineRows(node, of);
    Rows result = combined.value_or(Rows{});
    // The numbers of the examples are each example's own here, where the scale tells of them, and
    // else what they are anywhere.
    if (!combined)
      result.layout = this->of(node);
    else if (node->op == "iota" && result.scale == Dim(1))
      result.layout = {Layout::Kind::Along, *attribute<int64_t>(node, "axis"), Dim(1)};
    else
      result.layout = fit(transferPlain(node, layouts), node->type);
    rows[node] = std::move(result);
  });
  return rows.find(root)->second;
}

Layout ExampleAnalysis::gatherOwn(const Node *node, const Layout &table) {
  Layout mixed{Layout::Kind::Mixed, 0, Dim(1)};
  const Node *from = node->operands[0];
  auto all = Dim::multiply(count, table.inner);
  if (table.kind != Layout::Kind::Along || table.axis != 0 || !all ||
      !(*all == from->type.shape.front()))
    return mixed;
  const Rows &index = rowsOf(node->operands[1]);
  Bound end = sum(index.high, Dim(1));
  bool isWithin = index.scale == table.inner && index.low && end &&
                  isSurelyAtMost(Dim(0), *index.low) && isSurelyAtMost(*end, table.inner);
  return isWithin && index.layout.kind == Layout::Kind::Along ? index.layout : mixed;
}

} // namespace nnc::sema
