// The columns of a table: all rows of each, in memory or in a file.
#include "runtime/data/Column.h"

#include "runtime/support/Errors.h"
#include "runtime/support/MemoryLimit.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <utility>

namespace nnrt {

void Column::read(uint64_t first, uint64_t count, std::byte *out) const {
  const uint64_t bytes = count * rowBytes;
  if (file)
    file->read(first * rowBytes, {out, bytes});
  else if (bytes)
    memcpy(out, memory.data() + first * rowBytes, bytes);
}

void Column::write(uint64_t first, std::span<const std::byte> rows) {
  if (file)
    file->write(first * rowBytes, rows);
  else if (!rows.empty())
    memcpy(memory.data() + first * rowBytes, rows.data(), rows.size());
}

void Column::forEachPiece(
    uint64_t examples,
    const std::function<void(uint64_t first, std::span<const std::byte>)> &take) const {
  if (!file)
    return take(0, {memory.data(), examples * rowBytes});
  constexpr uint64_t pieceBytes = 1 << 20;
  const uint64_t most = std::max<uint64_t>(1, pieceBytes / rowBytes);
  std::vector<std::byte> piece(std::min(most, examples) * rowBytes);
  for (uint64_t first = 0; first < examples; first += most) {
    const uint64_t count = std::min(most, examples - first);
    read(first, count, piece.data());
    take(first, std::span(piece).first(count * rowBytes));
  }
}

static uint64_t bytesOf(const ColumnNeed &need) {
  uint64_t bytes = 0;
  if (__builtin_mul_overflow(need.rowBytes, need.examples, &bytes))
    throw errors::outOfMemory(UINT64_MAX, cat("'", need.name, "'"));
  return bytes;
}

/// Which columns memory has no place for: the largest, so that the fewest are read from files.
static std::vector<bool> chooseFiles(std::span<const ColumnNeed> needs, uint64_t room) {
  std::vector<std::pair<uint64_t, size_t>> order;
  for (size_t i = 0; i < needs.size(); ++i)
    order.emplace_back(bytesOf(needs[i]), i);
  std::sort(order.begin(), order.end());
  std::vector<bool> isInFile(needs.size());
  for (auto [bytes, column] : order) {
    isInFile[column] = bytes > room;
    room = isInFile[column] ? 0 : room - bytes;
  }
  return isInFile;
}

static std::unique_ptr<RowFile> fileFor(const ColumnNeed &need) {
  if (need.place)
    return std::make_unique<RowFile>(*need.place);
  return std::make_unique<RowFile>(RowFile::temporary(bytesOf(need), cat("'", need.name, "'")));
}

/// Says once what training will be slower for.
static void report(std::span<const ColumnNeed> needs, std::span<const Column> columns,
                   uint64_t room, std::string_view what) {
  uint64_t bytes = 0;
  std::string list;
  for (size_t i = 0; i < needs.size(); ++i) {
    if (__builtin_add_overflow(bytes, bytesOf(needs[i]), &bytes))
      bytes = UINT64_MAX;
    if (const RowFile *file = columns[i].file.get())
      list += cat(list.empty() ? "" : ", ", "'", needs[i].name, "' from ",
                  file->isTemporary() ? "a temporary file in " : "", file->path());
  }
  if (!list.empty())
    fprintf(stderr, "note: %.*s takes %s where %s of memory may be taken; read as needed: %s\n",
            int(what.size()), what.data(), byteCount(bytes).c_str(), byteCount(room).c_str(),
            list.c_str());
}

std::vector<Column> makeColumns(std::span<const ColumnNeed> needs, std::string_view what) {
  const uint64_t room = availableMemory() / 2;
  const std::vector<bool> isInFile = chooseFiles(needs, room);
  std::vector<Column> columns;
  for (size_t i = 0; i < needs.size(); ++i) {
    Column column;
    column.rowBytes = needs[i].rowBytes;
    std::optional<Memory> memory;
    if (!isInFile[i])
      memory = Memory::ifThereIs(bytesOf(needs[i]));
    if (memory)
      column.memory = std::move(*memory);
    else
      column.file = fileFor(needs[i]);
    columns.push_back(std::move(column));
  }
  report(needs, columns, room, what);
  return columns;
}

} // namespace nnrt
