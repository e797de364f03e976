// A training's curves, as a picture and as TensorBoard's event files.
#pragma once

#include "runtime/loop/Chart.h"
#include "runtime/loop/EventFile.h"
#include "runtime/loop/Trainer.h"

#include <optional>

namespace nnrt {

/// What the curves of a training are called: its loss, and each loss and metric that has a name.
/// Tables are no curves.
/// Made once, so that a step allocates nothing.
class CurveNames {
public:
  explicit CurveNames(const Trainer &trainer);

  std::vector<std::string> ofSteps;   ///< "loss", and where losses have names, "loss_fit"
  std::vector<std::string> evaluated; ///< "test_loss", "test_loss_fit"
  std::vector<std::string> tested;    ///< as these, of the test part where another is watched
  std::vector<std::string> metrics, testedMetrics;

  /// Calls `give(index, value)` for each of `ofSteps` that the last step has.
  template <typename Give> void forStep(const Moment &moment, const Give &give) const {
    if (moment.hasLoss)
      give(size_t(0), moment.loss);
    for (size_t i = 0; i + 1 < ofSteps.size(); ++i)
      if (moment.last.hasRun(i))
        give(i + 1, moment.last.losses()[i]);
  }
  /// The values of `evaluated`, then those of `metrics`.
  std::vector<double> valuesOf(const Results &results, const Recipe &recipe) const;
};

/// Keeps an SVG file up to date: `train --plot FILE`.
class PlotReport final : public Observer {
public:
  /// Takes the loss of each `every`th step. Throws Error: the file cannot be written.
  PlotReport(Trainer &trainer, std::string file, uint64_t every);

  void begin(const Moment &moment) override { firstStep = moment.position.step; }
  bool isDueAfter(const TrainingPosition &position) const override {
    return position.step % every == 0;
  }
  void afterStep(const Moment &moment) override;
  void afterEvaluation(const Moment &moment, const Evaluation &evaluation) override;
  void afterEpoch(const Moment &moment) override;
  void end(const Moment &moment, const Ending &ending) override;
  void failed(const Moment &moment, const std::string &what) override;

  /// Throws Error: the last picture could not be written.
  void check() const;

private:
  /// Where it fails, training is worth more; the first time it says so.
  void write();

  Trainer &trainer;
  CurveNames names;
  std::string file;
  uint64_t every, firstStep = 0;
  std::vector<Panel> panels; ///< the losses, then each metric
  bool isWarned = false;
  std::optional<Error> failure; ///< of the last attempt
};

/// Writes event files for TensorBoard: `train --tensorboard DIR`.
class TensorBoardReport final : public Observer {
public:
  /// Throws Error: the folder or the file in it cannot be made.
  TensorBoardReport(Trainer &trainer, const std::string &folder, uint64_t every);

  bool isDueAfter(const TrainingPosition &position) const override {
    return position.step % every == 0;
  }
  void afterStep(const Moment &moment) override;
  void afterEvaluation(const Moment &moment, const Evaluation &evaluation) override;
  void afterEpoch(const Moment &moment) override;
  void end(const Moment &moment, const Ending &ending) override;
  void failed(const Moment &moment, const std::string &what) override;
  void aboutToSave() override { flush(); }

  /// Throws Error: some of it could not be written.
  void check() const { events.check(); }

private:
  void addResults(const Results &results, uint64_t step, const std::vector<std::string> &losses,
                  const std::vector<std::string> &metrics);
  void flush();

  Trainer &trainer;
  CurveNames names;
  EventFile events;
  uint64_t every;
  bool isWarned = false;
};

} // namespace nnrt
