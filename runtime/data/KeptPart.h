// Parts whose tables lie on a device as they are: of an epoch, only its order is brought.
#pragma once

#include "runtime/data/Dataset.h"
#include "runtime/device/Device.h"
#include "runtime/model/Session.h"

#include <array>
#include <optional>
#include <span>
#include <vector>

namespace nnrt {

/// Batches of the same size, one after the other: what a call is handed of them.
struct Stretch {
  uint64_t batches = 1;
  // -Wextra wants the initializer where a use leaves the field out.
  // NOLINTNEXTLINE(readability-redundant-member-init)
  std::span<void *const> fields = {}; ///< an address per field: of the batch; with an order, tables
  void *order = nullptr;              ///< i32, rows of the tables; null: there is but one batch
  uint64_t place = 0;                 ///< of the first batch in the order
  uint64_t rows = 0;                  ///< of the tables

  void handTo(CallArguments &call) const;
};

/// The order of a part's examples in each epoch.
class EpochOrders {
public:
  /// Without `seed`, they come in the order of the file in all epochs.
  EpochOrders(const Part &part, std::optional<uint64_t> seed);
  /// The rows of its table, as many as the part has. Nothing is allocated.
  void fill(uint64_t epoch, std::span<uint32_t> rows);
  bool isShuffled() const { return seed.has_value(); }

private:
  const Part &part;
  std::optional<uint64_t> seed;
  std::vector<uint32_t> places; ///< of the part, shuffled; empty where these are the rows
};

/// The tables that a device keeps, each once, however many parts lie in it.
class KeptTables {
public:
  explicit KeptTables(Device &device) : device(device) {}
  /// An address per field, a multiple of 64; none where the device doesn't keep the table.
  std::span<void *const> find(const std::shared_ptr<const Table> &table);

private:
  struct Kept {
    std::shared_ptr<const Table> table;
    Buffer memory;
    std::vector<void *> fields;
  };
  Device &device;
  std::vector<Kept> kept;
};

/// Brings rows to the device that are to stay there.
Buffer bringOrder(Device &device, std::span<const uint32_t> rows);

/// Brings the orders of a part whose tables are kept. Nothing is allocated after construction.
class KeptPart {
public:
  KeptPart(const Part &part, Device &device, std::span<void *const> tables,
           std::optional<uint64_t> seed);

  /// As of Batches, and expect() too.
  Stretch get(uint64_t epoch, uint64_t first, uint64_t count, uint64_t most);
  void expect(uint64_t epoch);

private:
  struct Order {
    Staging staging;
    std::optional<uint64_t> epoch;
  };
  Order *find(uint64_t epoch);
  size_t oldest() const { return (filled + 1) % orders.size(); }
  Order &bring(uint64_t epoch);

  const Part &part;
  Device &device;
  std::vector<void *> tables;
  EpochOrders epochOrders;
  Buffer fixedOrder;           ///< where that of all epochs is the same
  std::array<Order, 2> orders; ///< filled in turn, where it isn't
  size_t filled = 0;           ///< the one that was filled last
  Order *used = nullptr;       ///< the one that get() gave the address of
};

} // namespace nnrt
