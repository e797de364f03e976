// What a model of texts says to come next, and a draw from it.
#pragma once

#include "runtime/model/Session.h"
#include "runtime/support/Memory.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nnrt {

/// Runs a model from numbers of units, i32[batch, time], to their logits: float[batch, time, units]
/// of what follows each, or float[batch, units] of what follows all of them.
///
/// It sees the units since the last time that as many were there as training saw at once: then the
/// older half of them is forgotten.
class NextUnit {
public:
  /// `unit` is what one is called. Throws Error: the model is none of these, or doesn't have a
  /// logit for each of the `units`, or looks ahead.
  NextUnit(Session &session, size_t units, std::string_view unit);

  /// Says that this unit comes next.
  void take(int32_t unit);
  /// Draws what follows, with probabilities softmax(logits / temperature); 0 takes the largest.
  /// The draw depends on the seed and its number alone. Throws Error: the logits are no numbers, or
  /// the model wants more units than there are.
  int32_t draw(double temperature, uint64_t seed, uint64_t number);

private:
  void checkModel() const;
  bool hasPositions() const { return output.rank == 3; }
  /// Brings units to the device, and the logits back.
  void call(Entry &entry, std::span<const int32_t> units, uint64_t place);
  /// Those of `count` positions, one behind the other.
  std::vector<double> logitsOf(size_t position, size_t count) const;
  /// The logits behind what is seen: by `next`, which keeps what it needs of the units before.
  std::vector<double> fromNext();
  /// By `predict`, from all that is seen; behind it there is padding.
  std::vector<double> fromPredict();
  // Before the first draw: whether the model looks back only, and `next` says what `predict` does.
  void check();
  std::vector<int32_t> anyWindow() const;
  std::vector<double> allLogits(std::span<const int32_t> window);
  void requireCausal(std::span<const int32_t> window, std::span<const double> logits);
  bool isNextRight(std::span<const int32_t> window, std::span<const double> logits);

  Session &session;
  const nnrt_port &input;
  const nnrt_tensor &output;
  size_t units, mostSeen = 0;
  std::string unit;
  Entry predict, next;
  bool hasNext;
  std::vector<int64_t> dims;
  std::vector<int32_t> seen;
  size_t taken = 0; ///< of them, those that `next` has been given
  Staging tokens;
  Buffer result;
  Memory results;
};

} // namespace nnrt
