// What each operation does to the layout of examples.
#include "compiler/sema/Examples.h"

#include "compiler/sema/OpFacts.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

namespace nnc::sema {

using Layout = ExampleAnalysis::Layout;
using Kind = Layout::Kind;

static Layout mixed() { return {Kind::Mixed, 0, Dim(1)}; }
static Layout added() { return {Kind::Added, 0, Dim(1)}; }

template <typename T> static const T &attribute(const Node *node, llvm::StringRef name) {
  auto it = llvm::find_if(node->attributes, [&](const Attribute &a) { return a.name == name; });
  return std::get<T>(it->value);
}

bool ExampleAnalysis::isCounted(const Dim &dim) const {
  return llvm::is_contained(dim.symbols(), *count.asSymbol());
}

int64_t ExampleAnalysis::countedAxis(const Shape &shape) const {
  int64_t found = -1;
  for (size_t i = 0; i < shape.size(); ++i)
    if (isCounted(shape[i]))
      found = found == -1 ? static_cast<int64_t>(i) : -2;
  return found;
}

/// The quotient where it is a whole number whatever the symbols are.
static std::optional<Dim> divideWhole(const Dim &a, const Dim &b) {
  auto quotient = Dim::divide(a, b);
  return quotient && quotient->isWhole() ? quotient : std::nullopt;
}

Layout ExampleAnalysis::join(const Layout &a, const Layout &b) {
  if (a.kind == Kind::Same || a == b)
    return b;
  return b.kind == Kind::Same ? a : mixed();
}

Layout ExampleAnalysis::fit(Layout layout, const Type &type) const {
  if (layout.kind == Kind::Mixed)
    return layout;
  int64_t axis = countedAxis(type.shape);
  if (axis == -1) // a block of no example, unless the examples were added up
    return layout.kind == Kind::Along ? mixed() : layout;
  bool fits =
      axis >= 0 && layout.kind != Kind::Added && (layout.kind == Kind::Same || layout.axis == axis);
  if (!fits)
    return mixed();
  auto block = layout.kind == Kind::Along ? Dim::multiply(count, layout.inner) : count;
  auto blocks = block ? divideWhole(type.shape[axis], *block) : std::nullopt;
  return blocks && !isCounted(*blocks) ? layout : mixed();
}

/// Elements keep their row-major order.
Layout ExampleAnalysis::reshape(const Node *node, const Layout &operand) {
  if (operand.kind != Kind::Along)
    return operand;
  const Shape &from = node->operands.front()->type.shape, &to = node->type.shape;
  int64_t axis = countedAxis(to);
  if (axis < 0)
    return mixed();
  // The elements from one example to the next.
  std::optional<Dim> step = operand.inner, within = Dim(1);
  for (size_t i = static_cast<size_t>(operand.axis) + 1; i < from.size() && step; ++i)
    step = Dim::multiply(*step, from[i]);
  for (size_t i = static_cast<size_t>(axis) + 1; i < to.size() && within; ++i)
    within = Dim::multiply(*within, to[i]);
  auto inner = step && within ? divideWhole(*step, *within) : std::nullopt;
  return inner ? Layout{Kind::Along, axis, *inner} : mixed();
}

Layout ExampleAnalysis::reduce(const Node *node, const Layout &operand, std::vector<int64_t> axes) {
  const Shape &shape = node->operands.front()->type.shape;
  if (llvm::any_of(axes, [&](int64_t axis) { return isCounted(shape[axis]); }))
    return node->op == "reduce_sum" && operand.kind != Kind::Added ? added() : mixed();
  if (operand.kind == Kind::Added)
    return node->op == "reduce_sum" ? added() : mixed();
  Layout result = operand;
  result.axis -= llvm::count_if(axes, [&](int64_t axis) { return axis < operand.axis; });
  return result;
}

Layout ExampleAnalysis::contract(const Node *node, llvm::ArrayRef<Layout> operands) {
  llvm::StringRef equation = attribute<std::string>(node, "equation");
  auto [sides, result] = equation.split("->");
  auto [left, right] = sides.split(",");
  const llvm::StringRef letters[] = {left, right};
  Layout joined;
  std::optional<char> letter; ///< of the examples
  for (size_t i = 0; i < 2; ++i) {
    if (operands[i].kind == Kind::Added)
      return operands[1 - i].kind == Kind::Same ? added() : mixed();
    int64_t axis = countedAxis(node->operands[i]->type.shape);
    if (axis < 0)
      continue;
    if (letter && *letter != letters[i][axis])
      return mixed();
    letter = letters[i][axis];
    Layout own = operands[i];
    own.axis = 0;
    joined = join(joined, own);
  }
  if (!letter || joined.kind == Kind::Mixed)
    return joined;
  size_t place = result.find(*letter);
  if (place == llvm::StringRef::npos)
    return added();
  joined.axis = static_cast<int64_t>(place);
  return joined;
}

Layout ExampleAnalysis::gather(const Node *node, llvm::ArrayRef<Layout> operands) {
  const Node *indices = node->operands[1];
  if (operands[0].kind == Kind::Same)
    return operands[1].kind == Kind::Added ? mixed() : operands[1];
  if (operands[0].kind != Kind::Along || operands[1].kind != Kind::Same)
    return mixed();
  Layout result = operands[0];
  result.axis += static_cast<int64_t>(indices->type.shape.size()) - 1;
  return result;
}

/// Along another dimension than that of the examples, or of all examples several times, one after
/// the other.
Layout ExampleAnalysis::concat(const Node *node, llvm::ArrayRef<Layout> operands) {
  auto axis = attribute<int64_t>(node, "axis");
  Layout joined;
  for (const Layout &each : operands)
    joined = join(joined, each);
  if (!isCounted(node->type.shape[axis]) || !joined.isExact())
    return joined;
  // What no example has a part in may still differ from piece to piece.
  if (joined.kind == Kind::Same)
    joined = {Kind::Along, axis, Dim(1)};
  auto block = Dim::multiply(count, joined.inner);
  bool isWhole = llvm::all_of(node->operands, [&](const Node *piece) {
    auto blocks = block ? divideWhole(piece->type.shape[axis], *block) : std::nullopt;
    return blocks && !isCounted(*blocks);
  });
  return isWhole ? joined : mixed();
}

Layout ExampleAnalysis::transferPlain(const Node *node, llvm::ArrayRef<Layout> operands) {
  const std::string &op = node->op;
  auto is = [&](std::initializer_list<llvm::StringRef> names) {
    return llvm::is_contained(names, op);
  };
  if (op == "random") {
    bool isKeyed = node->segments.size() == 3 && node->segments[2] == 1;
    if (operands.front().kind != Kind::Same)
      return mixed();
    if (!isKeyed)
      return {};
    bool isPerExample = !node->type.shape.empty() && node->type.shape.front() == count;
    return isPerExample ? Layout{Kind::Along, 0, Dim(1)} : mixed();
  }
  // The index may be made of the numbers of the examples, which are those of a batch.
  if (op == "gather" && isCounted(node->operands[0]->type.shape.front()))
    return gatherOwn(node, operands[0]);
  if (llvm::any_of(operands, [](const Layout &each) { return each.kind == Kind::Mixed; }))
    return mixed();
  if (is({"add", "sub", "neg", "cast"}) || factsOf(op).isElementwise) {
    Layout joined;
    for (const Layout &each : operands)
      joined = join(joined, each);
    bool isLinear =
        is({"add", "sub", "neg", "cast"}) ||
        (op == "mul" && (operands[0].kind == Kind::Same || operands[1].kind == Kind::Same)) ||
        (op == "div" && operands[1].kind == Kind::Same);
    return joined.kind == Kind::Added && !isLinear ? mixed() : joined;
  }
  if (op == "constant")
    return {};
  if (op == "from_index")
    return llvm::any_of(node->sizes, [&](const Dim &dim) { return isCounted(dim); }) ? mixed()
                                                                                     : Layout{};
  if (op == "iota")
    return isCounted(node->type.shape[attribute<int64_t>(node, "axis")]) ? mixed() : Layout{};
  if (is({"reduce_sum", "reduce_max", "reduce_min"}))
    return reduce(node, operands[0], attribute<std::vector<int64_t>>(node, "axes"));
  if (op == "argmax")
    return reduce(node, operands[0], {attribute<int64_t>(node, "axis")});
  if (op == "contract")
    return contract(node, operands);
  if (op == "reshape")
    return reshape(node, operands[0]);
  if (op == "gather")
    return gather(node, operands);
  if (op == "concat")
    return concat(node, operands);
  Layout result = operands.empty() ? Layout{} : operands[0];
  if (op == "broadcast") {
    if (result.kind == Kind::Along)
      result.axis = attribute<std::vector<int64_t>>(node, "dimensions")[result.axis];
    return result;
  }
  if (op == "transpose") {
    if (result.kind == Kind::Along)
      result.axis = llvm::find(attribute<std::vector<int64_t>>(node, "permutation"), result.axis) -
                    attribute<std::vector<int64_t>>(node, "permutation").begin();
    return result;
  }
  if (op == "slice") {
    int64_t axis = countedAxis(node->operands[0]->type.shape);
    bool isWhole =
        axis == -1 || (axis >= 0 && node->operands[0]->type.shape[axis] == node->type.shape[axis]);
    return isWhole ? result : mixed();
  }
  if (op == "take_along") {
    auto axis = attribute<int64_t>(node, "axis");
    if (isCounted(node->operands[0]->type.shape[axis]) || result.kind == Kind::Added)
      return mixed();
    result.axis -= axis < result.axis ? 1 : 0;
    return join(result, operands[1]);
  }
  if (op == "windows") {
    // [batch, ...] stays in front, channels stay behind.
    const Shape &shape = node->operands[0]->type.shape;
    int64_t axis = countedAxis(shape);
    return axis <= 0 ? result : mixed();
  }
  bool isSame =
      countedAxis(node->type.shape) == -1 &&
      llvm::all_of(operands, [](const Layout &each) { return each.kind == Kind::Same; }) &&
      llvm::none_of(node->sizes, [&](const Dim &dim) { return isCounted(dim); });
  return isSame ? Layout{} : mixed();
}

//===-- Operations with bodies ---------------------------------------------------------------===//

ExampleAnalysis::Layouts ExampleAnalysis::body(const Function &body,
                                               llvm::ArrayRef<Layout> inputs) const {
  ExampleAnalysis inner(count);
  for (auto [input, layout] : llvm::zip(body.inputs, inputs))
    inner.give(input.node, layout);
  Layouts results;
  for (const Function::Result &result : body.results)
    results.push_back(inner.of(result.node));
  return results;
}

ExampleAnalysis::Layouts ExampleAnalysis::scan(const Node *node, llvm::ArrayRef<Layout> operands) {
  size_t numResults = std::max<size_t>(1, node->resultTypes.size());
  if (llvm::any_of(node->sizes, [&](const Dim &dim) { return isCounted(dim); }))
    return Layouts(numResults, mixed()); // from example to example
  size_t sequences = node->segments[0], carried = node->segments[1];
  const auto &axes = attribute<std::vector<int64_t>>(node, "slice_axes");
  const auto &stacked = attribute<std::vector<int64_t>>(node, "stack_axes");
  Layouts inputs{Layout{}};
  for (size_t i = 0; i < sequences; ++i) {
    inputs.push_back(operands[i]);
    inputs.back().axis -= axes[i] < operands[i].axis ? 1 : 0;
  }
  size_t states = inputs.size();
  inputs.insert(inputs.end(), operands.begin() + sequences, operands.end());
  // What a pass leaves is what the next one begins with.
  Layouts results;
  for (bool isStable = false; !isStable;) {
    results = body(*node->bodies.front(), inputs);
    isStable = true;
    for (size_t i = 0; i < carried; ++i) {
      Layout next = join(inputs[states + i], results[i]);
      isStable &= next == inputs[states + i];
      inputs[states + i] = next;
    }
  }
  for (size_t i = 0; i < carried; ++i)
    results[i] = inputs[states + i];
  for (size_t i = 0; i < stacked.size(); ++i) {
    Layout &layout = results[carried + i];
    layout.axis += stacked[i] <= layout.axis ? 1 : 0;
  }
  return results;
}

/// The gradient of the sum of what the body computes.
ExampleAnalysis::Layouts ExampleAnalysis::gradient(const Node *node,
                                                   llvm::ArrayRef<Layout> operands) {
  Layouts inputs(operands.begin(), operands.end());
  size_t variables = node->segments[0];
  for (size_t i = 0; i < variables; ++i) {
    // A uniform value has an element for each example, and so a gradient for each.
    const Type &type = node->operands[i]->type;
    int64_t axis = countedAxis(type.shape);
    auto inner = axis >= 0 ? divideWhole(type.shape[axis], count) : std::nullopt;
    if (inputs[i].kind == Kind::Same && inner)
      inputs[i] = fit({Kind::Along, axis, *inner}, type);
  }
  Layout value = body(*node->bodies.front(), inputs).front();
  Layouts results;
  for (size_t i = 0; i < variables; ++i) {
    if (value.kind == Kind::Mixed || value.kind == Kind::Same || !inputs[i].isExact())
      results.push_back(value.kind == Kind::Same && inputs[i].isExact() ? inputs[i] : mixed());
    else // what all examples share gathers the gradient of each
      results.push_back(inputs[i].kind == Kind::Along ? inputs[i] : added());
  }
  return results;
}

//===-- Over the graph -----------------------------------------------------------------------===//

ExampleAnalysis::Layouts ExampleAnalysis::transfer(const Node *node) {
  if (node->op == "input")
    return {countedAxis(node->type.shape) == -1 ? Layout{} : mixed()};
  if (node->op == "result")
    return {known.find(node->operands.front())->second[node->result]};
  Layouts operands, results;
  for (const Node *operand : node->operands)
    operands.push_back(known.find(operand)->second.front());
  if (node->op == "scan")
    results = scan(node, operands);
  else if (node->op == "gradient")
    results = gradient(node, operands);
  else if (node->op == "with_gradient")
    results = body(*node->bodies.front(), operands);
  else
    results = {transferPlain(node, operands)};
  for (size_t i = 0; i < results.size(); ++i)
    results[i] = fit(results[i], node->resultTypes.empty() ? node->type : node->resultTypes[i]);
  return results;
}

const ExampleAnalysis::Layouts &ExampleAnalysis::layoutsOf(const Node *root) {
  auto isKnown = [&](const Node *node) { return known.contains(node); };
  visitUnknown(root, isKnown, [&](const Node *node) {
    Layouts layouts = transfer(node);
    if (!layouts.front().isExact() && hasExamples(*node) && isTrusted(node)) {
      known[node] = std::move(layouts); // For the way to the cause.
      meetings.push_back(causeOf(node));
      layouts = {{Kind::Along, 0, Dim(1)}};
    }
    known[node] = std::move(layouts);
  });
  return known.find(root)->second;
}

bool ExampleAnalysis::isTrusted(const Node *node) {
  auto it = trusted ? trusted->find(node) : Given::const_iterator();
  return trusted && it != trusted->end() && llvm::none_of(it->second, [&](const Node *given) {
           return hasExamples(*given) && !of(given).isExact();
         });
}

bool ExampleAnalysis::hasExamples(const Node &node) const {
  return !node.type.shape.empty() && isCounted(node.type.shape.front());
}

Layout ExampleAnalysis::of(const Node *node) { return layoutsOf(node).front(); }

const Node *ExampleAnalysis::causeOf(const Node *node) {
  for (;;) {
    auto source =
        llvm::find_if(node->operands, [&](const Node *operand) { return !of(operand).isExact(); });
    // What stands for a batch as such has no place of its own: where it is used is the place.
    if (source == node->operands.end() || (*source)->op == "input" || node->op == "random")
      return node;
    node = *source;
  }
}

} // namespace nnc::sema
