// The order of examples in an epoch, and batches in that order.
#include "runtime/data/Batches.h"

#include "runtime/support/Philox.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace nnrt {

void shuffledOrder(std::span<uint32_t> order, uint64_t seed, uint64_t epoch) {
  std::iota(order.begin(), order.end(), 0u);
  // The last counter word keeps this stream apart from those of the model, whose last word is the
  // hash of a parameter's path.
  constexpr uint32_t shuffleSite = 0x53485546;
  PhiloxCounter words = {};
  for (size_t i = order.size(), draw = 0; i > 1; --i, ++draw) {
    if (draw % 2 == 0)
      words = philox4x32({uint32_t(draw / 2), uint32_t(epoch), uint32_t(epoch >> 32), shuffleSite},
                         philoxKey(seed));
    size_t pair = draw % 2 * 2;
    uint64_t random = uint64_t(words[pair]) << 32 | words[pair + 1];
    // The high half of a 64-bit product: uniform to within i / 2^64, no division.
    auto other = size_t((unsigned __int128)random * i >> 64);
    std::swap(order[i - 1], order[other]);
  }
}

Batches::Batches(const Split &split, uint64_t mostRows, bool shuffled) : split(split) {
  if (!shuffled)
    return;
  order.resize(split.examples);
  for (const Column &column : split.columns)
    staging.emplace_back(std::min(mostRows, split.examples) * column.rowBytes,
                         "a batch of examples");
}

void Batches::get(uint64_t first, uint64_t count, std::span<void *> rows) {
  for (size_t field = 0; field < split.columns.size(); ++field) {
    const Column &column = split.columns[field];
    const uint64_t each = column.rowBytes;
    if (order.empty()) {
      rows[field] = column.memory.data() + first * each;
      continue;
    }
    std::byte *to = staging[field].data();
    rows[field] = to;
    if (each == 1) {
      for (uint64_t i = 0; i < count; ++i)
        to[i] = column.memory.data()[order[first + i]];
      continue;
    }
    for (uint64_t i = 0; i < count; ++i)
      memcpy(to + i * each, column.memory.data() + order[first + i] * each, each);
  }
}

void Batches::prefetch(uint64_t first, uint64_t count) const {
  if (order.empty())
    return;
  // The processor's own prefetcher follows within a row once its start is near; a batch's starts
  // are random.
  constexpr uint64_t mostBytes = 256, line = 64;
  count = std::min(count, split.examples - std::min(first, split.examples));
  for (const Column &column : split.columns)
    for (uint64_t i = 0; i < count; ++i) {
      const std::byte *row = column.memory.data() + order[first + i] * column.rowBytes;
      for (uint64_t at = 0; at < std::min(column.rowBytes, mostBytes); at += line)
        __builtin_prefetch(row + at, 0, 2);
    }
}

} // namespace nnrt
