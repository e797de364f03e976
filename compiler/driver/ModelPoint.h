// A compiled model in this process, with random data and random parameters: a point of its loss.
#pragma once

#include "runtime/include/nnrt/abi.h"

#include "llvm/ADT/StringRef.h"

#include <array>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace nnc::driver {

/// Zeroed memory, aligned as the C ABI of entries asks.
class Arena {
public:
  explicit Arena(uint64_t bytes = 0) : words(bytes / sizeof(Word) + 1) {}
  char *data() { return words.front().bytes; }
  uint64_t size() const { return words.size() * sizeof(Word); }

private:
  struct alignas(64) Word {
    char bytes[64] = {};
  };
  std::vector<Word> words;
};

/// What compiled code is asked for beside the model's own tensors.
struct PointOptions {
  int64_t batch = 1;
  /// The recipe's numbers, in order.
  std::vector<double> numbers;
};

/// Of a model that makeGradientProgram made. Points of different numbers differ in everything that
/// is random; the same number gives the same point. What the model itself draws is the same at
/// every call: the seed and the number of the draw are.
class ModelPoint {
public:
  ModelPoint(const nnrt_model &model, unsigned number, const PointOptions &options);

  /// How many elements the tensor has at this point's sizes.
  uint64_t count(const nnrt_tensor &tensor) const;
  /// The elements of the parameter, to be changed at will.
  double *parameter(unsigned index) { return elements(NNRT_PARAMETERS, index); }
  /// The sum of a block's losses at the parameters as they are; `pass` is the block's number.
  double loss(unsigned pass);
  /// Computes the gradients of a block ("" where it has no name).
  void computeGradients(llvm::StringRef block);
  const double *gradient(unsigned index) { return elements(NNRT_GRADIENTS, index); }

private:
  void fill(const nnrt_port &field, char *data);
  /// The entry of that name for this point's sizes, or for any.
  const nnrt_entry &find(llvm::StringRef name) const;
  void call(const nnrt_entry &entry);
  int64_t scalar(const nnrt_binding &binding) const;
  void *buffer(const nnrt_binding &binding);
  double *elements(nnrt_arena arena, unsigned index) {
    return reinterpret_cast<double *>(arenas[arena].data() +
                                      model.arenas[arena].tensors[index].offset);
  }

  const nnrt_model &model;
  PointOptions options;
  int64_t seed;
  std::mt19937_64 random;
  std::vector<int64_t> dims;
  std::array<Arena, NNRT_NUM_ARENAS> arenas;
  /// Of a call of a gradient: that the states of layers stay.
  Arena states;
  std::vector<Arena> fields;
  Arena workspace;
  /// What entries write besides; one each, and room for what nobody reads.
  std::vector<double> partials, losses;
};

} // namespace nnc::driver
