// One update of the recipe: its blocks in turn, each from the step's batches.
#pragma once

#include "runtime/data/Batches.h"
#include "runtime/loop/BlockSteps.h"

#include <optional>

namespace nnrt {

/// Runs steps. A step takes `accumulate` batches, the same ones for each block, across an epoch's
/// end where need be. Nothing is allocated after construction.
class Updates {
public:
  /// `part` is null where the recipe draws its examples; `dims` are the model's, its batch aside.
  Updates(Session &session, const Recipe &recipe, const Part *part, std::vector<int64_t> dims,
          const TrainingPosition &position);

  /// Step number position.step + 1, from the batches that come next; moves the position behind
  /// them.
  void run(TrainingPosition &position);

  /// Of each loss the mean over the step's batches, before the update.
  std::span<const double> losses() const { return lossValues; }
  /// Whether the block of a loss ran in the last step.
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
  std::span<void *const> fetch(const TrainingPosition &position, uint64_t count);
  void runBlock(Block &block, const TrainingPosition &position);
  void setBatch(uint64_t count);

  Session &session;
  const Recipe &recipe;
  const Part *part;
  std::vector<int64_t> dims;
  std::optional<Batches> batches;
  std::vector<Block> blocks;
  std::vector<double> lossValues;
  std::vector<void *> noFields;
  std::vector<char> ran; ///< per block, in the last step
  uint64_t taken = 0;
};

/// The batches of an epoch from a position on.
uint64_t batchesLeft(uint64_t examples, uint64_t consumed, uint64_t batch);

} // namespace nnrt
