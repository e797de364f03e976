// The order of examples in an epoch, and batches in that order.
#include "runtime/data/Batches.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace nnrt {

/// At a multiple of this a batch begins: kernels take several elements at once from there.
static constexpr uint64_t alignment = 64;

Batches::Batches(const Part &part, Device &device, uint64_t largest, std::optional<uint64_t> seed,
                 KeptTables *tables)
    : part(part), device(device), mostRows(std::min(largest, part.examples)), seed(seed),
      epochOrders(part, seed) {
  if (tables)
    if (std::span<void *const> found = tables->find(part.table); !found.empty()) {
      kept.emplace(part, device, found, seed);
      return;
    }
  // In a table there is no room between batches.
  const uint64_t step = tables ? 1 : alignment;
  uint64_t batchBytes = 0;
  for (const Column &column : part.table->columns) {
    const uint64_t bytes = mostRows * column.rowBytes;
    strides.push_back((bytes + step - 1) / step * step);
    batchBytes += strides.back();
  }
  const Ahead ahead = device.ahead();
  const uint64_t batches = (part.examples + mostRows - 1) / mostRows;
  const uint64_t fitting = ahead.blockBytes / std::max<uint64_t>(batchBytes, 1);
  const uint64_t least = std::min<uint64_t>(tables ? ahead.leastBatches : 1, batches);
  const uint64_t perBlock = std::clamp<uint64_t>(fitting, least, batches);
  rowsOfBlock = std::min(perBlock * mostRows, part.examples);
  // Of large ones no more than it takes to fill one while the device reads the other.
  const uint64_t most = fitting ? ahead.blocks : std::min(ahead.blocks, 2u);
  // Where there is an order for each epoch, the next one begins in a block of its own.
  const uint64_t wanted = (batches + perBlock - 1) / perBlock + (seed ? 1 : 0);
  blocks.resize(std::min(wanted, most));
  for (Block &block : blocks)
    for (size_t field = 0; field < strides.size(); ++field) {
      const uint64_t bytes = bytesOf(field, rowsOfBlock);
      block.fields.push_back(device.stage(std::max<uint64_t>(bytes, 1), "a batch of examples"));
    }
  addresses.resize(strides.size());
  if (seed)
    order.resize(part.examples);
  else
    order = part.rows;
  if (tables) {
    std::vector<uint32_t> rows(rowsOfBlock);
    std::iota(rows.begin(), rows.end(), 0u);
    rowsOfTable = bringOrder(device, rows);
  }
}

/// The bytes of a field in a block of so many rows.
uint64_t Batches::bytesOf(size_t field, uint64_t rows) const {
  const uint64_t before = (rows - 1) / mostRows; // batches before the last one
  return before * strides[field] + (rows - before * mostRows) * part.table->columns[field].rowBytes;
}

//===-- Orders -------------------------------------------------------------------------------===//

void Batches::setEpoch(uint64_t epoch) {
  if (!seed || current == epoch)
    return;
  current = epoch;
  epochOrders.fill(epoch, order);
}

/// Calls `take` for places [first, first + count) of the order, with as many rows at a time as lie
/// one behind the other: the first row, its place, how many.
template <typename Take>
void Batches::forEachRun(uint64_t first, uint64_t count, const Take &take) const {
  if (order.empty())
    return take(first, first, count);
  for (uint64_t place = first, end = first + count; place < end;) {
    uint64_t rows = 1;
    while (place + rows < end && order[place + rows] == order[place] + rows)
      ++rows;
    take(order[place], place, rows);
    place += rows;
  }
}

void Batches::copyRows(size_t field, uint64_t first, uint64_t count, std::byte *to) const {
  const Column &column = part.table->columns[field];
  const uint64_t each = column.rowBytes;
  if (column.file) {
    forEachRun(first, count, [&](uint64_t row, uint64_t place, uint64_t rows) {
      column.read(row, rows, to + (place - first) * each);
    });
    return;
  }
  const std::byte *from = column.memory.data();
  if (order.empty())
    memcpy(to, from + first * each, count * each);
  else if (each == 1)
    for (uint64_t i = 0; i < count; ++i)
      to[i] = from[order[first + i]];
  else
    for (uint64_t i = 0; i < count; ++i)
      memcpy(to + i * each, from + order[first + i] * each, each);
}

