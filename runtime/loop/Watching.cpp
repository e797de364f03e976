// When a training is evaluated, what is kept of it, and when it stops.
#include "runtime/loop/Watching.h"

#include "runtime/checkpoint/Safetensors.h"
#include "runtime/support/File.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace nnrt {

//===-- evaluate every -----------------------------------------------------------------------===//

void EvaluationSchedule::evaluate() { isDue = !trainer.evaluate(Cause::Steps); }

void EvaluationSchedule::begin(const Moment &) {
  if (isDue)
    evaluate();
}

void EvaluationSchedule::afterStep(const Moment &moment) {
  if (moment.position.step % every == 0)
    evaluate();
}

void EvaluationSchedule::save(Metadata &metadata) const {
  if (isDue)
    metadata["evaluation_due"] = "true";
}

void EvaluationSchedule::restore(const MetadataReader &metadata) {
  isDue = metadata.has("evaluation_due") && metadata.truth("evaluation_due");
}

//===-- The best -----------------------------------------------------------------------------===//

bool Best::isBetter(double value) const {
  if (std::isnan(value))
    return false;
  return at == 0 || (goal.isMax ? value > best : value < best);
}

void Best::set(double value, uint64_t step) {
  best = value;
  at = step;
}

void Best::save(Metadata &metadata, const std::string &key) const {
  if (!exists())
    return;
  metadata[key + "_best"] = exactText(best);
  metadata[key + "_step"] = std::to_string(at);
}

void Best::restore(const MetadataReader &metadata, const std::string &key) {
  if (!metadata.has(key + "_best"))
    return;
  best = metadata.real(key + "_best");
  at = metadata.number(key + "_step");
}

//===-- keep ---------------------------------------------------------------------------------===//

std::string bestFileOf(const std::string &checkpoint) {
  constexpr std::string_view extension = ".safetensors";
  std::string_view stem = checkpoint;
  if (stem.ends_with(extension))
    stem.remove_suffix(extension.size());
  return cat(stem, ".best", extension);
}

KeepBest::KeepBest(Trainer &trainer, Goal goal, const std::string &save, const DataFacts &facts)
    : trainer(trainer), best(goal), written(std::move(goal)),
      file(save.empty() ? std::string() : bestFileOf(save)), facts(facts) {}

void KeepBest::afterEvaluation(const Moment &moment, const Evaluation &evaluation) {
  double value = evaluation.results.value(trainer.trainedBy(), best.name());
  if (!best.isBetter(value))
    return;
  if (!evaluation.isProvisional)
    best.set(value, evaluation.step);
  written.set(value, evaluation.step);
  if (file.empty())
    return;
  CheckpointContent content = {trainer.trainedBy(), facts, moment.position};
  content.observers[cat("best_", best.name())] = exactText(value);
  saveWeights(file, trainer.trained(), content);
}

std::string KeepBest::closing() const {
  const Best &shown = written.exists() ? written : best;
  if (!shown.exists())
    return cat("; ", best.name(), " was never evaluated, so nothing is kept as the best");
  return cat("; best ", shown.name(), " ", significant(shown.value()), " after step ",
             grouped(shown.step()),
             file.empty() ? std::string(" (--save FILE keeps its weights)")
                          : cat(", kept in ", file));
}

void KeepBest::takeOver(const std::string &checkpoint) {
  const std::string before = bestFileOf(checkpoint);
  if (!best.exists() || file.empty() || sameFile(before, file))
    return;
  if (!fileExists(before)) {
    fprintf(stderr, "warning: %s: is not there any more; the best weights so far are lost\n",
            before.c_str());
    return;
  }
  copyFile(before, file);
}

//===-- stop ---------------------------------------------------------------------------------===//

void EarlyStop::afterEvaluation(const Moment &, const Evaluation &evaluation) {
  if (evaluation.isProvisional)
    return;
  double value = evaluation.results.value(recipe, best.name());
  if (best.isBetter(value)) {
    best.set(value, evaluation.step);
    worse = 0;
  } else {
    ++worse;
  }
}

std::string EarlyStop::closing() const {
  if (!wantsToStop())
    return {};
  return cat("; stopped early: ", best.name(), " was not better for ", worse,
             worse == 1 ? " evaluation" : " evaluations");
}

void EarlyStop::save(Metadata &metadata) const {
  best.save(metadata, "stop");
  metadata["stop_worse"] = std::to_string(worse);
}

void EarlyStop::restore(const MetadataReader &metadata) {
  best.restore(metadata, "stop");
  if (metadata.has("stop_worse"))
    worse = metadata.number("stop_worse");
}

//===-- save ---------------------------------------------------------------------------------===//

void Saver::write() {
  CheckpointContent content = {trainer.trainedBy(), facts, trainer.where()};
  trainer.collect(content.observers);
  saveCheckpoint(file, trainer.trained(), content);
  hasSaved = true;
}

/// A save that fails on the way is tried again at the next; training is worth more.
void Saver::afterStep(const Moment &moment) {
  if (!every || moment.position.step % every != 0 || moment.position.step >= trainer.goal().steps)
    return;
  trainer.aside([&] {
    trainer.checkWeights();
    try {
      write();
    } catch (const Error &error) {
      trainer.warn(error);
    }
  });
}

void Saver::finish(const Moment &) {
  trainer.checkWeights();
  write();
}

std::string Saver::closing() const { return hasSaved ? cat("; saved to ", file) : std::string(); }

} // namespace nnrt
