// The training loop.
#include "runtime/loop/Trainer.h"

#include "runtime/loop/Interrupt.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace nnrt {

Observer::~Observer() = default;

bool MeanLosses::exist() const {
  return std::any_of(examples.begin(), examples.end(), [](double count) { return count > 0; });
}

double MeanLosses::mean() const {
  double sum = 0;
  for (size_t i = 0; i < sums.size(); ++i)
    sum += examples[i] > 0 ? sums[i] / examples[i] : 0;
  return sum;
}

uint64_t peakResidentBytes() {
  // getrusage() would count what the process held before exec, too.
  FILE *file = fopen("/proc/self/status", "re");
  if (!file)
    return 0;
  char line[256];
  uint64_t kibibytes = 0;
  while (fgets(line, sizeof line, file))
    if (strncmp(line, "VmHWM:", 6) == 0)
      kibibytes = strtoull(line + 6, nullptr, 10);
  fclose(file);
  return kibibytes * 1024;
}

Trainer::Trainer(Session &session, const Recipe &recipe, const TrainingData &dataOfTraining,
                 TrainPlan plan, TrainingPosition position)
    : session(session), recipe(recipe), data(dataOfTraining), plan(plan), position(position),
      tables(session.device()), updates(session, recipe, data.train, tables, data.dims, position),
      means{std::vector<double>(recipe.losses.size()), std::vector<double>(recipe.losses.size())},
      firstStep(position.step), settledStep(position.step) {
  if (reachesEndOfEpoch())
    updates.requireLastBatch(position.batch);
  if (!data.isEvaluated)
    return;
  watching.emplace(session, recipe, data.watched, data.dims, position.batch, &tables);
  if (data.test && data.test != data.watched)
    testing.emplace(session, recipe, data.test, data.dims, position.batch, &tables);
}

//===-- Where the end is ---------------------------------------------------------------------===//

/// A step that would need batches beyond the last epoch is none.
bool Trainer::isPlanDone() const {
  if (position.step >= plan.steps)
    return true;
  if (plan.epochs == unlimited || !data.train)
    return false;
  if (position.epoch >= plan.epochs)
    return true;
  const uint64_t examples = data.train->examples;
  if (recipe.accumulate == 1)
    return false;
  unsigned __int128 left = batchesLeft(examples, position.consumed, position.batch);
  left += (unsigned __int128)(plan.epochs - position.epoch - 1) *
          batchesLeft(examples, 0, position.batch);
  return left < recipe.accumulate;
}

/// Whether the plan has as many steps as what is left of an epoch.
bool Trainer::reachesEndOfEpoch() const {
  if (!data.train || isPlanDone())
    return false;
  unsigned __int128 planned = (unsigned __int128)(plan.steps - position.step) * recipe.accumulate;
  return planned >= batchesLeft(data.train->examples, position.consumed, position.batch);
}

bool Trainer::wantsToStop() const {
  return std::any_of(observers.begin(), observers.end(),
                     [](const Observer *observer) { return observer->wantsToStop(); });
}

bool Trainer::isFinished() const { return isPlanDone() || wantsToStop(); }

bool Trainer::isEpochDue() const {
  if (!data.train)
    return false;
  if (position.epoch > position.reported)
    return true;
  // The last one may end with batches that make no whole step.
  return !isEndReported && (hasTrained() || isEndDue) && position.reported < plan.epochs &&
         plan.epochs != unlimited && position.step < plan.steps && isPlanDone();
}

//===-- The loop -----------------------------------------------------------------------------===//

void Trainer::startWatch() {
  epochWatch.start();
  trainWatch.start();
}
void Trainer::stopWatch() {
  epochWatch.stop();
  trainWatch.stop();
}

Moment Trainer::moment() const {
  Moment moment = {position, means, updates};
  for (size_t i = 0; i < recipe.losses.size(); ++i)
    if (updates.hasRun(i)) {
      moment.loss += updates.losses()[i];
      moment.hasLoss = true;
    }
  moment.epochSeconds = isRunning ? epochWatch.running() : epochWatch.seconds();
  moment.trainSeconds = isRunning ? trainWatch.running() : trainWatch.seconds();
  moment.epochExamples = epochExamples;
  moment.trainExamples = trainExamples;
  return moment;
}

TrainEnd Trainer::run() {
  try {
    return runToTheEnd();
  } catch (const Error &error) {
    position.step = settledStep; // nobody has seen what came after
    for (Observer *observer : observers) {
      observer->makeWay();
      observer->failed(moment(), error.what());
    }
    throw;
  }
}

TrainEnd Trainer::runToTheEnd() {
  for (Observer *observer : observers)
    observer->begin(moment());
  bool isInterrupted = false;
  startWatch();
  isRunning = true;
  while (true) {
    if (isEpochDue() && !endEpoch()) {
      isInterrupted = true;
      break;
    }
    if (isFinished())
      break;
    if (interrupted()) {
      isInterrupted = true;
      break;
    }
    runSteps();
  }
  settle();
  stopWatch();
  isRunning = false;
  if (!isInterrupted && !evaluateEnd())
    isInterrupted = true;
  finish(isInterrupted);
  return isInterrupted ? TrainEnd::Interrupted : TrainEnd::Finished;
}

