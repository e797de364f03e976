// Parts whose tables lie on a device as they are: of an epoch, only its order is brought.
#include "runtime/data/KeptPart.h"

#include "runtime/data/Parts.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace nnrt {

void Stretch::handTo(CallArguments &call) const {
  call.passes = batches;
  call.fields = fields;
  call.order = order;
  call.place = place;
  call.rows = rows;
}

//===-- Orders -------------------------------------------------------------------------------===//

EpochOrders::EpochOrders(const Part &part, std::optional<uint64_t> seed) : part(part), seed(seed) {
  if (seed && !part.rows.empty())
    places.resize(part.examples);
}

void EpochOrders::fill(uint64_t epoch, std::span<uint32_t> rows) {
  if (!seed) {
    if (part.rows.empty())
      std::iota(rows.begin(), rows.end(), 0u);
    else
      std::copy(part.rows.begin(), part.rows.end(), rows.begin());
  } else if (part.rows.empty()) {
    shuffledOrder(rows, *seed, epoch);
  } else {
    shuffledOrder(places, *seed, epoch);
    for (size_t i = 0; i < rows.size(); ++i)
      rows[i] = part.rows[places[i]];
  }
}

Buffer bringOrder(Device &device, std::span<const uint32_t> rows) {
  Buffer order = device.allocate(rows.size_bytes(), "the order of examples");
  device.upload(order.at(), std::as_bytes(rows));
  return order;
}

//===-- Tables -------------------------------------------------------------------------------===//

std::span<void *const> KeptTables::find(const std::shared_ptr<const Table> &table) {
  for (const Kept &each : kept)
    if (each.table == table)
      return each.fields;
  kept.push_back({table, {}, {}});
  Kept &made = kept.back();
  constexpr uint64_t alignment = 64;
  std::vector<uint64_t> offsets;
  uint64_t bytes = 0;
  for (const Column &column : table->columns) {
    offsets.push_back(bytes);
    bytes += (table->examples * column.rowBytes + alignment - 1) / alignment * alignment;
  }
  // Entries number rows by i32.
  if (!bytes || table->examples > uint64_t(std::numeric_limits<int32_t>::max()))
    return {};
  made.memory = device.keep(bytes, "the examples");
  if (!made.memory)
    return {};
  for (size_t field = 0; field < offsets.size(); ++field) {
    const Column &column = table->columns[field];
    made.fields.push_back(made.memory.at(offsets[field]));
    auto *to = static_cast<std::byte *>(made.fields.back());
    column.forEachPiece(table->examples, [&](uint64_t first, std::span<const std::byte> rows) {
      device.upload(to + first * column.rowBytes, rows);
    });
  }
  return made.fields;
}

//===-- Parts --------------------------------------------------------------------------------===//

KeptPart::KeptPart(const Part &part, Device &device, std::span<void *const> addresses,
                   std::optional<uint64_t> seed)
    : part(part), device(device), tables(addresses.begin(), addresses.end()),
      epochOrders(part, seed) {
  if (seed) {
    for (Order &order : orders)
      order.staging = device.stage(part.examples * sizeof(uint32_t), "the order of examples");
    return;
  }
  std::vector<uint32_t> rows(part.examples);
  epochOrders.fill(0, rows);
  fixedOrder = bringOrder(device, rows);
}

KeptPart::Order *KeptPart::find(uint64_t epoch) {
  auto found = std::find_if(orders.begin(), orders.end(),
                            [&](const Order &order) { return order.epoch == epoch; });
  return found == orders.end() ? nullptr : &*found;
}

KeptPart::Order &KeptPart::bring(uint64_t epoch) {
  filled = oldest();
  Order &order = orders[filled];
  order.epoch.reset(); // until it is there
  device.reuse(order.staging);
  epochOrders.fill(epoch,
                   std::span(reinterpret_cast<uint32_t *>(order.staging.host), part.examples));
  device.submit(order.staging, order.staging.bytes);
  order.epoch = epoch;
  return order;
}

Stretch KeptPart::get(uint64_t epoch, uint64_t first, uint64_t count, uint64_t most) {
  Stretch result = {.batches = std::clamp<uint64_t>((part.examples - first) / count, 1, most),
                    .fields = tables,
                    .order = fixedOrder.at(),
                    .place = first,
                    .rows = part.table->examples};
  if (!epochOrders.isShuffled())
    return result;
  Order *order = find(epoch);
  if (used && used != order)
    device.release(used->staging);
  used = order ? order : &bring(epoch);
  result.order = used->staging.device;
  return result;
}

void KeptPart::expect(uint64_t epoch) {
  if (epochOrders.isShuffled() && !find(epoch) && &orders[oldest()] != used)
    bring(epoch);
}

} // namespace nnrt
