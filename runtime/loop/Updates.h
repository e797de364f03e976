// One update of the recipe: its blocks in turn, each from the step's batches.
#pragma once

#include "runtime/data/Batches.h"
#include "runtime/loop/BlockSteps.h"
#include "runtime/model/ResultSlots.h"

#include <optional>
#include <utility>

namespace nnrt {

/// Runs steps, and knows later what has come of them: the device may be behind. A step takes
/// `accumulate` batches, the same ones for each block, across an epoch's end where need be. Nothing
/// is allocated after construction.
class Updates {
public:
  /// `part` is null where the recipe draws its examples; `dims` are the model's, its batch aside.
  /// `tables` outlive it.
  Updates(Session &session, const Recipe &recipe, const Part *part, KeptTables &tables,
          std::vector<int64_t> dims, const TrainingPosition &position);

  /// The most steps that run() may be asked for at the position, 1 at least: of whole batches of
  /// one epoch, and as many as may be left unsettled.
  uint64_t room(const TrainingPosition &position) const;
  /// Moves a position behind the step that comes next there; returns how many examples it takes.
  uint64_t skip(TrainingPosition &position) const;
  /// As many steps from number position.step + 1 on, from the batches that come next; moves the
  /// position behind them.
  void run(TrainingPosition &position, uint64_t steps = 1);
  /// Whether what has run is to be settled before the next step.
  bool isFull() const { return unsettled == examplesOf.size() || slots.isFull(slotsOfStep); }
  /// Waits for the steps that have run, and calls account() for each, in their order: the functions
  /// below then tell of that one.
  template <typename Account> void settle(const Account &account) {
    const size_t steps = std::exchange(unsettled, 0);
    slots.fetch();
    for (size_t step = 0, slot = 0; step < steps; ++step) {
      slot = take(step, slot);
      account();
    }
  }

  /// Of each loss the mean over the step's batches, before the update; NaN where its block did not
  /// run.
  std::span<const double> losses() const { return lossValues; }
  /// Whether the block of a loss ran.
  bool hasRun(size_t loss) const;
  uint64_t examples() const { return taken; } ///< in the step's batches

  /// Throws Error: the examples that an epoch has left for its last batch are fewer than a block
  /// needs.
  void requireLastBatch(uint64_t batch);

private:
  struct Block {
    BlockSteps steps;
    size_t firstLoss, numLosses;
  };
  /// Moves a position behind its next batch; returns the size of that.
  uint64_t advance(TrainingPosition &position) const;
  /// Runs a block on batch `number` of the step behind `start`, or on up to `most` batches of as
  /// many steps, and moves `at` behind them; returns how many these were.
  uint64_t runBatches(Block &block, const TrainingPosition &start, uint64_t number,
                      TrainingPosition &at, uint64_t most);
  void runBlock(Block &block, const TrainingPosition &position);
  void runStep(TrainingPosition &position);
  /// Notes what a step has taken, whose blocks have been noted; moves the position behind it.
  void note(TrainingPosition &position);
  /// Reads the losses of a step, whose first slot is given; returns the one behind them.
  size_t take(size_t step, size_t slot);
  void reserve(const TrainingPosition &position);
  void setBatch(uint64_t count);

  Session &session;
  const Recipe &recipe;
  const Part *part;
  std::vector<int64_t> dims;
  std::optional<Batches> batches;
  std::vector<Block> blocks;
  std::vector<double> lossValues;
  std::vector<char> ran; ///< per block, in the step that was settled last
  uint64_t taken = 0;    ///< examples, in that step

  uint64_t mostPasses = 1;          ///< steps of a call
  bool waitsForRuns;                ///< whether a call of the device is over on return
  size_t slotsOfStep;               ///< at most
  ResultSlots slots;                ///< of blocks' batches
  std::vector<uint64_t> examplesOf; ///< of each step since the last settlement
  std::vector<char> ranOf;          ///< and whether each block ran there
  size_t unsettled = 0;             ///< of these steps
};

/// The batches of an epoch from a position on.
uint64_t batchesLeft(uint64_t examples, uint64_t consumed, uint64_t batch);

} // namespace nnrt
