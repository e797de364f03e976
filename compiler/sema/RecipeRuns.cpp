// The body of a recipe, elaborated once for each function: training, evaluation.
#include "compiler/sema/Mentions.h"
#include "compiler/sema/Primitives.h"
#include "compiler/sema/Recipe.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"

namespace nnc::sema {

using namespace ast;

//===-- Runs ---------------------------------------------------------------------------------===//

FunctionContext RecipeElaborator::contextOf(Run::Kind kind) {
  FunctionContext context;
  context.isFrozen = [this](const std::string &path) { return frozen.count(path) != 0; };
  context.classNumber = [this](const Node *category, const std::string &name, SourceRange range) {
    return refuseClass(category, name, range);
  };
  if (kind == Run::Kind::Settings)
    return context;
  context.training = kind == Run::Kind::Training;
  context.seed = seed;
  context.draw = draw;
  if (kind != Run::Kind::Training)
    context.example = example;
  // Evaluation weighs losses as the end of the plan does, so that its values compare.
  context.step = kind == Run::Kind::Training ? step : planned;
  context.steps = kind == Run::Kind::Training ? steps : planned;
  return context;
}

std::unique_ptr<RecipeElaborator::Run> RecipeElaborator::startRun(Run::Kind kind) {
  auto run = std::make_unique<Run>();
  run->kind = kind;
  run->frame.file = decl.name.range.file;
  run->frame.instance = &owner;
  run->frame.root.declare("batch", {Variable::Kind::Dim, Dim::symbol("batch"), decl.name.range});
  return run;
}

void RecipeElaborator::declareFields(Run &run) {
  auto declare = [&](const Field &field, Value value) {
    if (!run.frame.root.declare(field.name,
                                {Variable::Kind::Argument, std::move(value), field.range}) &&
        run.kind == Run::Kind::Training)
      e.error(Code::DuplicateName, field.range,
              "'" + field.name + "' already has a meaning in a recipe")
          .suggest("'NAME: " + field.name + "' gives the column another name");
  };
  for (const Field &field : fields)
    declare(field, Tensor{field.node});
  for (const Field &field : unknownFields)
    declare(field, Unknown{});
}

/// The `let`s that the expressions read, directly or through others; of an only model that is not
/// called also those that its inputs are.
std::set<const Entry *> RecipeElaborator::neededBy(llvm::ArrayRef<const Expr *> goals,
                                                   const Block *block) const {
  std::set<const Entry *> needed;
  std::set<std::string> seen;
  std::vector<std::string> pending;
  auto add = [&](const std::set<std::string> &names) {
    for (const std::string &name : names)
      if (seen.insert(name).second)
        pending.push_back(name);
    if (mentionsOutputs(names))
      for (const ast::Parameter &input : networks.front()->decl->inputs)
        if (seen.insert(input.name.text).second)
          pending.push_back(input.name.text);
  };
  for (const Expr *goal : goals)
    if (goal)
      add(mentionedNames(*goal));
  std::vector<const Entry *> all = lets;
  if (block)
    all.insert(all.end(), block->lets.begin(), block->lets.end());
  while (!pending.empty()) {
    std::string name = std::move(pending.back());
    pending.pop_back();
    for (const Entry *entry : all)
      if (llvm::any_of(entry->let->pattern.names,
                       [&](const Name &each) { return each.text == name; }) &&
          needed.insert(entry).second)
        add(mentionedNames(*entry->let));
  }
  return needed;
}

/// Those that no line needs.
std::vector<const Entry *> RecipeElaborator::unusedLets() const {
  std::set<const Entry *> needed;
  auto note = [&](const Block *block) {
    std::vector<const Expr *> goals;
    auto add = [&](llvm::ArrayRef<Entry> entries) {
      for (const Entry &entry : entries) {
        if (entry.value)
          goals.push_back(entry.value.get());
        for (const Argument &argument : entry.arguments)
          goals.push_back(argument.value.get());
      }
    };
    add(decl.entries);
    if (block && block->section)
      add(block->section->entries);
    auto found = neededBy(goals, block);
    needed.insert(found.begin(), found.end());
  };
  note(nullptr);
  std::vector<const Entry *> all = lets;
  for (const auto &block : blocks) {
    note(block.get());
    all.insert(all.end(), block->lets.begin(), block->lets.end());
  }
  llvm::erase_if(all, [&](const Entry *entry) { return needed.count(entry) != 0; });
  return all;
}

void RecipeElaborator::runLet(Run &run, const Entry &entry, const Block *block) {
  if (!run.done.insert(&entry).second)
    return;
  const LetStatement &let = *entry.let;
  if (run.kind == Run::Kind::Predict && !callsModels)
    for (const Name &name : let.pattern.names)
      if (llvm::any_of(networks.front()->decl->inputs,
                       [&](const ast::Parameter &input) { return input.name.text == name.text; }))
        return; // a prediction is given the inputs
  if (mentionsOutputs(mentionedNames(let)))
    applyModel(run);
  e.evalLet(let);
  bool isPlain = !let.type || (!let.type->hasShape && !let.type->isList);
  if (let.pattern.isTuple || let.pattern.names.size() != 1 || !isPlain ||
      run.kind == Run::Kind::Settings)
    return;
  const Name &written = let.pattern.names.front();
  Variable *variable = e.scope->findHere(written.text);
  auto value = variable && variable->value.isNumber() ? numberOf(variable->value) : std::nullopt;
  if (!value)
    return;
  std::string name = block && block->section ? block->name + "." + written.text : written.text;
  if (constants.count(name))
    return;
  auto known = llvm::find_if(numbers, [&](const Number &each) { return each.name == name; });
  if (known == numbers.end()) {
    e.graph.setPlace(written.range, nullptr);
    numbers.push_back({name, *value, e.graph.input(Type{Element::F64, {}}), written.range.begin});
    known = numbers.end() - 1;
    if (totals)
      totals->allow(known->node);
  }
  variable->value = Tensor{known->node, /*weak=*/true};
}

/// Those of the recipe, then those of the step, whose names stay in scope.
void RecipeElaborator::runLets(Run &run, const Block *block,
                               const std::set<const Entry *> &needed) {
  for (const Entry *entry : lets)
    if (needed.count(entry))
      runLet(run, *entry, nullptr);
  if (!block)
    return;
  run.inner = std::make_unique<Scope>(&run.frame.root);
  e.scope = run.inner.get();
  for (const Entry *entry : block->lets)
    if (needed.count(entry))
      runLet(run, *entry, block);
}

/// What training does to columns before the model sees them.
void RecipeElaborator::runAugments(Run &run) {
  for (const Entry *entry : augments) {
    auto field =
        llvm::find_if(fields, [&](const Field &each) { return each.name == entry->name.text; });
    bool isUnknown = llvm::any_of(unknownFields,
                                  [&](const Field &each) { return each.name == entry->name.text; });
    if (field == fields.end()) {
      std::vector<std::string> names;
      for (const Field &each : fields)
        names.push_back(each.name);
      std::string near = nearest(entry->name.text, names);
      if (!isUnknown && !isDataBroken)
        e.error(Code::UnknownField, entry->name.range,
                "the recipe binds no column '" + entry->name.text + "'")
            .suggest(near.empty() ? "'augment' changes a column of the data in training"
                                  : "did you mean '" + near + "'?");
      continue;
    }
    runLets(run, nullptr, neededBy({entry->value.get()}, nullptr));
    const Type type = field->node->type;
    Value value = evalIn(run, *entry->value);
    value = e.coerce(value, type, entry->value->range, "the augmented '" + field->name + "'",
                     Code::FieldMismatch, field->range);
    if (Variable *variable = run.frame.root.find(field->name))
      variable->value = value;
  }
}

Value RecipeElaborator::evalIn(Run &run, const Expr &expr) {
  if (mentionsOutputs(mentionedNames(expr)))
    applyModel(run);
  return e.eval(expr);
}

//===-- Training -----------------------------------------------------------------------------===//

/// The scalar that is minimised: the mean of what is none, at least in f32. Null after an error.
const Node *RecipeElaborator::meanLoss(const Value &value, SourceRange range) {
  if (value.isUnknown()) {
    if (e.errorCount() == 0 && !e.isPartial)
      e.error(Code::UnsettledShape, range, "this loss cannot be worked out");
    return nullptr;
  }
  const Tensor *tensor = value.asTensor();
  if (!tensor || (!isFloat(tensor->node->type.element) && !tensor->weak)) {
    bool isNumber = value.isNumber();
    e.error(isNumber ? Code::LossWithoutParameters : Code::LossNotScalar, range,
            isNumber ? "this loss is a constant" : "a loss is made of floats")
        .detail("it is " + value.describe())
        .suggest(tensor     ? "'as f32' converts, but no gradient passes a conversion of integers"
                 : isNumber ? ""
                            : "such as 'loss cross_entropy(logits, label)'");
    return nullptr;
  }
  Value loss = value;
  e.graph.setPlace(range, nullptr);
  if (Element element = tensor->node->type.element;
      element == Element::F16 || element == Element::BF16)
    loss = Tensor{e.graph.cast(tensor->node, Element::F32)};
  if (!loss.asTensor()->node->type.shape.empty())
    loss = e.apply(PrimitiveValue{findPrimitive("mean")}, {{std::nullopt, loss, range}}, range,
                   nullptr, nullptr);
  return loss.asTensor() ? loss.asTensor()->node : nullptr;
}

void RecipeElaborator::train(Block &block) {
  block.results.clear();
  block.states.clear();
  block.run = startRun(Run::Kind::Training);
  Run &run = *block.run;
  FrameGuard frame(e, run.frame);
  ContextGuard context(e, contextOf(run.kind));
  e.beginFunction();
  declareFields(run);
  std::vector<const Expr *> goals;
  for (const Line &loss : block.losses)
    goals.push_back(loss.value);
  runAugments(run);
  runLets(run, &block, neededBy(goals, &block));
  for (const Line &loss : block.losses) {
    const Node *node = meanLoss(evalIn(run, *loss.value), loss.value->range);
    if (node)
      block.results.push_back({loss.name, node});
  }
  for (Network *network : networks)
    for (OwnedTensor *tensor : network->tensors())
      if (tensor->isState)
        block.states.emplace_back(tensor, tensor->current);
}

//===-- Evaluation ---------------------------------------------------------------------------===//

/// A loss of a batch by itself, as in training but without dropout and the like.
const Node *RecipeElaborator::plainLoss(const Line &line, const Block &block) {
  auto run = startRun(Run::Kind::Evaluation);
  FrameGuard frame(e, run->frame);
  ContextGuard context(e, contextOf(run->kind));
  declareFields(*run);
  runLets(*run, &block, neededBy({line.value}, &block));
  return meanLoss(evalIn(*run, *line.value), line.value->range);
}

/// `meeting`: the operation in which the examples of one batch meet.
void RecipeElaborator::refuseMeeting(llvm::StringRef kind, const Line &line, const Node *meeting,
                                     std::string hint) {
  Diagnostic &error =
      e.error(Code::BatchDependent, line.value->range,
              "the " + kind.str() + " '" + line.name + "' depends on which examples share a batch");
  SourceRange place = e.userPlaceOf(*meeting);
  if (!(place == line.value->range))
    error.note(place, "examples meet here");
  error.suggest(std::move(hint));
}

/// The value of a loss or metric over the whole part. Null after an error.
const Node *RecipeElaborator::wholeValue(Run &run, const Line &line, const Block *block) {
  size_t before = e.errorCount();
  totals->isMetric = !block;
  auto restore = llvm::scope_exit([&] { totals->isMetric = false; });
  Value value = evalIn(run, *line.value);
  if (value.isUnknown() && e.errorCount() == before && totals->refusedGradient.isValid()) {
    // A loss is of a batch, and so is its gradient.
    if (block)
      return settleLoss(plainLoss(line, *block));
    Diagnostic &error =
        e.error(Code::BatchDependent, line.value->range,
                "the metric '" + line.name + "' takes the gradient of a value over the whole part");
    if (!(totals->refusedGradient == line.value->range))
      error.note(totals->refusedGradient, "the gradient is taken here");
    error.suggest("'gradient(u, wrt: x)' is that of 'sum(u)', so that no mean is needed");
  }
  if (value.isUnknown())
    return nullptr;
  const Tensor *tensor = value.asTensor();
  const Node *node = tensor ? tensor->node : value.isNumber() ? e.toWeak(value) : nullptr;
  if (!node) {
    if (!block) // training has said so of a loss
      e.error(Code::MetricNotScalar, line.value->range, "a metric is a number or a tensor")
          .detail("it is " + value.describe())
          .suggest("such as 'metric accuracy(logits, label)'");
    return nullptr;
  }
  e.graph.setPlace(line.value->range, nullptr);
  bool isMixed = totals->scopeOf(node) == Totals::Scope::Mixed;
  const Node *whole = nullptr;
  if (block) {
    whole = settleLoss(isMixed ? plainLoss(line, *block) : node);
  } else if (const Node *meeting = totals->meetingIn(node); isMixed || meeting) {
    whole = collectedValue(line);
    if (!whole && e.errorCount() == before)
      refuseCollecting(line, node, isMixed ? nullptr : meeting);
  } else if (whole = totals->settle(node); !whole) {
    refuseCollecting(line, node, nullptr);
  }
  if (unsigned passes = whole ? totals->passesFor(whole) : 0; passes > e.limits.evaluations) {
    e.error(Code::TooManyIterations, line.value->range,
            std::string("the ") + (block ? "loss" : "metric") + " '" + line.name + "' takes " +
                std::to_string(passes) + " passes over the data; at most " +
                std::to_string(e.limits.evaluations) + " are possible")
        .suggest("a sum or mean of what reads another one takes a pass of its own; with an 'axis' "
                 "it stays within an example");
    return nullptr;
  }
  return whole;
}

/// A loss of a batch over the whole part.
const Node *RecipeElaborator::settleLoss(const Node *node) {
  const Node *whole = node ? totals->settle(node) : nullptr;
  if (whole)
    totals->accept(whole);
  return whole;
}

void RecipeElaborator::evaluateLosses(Run &run, std::vector<Function::Result> &results) {
  const Node *sum = nullptr;
  bool isWhole = true;
  std::vector<std::pair<const Line *, const Node *>> named;
  for (const auto &block : blocks) {
    Scope inner(&run.frame.root);
    e.scope = &inner;
    std::vector<const Expr *> goals;
    for (const Line &line : block->losses)
      goals.push_back(line.value);
    auto needed = neededBy(goals, block.get());
    for (const Entry *entry : block->lets)
      if (needed.count(entry))
        runLet(run, *entry, block.get());
    for (const Line &line : block->losses) {
      const Node *node = wholeValue(run, line, block.get());
      isWhole &= node != nullptr;
      named.emplace_back(&line, node);
      if (!node)
        continue;
      results.push_back({line.name, node});
      recipe.evaluation.losses.push_back(line.name);
      sum = sum ? e.graph.make("add", {sum, node}, Type{Element::F64, {}}) : node;
    }
    e.scope = &run.frame.root;
  }
  auto declare = [&](const std::string &name, const Node *node, SourceRange range) {
    Value value = node ? Value(Tensor{node, /*weak=*/true}) : Value();
    if (!run.frame.root.declare(name, {Variable::Kind::Let, value, range}))
      e.error(Code::DuplicateName, range, "'" + name + "' already has a meaning in this recipe")
          .note(run.frame.root.find(name)->declared, "it is declared here")
          .suggest("a metric may read a loss by its name, so the name must be free");
    else
      lossNames.push_back(name);
  };
  for (const auto &[line, node] : named)
    if (line->entry->kind == Entry::Kind::Named)
      declare(line->name, node, line->range);
  declare("loss", isWhole ? sum : nullptr, decl.name.range);
}

/// Evaluates those of the block's own `let`s that nothing needs, for what is wrong with them.
void RecipeElaborator::checkLets(const Block &block, llvm::ArrayRef<const Entry *> unused) {
  std::set<const Entry *> idle;
  std::vector<const Expr *> goals;
  for (const Entry *entry : block.lets)
    if (llvm::is_contained(unused, entry)) {
      idle.insert(entry);
      goals.push_back(entry->let->value.get());
    }
  if (idle.empty())
    return;
  auto run = startRun(Run::Kind::Evaluation);
  FrameGuard frame(e, run->frame);
  ContextGuard context(e, contextOf(run->kind));
  declareFields(*run);
  std::set<const Entry *> needed = neededBy(goals, &block);
  idle.insert(needed.begin(), needed.end());
  runLets(*run, &block, idle);
}

void RecipeElaborator::evaluate() {
  std::vector<const Node *> columns, scalars;
  for (const Field &field : fields)
    columns.push_back(field.node);
  for (const Number &number : numbers)
    scalars.push_back(number.node);
  totals = std::make_unique<Totals>(e, Dim::symbol("batch"), columns,
                                    std::vector<const Node *>{draw, example}, scalars);
  evaluationRun = startRun(Run::Kind::Evaluation);
  Run &run = *evaluationRun;
  FrameGuard frame(e, run.frame);
  FunctionContext wanted = contextOf(run.kind);
  wanted.reduce = [this](const ReductionCall &call) { return totals->reduce(call); };
  wanted.ofBatch = [this](const Node *total, SourceRange range) {
    return totals->ofBatch(total, range);
  };
  wanted.joinsBatches = [this](const Node *u, const Node *x, SourceRange range) {
    return totals->joinsBatches(u, x, range);
  };
  ContextGuard context(e, std::move(wanted));
  e.beginFunction();
  declareFields(run);
  std::vector<const Expr *> goals;
  for (const auto &block : blocks)
    for (const Line &line : block->losses)
      goals.push_back(line.value);
  for (const Line &line : metrics)
    goals.push_back(line.value);
  std::set<const Entry *> needed = neededBy(goals, nullptr);
  for (const auto &block : blocks) // block `let`s may read those of the recipe
    for (const Entry *entry : neededBy(goals, block.get()))
      if (llvm::is_contained(lets, entry))
        needed.insert(entry);
  runLets(run, nullptr, needed);
  evaluateLosses(run, evaluated);
  for (const Line &line : metrics)
    if (const Node *node = wholeValue(run, line, nullptr)) {
      evaluated.push_back({line.name, node});
      recipe.evaluation.metrics.push_back(line.name);
      recipe.evaluation.classes.push_back(classesOf(line, node->type));
    }
  findTargets();
  checkTableGoals();
  // What nothing needs is still checked.
  std::vector<const Entry *> unused = unusedLets();
  for (const Entry *entry : lets)
    if (llvm::is_contained(unused, entry))
      runLet(run, *entry, nullptr);
  for (const auto &block : blocks)
    checkLets(*block, unused);
  for (const Entry *entry : unused)
    for (const Name &name : entry->let->pattern.names)
      if (!llvm::StringRef(name.text).starts_with("_"))
        e.warning(Code::UnusedName, name.range, "the value '" + name.text + "' is never used")
            .suggest("a name that begins with '_' may stay unused");
}

} // namespace nnc::sema
