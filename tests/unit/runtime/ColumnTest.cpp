// Columns that lie in files: chosen where memory does not hold them, read as those in memory are.
#include "runtime/data/Column.h"
#include "runtime/data/Batches.h"
#include "runtime/device/Device.h"
#include "runtime/support/MemoryLimit.h"
#include "tests/unit/runtime/Support.h"
#include "tests/unit/runtime/ToyModel.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <gtest/gtest.h>
#include <unistd.h>

using namespace nnrt;
using namespace nnrt::test;

static std::span<const std::byte> bytesOf(std::string_view text) {
  return std::as_bytes(std::span(text));
}

TEST(RowFile, ReadsFromAPlaceOn) {
  TempFolder folder;
  writeFile(folder / "rows", "headerabcdef");
  RowFile file({folder / "rows", 6});
  std::string found(3, ' ');
  file.read(2, std::as_writable_bytes(std::span(found)));
  EXPECT_EQ(found, "cde");
  EXPECT_FALSE(file.isTemporary());
  file.expect(0, 6);
  file.expect(100, 6); // nothing there: no matter
}

TEST(RowFile, SaysThatItsFileWasCutShort) {
  TempFolder folder;
  writeFile(folder / "rows", "headerabcdef");
  RowFile file({folder / "rows", 6});
  ASSERT_EQ(truncate((folder / "rows").c_str(), 8), 0);
  std::string found(3, ' ');
  std::string error = errorOf([&] { file.read(1, std::as_writable_bytes(std::span(found))); });
  EXPECT_HAS(error, "rows: ends at byte 8 now, expected at least 10 bytes");
}

TEST(RowFile, ATemporaryOneHasNoName) {
  TempFolder folder;
  setenv("TMPDIR", folder.path().c_str(), 1);
  RowFile file = RowFile::temporary(6, "'x'");
  EXPECT_TRUE(file.isTemporary());
  EXPECT_TRUE(folder.files().empty());
  file.write(2, bytesOf("abc"));
  std::string found(6, ' ');
  file.read(0, std::as_writable_bytes(std::span(found)));
  EXPECT_EQ(found, std::string("\0\0abc\0", 6));
  EXPECT_HAS(errorOf([] { (void)RowFile::temporary(1ull << 60, "'x'"); }),
             "not enough memory, nor room in " + folder.path());
  setenv("TMPDIR", (folder / "none").c_str(), 1);
  EXPECT_HAS(errorOf([] { (void)RowFile::temporary(6, "'x'"); }), "cannot write a temporary file");
  unsetenv("TMPDIR");
}

TEST(Column, TheLargestLieInFiles) {
  TempFolder folder;
  writeFile(folder / "rows", "abcdef");
  // No machine holds so many rows; no more than the first are read.
  const std::vector<ColumnNeed> needs = {{"x", 3, 1ull << 58, FilePlace{folder / "rows", 0}},
                                         {"y", 3, 2, FilePlace{folder / "rows", 0}}};
  testing::internal::CaptureStderr();
  std::vector<Column> columns = makeColumns(needs, "the data");
  const std::string note = testing::internal::GetCapturedStderr();
  EXPECT_HAS(note, "note: the data takes ");
  EXPECT_HAS(note, "read as needed: 'x' from " + (folder / "rows") + "\n");
  ASSERT_TRUE(columns[0].file);
  EXPECT_FALSE(columns[1].file);
  std::string found(3, ' ');
  columns[0].read(1, 1, reinterpret_cast<std::byte *>(found.data()));
  EXPECT_EQ(found, "def");
}

TEST(Column, MoreThanAnyFileHolds) {
  const std::vector<ColumnNeed> needs = {{"x", 16, 1ull << 61, {}}};
  EXPECT_HAS(errorOf([&] { (void)makeColumns(needs, "the data"); }), "not enough memory: ");
}

TEST(Column, PiecesAreAllRowsInOrder) {
  constexpr uint64_t rows = 300'000, rowBytes = 7; // more than one piece
  Column column;
  column.rowBytes = rowBytes;
  column.file = std::make_unique<RowFile>(RowFile::temporary(rows * rowBytes, "'x'"));
  std::vector<std::byte> all(rows * rowBytes);
  for (size_t i = 0; i < all.size(); ++i)
    all[i] = std::byte(i % 251);
  column.write(0, all);
  std::vector<std::byte> found;
  int pieces = 0;
  column.forEachPiece(rows, [&](uint64_t first, std::span<const std::byte> piece) {
    EXPECT_EQ(first * rowBytes, found.size());
    EXPECT_EQ(piece.size() % rowBytes, 0u);
    found.insert(found.end(), piece.begin(), piece.end());
    ++pieces;
  });
  EXPECT_EQ(found, all);
  EXPECT_GT(pieces, 1);
}

/// The same part with its rows in temporary files.
static Part inFiles(const Part &part) {
  Table table;
  table.examples = part.table->examples;
  for (const Column &from : part.table->columns) {
    Column column;
    column.rowBytes = from.rowBytes;
    column.file = std::make_unique<RowFile>(RowFile::temporary(from.memory.size(), "'x'"));
    column.write(0, {from.memory.data(), from.memory.size()});
    table.columns.push_back(std::move(column));
  }
  return {part.name, part.examples, std::make_shared<const Table>(std::move(table)), part.rows};
}

TEST(Column, BatchesAreThoseOfMemory) {
  std::unique_ptr<Device> device = makeDevice("cpu", toy::model, 1);
  const std::vector<uint32_t> some = {1, 2, 3, 7, 20, 21, 40, 99};
  for (const std::vector<uint32_t> &rows : {std::vector<uint32_t>(), some})
    for (std::optional<uint64_t> seed : {std::optional<uint64_t>(), std::optional<uint64_t>(5)}) {
      Part part = numberedRows(100, rows), file = inFiles(part);
      Batches fromMemory(part, *device, 6, seed), fromFile(file, *device, 6, seed);
      for (uint64_t epoch : {0, 1})
        for (uint64_t first = 0; first < part.examples; first += 6) {
          const uint64_t count = std::min<uint64_t>(6, part.examples - first);
          auto a = fromMemory.get(epoch, first, count).fields;
          auto b = fromFile.get(epoch, first, count).fields;
          fromFile.expect(epoch, first + count);
          for (size_t field : {0, 1})
            EXPECT_EQ(memcmp(a[field], b[field], count * (field ? 1 : 3)), 0) << epoch << first;
        }
    }
}

TEST(MemoryLimit, KnowsThatOfTheProcess) {
  const uint64_t before = availableMemory();
  EXPECT_GT(before, 1u << 20);
  EXPECT_LT(before, UINT64_MAX); // every machine has one
}
