// A training's curves, as a picture and as TensorBoard's event files.
#include "runtime/loop/Curves.h"

#include "runtime/support/File.h"
#include "runtime/support/Text.h"

#include <utility>

namespace nnrt {

//===-- Names --------------------------------------------------------------------------------===//

CurveNames::CurveNames(const Trainer &trainer) {
  const Recipe &recipe = trainer.trainedBy();
  const Part *watched = trainer.trainedOn().watched;
  const std::string part = watched ? watched->name : "test";
  auto add = [&](const std::string &loss) {
    ofSteps.push_back(loss);
    evaluated.push_back(cat(part, "_", loss));
    tested.push_back(cat("test_", loss));
  };
  add("loss");
  for (size_t i = 0; recipe.hasNamedLosses() && i < recipe.losses.size(); ++i)
    add(recipe.lossKey(i));
  for (size_t i = 0; i < recipe.metrics.size(); ++i)
    if (!recipe.tables[i].isTable()) {
      metrics.push_back(recipe.metrics[i]);
      testedMetrics.push_back(cat("test_", recipe.metrics[i]));
    }
}

std::vector<double> CurveNames::valuesOf(const Results &results, const Recipe &recipe) const {
  std::vector<double> values;
  for (const auto &[name, value] : results.listed(recipe, evaluated.front()))
    values.push_back(value);
  return values;
}

/// Whether the end brings results that no evaluation has shown.
static bool bringsTest(const Trainer &trainer, const Ending &ending) {
  const TrainingData &data = trainer.trainedOn();
  return ending.test && data.test != data.watched;
}

//===-- The picture --------------------------------------------------------------------------===//

PlotReport::PlotReport(Trainer &trainer, std::string path, uint64_t every)
    : trainer(trainer), names(trainer), file(std::move(path)), every(every) {
  AtomicFile::checkWritable(file);
  // For each loss its steps, their means over epochs, and what was evaluated.
  Panel &losses = panels.emplace_back();
  losses.scale = Panel::Scale::Fitting;
  for (const std::string &name : names.ofSteps)
    losses.curves.emplace_back(name, Curve::Style::Faint);
  losses.curves.emplace_back("mean loss of an epoch", Curve::Style::Solid);
  for (const std::string &name : names.evaluated)
    losses.curves.emplace_back(name, Curve::Style::Dashed);
  for (const std::string &name : names.metrics)
    panels.emplace_back().curves.emplace_back(name, Curve::Style::Solid);
}

void PlotReport::afterStep(const Moment &moment) {
  names.forStep(moment, [&](size_t i, double value) {
    panels.front().curves[i].add(moment.position.step, value);
  });
}

void PlotReport::afterEvaluation(const Moment &, const Evaluation &evaluation) {
  const std::vector<double> values = names.valuesOf(evaluation.results, trainer.trainedBy());
  const size_t losses = names.evaluated.size(), first = names.ofSteps.size() + 1;
  for (size_t i = 0; i < values.size(); ++i) {
    Curve &curve =
        i < losses ? panels.front().curves[first + i] : panels[1 + i - losses].curves.front();
    curve.add(evaluation.step, values[i]);
  }
  // Within an epoch, a training without any has its picture renewed here alone.
  if (evaluation.cause == Cause::Steps && !trainer.trainedOn().train)
    write();
}

void PlotReport::afterEpoch(const Moment &moment) {
  panels.front().curves[names.ofSteps.size()].add(moment.position.step, moment.means.mean());
  write();
}

void PlotReport::end(const Moment &, const Ending &) { write(); }

void PlotReport::failed(const Moment &, const std::string &) { write(); }

void PlotReport::write() {
  try {
    AtomicFile picture(file);
    picture.write(drawChart(trainer.trained().model().name, panels, firstStep));
    picture.commit();
    failure.reset();
  } catch (const Error &error) {
    if (!std::exchange(isWarned, true))
      trainer.warn(error);
    failure = error;
  }
}

void PlotReport::check() const {
  if (failure)
    // To copy an error may take memory, as to make one does.
    throw *failure; // NOLINT(bugprone-exception-copy-constructor-throws)
}

//===-- TensorBoard --------------------------------------------------------------------------===//

TensorBoardReport::TensorBoardReport(Trainer &trainer, const std::string &folder, uint64_t every)
    : trainer(trainer), names(trainer), events(folder), every(every) {}

void TensorBoardReport::afterStep(const Moment &moment) {
  names.forStep(moment, [&](size_t i, double value) {
    events.scalar(names.ofSteps[i], moment.position.step, value);
  });
}

void TensorBoardReport::addResults(const Results &results, uint64_t step,
                                   const std::vector<std::string> &losses,
                                   const std::vector<std::string> &metrics) {
  const std::vector<double> values = names.valuesOf(results, trainer.trainedBy());
  for (size_t i = 0; i < values.size(); ++i)
    events.scalar(i < losses.size() ? losses[i] : metrics[i - losses.size()], step, values[i]);
}

void TensorBoardReport::afterEvaluation(const Moment &, const Evaluation &evaluation) {
  addResults(evaluation.results, evaluation.step, names.evaluated, names.metrics);
  flush();
}

void TensorBoardReport::afterEpoch(const Moment &moment) {
  events.scalar("epoch_loss", moment.position.step, moment.means.mean());
  flush();
}

void TensorBoardReport::end(const Moment &moment, const Ending &ending) {
  if (bringsTest(trainer, ending))
    addResults(*ending.test, moment.position.step, names.tested, names.testedMetrics);
  flush();
}

void TensorBoardReport::failed(const Moment &, const std::string &) { flush(); }

void TensorBoardReport::flush() {
  events.flush();
  if (!events.failed() || std::exchange(isWarned, true))
    return;
  try {
    events.check();
  } catch (const Error &error) {
    trainer.warn(error);
  }
}

} // namespace nnrt
