// The training loop.
#pragma once

#include "runtime/loop/Observer.h"
#include "runtime/support/Clock.h"
#include "runtime/support/Error.h"

#include <limits>
#include <memory>

namespace nnrt {

constexpr uint64_t unlimited = std::numeric_limits<uint64_t>::max();

/// How long to train.
struct TrainPlan {
  uint64_t epochs = unlimited; ///< epochs in all, resumed ones included
  uint64_t steps = unlimited;  ///< steps in all, resumed ones included
};

/// How a training ended.
enum class TrainEnd { Finished, Interrupted };

/// What is trained on, and what it is measured by.
struct TrainingData {
  const Part *train = nullptr; ///< null: examples are drawn
  const Part *watched = nullptr, *test = nullptr;
  const DataFacts *facts = nullptr; ///< what its classes are called; null: nothing is known
  std::vector<int64_t> dims;        ///< of the model, but for the batch
  std::string badValue;             ///< of the data set, for messages: Dataset::badValue
  bool isEvaluated = true;          ///< whether there is anything to evaluate
};

/// Updates until the plan's end, a wish of an observer, or a signal.
class Trainer {
public:
  /// The session holds the first weights; `position` says where they stand.
  Trainer(Session &session, const Recipe &recipe, const TrainingData &data, TrainPlan plan,
          TrainingPosition position);

  /// In the order in which they are notified.
  void observe(Observer &observer) { observers.push_back(&observer); }
  /// The mean losses of an epoch that goes on, and what the observers remember.
  void restore(const MetadataReader &metadata);

  /// Throws Error: a loss that is not finite; a last save that fails.
  TrainEnd run();

  /// Evaluates the watched part, which training waits for, and tells the observers; false where a
  /// signal came between.
  bool evaluate(Cause cause, bool isProvisional = false);
  /// Whatever `work` takes is no time of training. It finds all steps done. Throws Error: a loss of
  /// these is not finite.
  template <typename Work> auto aside(const Work &work) {
    settle();
    bool wasRunning = std::exchange(isRunning, false);
    if (wasRunning)
      stopWatch();
    struct Again {
      Trainer &trainer;
      bool wasRunning;
      ~Again() {
        trainer.isRunning = wasRunning;
        if (wasRunning)
          trainer.startWatch();
      }
    } again = {*this, wasRunning};
    return work();
  }
  /// Everything there is to save: position, mean losses, what observers remember. These are told
  /// first.
  void collect(Metadata &metadata) const;
  /// Says on standard error that something went wrong which training goes on without.
  void warn(const Error &error);
  /// Throws Error: a tensor holds what is not finite.
  void checkWeights() const;

  const TrainingPosition &where() const { return position; }
  const TrainPlan &goal() const { return plan; }
  const Recipe &trainedBy() const { return recipe; }
  const Session &trained() const { return session; }
  const TrainingData &trainedOn() const { return data; }
  bool isFinished() const;
  /// Whether what is left to do, if only that, is an evaluation that a signal had ended.
  bool isEvaluationDue() const { return isEndDue; }

private:
  TrainEnd runToTheEnd();
  bool isPlanDone() const;
  bool reachesEndOfEpoch() const;
  bool hasTrained() const { return position.step > firstStep; }
  bool wantsToStop() const;
  /// Whether an epoch has ended that has not been reported.
  bool isEpochDue() const;
  /// False where a signal came between.
  bool endEpoch();
  void resetMeans();
  /// How many steps come before anybody has to look: an observer, or the plan.
  uint64_t stepsOfCall() const;
  void runSteps();
  /// Waits for the steps that have run, and accounts for their losses.
  void settle();
  void account();
  void checkLosses();
  /// False where a signal came between.
  bool evaluateEnd();
  void finish(bool isInterrupted);
  std::optional<Results> testResults();
  Moment moment() const;
  std::string kept() const;
  void startWatch();
  void stopWatch();

  Session &session;
  const Recipe &recipe;
  TrainingData data;
  TrainPlan plan;
  TrainingPosition position;
  std::vector<Observer *> observers;

  KeptTables tables; ///< of all parts
  Updates updates;
  MeanLosses means;
  std::optional<Evaluator> watching, testing;
  std::optional<Results> watchedResults, tested;
  uint64_t watchedStep = 0; ///< after which these were
  uint64_t firstStep = 0;   ///< that this process starts after
  uint64_t settledStep = 0; ///< the last one whose losses are known
  bool isEndDue = false;    ///< a signal came in the evaluation at the end
  /// Whether the last epoch, which makes no whole step with its end, has been reported. A training
  /// that goes on reports it only after the step that it shares with the next.
  bool isEndReported = false;
  Stopwatch epochWatch, trainWatch;
  bool isRunning = false;
  uint64_t epochExamples = 0; ///< that this process trained on in the current epoch
  uint64_t trainExamples = 0;
};

/// The most memory that this process has held, in bytes; 0 where the system doesn't say.
uint64_t peakResidentBytes();

} // namespace nnrt
