// Metrics that no totals carry: elaborated once more, for all examples at once.
#include "compiler/sema/Recipe.h"

#include "llvm/ADT/ScopeExit.h"

namespace nnc::sema {

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
            "the metric '" + line.name + "' has several numbers over the whole part")
        .detail("it has type " + value->type.str())
        .suggest("a metric is one number, such as the 'mean(...)' of these");
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

} // namespace nnc::sema
