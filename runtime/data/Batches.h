// The order of examples in an epoch, and batches in that order.
#pragma once

#include "runtime/data/KeptPart.h"

namespace nnrt {

/// Brings batches of a part to a device, as many of them ahead as the device says. What is still
/// there is not brought again. Nothing is allocated after construction.
class Batches {
public:
  /// `mostRows` is the largest batch asked for. Without `seed`, examples come in the order of the
  /// file; with one, each epoch has an order of its own. With `tables`, those who take the batches
  /// find them in tables: in the part's own, where the device keeps it, or in a block.
  Batches(const Part &part, Device &device, uint64_t mostRows, std::optional<uint64_t> seed,
          KeptTables *tables = nullptr);

  /// The examples [first, first + count) of the epoch's order, and as many batches behind them, up
  /// to `most` in all, as are as large and at hand. They stay valid until the next call. In a batch
  /// by itself, each field begins at a multiple of 64 and is contiguous.
  Stretch get(uint64_t epoch, uint64_t first, uint64_t count, uint64_t most = 1);

  /// Says that the batch which begins there is the next: it may be brought now. A device that works
  /// by itself is best given its work before. A processor is asked to fetch the rows, so that they
  /// are near when get() copies them.
  void expect(uint64_t epoch, uint64_t first);

  uint64_t examples() const { return part.examples; }

private:
  /// Batches of one epoch, one after the other.
  struct Block {
    std::vector<Staging> fields;
    uint64_t epoch = 0, first = 0, rows = 0; ///< examples [first, first + rows) of its order
  };
  void setEpoch(uint64_t epoch);
  uint64_t bytesOf(size_t field, uint64_t rows) const;
  template <typename Take> void forEachRun(uint64_t first, uint64_t count, const Take &take) const;
  void copyRows(size_t field, uint64_t first, uint64_t count, std::byte *to) const;
  void prefetch(uint64_t first, uint64_t count) const;
  Block *find(uint64_t epoch, uint64_t first, uint64_t count);
  size_t oldest() const { return (filled + 1) % blocks.size(); }
  Block &bring(uint64_t epoch, uint64_t first, uint64_t count);

  const Part &part;
  Device &device;
  uint64_t mostRows, rowsOfBlock = 0; ///< examples of a batch and of a block
  std::optional<uint64_t> seed;
  std::optional<uint64_t> current; ///< the epoch that `order` is of
  EpochOrders epochOrders;
  std::vector<uint32_t> order;   ///< rows of the table; empty: as they are
  std::vector<uint64_t> strides; ///< bytes from batch to batch, per field
  std::vector<Block> blocks;     ///< filled in turn
  size_t filled = 0;             ///< the block that was filled last
  Block *used = nullptr;         ///< the one that get() gave addresses of
  std::vector<void *> addresses;
  Buffer rowsOfTable;           ///< the order in a block that is a table; else none
  std::optional<KeptPart> kept; ///< in place of blocks
};

} // namespace nnrt
