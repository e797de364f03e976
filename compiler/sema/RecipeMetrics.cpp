// Metrics that no totals carry: elaborated once more, for all examples at once.
#include "compiler/sema/Mentions.h"
#include "compiler/sema/Recipe.h"

#include "llvm/ADT/ScopeExit.h"

namespace nnc::sema {

using namespace ast;

/// The value of a metric that is given all examples of what it mixes. Null where there is none,
/// with or without an error.
const Node *RecipeElaborator::collectedValue(const Line &line) {
  if (!collectingRun) {
    collectingRun = startRun(Run::Kind::Evaluation);
    FrameGuard frame(e, collectingRun->frame);
    declareFields(*collectingRun);
    for (const std::string &name : lossNames) {
      const Variable *loss = evaluationRun->frame.root.find(name);
      collectingRun->frame.root.declare(name, {Variable::Kind::Let, loss->value, loss->declared});
    }
  }
  Run &run = *collectingRun;
  FrameGuard frame(e, run.frame);
  totals->isCollecting = true;
  auto restore = llvm::scope_exit([&] { totals->isCollecting = false; });
  runLets(run, nullptr, neededBy({line.value}, nullptr));
  Value value = evalIn(run, *line.value);
  const Node *node = value.asTensor() ? value.asTensor()->node : nullptr;
  e.graph.setPlace(line.value->range, nullptr);
  return node ? totals->collect(node) : nullptr;
}

/// `meeting`: the operation in which examples meet; null where the value is of the whole part and
/// of a batch.
void RecipeElaborator::refuseCollecting(const Line &line, const Node *value, const Node *meeting) {
  bool hasExamples = llvm::any_of(
      value->type.shape, [](const Dim &dim) { return llvm::is_contained(dim.symbols(), "batch"); });
  if (!value->type.shape.empty() && !hasExamples)
    e.error(Code::MetricNotScalar, line.value->range,
            "the metric '" + line.name + "' has too many numbers over the whole part")
        .detail("it has type " + value->type.str())
        .suggest("a metric is one number, such as the 'mean(...)' of these, or a table of a known "
                 "size: a vector or a matrix");
  else if (!meeting)
    e.error(Code::MixedTotals, line.value->range,
            "the metric '" + line.name +
                "' joins a value over the whole part with one of a single batch")
        .suggest("what a recipe draws without 'batch' as leading dimension is of one batch");
  else
    refuseMeeting("metric", line, meeting,
                  "a metric sees all examples at once but for what a model makes of a batch, and "
                  "what a recipe draws for one");
}

/// The column whose classes number the rows and columns of a table: the only one that the metric
/// names and that has so many. Nothing where there is none.
std::optional<size_t> RecipeElaborator::classesOf(const Line &line, const Type &type) const {
  std::set<std::string> names = mentionedNames(*line.value);
  std::optional<size_t> found;
  for (const Field &field : fields) {
    const IndexRange *range = e.rangeOf(field.node);
    if (!field.classesOf || !names.count(field.name) || !range || !range->limit ||
        type.shape.empty() ||
        !llvm::all_of(type.shape, [&](const Dim &dim) { return dim == *range->limit; }))
      continue;
    if (found)
      return std::nullopt;
    found = field.classesOf;
  }
  return found;
}

/// The columns of classes that the losses name, directly or through `let`s.
void RecipeElaborator::findTargets() {
  std::set<std::string> named;
  for (const auto &block : blocks) {
    std::vector<const Expr *> goals;
    for (const Line &line : block->losses)
      goals.push_back(line.value);
    for (const Expr *goal : goals)
      if (goal)
        named.merge(mentionedNames(*goal));
    for (const Entry *entry : neededBy(goals, block.get()))
      named.merge(mentionedNames(*entry->let));
  }
  for (const Field &field : fields)
    if (field.classesOf && named.count(field.name) &&
        !llvm::is_contained(recipe.targets, *field.classesOf))
      recipe.targets.push_back(*field.classesOf);
}

/// Of two tables none is the better one.
void RecipeElaborator::checkTableGoals() {
  for (llvm::StringRef key : {"keep", "stop"}) {
    const std::optional<Goal> &goal = key == "keep" ? recipe.keep : recipe.stop;
    const Entry *entry = setting(key);
    if (!goal || !entry)
      continue;
    auto isMeant = [&](const Function::Result &each) {
      return each.name == goal->of && !each.node->type.shape.empty();
    };
    auto table = llvm::find_if(evaluated, isMeant);
    if (table == evaluated.end())
      continue;
    e.error(Code::SettingValue, argument(*entry, goal->isMax ? "max" : "min")->range,
            "'" + key.str() + "' compares numbers, and '" + goal->of + "' is a table")
        .detail("it has type " + table->node->type.str())
        .suggest("a metric of one number made of it, such as its 'mean(...)', can be compared");
  }
}

} // namespace nnc::sema
