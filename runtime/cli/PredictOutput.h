// The JSON that `predict` prints.
#pragma once

#include "runtime/support/Json.h"

#include "nnrt/abi.h"

#include <span>
#include <string>

namespace nnrt {

/// Prints an array with one object per example, each on a line of its own, as the results come.
class PredictOutput {
public:
  PredictOutput(const nnrt_model &model, std::span<const int64_t> dims);

  /// `outputs` has one buffer per output of the model; the example is their row `row`.
  void example(std::string_view file, uint64_t index, std::span<void *const> outputs, uint64_t row);
  void finish();

private:
  void tensor(JsonWriter &json, const nnrt_tensor &type, const std::byte *bytes);

  const nnrt_model &model;
  std::span<const int64_t> dims;
  std::string pending;
  int classOutput = -1; ///< the one output that is a list per example
  bool first = true;
};

} // namespace nnrt
