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

Trainer::Trainer(Session &session, const Split &train, const Split *test, TrainPlan plan,
                 TrainingPosition position, EventLog &log, Progress &progress,
                 Clock::time_point begin)
    : session(session), train(train), test(test), plan(std::move(plan)), position(position),
      log(log), progress(progress), begin(begin), batches(train, position.batch, position.shuffle),
      rows(train.columns.size()), averages(session.metrics().size()),
      lastTest(session.metrics().size()) {
  averages.restore(position.lossSum, position.consumed);
}

TrainEnd Trainer::run() {
  bool stopped = false;
  const uint64_t firstStep = position.step;
  while (!finished() && !(stopped = interrupted())) {
    runEpoch();
    if (position.consumed == train.examples && !endEpoch()) {
      stopped = true;
      break;
    }
  }
  if (!stopped && position.step > firstStep)
    evaluateAtEnd();
  stopped |= interrupted() && !finished();
  // Interrupted before its first step, there is nothing that is not in the file it came from.
  if (!plan.save.empty() && (!stopped || position.step > firstStep)) {
    checkWeights();
    save();
  }
  reportEnd(stopped);
  return stopped ? TrainEnd::Interrupted : TrainEnd::Finished;
}

void Trainer::runEpoch() {
  trainedInEpoch = 0;
  epochWatch.reset();
  epochWatch.start();
  if (position.shuffle)
    batches.shuffle(position.seed, position.epoch);
  while (position.consumed < train.examples && position.step < plan.steps && !interrupted())
    runStep();
  epochWatch.stop();
  trainSeconds += epochWatch.seconds();
}

void Trainer::runStep() {
  uint64_t count = std::min(position.batch, train.examples - position.consumed);
  batches.get(position.consumed, count, rows);
  batches.prefetch(position.consumed + count, position.batch);
  session.step(rows, count, position.step + 1, position.seed);
  float loss = session.loss();
  ++position.step;
  position.consumed += count;
  trainedInEpoch += count;
  trainedExamples += count;
  checkLoss(loss);
  averages.add(loss, session.metrics(), count);
  reportStep(loss);
  if (plan.saveEvery && position.step % plan.saveEvery == 0 && position.step < plan.steps)
    saveOnTheWay();
}

void Trainer::checkLoss(float loss) {
  if (std::isfinite(loss)) [[likely]]
    return;
  const char *value = std::isnan(loss) ? "NaN" : loss > 0 ? "Inf" : "-Inf";
  progress.clear();
  log.event("error", [&](JsonWriter &json) {
    json.field("step", position.step).field("message", cat("the loss is ", value));
  });
  log.flush();
  throw errors::lossNotFinite(value, position.step, savedOnce ? plan.save : std::string());
}

void Trainer::reportStep(float loss) {
  if (log && position.step % plan.logEvery == 0)
    log.event("step",
              [&](JsonWriter &json) { json.field("step", position.step).field("loss", loss); });
  if (log.failed() && !logLost) {
    logLost = true;
    try {
      log.check();
    } catch (const Error &error) {
      warn(error);
    }
  }
  if (progress.due())
    progress.draw(progressState());
}

void Trainer::warn(const Error &error) {
  progress.clear();
  fprintf(stderr, "warning: %s; training goes on\n", error.what());
}

ProgressState Trainer::progressState() const {
  ProgressState state;
  state.epoch = position.epoch + 1;
  state.epochs = plan.epochs == unlimited ? 0 : plan.epochs;
  state.fraction = double(position.consumed) / double(train.examples);
  state.step = position.step;
  state.loss = averages.loss();
  if (metricCount() && session.stepHasMetrics()) {
    state.metric = metricName(0);
    state.metricValue = averages.metric(0);
  } else if (metricCount() && lastTest.examples()) {
    state.metric = metricName(0);
    state.metricValue = lastTest.metric(0);
  }
  double spent = trainSeconds + epochWatch.running();
  state.examplesPerSecond = spent > 0 ? double(trainedExamples) / spent : 0;
  double left = -1;
  if (plan.steps != unlimited)
    left = double(plan.steps - position.step) * double(position.batch);
  if (plan.epochs != unlimited) {
    double byEpochs =
        double(plan.epochs - position.epoch) * double(train.examples) - double(position.consumed);
    left = left < 0 ? byEpochs : std::min(left, byEpochs);
  }
  if (left >= 0 && state.examplesPerSecond > 0)
    state.secondsLeft = left / state.examplesPerSecond;
  return state;
}

