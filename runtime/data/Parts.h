// How the rows of a data set are divided into parts.
#pragma once

#include "runtime/model/Recipe.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace nnrt {

/// What an order is drawn for: each has random numbers of its own.
enum class Shuffle : uint32_t { Epochs = 0x53485546, Splits = 0x53504c54, Valid = 0x56414c44 };

/// Fills `order` with a permutation of 0 .. order.size()-1 that depends on the purpose, the seed
/// and the epoch alone.
void shuffledOrder(std::span<uint32_t> order, uint64_t seed, uint64_t epoch,
                   Shuffle purpose = Shuffle::Epochs);

/// The rows of a part, in the order of the file.
struct PartRows {
  std::string name;
  std::vector<uint32_t> rows;
};

/// Divides the rows of a source: by shares, each boundary at the nearest example, in order or from
/// a shuffled order; then the validation part comes out of the training part, from its end or
/// shuffled. Throws Error: a part without examples.
std::vector<PartRows> divide(const DataDescription &data, const std::string &part,
                             uint32_t examples);

} // namespace nnrt
