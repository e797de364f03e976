// The order of examples in an epoch, and batches in that order.
#pragma once

#include "runtime/data/Dataset.h"

#include <span>

namespace nnrt {

/// Fills `order` with a permutation of 0 .. order.size()-1 that depends on the seed and the epoch
/// alone.
void shuffledOrder(std::span<uint32_t> order, uint64_t seed, uint64_t epoch);

/// Gives the memory of a batch: rows of the split itself in file order, copies of rows in another
/// order. Nothing is allocated after construction.
class Batches {
public:
  /// `mostRows` is the largest batch asked for; `shuffled` whether an order is going to be set.
  Batches(const Split &split, uint64_t mostRows, bool shuffled);

  void shuffle(uint64_t seed, uint64_t epoch) { shuffledOrder(order, seed, epoch); }

  /// Writes one pointer per field: the rows of examples [first, first + count) of the order,
  /// contiguous. They stay valid until the next call.
  void get(uint64_t first, uint64_t count, std::span<void *> rows);

  /// Asks the processor to fetch the rows of a batch to come, so that they are near when get()
  /// copies them.
  void prefetch(uint64_t first, uint64_t count) const;

  uint64_t examples() const { return split.examples; }

private:
  const Split &split;
  std::vector<uint32_t> order; ///< empty: file order
  std::vector<Memory> staging; ///< per field
};

} // namespace nnrt
