// A block of the recipe: what it runs for a batch, and in which steps.
#pragma once

#include "runtime/checkpoint/Checkpoint.h"
#include "runtime/model/Session.h"

namespace nnrt {

/// Runs one block batch by batch. Nothing is allocated once there is room for the batches.
class BlockSteps {
public:
  /// Finds the block's entries.
  BlockSteps(Session &session, const Recipe &recipe, const Recipe::Block &block);

  /// Makes room for batches of any size up to that of `dims`, the model's.
  void reserve(std::span<const int64_t> dims);
  /// Makes room for batches of just this size.
  void reserveExactly(std::span<const int64_t> dims);

  /// Throws Error: the block needs larger dimensions than these. `source` is where they come from,
  /// or empty.
  void requireSizes(std::span<const int64_t> dims, std::string_view source = {}) const {
    session.requireSizes(accumulate == 1 ? step : gradient, dims, source);
  }
  /// Whether the block takes part in the step behind the position.
  bool isDue(const TrainingPosition &at) const { return (at.step + 1) % every == 0; }
  /// Whether a call may go through several steps in a row, each of one batch.
  bool takesPasses() const { return every == 1 && accumulate == 1 && step.takesPasses(); }
  /// Whether it takes the fields of one batch, and so none from tables.
  bool takesFields() const { return (accumulate == 1 ? step : gradient).takesFields(); }
  /// Batch `number` (from 0) of the step behind the position: an update, or its part of one, which
  /// the last batch of the step completes. Where steps take several batches, the gradients are to
  /// be cleared before the first. `call` has dims, the batch and a slot for its losses, from before
  /// the update; with several passes it is the first of as many batches and steps.
  void run(const TrainingPosition &at, uint64_t number, CallArguments call);

private:
  Session &session;
  uint64_t every, accumulate;
  Entry step, gradient, update; ///< step alone, or the other two
};

} // namespace nnrt