void Trainer::addResults(JsonWriter &json, const Averages &results) const {
  if (!results.examples())
    return;
  json.field("test_loss", results.loss());
  for (size_t i = 0; i < metricCount(); ++i)
    json.field(metricName(i), results.metric(i));
}

std::string Trainer::resultsText(const Averages &results) const {
  if (!results.examples())
    return {};
  std::string text = cat("  test_loss ", fixed(results.loss(), 4));
  for (size_t i = 0; i < metricCount(); ++i)
    text += cat("  ", metricName(i), " ", fixed(results.metric(i), 4));
  return text;
}

bool Trainer::endEpoch() {
  if (test) {
    Averages results = evaluateSplit(session, *test, position.seed);
    if (!results.examples())
      return false;
    lastTest = results;
  }
  double seconds = epochWatch.seconds();
  double speed = seconds > 0 ? double(trainedInEpoch) / seconds : 0;
  ++position.epoch;
  log.event("epoch", [&](JsonWriter &json) {
    json.field("epoch", position.epoch).field("loss", averages.loss()).field("seconds", seconds);
    json.field("examples_per_second", speed);
    addResults(json, lastTest);
  });
  log.flush();
  std::string of = plan.epochs == unlimited ? "" : cat("/", plan.epochs);
  progress.line(cat("epoch ", position.epoch, of, "  loss ", fixed(averages.loss(), 4),
                    resultsText(lastTest), "  ", duration(seconds), "  ", grouped(uint64_t(speed)),
                    " examples/s"));
  position.consumed = 0;
  averages.reset();
  return true;
}

/// The result of a training that ends within an epoch.
void Trainer::evaluateAtEnd() {
  if (!test || position.consumed == 0)
    return;
  Averages results = evaluateSplit(session, *test, position.seed);
  if (!results.examples())
    return;
  log.event("eval", [&](JsonWriter &json) {
    json.field("step", position.step);
    addResults(json, results);
  });
  progress.line(
      cat("step ", position.step, "  loss ", fixed(averages.loss(), 4), resultsText(results)));
}

/// The loss that was checked is from before the update: the update itself may have overflowed, and
/// must not take the place of a good checkpoint.
void Trainer::checkWeights() {
  const nnrt_tensor *tensor = session.firstNotFinite();
  if (!tensor)
    return;
  progress.clear();
  throw errors::weightsNotFinite(tensor->name, position.step,
                                 savedOnce ? plan.save : std::string());
}

void Trainer::save() {
  position.lossSum = averages.lossSum();
  saveCheckpoint(plan.save, session, position);
  savedOnce = true;
}

/// A save that fails on the way is tried again at the next; training is worth more.
void Trainer::saveOnTheWay() {
  epochWatch.stop();
  checkWeights();
  try {
    save();
  } catch (const Error &error) {
    warn(error);
  }
  epochWatch.start();
}

void Trainer::reportEnd(bool stopped) {
  uint64_t peak = peakResidentBytes();
  log.event("end", [&](JsonWriter &json) {
    json.field("step", position.step).field("seconds", secondsSince(begin));
    json.field("train_seconds", trainSeconds).field("peak_rss_bytes", peak);
    if (stopped)
      json.field("interrupted", true);
  });
  log.flush();
  std::string saved = savedOnce ? cat("; saved to ", plan.save) : std::string();
  progress.line(cat(stopped ? "stopped by a signal after step " : "done after step ",
                    grouped(position.step), ", ", duration(trainSeconds), " of training", saved));
}

} // namespace nnrt
