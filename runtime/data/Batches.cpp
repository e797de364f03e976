// The order of examples in an epoch, and batches in that order.
#include "runtime/data/Batches.h"

#include "runtime/data/Parts.h"

#include <algorithm>
#include <cstring>

namespace nnrt {

Batches::Batches(const Part &part, Device &device, uint64_t mostRows, std::optional<uint64_t> seed)
    : part(part), device(device), seed(seed) {
  for (const Column &column : part.table->columns) {
    uint64_t bytes = std::min(mostRows, part.examples) * column.rowBytes;
    staging.push_back(device.stage(std::max<uint64_t>(bytes, 1), "a batch of examples"));
    addresses.push_back(staging.back().device);
  }
  if (seed) {
    order.resize(part.examples);
    places.resize(part.rows.empty() ? 0 : part.examples);
  } else
    order = part.rows;
}

void Batches::setEpoch(uint64_t epoch) {
  if (!seed || current == epoch)
    return;
  current = epoch;
  if (part.rows.empty()) {
    shuffledOrder(order, *seed, epoch);
    return;
  }
  shuffledOrder(places, *seed, epoch);
  for (size_t i = 0; i < order.size(); ++i)
    order[i] = part.rows[places[i]];
}

std::span<void *const> Batches::get(uint64_t epoch, uint64_t first, uint64_t count) {
  setEpoch(epoch);
  for (size_t field = 0; field < staging.size(); ++field) {
    const Column &column = part.table->columns[field];
    const uint64_t each = column.rowBytes;
    std::byte *to = staging[field].host;
    const std::byte *from = column.memory.data();
    device.reuse(staging[field]);
    if (order.empty())
      memcpy(to, from + first * each, count * each);
    else if (each == 1)
      for (uint64_t i = 0; i < count; ++i)
        to[i] = from[order[first + i]];
    else
      for (uint64_t i = 0; i < count; ++i)
        memcpy(to + i * each, from + order[first + i] * each, each);
    device.submit(staging[field], count * each);
  }
  return addresses;
}

void Batches::prefetch(uint64_t first, uint64_t count) const {
  if (order.empty())
    return;
  // The processor's own prefetcher follows within a row once its start is near; a batch's starts
  // are random.
  constexpr uint64_t mostBytes = 256, line = 64;
  count = std::min(count, part.examples - std::min(first, part.examples));
  for (const Column &column : part.table->columns)
    for (uint64_t i = 0; i < count; ++i) {
      const std::byte *row = column.memory.data() + order[first + i] * column.rowBytes;
      for (uint64_t at = 0; at < std::min(column.rowBytes, mostBytes); at += line)
        __builtin_prefetch(row + at, 0, 2);
    }
}

} // namespace nnrt