/// Asks for the rows of a batch of the epoch that `order` is of: the processor where they are in
/// memory, the system where they are in a file.
void Batches::prefetch(uint64_t first, uint64_t count) const {
  // The processor's own prefetcher follows within a row once its start is near; a batch's starts
  // are random.
  constexpr uint64_t mostBytes = 256, line = 64;
  count = std::min(count, part.examples - std::min(first, part.examples));
  for (const Column &column : part.table->columns) {
    if (column.file)
      forEachRun(first, count, [&](uint64_t row, uint64_t, uint64_t rows) {
        column.file->expect(row * column.rowBytes, rows * column.rowBytes);
      });
    if (column.file || order.empty())
      continue;
    for (uint64_t i = 0; i < count; ++i) {
      const std::byte *row = column.memory.data() + order[first + i] * column.rowBytes;
      for (uint64_t at = 0; at < std::min(column.rowBytes, mostBytes); at += line)
        __builtin_prefetch(row + at, 0, 2);
    }
  }
}

//===-- Blocks -------------------------------------------------------------------------------===//

Batches::Block *Batches::find(uint64_t epoch, uint64_t first, uint64_t count) {
  for (Block &block : blocks)
    if (block.epoch == epoch && first >= block.first && (first - block.first) % mostRows == 0 &&
        first + count <= block.first + block.rows)
      return &block;
  return nullptr;
}

/// Fills the oldest block with a batch and, where it is a whole one, with those behind it.
Batches::Block &Batches::bring(uint64_t epoch, uint64_t first, uint64_t count) {
  setEpoch(epoch);
  const size_t next = oldest();
  Block &block = blocks[next];
  for (const Staging &staging : block.fields)
    device.reuse(staging);
  block.rows = 0; // until they are there
  const uint64_t rows = count < mostRows ? count : std::min(rowsOfBlock, part.examples - first);
  for (uint64_t done = 0; done < rows; done += mostRows) {
    if (done + mostRows < rows)
      prefetch(first + done + mostRows, mostRows);
    for (size_t field = 0; field < strides.size(); ++field)
      copyRows(field, first + done, std::min(mostRows, rows - done),
               block.fields[field].host + done / mostRows * strides[field]);
  }
  for (size_t field = 0; field < strides.size(); ++field)
    device.submit(block.fields[field], bytesOf(field, rows));
  block.epoch = epoch;
  block.first = first;
  block.rows = rows;
  filled = next;
  return block;
}

Stretch Batches::get(uint64_t epoch, uint64_t first, uint64_t count, uint64_t most) {
  if (kept)
    return kept->get(epoch, first, count, most);
  if (!seed)
    epoch = 0; // they are all the same
  Block *block = find(epoch, first, count);
  if (used && used != block)
    for (const Staging &staging : used->fields)
      device.release(staging);
  if (!block)
    block = &bring(epoch, first, count);
  used = block;
  const uint64_t place = first - block->first;
  const uint64_t before = rowsOfTable ? 0 : place / mostRows; // batches that are left out
  for (size_t field = 0; field < strides.size(); ++field)
    addresses[field] =
        static_cast<std::byte *>(block->fields[field].device) + before * strides[field];
  if (!rowsOfTable)
    return {.fields = addresses};
  return {.batches = std::clamp<uint64_t>((block->rows - place) / count, 1, most),
          .fields = addresses,
          .order = rowsOfTable.at(),
          .place = place,
          .rows = block->rows};
}

void Batches::expect(uint64_t epoch, uint64_t first) {
  if (kept)
    return kept->expect(epoch);
  if (!seed)
    epoch = 0;
  const uint64_t count = std::min(mostRows, part.examples - std::min(first, part.examples));
  if (!count || find(epoch, first, count))
    return;
  if (blocks.size() == 1 && (!seed || current == epoch))
    prefetch(first, count);
  else if (&blocks[oldest()] != used)
    bring(epoch, first, count);
}

} // namespace nnrt
