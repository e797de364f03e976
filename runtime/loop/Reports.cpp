// What a training says: events in a log, a bar or lines for people.
#include "runtime/loop/Reports.h"

#include "runtime/loop/MetricTables.h"
#include "runtime/support/Text.h"

#include <algorithm>

namespace nnrt {

//===-- The log ------------------------------------------------------------------------------===//

LogReport::LogReport(Trainer &trainer, EventLog &log, uint64_t every, Clock::time_point begin)
    : trainer(trainer), log(log), every(every), begun(begin) {
  const Recipe &recipe = trainer.trainedBy();
  for (size_t i = 0; recipe.hasNamedLosses() && i < recipe.losses.size(); ++i)
    lossKeys.push_back(recipe.lossKey(i)); // once, so that a step allocates nothing
}

void LogReport::addResults(JsonWriter &json, const Results &results) const {
  for (const auto &[key, value] : results.listed(trainer.trainedBy(), "test_loss"))
    json.field(key, value);
  writeTables(json, trainer.trainedBy(), results);
}

/// A line, or a warning.
bool LogReport::isDueAfter(const TrainingPosition &position) const {
  return log ? position.step % every == 0 : log.failed() && !isLost;
}

void LogReport::afterStep(const Moment &moment) {
  if (log)
    log.event("step", [&](JsonWriter &json) {
      json.field("step", moment.position.step);
      if (moment.hasLoss)
        json.field("loss", moment.loss);
      for (size_t i = 0; i < lossKeys.size(); ++i)
        if (moment.last.hasRun(i))
          json.field(lossKeys[i], moment.last.losses()[i]);
    });
  if (!log.failed() || isLost)
    return;
  isLost = true;
  try {
    log.check();
  } catch (const Error &error) {
    trainer.warn(error);
  }
}

void LogReport::afterEvaluation(const Moment &, const Evaluation &evaluation) {
  if (evaluation.cause == Cause::Epoch) {
    ofEpoch = evaluation.results;
    return;
  }
  log.event("eval", [&](JsonWriter &json) {
    json.field("step", evaluation.step);
    addResults(json, evaluation.results);
  });
  log.flush();
}

static double speedOf(uint64_t examples, double seconds) {
  return seconds > 0 ? double(examples) / seconds : 0;
}

void LogReport::afterEpoch(const Moment &moment) {
  log.event("epoch", [&](JsonWriter &json) {
    json.field("epoch", moment.position.reported).field("loss", moment.means.mean());
    json.field("seconds", moment.epochSeconds);
    json.field("examples_per_second", speedOf(moment.epochExamples, moment.epochSeconds));
    if (ofEpoch)
      addResults(json, *ofEpoch);
  });
  ofEpoch.reset();
  log.flush();
}

void LogReport::end(const Moment &moment, const Ending &ending) {
  uint64_t peak = peakResidentBytes();
  log.event("end", [&](JsonWriter &json) {
    json.field("step", moment.position.step).field("seconds", secondsSince(begun));
    json.field("train_seconds", moment.trainSeconds).field("peak_rss_bytes", peak);
    if (ending.test)
      addResults(json, *ending.test);
    if (ending.isInterrupted)
      json.field("interrupted", true);
  });
  log.flush();
}

void LogReport::failed(const Moment &moment, const std::string &what) {
  log.event("error", [&](JsonWriter &json) {
    json.field("step", moment.position.step).field("message", what);
  });
  log.flush();
}

//===-- For people ---------------------------------------------------------------------------===//

std::string ProgressReport::watchedName() const {
  const Part *part = trainer.trainedOn().watched;
  return part ? cat(part->name, "_loss") : std::string("test_loss");
}

std::string ProgressReport::text(const Results &results, const std::string &total) const {
  std::string out;
  for (const auto &[key, value] : results.listed(trainer.trainedBy(), total))
    out += cat("  ", key, " ", fixed(value, 4));
  return out;
}

ProgressState ProgressReport::stateAt(const Moment &moment) const {
  const TrainingPosition &position = moment.position;
  const TrainPlan &plan = trainer.goal();
  const Part *train = trainer.trainedOn().train;
  const Recipe &recipe = trainer.trainedBy();
  ProgressState state;
  state.step = position.step;
  state.loss = moment.means.mean();
  double left = -1;
  if (plan.steps != unlimited) {
    left = double(plan.steps - position.step) * double(position.batch * recipe.accumulate);
    state.steps = plan.steps;
  }
  if (train) {
    state.epoch = position.epoch + 1;
    state.epochs = plan.epochs == unlimited ? 0 : plan.epochs;
    state.fraction = double(position.consumed) / double(train->examples);
    if (plan.epochs != unlimited) {
      double byEpochs = double(plan.epochs - position.epoch) * double(train->examples) -
                        double(position.consumed);
      left = left < 0 ? byEpochs : std::min(left, byEpochs);
    }
  } else if (plan.steps != unlimited) {
    state.fraction = double(position.step) / double(plan.steps);
  }
  auto isNumber = [](const MetricTable &table) { return !table.isTable(); };
  const auto shown = std::find_if(recipe.tables.begin(), recipe.tables.end(), isNumber);
  if (last && shown != recipe.tables.end()) {
    const auto number = size_t(shown - recipe.tables.begin());
    state.metric = recipe.metrics[number];
    state.metricValue = last->ofMetric(recipe, number).front();
  }
  state.examplesPerSecond = speedOf(moment.trainExamples, moment.trainSeconds);
  if (left >= 0 && state.examplesPerSecond > 0)
    state.secondsLeft = left / state.examplesPerSecond;
  return state;
}

void ProgressReport::afterStep(const Moment &moment) { progress.draw(stateAt(moment)); }

void ProgressReport::afterEvaluation(const Moment &moment, const Evaluation &evaluation) {
  last = evaluation.results;
  if (evaluation.cause == Cause::Epoch) {
    ofEpoch = last;
    return;
  }
  progress.line(
      cat("step ", evaluation.step,
          moment.means.exist() ? cat("  loss ", fixed(moment.means.mean(), 4)) : std::string(),
          text(*last, watchedName())));
}

void ProgressReport::afterEpoch(const Moment &moment) {
  const TrainPlan &plan = trainer.goal();
  std::string of = plan.epochs == unlimited ? "" : cat("/", plan.epochs);
  double speed = speedOf(moment.epochExamples, moment.epochSeconds);
  progress.line(cat("epoch ", moment.position.reported, of, "  loss ",
                    fixed(moment.means.mean(), 4),
                    ofEpoch ? text(*ofEpoch, watchedName()) : std::string(), "  ",
                    duration(moment.epochSeconds), "  ", grouped(uint64_t(speed)), " examples/s"));
  ofEpoch.reset();
}

void ProgressReport::end(const Moment &moment, const Ending &ending) {
  const TrainingData &data = trainer.trainedOn();
  if (ending.test && data.test != data.watched)
    progress.line(cat("test", text(*ending.test, "test_loss")));
  std::string tables;
  if (const Results *shown = ending.test ? ending.test : last ? &*last : nullptr)
    tables = tablesText(trainer.trainedBy(), *shown, data.facts);
  if (!tables.empty())
    progress.line(std::string_view(tables).substr(0, tables.size() - 1));
  progress.line(cat(ending.isInterrupted ? "stopped by a signal after step " : "done after step ",
                    grouped(moment.position.step), ", ", duration(moment.trainSeconds),
                    " of training", ending.closing));
}

} // namespace nnrt
