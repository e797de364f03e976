// `scan`: a loop at run time becomes one operation with a body.
#include "compiler/sema/OpFacts.h"
#include "compiler/sema/Scan.h"

#include "llvm/ADT/ScopeExit.h"

#include <set>

namespace nnc::sema {

using namespace ast;

/// Added to the seed, times the pass: every pass draws numbers of its own.
static constexpr int64_t seedStride = 0x61c8864680b583eb;

/// Follows the axis of a node to the values that it is made of; `found` is asked at each.
static bool tracesTo(const Node *node, size_t axis,
                     llvm::function_ref<bool(const Node *, size_t)> found) {
  std::vector<std::pair<const Node *, size_t>> pending{{node, axis}};
  std::set<std::pair<const Node *, size_t>> seen;
  constexpr size_t most = 10'000;
  while (!pending.empty() && seen.size() < most) {
    auto [each, at] = pending.back();
    pending.pop_back();
    if (!seen.insert({each, at}).second)
      continue;
    if (found(each, at))
      return true;
    auto attribute = [&](llvm::StringRef name) -> const Attribute * {
      for (const Attribute &candidate : each->attributes)
        if (candidate.name == name)
          return &candidate;
      return nullptr;
    };
    if (factsOf(each->op).isElementwise || each->op == "slice" || each->op == "concat") {
      for (const Node *operand : each->operands)
        if (at < operand->type.shape.size() && operand->type.shape[at] == each->type.shape[at])
          pending.push_back({operand, at});
    } else if (each->op == "broadcast") {
      const auto &dims = std::get<std::vector<int64_t>>(attribute("dimensions")->value);
      for (size_t i = 0; i < dims.size(); ++i)
        if (dims[i] == static_cast<int64_t>(at))
          pending.push_back({each->operands.front(), i});
    } else if (each->op == "transpose") {
      const auto &permutation = std::get<std::vector<int64_t>>(attribute("permutation")->value);
      pending.push_back({each->operands.front(), static_cast<size_t>(permutation[at])});
    } else if (each->op == "contract") {
      llvm::StringRef equation = std::get<std::string>(attribute("equation")->value);
      auto [operands, result] = equation.split("->");
      auto [left, right] = operands.split(",");
      if (size_t i = left.find(result[at]); i != llvm::StringRef::npos)
        pending.push_back({each->operands[0], i});
      else if (size_t j = right.find(result[at]); j != llvm::StringRef::npos)
        pending.push_back({each->operands[1], j});
    }
  }
  return false;
}

/// The axes that the declaration of a tensor calls `name`.
static std::vector<int64_t> declaredAxes(const TypeExpr &type, llvm::StringRef name, size_t rank) {
  std::vector<int64_t> axes;
  auto rest = llvm::find_if(type.dims, [](const DimExpr &dim) { return dim.rest.has_value(); });
  for (auto it = type.dims.begin(); it != type.dims.end(); ++it) {
    const auto *size = llvm::dyn_cast_or_null<NameExpr>(it->size.get());
    if (!size || size->name.text != name)
      continue;
    // Behind a rest, axes count from the end.
    bool isBehind = rest < it;
    axes.push_back(isBehind ? static_cast<int64_t>(rank) - (type.dims.end() - it)
                            : it - type.dims.begin());
  }
  return axes;
}

std::optional<int64_t> Elaborator::axisNamed(const Name &name, const Expr &expr, const Node *node,
                                             SourceRange range) {
  const Shape &shape = node->type.shape;
  // As declared: `x: float[batch, time, n]`, unless it was given another value since.
  if (const auto *variable = llvm::dyn_cast<NameExpr>(&expr);
      variable && variable->qualifiers.empty())
    if (Variable *found = scope->find(variable->name.text); found && found->type) {
      std::vector<int64_t> axes = declaredAxes(*found->type, name.text, shape.size());
      if (axes.size() == 1 && axes.front() >= 0 &&
          axes.front() < static_cast<int64_t>(shape.size()))
        if (Variable *size = scope->find(name.text);
            size && size->value.asInt() && *size->value.asInt() == shape[axes.front()])
          return axes.front();
    }
  Variable *size = scope->find(name.text);
  if (!size) {
    unknownName(name);
    return std::nullopt;
  }
  if (size->value.isUnknown())
    return std::nullopt;
  std::vector<int64_t> fitting;
  for (size_t i = 0; i < shape.size(); ++i)
    if (size->value.asInt() && *size->value.asInt() == shape[i])
      fitting.push_back(static_cast<int64_t>(i));
  if (fitting.size() > 1) {
    // Equal sizes by chance: the one that comes from a dimension of this name.
    std::vector<int64_t> named;
    for (int64_t axis : fitting) {
      auto isDeclaredSo = [&](const Node *each, size_t at) {
        const Callable *callable = frame->callable;
        if (!callable)
          return false;
        for (const auto *list : {&callable->parameters, &callable->inputs})
          for (const ast::Parameter &parameter : *list) {
            Variable *input = frame->root.findHere(parameter.name.text);
            const Node *first = input ? frame->inputNodes.lookup(&parameter) : nullptr;
            if (first == each && parameter.type &&
                llvm::is_contained(
                    declaredAxes(*parameter.type, name.text, each->type.shape.size()),
                    static_cast<int64_t>(at)))
              return true;
          }
        return false;
      };
      if (tracesTo(node, static_cast<size_t>(axis), isDeclaredSo))
        named.push_back(axis);
    }
    if (named.size() == 1)
      return named.front();
  }
  if (fitting.size() == 1)
    return fitting.front();
  error(fitting.empty() ? Code::AxisOutOfRange : Code::AmbiguousAxis, name.range,
        fitting.empty()
            ? "no dimension of '" + quote(range) + "' is '" + name.text + "'"
            : "several dimensions of '" + quote(range) + "' have the size of '" + name.text + "'")
      .detail("'" + quote(range) + "' has shape " + node->type.str())
      .detail("'" + name.text + "' is " +
              (size->value.asInt() ? size->value.asInt()->str() : size->value.describe()))
      .suggest(fitting.empty() ? "" : "a 'let' with a type gives each dimension a name of its own");
  return std::nullopt;
}

/// What the loop goes over: a range, a tensor, or a tuple of tensors. False after an error.
bool Elaborator::sequencesOf(const ScanExpr &scan, ScanState &state) {
  Type number{Element::I64, {}};
  if (const auto *range = llvm::dyn_cast<RangeExpr>(scan.sequence.get())) {
    state.isCounting = true;
    if (scan.axis) {
      error(Code::OperandType, scan.axis->range, "'over' names a dimension of a tensor")
          .suggest("a range is counted: 'scan i in 0..n'");
      return false;
    }
    Value first = range->first ? eval(*range->first) : Value(Dim(0));
    Value last = range->last ? eval(*range->last) : Value();
    if (first.isUnknown() || last.isUnknown())
      return false;
    if (!first.asInt() || !last.asInt()) {
      error(Code::OperandType, range->range, "a 'scan' counts between integers")
          .detail("the first is " + first.describe())
          .detail("the last is  " + last.describe())
          .suggest("sizes and numbers of settings are such");
      return false;
    }
    auto count = Dim::subtract(*last.asInt(), *first.asInt());
    if (!count || (count->constant() && *count->constant() < 1)) {
      error(Code::DimensionNotPositive, range->range,
            "'" + quote(range->range) + "' has no pass; a 'scan' takes at least one");
      return false;
    }
    state.count = *count;
    state.pass = graph.input(number);
    const Node *value = state.pass;
    if (!(*first.asInt() == Dim(0)))
      value =
          graph.make("add", {value, toNode(*first.asInt(), Element::I64, range->range)}, number);
    auto end = last.asInt();
    auto start = first.asInt()->constant();
    if (start && *start >= 0)
      ranges[value] = {*end, true, "", range->range};
    state.slices = {value};
    return true;
  }
  Value sequence = eval(*scan.sequence);
  std::vector<Value> values{sequence};
  std::vector<const Expr *> sources{scan.sequence.get()};
  if (const Sequence *several = sequence.asSequence()) {
    values = *several->elements;
    const auto *tuple = llvm::dyn_cast<TupleExpr>(scan.sequence.get());
    sources.clear();
    for (size_t i = 0; i < values.size(); ++i)
      sources.push_back(tuple && tuple->elements.size() == values.size() ? tuple->elements[i].get()
                                                                         : scan.sequence.get());
  }
  state.pass = graph.input(number);
  for (auto [value, source] : llvm::zip(values, sources)) {
    if (value.isUnknown())
      return false;
    if (!value.isStrong() || value.asTensor()->node->type.shape.empty()) {
      error(Code::OperandType, source->range,
            "'scan' goes over a range or tensors, found " + value.describe())
          .suggest(value.isNumber() || value.asSequence()
                       ? "'for' unrolls what is known at compile time"
                       : "");
      return false;
    }
    const Node *node = value.asTensor()->node;
    if (!scan.axis) {
      error(Code::AmbiguousAxis, scan.sequence->range,
            "which dimension 'scan' goes over is not said")
          .detail("'" + quote(source->range) + "' has shape " + node->type.str())
          .suggest("'over' names it, as in 'scan xt in x over time'");
      return false;
    }
    auto axis = axisNamed(*scan.axis, *source, node, source->range);
    if (!axis)
      return false;
    Type slice = node->type;
    slice.shape.erase(slice.shape.begin() + *axis);
    const Node *argument = graph.input(slice);
    if (IndexRange *known = rangeOf(node)) {
      IndexRange copy = *known;
      ranges[argument] = copy;
    }
    if (state.sequences.empty()) {
      state.axis = *axis;
      state.count = node->type.shape[*axis];
    }
    state.sequences.push_back(node);
    state.slices.push_back(argument);
    state.axes.push_back(*axis);
  }
  if (state.sequences.empty())
    error(Code::OperandType, scan.sequence->range, "'scan' goes over at least one tensor");
  return !state.sequences.empty();
}

void Elaborator::declareScanState(const StateStatement &statement, const Type &type) {
  ScanState &state = *frame->scan;
  auto poison = [&] { declareLocal(statement.name, {Variable::Kind::State, Unknown{}, {}}); };
  std::string what = "the initial value of '" + statement.name.text + "'";
  // It is set before the first pass.
  FunctionContext outside = context;
  outside.seed = state.outerSeed;
  Value initial;
  {
    ContextGuard guard(*this, std::move(outside));
    ScanState *within = std::exchange(openScan, state.around);
    llvm::scope_exit leave([&] { openScan = within; });
    initial = statement.init ? eval(*statement.init, &type) : Value();
    initial = coerce(initial, type, statement.init ? statement.init->range : statement.range, what,
                     Code::ShapeMismatch, statement.type.range);
  }
  if (!initial.asTensor())
    return poison();
  const Node *first = initial.asTensor()->node;
  std::vector<const Node *> arguments(state.slices);
  arguments.push_back(state.pass);
  for (const ScanState::Carried &each : state.states)
    arguments.push_back(each.argument);
  for (const ScanState::CarriedOwned &each : state.owned)
    arguments.push_back(each.argument);
  if (graph.dependsOn(first, arguments)) {
    error(Code::InitialValueNotConstant, statement.init->range,
          what + " depends on the pass, but it is set once, before the first")
        .suggest("declare it outside of the loop");
    return poison();
  }
  graph.setPlace(statement.name.range, frame->site);
  const Node *argument = graph.input(type);
  Variable variable{Variable::Kind::State,
                    Tensor{argument},
                    {},
                    &statement.type,
                    static_cast<int>(state.states.size())};
  state.states.push_back({statement.name.text, argument, first, argument});
  declareLocal(statement.name, variable);
}

void Elaborator::evalYield(const YieldStatement &yield) {
  Value value = yield.value ? eval(*yield.value) : Value();
  if (!frame->scan || frame->selects > 0) {
    error(Code::MisplacedYield, yield.range,
          frame->scan ? "'yield' cannot stand in an 'if' whose condition is known at run time"
                      : "'yield' stands in a 'scan'")
        .suggest(frame->scan ? "yield the value of the whole 'if'"
                             : "a block's last expression is its value");
    return;
  }
  if (uncertain > 0)
    return;
  if (frame->scan->yielded) {
    error(Code::MisplacedYield, yield.range, "a pass yields once")
        .note(frame->scan->yieldRange, "the first 'yield' is here")
        .suggest("'yield (a, b)' stacks several values");
    return;
  }
  frame->scan->yielded = value;
  frame->scan->yieldRange = yield.range;
}

Value Elaborator::evalScan(const ScanExpr &scan) {
  if (!scan.sequence || !scan.body)
    return Unknown{};
  graph.setPlace(scan.range, frame->site);
  ScanState state;
  bool isKnown = sequencesOf(scan, state) && regions < limits.regions;
  if (regions >= limits.regions)
    error(Code::ElaborationTooDeep, scan.range, "loops and gradients are nested too deeply");
  Scope inner(scope, /*isScan=*/true);
  Scope *outer = scope;
  state.outer = frame->scan;
  state.around = openScan;
  state.outerSeed = context.seed;
  Value last;
  {
    FunctionContext within = context;
    if (context.seed && isKnown) {
      Type number{Element::I64, {}};
      const Node *one = graph.constant(Element::I64, int64_t(1));
      const Node *stride = graph.constant(Element::I64, seedStride);
      const Node *places = graph.make("add", {state.pass, one}, number);
      const Node *shift = graph.make("mul", {places, stride}, number);
      within.seed = graph.make("add", {context.seed, shift}, number);
    }
    ContextGuard guard(*this, std::move(within));
    scope = &inner;
    frame->scan = openScan = &state;
    ++regions;
    unsigned outerSelects = frame->selects;
    frame->selects = 0;
    if (!isKnown)
      ++uncertain;
    llvm::scope_exit leave([&] {
      scope = outer;
      frame->scan = state.outer;
      openScan = state.around;
      for (ScanState::CarriedOwned &each : state.owned)
        each.value = std::exchange(each.tensor->current, each.initial);
      frame->selects = outerSelects;
      --regions;
      if (!isKnown)
        --uncertain;
    });
    Value slices;
    if (isKnown && state.slices.size() > 1) {
      std::vector<Value> values;
      for (const Node *slice : state.slices)
        values.push_back(Tensor{slice});
      slices = Sequence{std::make_shared<std::vector<Value>>(std::move(values)), 1, true};
    } else if (isKnown) {
      slices = Tensor{state.slices.front()};
    }
    bindPattern(scan.pattern, slices, Variable::Kind::Loop, scan.sequence->range);
    if (isKnown && !state.slices.empty() && scan.pattern.isTuple &&
        scan.pattern.names.size() != std::max<size_t>(state.slices.size(), 1))
      isKnown = false, ++uncertain;
    last = evalBlock(*scan.body, nullptr);
  }
  graph.setPlace(scan.range, frame->site);
  if (!isKnown || uncertain > 0)
    return Unknown{};
  return finishScan(scan, state, last);
}

Value Elaborator::finishScan(const ScanExpr &scan, ScanState &state, const Value &last) {
  if (state.yielded && scan.body->result) {
    error(Code::MisplacedYield, scan.body->result->range,
          "a 'scan' has a value at its end or yields one, not both")
        .note(state.yieldRange, "it yields here")
        .suggest("'let' what is computed, and yield a tuple");
    return Unknown{};
  }
  if (!state.yielded && !scan.body->result) {
    error(Code::MisplacedYield, scan.range, "this 'scan' has no value")
        .suggest("'yield h' stacks a value of every pass, a last 'h' gives that of the last");
    return Unknown{};
  }
  Value value = state.yielded ? *state.yielded : last;
  if (value.isUnknown())
    return Unknown{};
  const Sequence *several = value.asSequence();
  std::vector<Value> values = several ? *several->elements : std::vector<Value>{value};
  SourceRange range = state.yielded ? state.yieldRange : scan.body->result->range;

  // Results: the states, then what is kept of each pass.
  std::vector<const Node *> initials, arguments{state.pass}, nexts, stacked;
  if (!state.isCounting)
    arguments.insert(arguments.end(), state.slices.begin(), state.slices.end());
  for (const ScanState::Carried &each : state.states) {
    initials.push_back(each.initial);
    arguments.push_back(each.argument);
    nexts.push_back(each.value);
  }
  const size_t firstOwned = nexts.size();
  for (const ScanState::CarriedOwned &each : state.owned) {
    initials.push_back(each.initial);
    arguments.push_back(each.argument);
    nexts.push_back(each.value);
  }
  std::vector<size_t> places; // of each value among the results
  std::vector<int64_t> stackAxes;
  for (const Value &each : values) {
    if (each.isUnknown())
      return Unknown{};
    const Node *node = each.asTensor() && !each.isWeak()  ? each.asTensor()->node
                       : each.asBool()                    ? toNode(each, Element::Bool, range)
                       : each.isNumber() || each.isWeak() ? toNode(each, Element::F32, range)
                                                          : nullptr;
    if (!node) {
      error(Code::OperandType, range,
            "the value of a 'scan' must be a tensor, found " + each.describe());
      return Unknown{};
    }
    if (state.yielded) {
      stacked.push_back(node);
      continue;
    }
    auto carried = llvm::find(nexts, node);
    places.push_back(static_cast<size_t>(carried - nexts.begin()));
    if (carried != nexts.end())
      continue;
    // A value that is no state: what the last pass leaves.
    const Node *zero = graph.constant(node->type.element, int64_t(0));
    initials.push_back(broadcast(zero, node->type.shape));
    arguments.push_back(graph.input(node->type));
    nexts.push_back(node);
  }
  std::vector<Type> types;
  for (const Node *next : nexts)
    types.push_back(next->type);
  for (const Node *node : stacked) {
    int64_t axis = state.isCounting ? 0 : std::min<int64_t>(state.axis, node->type.shape.size());
    Type type = node->type;
    type.shape.insert(type.shape.begin() + axis, state.count);
    places.push_back(types.size());
    stackAxes.push_back(axis);
    types.push_back(type);
  }
  std::vector<const Node *> results(nexts);
  results.insert(results.end(), stacked.begin(), stacked.end());
  Graph::Captures captures;
  auto body = graph.isolate("scan", arguments, results, captures);

  std::vector<const Node *> operands(state.sequences);
  operands.insert(operands.end(), initials.begin(), initials.end());
  operands.insert(operands.end(), captures.begin(), captures.end());
  graph.setPlace(scan.range, frame->site);
  Node *node = graph.make("scan", std::move(operands), types.front(),
                          {{"slice_axes", state.axes}, {"stack_axes", stackAxes}});
  node->segments = {static_cast<unsigned>(state.sequences.size()),
                    static_cast<unsigned>(initials.size()), static_cast<unsigned>(captures.size())};
  node->sizes = {state.count};
  node->hasSizes = true;
  graph.addBody(node, std::move(body));
  auto made = graph.makeSeveral(node, types);
  for (auto [i, each] : llvm::enumerate(state.owned))
    if (each.value != each.argument)
      each.tensor->current = made[firstOwned + i];
  std::vector<Value> outputs;
  for (auto [place, type] : llvm::zip(places, values)) {
    Value output = Tensor{made[place]};
    if (tensorBytes(made[place]->type) == std::nullopt) {
      error(Code::TensorTooLarge, scan.range, "what the scan stacks takes more than 2^40 bytes")
          .detail("it has shape " + made[place]->type.str());
      return Unknown{};
    }
    outputs.push_back(output);
  }
  if (!several)
    return outputs.front();
  return Sequence{std::make_shared<std::vector<Value>>(std::move(outputs)), 1, several->isTuple};
}

} // namespace nnc::sema
