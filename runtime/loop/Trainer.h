// The training loop.
#pragma once

#include "runtime/checkpoint/Checkpoint.h"
#include "runtime/data/Batches.h"
#include "runtime/loop/Evaluate.h"
#include "runtime/loop/EventLog.h"
#include "runtime/loop/Progress.h"
#include "runtime/model/Session.h"
#include "runtime/support/Error.h"

#include <limits>

namespace nnrt {

constexpr uint64_t unlimited = std::numeric_limits<uint64_t>::max();

/// How long to train, what to keep, what to tell.
struct TrainPlan {
  uint64_t epochs = unlimited; ///< epochs in all, resumed ones included
  uint64_t steps = unlimited;  ///< steps in all, resumed ones included
  std::string save;            ///< empty: nowhere
  uint64_t saveEvery = 0;      ///< steps; 0: only at the end
  uint64_t logEvery = 100;
};

/// How a training ended.
enum class TrainEnd { Finished, Interrupted };

class Trainer {
public:
  /// The session holds the first weights; `position` says where they stand. `test` may be null.
  Trainer(Session &session, const Split &train, const Split *test, TrainPlan plan,
          TrainingPosition position, EventLog &log, Progress &progress, Clock::time_point begin);

  /// Trains to the plan's end or a signal. Throws Error: a loss that is not finite; a last save
  /// that fails.
  TrainEnd run();

  const TrainingPosition &where() const { return position; }

private:
  bool finished() const { return position.step >= plan.steps || position.epoch >= plan.epochs; }
  void runEpoch();
  void runStep();
  void checkLoss(float loss);
  void checkWeights();
  void reportStep(float loss);
  void warn(const Error &error);
  /// Evaluates and reports; false where a signal cut it short.
  bool endEpoch();
  void evaluateAtEnd();
  void save();
  void saveOnTheWay();
  void reportEnd(bool stopped);
  ProgressState progressState() const;
  void addResults(JsonWriter &json, const Averages &test) const;
  std::string resultsText(const Averages &test) const;
  const char *metricName(size_t index) const { return session.model().recipe->metrics[index]; }
  size_t metricCount() const { return session.metrics().size(); }

  Session &session;
  const Split &train;
  const Split *test;
  TrainPlan plan;
  TrainingPosition position;
  EventLog &log;
  Progress &progress;
  Clock::time_point begin;

  Batches batches;
  std::vector<void *> rows;
  Averages averages;
  Averages lastTest;
  Stopwatch epochWatch;
  double trainSeconds = 0;
  uint64_t trainedInEpoch = 0; ///< examples that this process trained on in the current epoch
  uint64_t trainedExamples = 0;
  bool savedOnce = false;
  bool logLost = false; ///< and said so
};

/// The most memory that this process has held, in bytes; 0 where the system doesn't say.
uint64_t peakResidentBytes();

} // namespace nnrt