uint64_t Trainer::stepsOfCall() const {
  uint64_t most = updates.room(position);
  if (most == 1)
    return 1;
  most = std::min(most, plan.steps - position.step);
  TrainingPosition at = position;
  for (uint64_t steps = 1; steps < most; ++steps) {
    updates.skip(at);
    if (std::any_of(observers.begin(), observers.end(),
                    [&](const Observer *observer) { return observer->isDueAfter(at); }))
      return steps;
  }
  return most;
}

void Trainer::runSteps() {
  isEndDue = false;
  updates.run(position, stepsOfCall());
  if (updates.isFull())
    settle();
  for (Observer *observer : observers)
    if (observer->isDueAfter(position)) {
      settle();
      observer->afterStep(moment());
    }
}

void Trainer::settle() {
  updates.settle([this] { account(); });
}

void Trainer::account() {
  ++settledStep;
  const uint64_t count = updates.examples();
  epochExamples += count;
  trainExamples += count;
  checkLosses();
  for (size_t i = 0; i < recipe.losses.size(); ++i)
    if (updates.hasRun(i)) {
      means.sums[i] += updates.losses()[i] * double(count);
      means.examples[i] += double(count);
    }
}

void Trainer::checkLosses() {
  double sum = 0;
  for (size_t i = 0; i < recipe.losses.size(); ++i)
    if (updates.hasRun(i))
      sum += updates.losses()[i];
  if (std::isfinite(sum)) [[likely]]
    return;
  const char *value = std::isnan(sum) ? "NaN" : sum > 0 ? "Inf" : "-Inf";
  throw errors::lossNotFinite(value, settledStep, kept(), data.badValue);
}

bool Trainer::evaluate(Cause cause, bool isProvisional) {
  if (!watching)
    return true;
  return aside([&] {
    const Results &results = watching->run();
    if (!results)
      return false;
    watchedResults = results;
    watchedStep = position.step;
    Evaluation evaluation = {*watchedResults, cause, position.step, isProvisional};
    for (Observer *observer : observers)
      observer->afterEvaluation(moment(), evaluation);
    // Without epochs, it is from one evaluation to the next that losses are averaged.
    if (!data.train && !isProvisional)
      resetMeans();
    return true;
  });
}

void Trainer::resetMeans() {
  means.sums.assign(means.sums.size(), 0);
  means.examples.assign(means.examples.size(), 0);
}

bool Trainer::endEpoch() {
  return aside([&] {
    const uint64_t before = position.reported;
    const bool isProvisional = position.epoch == before;
    // With `evaluate every: n` the recipe has said when to evaluate.
    if (!recipe.evaluateEvery && !evaluate(Cause::Epoch, isProvisional)) {
      isEndDue |= isProvisional;
      return false;
    }
    position.reported = std::max(position.epoch, before + 1);
    for (Observer *observer : observers)
      observer->afterEpoch(moment());
    if (isProvisional) {
      position.reported = before;
      isEndReported = true;
    } else {
      resetMeans();
    }
    epochExamples = 0;
    epochWatch.reset();
    return true;
  });
}

std::optional<Results> Trainer::testResults() {
  if (testing) {
    const Results &results = testing->run();
    return results ? std::optional(results) : std::nullopt;
  }
  return watchedStep == position.step ? watchedResults : std::nullopt;
}

/// Unless the place is one where a training that goes on evaluates, it has been only for this one.
bool Trainer::evaluateEnd() {
  if (!hasTrained() && !isEndDue)
    return true;
  isEndDue = true;
  if ((!watchedResults || watchedStep != position.step) && !evaluate(Cause::End, true))
    return false;
  tested = testResults();
  isEndDue = testing && !tested;
  return !isEndDue;
}

void Trainer::finish(bool isInterrupted) {
  // Interrupted before its first step, there is nothing that is not in the file it came from.
  if (!isInterrupted || hasTrained())
    for (Observer *observer : observers)
      observer->finish(moment());
  Ending ending = {isInterrupted, tested ? &*tested : nullptr, {}};
  for (const Observer *observer : observers)
    ending.closing += observer->closing();
  for (Observer *observer : observers)
    observer->end(moment(), ending);
}

std::string Trainer::kept() const {
  for (const Observer *observer : observers)
    if (std::string file = observer->kept(); !file.empty())
      return file;
  return {};
}

/// The losses that were checked are from before the update: the update itself may have overflowed,
/// and must not take the place of a good checkpoint.
void Trainer::checkWeights() const {
  const nnrt_tensor *tensor = session.firstNotFinite();
  if (!tensor)
    return;
  throw errors::weightsNotFinite(tensor->name, position.step, kept());
}

void Trainer::warn(const Error &error) {
  for (Observer *observer : observers)
    observer->makeWay();
  fprintf(stderr, "warning: %s; training goes on\n", error.what());
}

//===-- What is saved ------------------------------------------------------------------------===//

void Trainer::collect(Metadata &metadata) const {
  for (Observer *observer : observers)
    observer->aboutToSave();
  metadata["loss_sum"] = exactText(means.sums);
  metadata["loss_examples"] = exactText(means.examples);
  if (isEndDue)
    metadata["end_evaluation_due"] = "true";
  for (const Observer *observer : observers)
    observer->save(metadata);
}

void Trainer::restore(const MetadataReader &metadata) {
  means.sums = metadata.finite("loss_sum", means.sums.size());
  means.examples = metadata.finite("loss_examples", means.examples.size());
  isEndDue = metadata.has("end_evaluation_due") && metadata.truth("end_evaluation_due");
  for (Observer *observer : observers)
    observer->restore(metadata);
}

} // namespace nnrt
