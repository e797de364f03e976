// When a training is evaluated, what is kept of it, and when it stops.
#pragma once

#include "runtime/loop/Trainer.h"

namespace nnrt {

/// `evaluate every: 200`
class EvaluationSchedule final : public Observer {
public:
  EvaluationSchedule(Trainer &trainer, uint64_t every) : trainer(trainer), every(every) {}

  void begin(const Moment &moment) override;
  bool isDueAfter(const TrainingPosition &position) const override {
    return position.step % every == 0;
  }
  void afterStep(const Moment &) override { evaluate(); }
  void save(Metadata &metadata) const override;
  void restore(const MetadataReader &metadata) override;

private:
  void evaluate();

  Trainer &trainer;
  uint64_t every;
  bool isDue = false; ///< a signal came between
};

/// The best value of a goal so far. Only a strictly better one takes its place; NaN never does.
class Best {
public:
  explicit Best(Goal goal) : goal(std::move(goal)) {}

  bool isBetter(double value) const;
  void set(double value, uint64_t step);
  bool exists() const { return at != 0; }
  double value() const { return best; }
  uint64_t step() const { return at; }
  const std::string &name() const { return goal.of; }

  void save(Metadata &metadata, const std::string &key) const;
  void restore(const MetadataReader &metadata, const std::string &key);

private:
  Goal goal;
  double best = 0;
  uint64_t at = 0; ///< after this step; 0: nothing has been evaluated
};

/// `keep max: accuracy`: writes the best evaluated weights beside the checkpoint.
class KeepBest final : public Observer {
public:
  /// `save` is the checkpoint's file; empty: there is none, and the best is only reported.
  KeepBest(Trainer &trainer, Goal goal, const std::string &save, const DataFacts &facts);

  /// Weights that are not finite are never the best. A file that cannot be written is tried again
  /// at the next value that is better than what it holds; training is worth more.
  void afterEvaluation(const Moment &moment, const Evaluation &evaluation) override;
  void finish(const Moment &moment) override;
  std::string closing() const override;
  void save(Metadata &metadata) const override { best.save(metadata, "keep"); }
  void restore(const MetadataReader &metadata) override { best.restore(metadata, "keep"); }

  /// Takes over what was kept beside the checkpoint that training resumes from.
  void takeOver(const std::string &checkpoint);
  /// Throws Error: the best weights could not be written.
  void check() const;

private:
  void write(const Moment &moment, double value);

  Trainer &trainer;
  Best best, held; ///< the best so far, and what the file holds
  /// The value of a provisional evaluation that is better: it would be none of a training that goes
  /// on, whose best must stay. The weights are those that are saved at the end.
  Best atEnd;
  std::optional<Error> failure; ///< of the last attempt to write
  std::string file;
  const DataFacts &facts;
};

/// "a.safetensors" -> "a.best.safetensors"; "a" -> "a.best.safetensors".
std::string bestFileOf(const std::string &checkpoint);

/// `stop patience: 5, min: loss`: ends training after so many evaluations that were not better.
class EarlyStop final : public Observer {
public:
  EarlyStop(Goal goal, uint64_t patience, const Recipe &recipe)
      : best(std::move(goal)), patience(patience), recipe(recipe) {}

  void afterEvaluation(const Moment &moment, const Evaluation &evaluation) override;
  bool wantsToStop() const override { return worse >= std::max<uint64_t>(patience, 1); }
  std::string closing() const override;
  void save(Metadata &metadata) const override;
  void restore(const MetadataReader &metadata) override;

private:
  Best best;
  uint64_t patience, worse = 0; ///< evaluations since the best
  const Recipe &recipe;
};

/// Saves at the end and every so many steps.
class Saver final : public Observer {
public:
  Saver(Trainer &trainer, std::string file, uint64_t every, const DataFacts &facts)
      : trainer(trainer), file(std::move(file)), every(every), facts(facts) {}

  bool isDueAfter(const TrainingPosition &position) const override;
  void afterStep(const Moment &moment) override;
  void finish(const Moment &moment) override;
  std::string closing() const override;
  std::string kept() const override { return hasSaved ? file : std::string(); }

private:
  void write();

  Trainer &trainer;
  std::string file;
  uint64_t every; ///< 0: at the end alone
  const DataFacts &facts;
  bool hasSaved = false;
};

} // namespace nnrt
