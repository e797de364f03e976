// The order of examples in an epoch, and batches in that order.
#pragma once

#include "runtime/data/Dataset.h"
#include "runtime/device/Device.h"

#include <span>

namespace nnrt {

/// Brings batches of a part to a device. Nothing is allocated after construction.
class Batches {
public:
  /// `mostRows` is the largest batch asked for. Without `seed`, examples come in the order of the
  /// file; with one, each epoch has an order of its own.
  Batches(const Part &part, Device &device, uint64_t mostRows, std::optional<uint64_t> seed);

  /// One address per field: the rows of examples [first, first + count) of the epoch's order,
  /// contiguous. They stay valid until the next call.
  std::span<void *const> get(uint64_t epoch, uint64_t first, uint64_t count);

  /// Asks the processor to fetch the rows of a batch to come of the epoch that get() was last asked
  /// for, so that they are near when get() copies them.
  void prefetch(uint64_t first, uint64_t count) const;

  uint64_t examples() const { return part.examples; }

private:
  void setEpoch(uint64_t epoch);

  const Part &part;
  Device &device;
  std::optional<uint64_t> seed;
  std::optional<uint64_t> current; ///< the epoch that `order` is of
  std::vector<uint32_t> order;     ///< rows of the table; empty: as they are
  std::vector<uint32_t> places;    ///< of the part, shuffled
  std::vector<Staging> staging;    ///< per field
  std::vector<void *> addresses;
};

} // namespace nnrt
