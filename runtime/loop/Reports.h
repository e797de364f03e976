// What a training says: events in a log, a bar or lines for people.
#pragma once

#include "runtime/loop/EventLog.h"
#include "runtime/loop/Progress.h"
#include "runtime/loop/Trainer.h"

namespace nnrt {

/// Writes the events of a training.
class LogReport final : public Observer {
public:
  LogReport(Trainer &trainer, EventLog &log, uint64_t every, Clock::time_point begin);

  bool isDueAfter(const TrainingPosition &position) const override;
  void afterStep(const Moment &moment) override;
  void afterEvaluation(const Moment &moment, const Evaluation &evaluation) override;
  void afterEpoch(const Moment &moment) override;
  void end(const Moment &moment, const Ending &ending) override;
  void aboutToSave() override { log.flush(); }
  void failed(const Moment &moment, const std::string &what) override;

private:
  void addResults(JsonWriter &json, const Results &results) const;

  Trainer &trainer;
  EventLog &log;
  uint64_t every;
  Clock::time_point begun;
  std::vector<std::string> lossKeys; ///< where losses have names
  std::optional<Results> ofEpoch;    ///< evaluated at its end
  bool isLost = false;               ///< and it has been said
};

/// Shows a training to a person.
class ProgressReport final : public Observer {
public:
  ProgressReport(const Trainer &trainer, Progress &progress)
      : trainer(trainer), progress(progress) {}

  bool isDueAfter(const TrainingPosition &) const override { return progress.due(); }
  void afterStep(const Moment &moment) override;
  void afterEvaluation(const Moment &moment, const Evaluation &evaluation) override;
  void afterEpoch(const Moment &moment) override;
  void end(const Moment &moment, const Ending &ending) override;
  void makeWay() override { progress.clear(); }

private:
  ProgressState stateAt(const Moment &moment) const;
  std::string text(const Results &results, const std::string &total) const;
  std::string watchedName() const;

  const Trainer &trainer;
  Progress &progress;
  std::optional<Results> last, ofEpoch;
};

} // namespace nnrt
