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
    : trainer(trainer), best(goal), held(goal), atEnd(std::move(goal)),
      file(save.empty() ? std::string() : bestFileOf(save)), facts(facts) {}

void KeepBest::afterEvaluation(const Moment &moment, const Evaluation &evaluation) {
  const double value = evaluation.results.value(trainer.trainedBy(), best.name());
  const bool isBest = best.isBetter(value);
  if ((!isBest && !held.isBetter(value)) || trainer.trained().firstNotFinite())
    return;
  if (evaluation.isProvisional) {
    if (isBest)
      atEnd.set(value, evaluation.step);
    // Where there is no other yet, nothing is lost.
    if (best.exists())
      return;
  } else if (isBest) {
    best.set(value, evaluation.step);
  }
  write(moment, value);
}

void KeepBest::write(const Moment &moment, double value) {
  if (file.empty())
    return;
  CheckpointContent content = {trainer.trainedBy(), facts, moment.position};
  content.observers[cat("best_", best.name())] = exactText(value);
  try {
    saveWeights(file, trainer.trained(), content);
    held.set(value, moment.position.step);
    failure.reset();
  } catch (const Error &error) {
    failure = error;
    trainer.warn(error);
  }
}

void KeepBest::finish(const Moment &moment) {
  if (failure && best.exists() && best.step() == moment.position.step)
    write(moment, best.value());
}

void KeepBest::check() const {
  if (failure)
    // To copy an error may take memory, as to make one does.
    throw *failure; // NOLINT(bugprone-exception-copy-constructor-throws)
}

std::string KeepBest::closing() const {
  const Best &shown = best.exists() ? best : atEnd;
  if (!shown.exists())
    return cat("; no evaluation gave ", best.name(), " a number, so nothing is kept as the best");
  std::string text = cat("; best ", shown.name(), " ", significant(shown.value()), " after step ",
                         grouped(shown.step()));
  const bool isHeld = held.exists() && fileExists(file);
  if (file.empty())
    text += " (--save FILE keeps its weights)";
  else if (isHeld && held.step() == shown.step())
    text += cat(", kept in ", file);
  else
    text += cat(", not kept",
                isHeld ? cat("; ", file, " holds the weights after step ", grouped(held.step()))
                       : std::string());
  if (best.exists() && atEnd.exists())
    text += cat("; ", best.name(), " is ", significant(atEnd.value()), " at the end");
  return text;
}

/// The step that weights in a file come from; none where it cannot be read.
static std::optional<uint64_t> stepOfWeights(const std::string &path) {
  try {
    SafetensorsFile weights(path);
    MetadataReader metadata(path, weights.metadata());
    return metadata.number("step");
  } catch (const Error &) {
    return std::nullopt;
  }
}

void KeepBest::takeOver(const std::string &checkpoint) {
  if (file.empty())
    return;
  const std::string before = bestFileOf(checkpoint);
  const uint64_t expected = best.exists() ? best.step() : trainer.where().step;
  const bool isThere = fileExists(before);
  if (!isThere || stepOfWeights(before) != expected) {
    if (best.exists())
      fprintf(stderr, "warning: %s: %s; the best weights so far are lost\n", before.c_str(),
              isThere ? cat("does not hold the weights after step ", grouped(expected)).c_str()
                      : "is not there any more");
    return;
  }
  if (!sameFile(before, file))
    copyFile(before, file);
  if (best.exists())
    held.set(best.value(), best.step());
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

bool Saver::isDueAfter(const TrainingPosition &position) const {
  return every && position.step % every == 0 && position.step < trainer.goal().steps;
}

/// A save that fails on the way is tried again at the next; training is worth more.
void Saver::afterStep(const Moment &) {
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
