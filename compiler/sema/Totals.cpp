// Totals over the batches of a part, and the passes in which they are added up.
#include "compiler/sema/Totals.h"

#include <algorithm>
#include <climits>

namespace nnc::sema {

using Combine = Evaluation::Combine;

Totals::Totals(Elaborator &e, const Dim &batch, llvm::ArrayRef<const Node *> columns,
               llvm::ArrayRef<const Node *> batchwise, llvm::ArrayRef<const Node *> scalars)
    : e(e), batch(batch), perBatch(columns.begin(), columns.end()),
      scalars(scalars.begin(), scalars.end()), examples(batch) {
  perBatch.insert(batchwise.begin(), batchwise.end());
  examples.trust(e.networkOutputs);
  for (const Node *column : columns)
    examples.giveExamples(column, e.limitOf(column));
  for (const Node *input : batchwise)
    examples.giveBatchwise(input);
}

const Node *Totals::toDouble(const Node *x) {
  if (const Node *total = unrounded.lookup(x))
    return total;
  return x->type.element == Element::F64 ? x : e.graph.cast(x, Element::F64);
}

const Node *Totals::toScalar(const Node *x) {
  x = toDouble(x);
  return x->type.shape.empty() ? x : e.graph.makeSized("reshape", {x}, Type{Element::F64, {}});
}

Totals::Sources Totals::sourcesOf(const Node *root) {
  // Each node is looked at once, however many totals there are.
  auto isKnown = [&](const Node *node) { return known.contains(node); };
  visitUnknown(root, isKnown, [&](const Node *node) {
    Sources sources;
    sources.isPerBatch = perBatch.contains(node) || llvm::any_of(node->sizes, [&](const Dim &dim) {
                           return llvm::is_contained(dim.symbols(), *batch.asSymbol());
                         });
    for (const Node *operand : node->operands) {
      const Sources &own = known.find(operand)->second;
      sources.isPerBatch |= own.isPerBatch;
      sources.passes = std::max(sources.passes, own.passes);
    }
    known[node] = sources;
  });
  return known.lookup(root);
}

Totals::Scope Totals::scopeOf(const Node *node) {
  if (!isPerBatch(node))
    return Scope::Whole;
  return node->type.shape.empty() && sourcesOf(node).passes > 0 ? Scope::Mixed : Scope::PerBatch;
}

void warnOfMeetings(Elaborator &e, ExampleAnalysis &examples) {
  for (const Node *meeting : examples.takeMeetings()) {
    SourceRange place = e.userPlaceOf(*meeting);
    if (e.warnedOfMeeting.insert(place.begin).second)
      e.warning(Code::ExamplesMeet, place,
                "the examples of a batch meet here: what is evaluated and predicted depends on "
                "the size of the batches")
          .suggest("'batch_norm' keeps running values for that, in 'state's that it renews 'if "
                   "training'");
  }
}

const Node *Totals::meetingIn(const Node *root) {
  llvm::DenseMap<const Node *, const Node *> sources; // of totals
  for (const Total &each : totals)
    sources[each.input] = each.source;
  std::vector<const Node *> values{root};
  llvm::DenseSet<const Node *> seen;
  while (!values.empty()) {
    const Node *value = values.back();
    values.pop_back();
    bool isExact = accepted.contains(value) || examples.of(value).isExact();
    warnOfMeetings(e, examples);
    if (!isExact)
      return examples.causeOf(value);
    std::vector<const Node *> pending{value};
    while (!pending.empty()) {
      const Node *node = pending.back();
      pending.pop_back();
      if (accepted.contains(node) || !seen.insert(node).second)
        continue;
      pending.insert(pending.end(), node->operands.begin(), node->operands.end());
      if (const Node *source = sources.lookup(node))
        values.push_back(source);
    }
  }
  return nullptr;
}

const Node *Totals::total(const Node *contribution, const Node *source, Combine combine) {
  unsigned pass = sourcesOf(contribution).passes;
  const Node *input = e.graph.input(contribution->type);
  known[input] = {false, pass + 1};
  totals.push_back(
      {input, contribution, source, combine, pass, static_cast<unsigned>(totals.size())});
  return input;
}

static std::vector<int64_t> allAxes(const Node *x) {
  std::vector<int64_t> axes;
  for (size_t i = 0; i < x->type.shape.size(); ++i)
    axes.push_back(static_cast<int64_t>(i));
  return axes;
}

/// The dimensions that a reduction joins, or those that it leaves.
static Shape dimsOf(const Node *x, llvm::ArrayRef<int64_t> axes, bool areJoined) {
  Shape dims;
  for (auto [axis, dim] : llvm::enumerate(x->type.shape))
    if (llvm::is_contained(axes, static_cast<int64_t>(axis)) == areJoined)
      dims.push_back(dim);
  return dims;
}

static const Node *reduceAlong(Elaborator &e, llvm::StringRef op, const Node *x,
                               llvm::ArrayRef<int64_t> axes) {
  return e.graph.make(op, {x}, Type{x->type.element, dimsOf(x, axes, /*areJoined=*/false)},
                      {{"axes", axes.vec()}});
}

const Node *Totals::sumOf(const Node *x, llvm::ArrayRef<int64_t> axes) {
  const Node *&sum = made[{x, 0, axes.vec()}];
  if (!sum) {
    const Node *all = toDouble(x);
    if (!axes.empty())
      all = reduceAlong(e, "reduce_sum", all, axes);
    sum = total(all, x, Combine::Sum);
  }
  return sum;
}

const Node *Totals::countOf(const Node *x, llvm::ArrayRef<int64_t> axes) {
  Dim count = product(dimsOf(x, axes, /*areJoined=*/true)).value_or(Dim(1));
  const Node *&node = counts[count.str()];
  if (!node)
    node = total(e.dimNode(count), nullptr, Combine::Sum);
  return node;
}

const Node *Totals::meanOf(const Node *x, llvm::ArrayRef<int64_t> axes) {
  const Node *sum = sumOf(x, axes), *count = countOf(x, axes);
  return e.graph.make("div", {sum, e.broadcast(count, sum->type.shape)}, sum->type);
}

bool Totals::joinsExamples(const ReductionCall &call) const {
  // A size that only a call tells would be one of every batch.
  const Shape &shape = call.x->type.shape;
  bool hasExamples = false;
  for (size_t i = 0; i < shape.size(); ++i)
    if (llvm::is_contained(call.axes, static_cast<int64_t>(i)))
      hasExamples |= llvm::is_contained(shape[i].symbols(), *batch.asSymbol());
    else if (isMetric ? !shape[i].constant() : !(shape[i] == Dim(1)))
      return false;
  return hasExamples;
}

/// What it is worth where it is given all examples, in f64 as totals are.
const Node *Totals::reduceWhole(const ReductionCall &call) {
  const Node *x = call.x;
  std::vector<Attribute> axes{{"axes", allAxes(x)}};
  Type scalar{Element::F64, {}};
  if (call.kind == ReductionCall::Kind::Max || call.kind == ReductionCall::Kind::Min)
    return toDouble(
        e.graph.make(call.kind == ReductionCall::Kind::Max ? "reduce_max" : "reduce_min", {x},
                     Type{x->type.element, {}}, std::move(axes)));
  const Node *sum = e.graph.make("reduce_sum", {toDouble(x)}, scalar, std::move(axes));
  if (call.kind == ReductionCall::Kind::Sum)
    return sum;
  const Node *count = e.dimNode(product(x->type.shape).value_or(Dim(1)));
  return e.graph.make("div", {sum, count}, scalar);
}

const Node *Totals::totalOf(const ReductionCall &call) {
  std::vector<int64_t> axes = call.hasAxis ? call.axes : allAxes(call.x);
  if (call.kind == ReductionCall::Kind::Sum)
    return sumOf(call.x, axes);
  if (call.kind == ReductionCall::Kind::Mean)
    return meanOf(call.x, axes);
  bool isMax = call.kind == ReductionCall::Kind::Max;
  const Node *&extremum = made[{call.x, isMax ? 1 : 2, axes}];
  if (!extremum) {
    const Node *all = reduceAlong(e, isMax ? "reduce_max" : "reduce_min", call.x, axes);
    extremum = total(toDouble(all), call.x, isMax ? Combine::Max : Combine::Min);
  }
  return extremum;
}

std::optional<Value> Totals::reduce(const ReductionCall &call) {
  // What stands in a layer or a loop is computed per batch, as in training.
  if (e.regions > 0 || call.x->type.shape.empty() || !isPerBatch(call.x) ||
      (call.hasAxis && !joinsExamples(call)))
    return std::nullopt;
  for (const Frame *frame = e.frame; frame; frame = frame->caller)
    if (frame->decl && llvm::isa<ast::LayerDeclaration, ast::ModelDeclaration>(frame->decl))
      return std::nullopt;
  bool isMixed = isCollecting && !examples.of(call.x).isExact();
  Shape kept = call.x->type.shape;
  for (size_t i = kept.size(); i-- > 0;)
    if (llvm::is_contained(call.axes, static_cast<int64_t>(i))) {
      if (call.keep)
        kept[i] = 1;
      else
        kept.erase(kept.begin() + static_cast<ptrdiff_t>(i));
    }
  bool isOne = llvm::all_of(kept, [](const Dim &dim) { return dim == Dim(1); });
  if (isMixed && !isOne) // given all examples, it is what it always is
    return std::nullopt;
  const Node *node = isMixed ? reduceWhole(call) : totalOf(call);
  if (kept.empty())
    return Tensor{node, /*weak=*/true};
  Element element = isFloat(call.x->type.element) ? call.x->type.element : Element::F32;
  const Node *table = e.graph.makeSized("reshape", {node}, Type{Element::F64, kept});
  if (element == Element::F64)
    return Tensor{table};
  const Node *rounded = e.graph.cast(table, element);
  unrounded[rounded] = table;
  return Tensor{rounded};
}

const Node *Totals::ofBatch(const Node *node, SourceRange range) {
  for (const Total &each : totals)
    if (each.input == node && each.combine == Combine::Sum && each.source)
      return each.contribution;
  refusedGradient = range;
  return nullptr;
}

bool Totals::joinsBatches(const Node *u, const Node *x, SourceRange range) {
  if (sourcesOf(u).passes == 0)
    return false;
  std::vector<const Node *> inputs = e.graph.inputsOf(u);
  // Those of a later pass read those of earlier ones.
  for (size_t i = totals.size(); i-- > 0;) {
    const Total &each = totals[i];
    if (!llvm::is_contained(inputs, each.input))
      continue;
    if (e.graph.dependsOn(each.contribution, {x})) {
      refusedGradient = range;
      return true;
    }
    llvm::append_range(inputs, e.graph.inputsOf(each.contribution));
  }
  return false;
}

bool Totals::isTable(const Type &type) {
  constexpr int64_t most = 1 << 20;
  auto count = product(type.shape);
  auto size = count ? count->constant() : std::nullopt;
  return !type.shape.empty() && type.shape.size() <= 2 && size && *size <= most;
}

const Node *Totals::settle(const Node *node) {
  // What reads parameters is computed with a batch at hand, though it is the same for all.
  llvm::DenseSet<const Node *> isGiven(scalars);
  for (const Total &each : totals)
    isGiven.insert(each.input);
  std::vector<const Node *> inputs = e.graph.inputsOf(node);
  bool isOfTotals = !isPerBatch(node) && llvm::all_of(inputs, [&](const Node *input) {
    return isGiven.contains(input);
  });
  bool isOne = llvm::all_of(node->type.shape, [](const Dim &dim) { return dim == Dim(1); });
  if (isMetric && !isOne && !isPerBatch(node) && sourcesOf(node).passes > 0)
    return isTable(node->type) ? toDouble(node) : nullptr;
  if (isOfTotals && isOne)
    return toScalar(node);
  if (!node->type.shape.empty())
    return meanOf(node, allAxes(node));
  const Node *size = e.dimNode(batch);
  Type scalar{Element::F64, {}};
  const Node *weighted = e.graph.make("mul", {toDouble(node), size}, scalar);
  const Node *sum = total(weighted, node, Combine::Sum);
  const Node *&count = counts[batch.str()];
  if (!count)
    count = total(size, nullptr, Combine::Sum);
  return e.graph.make("div", {sum, count}, scalar);
}

//===-- What is collected --------------------------------------------------------------------===//

/// What to collect for a value: itself, or what it is a view of, with a row for each example. Null
/// where it has no such form.
const Node *Totals::rowsOf(const Node *node) {
  auto isView = [](const Node *each) {
    return each->op == "reshape" || each->op == "transpose" || each->op == "broadcast";
  };
  auto isAlong = [&](const Node *each) {
    return each->resultTypes.empty() &&
           examples.of(each).kind == ExampleAnalysis::Layout::Kind::Along;
  };
  const Node *rows = nullptr;
  for (;; node = node->operands.front()) {
    if (!isAlong(node))
      return rows;
    ExampleAnalysis::Layout layout = examples.of(node);
    const Shape &shape = node->type.shape;
    bool isKnown = llvm::all_of(llvm::ArrayRef(shape).drop_front(), [&](const Dim &dim) {
      return dim.constant() || (dim.asSymbol() && !(dim == batch));
    });
    if (layout.axis == 0 && layout.inner == Dim(1) && shape.front() == batch && isKnown)
      rows = node;
    if (!isView(node))
      return rows;
  }
}

const Node *Totals::collect(const Node *root) {
  bool isOne = llvm::all_of(root->type.shape, [](const Dim &dim) { return dim == Dim(1); });
  bool hasExamples = llvm::any_of(root->type.shape, [&](const Dim &dim) {
    return llvm::is_contained(dim.symbols(), *batch.asSymbol());
  });
  if (!isOne && !hasExamples && !isTable(root->type))
    return nullptr;
  std::vector<const Node *> pending{root}, found;
  llvm::DenseSet<const Node *> seen;
  while (!pending.empty()) {
    const Node *node = pending.back();
    pending.pop_back();
    if (!seen.insert(node).second || !isPerBatch(node))
      continue;
    if (const Node *rows = rowsOf(node)) {
      found.push_back(rows);
      continue;
    }
    // What a model makes of examples stays as it is; what an input is, no operands say.
    if (node->op == "input" || examples.isTrusted(node))
      return nullptr;
    pending.insert(pending.end(), node->operands.begin(), node->operands.end());
  }
  warnOfMeetings(e, examples);
  for (const Node *node : found)
    if (llvm::none_of(collected, [&](const Rows &rows) { return rows.node == node; }))
      collected.push_back({node, sourcesOf(node).passes, static_cast<unsigned>(collected.size())});
  if (isOne)
    return toScalar(root);
  if (!hasExamples)
    return toDouble(root);
  return reduceWhole({ReductionCall::Kind::Mean, root, {}, false, false, {}});
}

std::vector<Input> usedInputs(llvm::ArrayRef<Input> inputs,
                              llvm::ArrayRef<Function::Result> results) {
  llvm::DenseSet<const Node *> isInput, used;
  for (const Input &input : inputs)
    isInput.insert(input.node);
  std::vector<const Node *> pending;
  for (const Function::Result &result : results)
    pending.push_back(result.node);
  while (!pending.empty()) {
    const Node *node = pending.back();
    pending.pop_back();
    if (used.insert(node).second && !isInput.contains(node))
      pending.insert(pending.end(), node->operands.begin(), node->operands.end());
  }
  std::vector<Input> kept;
  for (const Input &input : inputs)
    if (used.contains(input.node))
      kept.push_back(input);
  return kept;
}

Evaluation Totals::finish(llvm::ArrayRef<Input> inputs, std::vector<Function::Result> results) {
  // What no result needs, directly or through a later pass, is not computed.
  llvm::DenseMap<const Node *, const Node *> contributions;
  for (const Total &each : totals)
    contributions[each.input] = each.contribution;
  llvm::DenseSet<const Node *> needed;
  std::vector<const Node *> pending;
  for (const Function::Result &result : results)
    pending.push_back(result.node);
  while (!pending.empty()) {
    const Node *node = pending.back();
    pending.pop_back();
    if (!needed.insert(node).second)
      continue;
    pending.insert(pending.end(), node->operands.begin(), node->operands.end());
    if (const Node *contribution = contributions.lookup(node))
      pending.push_back(contribution);
  }
  llvm::erase_if(totals, [&](const Total &each) { return !needed.contains(each.input); });
  llvm::sort(totals, [](const Total &a, const Total &b) {
    return std::tie(a.pass, a.number) < std::tie(b.pass, b.number);
  });
  llvm::sort(collected, [](const Rows &a, const Rows &b) {
    return std::tie(a.pass, a.number) < std::tie(b.pass, b.number);
  });
  std::vector<Input> all(inputs.begin(), inputs.end());
  int64_t number = 0; // of the first of a total's
  for (const Total &each : totals) {
    all.push_back({Input::Kind::Total, std::to_string(number), each.input});
    number += product(each.input->type.shape)->constant().value();
  }

  Evaluation evaluation;
  for (size_t i = 0, row = 0; i < totals.size() || row < collected.size();) {
    Evaluation::Pass pass;
    std::vector<Function::Result> partial;
    unsigned passNumber = std::min(i < totals.size() ? totals[i].pass : UINT_MAX,
                                   row < collected.size() ? collected[row].pass : UINT_MAX);
    for (; i < totals.size() && totals[i].pass == passNumber; ++i) {
      partial.push_back({std::to_string(i), totals[i].contribution});
      pass.combine.push_back(totals[i].combine);
    }
    for (; row < collected.size() && collected[row].pass == passNumber; ++row)
      partial.push_back({"rows." + std::to_string(row), collected[row].node});
    std::vector<Input> used = usedInputs(all, partial);
    pass.accumulate = e.graph.cut("evaluate." + std::to_string(evaluation.passes.size()),
                                  std::move(used), std::move(partial));
    evaluation.passes.push_back(std::move(pass));
  }
  // What is of a batch comes as rows, or not at all.
  llvm::erase_if(all, [](const Input &input) {
    return input.kind == Input::Kind::Field || input.kind == Input::Kind::Draw ||
           input.kind == Input::Kind::Example;
  });
  for (size_t row = 0; row < collected.size(); ++row)
    all.push_back({Input::Kind::Collected, std::to_string(row), collected[row].node});
  std::vector<Input> used = usedInputs(all, results);
  evaluation.finish = e.graph.cut("finish", std::move(used), std::move(results));
  return evaluation;
}

} // namespace nnc::sema
