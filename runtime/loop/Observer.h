// What looks on while a model is trained.
#pragma once

#include "runtime/checkpoint/Checkpoint.h"
#include "runtime/loop/Evaluate.h"
#include "runtime/loop/Updates.h"

#include <string>

namespace nnrt {

/// Why a part was evaluated.
enum class Cause { Steps, Epoch, End };

/// An evaluation of the part that training is watched by.
struct Evaluation {
  const Results &results;
  Cause cause;
  uint64_t step;
  /// At a place where a training that went on would not have evaluated: whoever remembers what it
  /// saw forgets this, so that a resumed training is the same as one that never stopped.
  bool isProvisional;
};

/// The mean of each loss over the examples since the last report.
struct MeanLosses {
  std::vector<double> sums, examples;

  bool exist() const; ///< whether there has been any
  double mean() const;
};

/// Where training is, as observers see it.
struct Moment {
  const TrainingPosition &position;
  const MeanLosses &means; ///< of the epoch so far
  const Updates &last;     ///< the losses of the last step
  double loss = 0;         ///< their sum
  bool hasLoss = false;    ///< whether any block ran
  double epochSeconds = 0, trainSeconds = 0;
  uint64_t epochExamples = 0, trainExamples = 0;
};

/// How a training came to its end.
struct Ending {
  bool isInterrupted;
  const Results *test; ///< of the test part; null: not evaluated
  std::string closing; ///< what observers have to say
};

/// Notified by the loop, in the order in which observers are given to it. Whatever one remembers
/// has a place in the checkpoint.
class Observer {
public:
  virtual ~Observer();

  /// Before the first step.
  virtual void begin(const Moment &) {}
  /// Whether afterStep() is to be called for the step that ends at the position, which the device
  /// may still be at: telling an observer waits for it.
  virtual bool isDueAfter(const TrainingPosition &) const { return false; }
  virtual void afterStep(const Moment &) {}
  virtual void afterEvaluation(const Moment &, const Evaluation &) {}
  virtual void afterEpoch(const Moment &) {}
  /// Training is over: what has to be kept is written.
  virtual void finish(const Moment &) {}
  /// What a person is told in the last line, such as "; saved to w".
  virtual std::string closing() const { return {}; }
  /// ... and everybody is told.
  virtual void end(const Moment &, const Ending &) {}
  /// A checkpoint is about to be written: what has been told so far is not to be lost to a kill
  /// that the checkpoint outlives.
  virtual void aboutToSave() {}
  /// Something is about to be written to the terminal.
  virtual void makeWay() {}
  /// Training fails.
  virtual void failed(const Moment &, const std::string &) {}

  /// Whether training should end here.
  virtual bool wantsToStop() const { return false; }
  /// The file that holds what has been trained so far; empty: none.
  virtual std::string kept() const { return {}; }

  virtual void save(Metadata &) const {}
  /// Throws Error: what was saved is not valid. Nothing of it is there where the observer is new to
  /// the training.
  virtual void restore(const MetadataReader &) {}
};

} // namespace nnrt
