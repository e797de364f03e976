// What a model of texts says to come next, and a draw from it.
#pragma once

#include "runtime/model/Session.h"
#include "runtime/support/Memory.h"

#include <cstdint>
#include <span>
#include <vector>

namespace nnrt {

/// Runs a model from numbers of units, i32[batch, time], to their logits: float[batch, time, units]
/// of what follows each, or float[batch, units] of what follows all of them.
class NextUnit {
public:
  /// Throws Error: the model is none of these, or doesn't have a logit for each of the `units`.
  NextUnit(Session &session, size_t units);

  /// How many units the model sees at a time: what stands before them doesn't matter.
  size_t context() const { return mostSeen; }

  /// Draws what follows, with probabilities softmax(logits / temperature); 0 takes the largest.
  /// The draw depends on the seed and its number alone. Throws Error: the logits are no numbers,
  /// the model looks ahead, or it wants more units than there are.
  int32_t draw(std::span<const int32_t> before, double temperature, uint64_t seed, uint64_t number);

private:
  void checkModel(size_t units) const;
  void run(std::span<const int32_t> seen, int32_t padding);
  void readLogits(size_t position, std::span<double> out);
  void requireCausal(std::span<const int32_t> seen);

  Session &session;
  const nnrt_port &input;
  const nnrt_tensor &output;
  Entry predict;
  std::vector<int64_t> dims;
  size_t mostSeen = 0;
  bool hasPositions; ///< whether each of them has logits
  bool isChecked = false;
  Staging tokens;
  Buffer result;
  Memory results;
  std::vector<double> logits;
};

} // namespace nnrt
