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
  /// `classes` are the names of the numbers that the only output tells apart, where they have any;
  /// they outlive this.
  explicit PredictOutput(const nnrt_model &model, std::span<const std::string> classes = {});

  /// `outputs` has one buffer per output of the model; the example is their row `row`. `dims` are
  /// the values of the model's dimensions.
  void example(std::string_view file, uint64_t index, std::span<const int64_t> dims,
               std::span<const std::byte *const> outputs, uint64_t row);
  void finish();

private:
  void tensor(JsonWriter &json, const nnrt_tensor &type, std::span<const int64_t> dims,
              const std::byte *bytes);

  const nnrt_model &model;
  std::span<const std::string> classes;
  std::string pending;
  /// Whether the only output is a list per example, which may tell classes apart. What is made
  /// from draws alone is a thing of its own, and tells nothing of an input.
  bool hasClass = false;
  bool first = true;
};

} // namespace nnrt
