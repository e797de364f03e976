// A compiled model in this process, with random data and random parameters: a point of its loss.
#pragma once

#include "runtime/include/nnrt/abi.h"

#include <cstdint>
#include <memory>
#include <random>
#include <vector>

namespace nnc::driver {

/// Zeroed memory, aligned as the C ABI of entries asks.
class Arena {
public:
  explicit Arena(uint64_t bytes) : words(bytes / sizeof(Word) + 1) {}
  char *data() { return words.front().bytes; }
  uint64_t size() const { return words.size() * sizeof(Word); }

private:
  struct alignas(64) Word {
    char bytes[64] = {};
  };
  std::vector<Word> words;
};

/// Of a model that makeGradientProgram made. Points of different numbers differ in everything that
/// is random; the same number gives the same point.
class ModelPoint {
public:
  ModelPoint(const nnrt_model &model, unsigned number);

  /// How many elements the tensor has at this point's sizes.
  uint64_t count(const nnrt_tensor &tensor) const;
  /// The elements of the parameter, to be changed at will.
  double *parameter(unsigned index) { return elements(index, parameters); }
  /// The loss at the parameters as they are.
  double loss();
  /// Runs the step that leaves gradients where new parameters would be.
  void computeGradients();
  const double *gradient(unsigned index) { return elements(index, gradients); }

private:
  void fill(const nnrt_port &field, char *data);
  void call(const nnrt_entry &entry, char *parameterData);
  double *elements(unsigned index, Arena &arena) {
    return reinterpret_cast<double *>(arena.data() + model.parameters[index].offset);
  }

  const nnrt_model &model;
  int64_t seed;
  std::mt19937_64 random;
  std::vector<int64_t> dims;
  std::vector<std::unique_ptr<Arena>> fields;
  Arena parameters, gradients, states, workspace{0};
  /// What entries write besides: the loss as f32, and the parts of it in f64.
  float coarseLoss = 0;
  std::vector<float> metrics;
};

} // namespace nnc::driver
