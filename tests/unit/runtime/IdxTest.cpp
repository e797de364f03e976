// IDX files: what is read, and what each kind of damage gets.
#include "runtime/data/Idx.h"
#include "tests/unit/runtime/Support.h"

#include <bit>
#include <cstring>
#include <gtest/gtest.h>

using namespace nnrt;
using namespace nnrt::test;

namespace {
class IdxTest : public ::testing::Test {
protected:
  TempFolder folder;
  std::string file = folder / "f.idx";

  /// What reading a file of this content throws.
  std::string failure(const std::string &content) {
    writeFile(file, content);
    return errorOf([&] { read(); });
  }
  std::string read() {
    IdxFile reader(file);
    std::string out(reader.dataBytes(), '\0');
    reader.readBytes(0, std::as_writable_bytes(std::span(out)));
    return out;
  }
};
} // namespace

static const std::string images = be32(0x803) + be32(2) + be32(2) + be32(3) + "abcdefghijkl";

TEST_F(IdxTest, ReadsPlainAndCompressedFiles) {
  for (const std::string &content : {images, gzip(images)}) {
    writeFile(file, content);
    IdxFile reader(file);
    EXPECT_EQ(reader.dtype(), uint32_t(NNRT_U8));
    EXPECT_EQ(reader.shape(), (std::vector<int64_t>{2, 2, 3}));
    EXPECT_EQ(reader.dataBytes(), 12u);
    EXPECT_EQ(read(), "abcdefghijkl");
  }
}

TEST_F(IdxTest, ReadsGzipOfSeveralMembers) {
  writeFile(file, gzip(images.substr(0, 9)) + gzip(images.substr(9, 4)) + gzip(images.substr(13)));
  EXPECT_EQ(read(), "abcdefghijkl");
}

TEST_F(IdxTest, SwapsTheBytesOfWideElements) {
  writeFile(file, be32(0xd01) + be32(2) + be32(std::bit_cast<uint32_t>(1.5f)) +
                      be32(std::bit_cast<uint32_t>(-2.0f)));
  std::string bytes = read();
  float values[2];
  memcpy(values, bytes.data(), 8);
  EXPECT_EQ(values[0], 1.5f);
  EXPECT_EQ(values[1], -2.0f);
  writeFile(file, be32(0xe01) + be32(1) + be32(0x3ff80000) + be32(0));
  bytes = read();
  double wide;
  memcpy(&wide, bytes.data(), 8);
  EXPECT_EQ(wide, 1.5);
}

TEST_F(IdxTest, NamesTheFileInEveryError) {
  for (const std::string &content :
       {std::string(), std::string("abc"), gzip("").substr(0, 5), images.substr(0, 11)})
    EXPECT_HAS(failure(content), file);
}

TEST_F(IdxTest, EmptyFile) { EXPECT_HAS(failure(""), "is empty; expected an IDX file"); }

TEST_F(IdxTest, MissingFile) {
  EXPECT_HAS(errorOf([&] { IdxFile reader(folder / "nowhere"); }), "No such file");
}

TEST_F(IdxTest, Folder) {
  EXPECT_HAS(errorOf([&] { IdxFile reader(folder.path()); }), "is not a regular file");
}

TEST_F(IdxTest, WrongMagicNumber) {
  EXPECT_HAS(failure(be32(0x07070707) + images), "starts with 0x07070707, expected 0x00000807");
  EXPECT_HAS(failure(be32(0x00000800) + images), "starts with 0x00000800");
  EXPECT_HAS(failure(be32(0x00000b03) + images), "holds 16-bit integers");
  EXPECT_HAS(failure(be32(0x000008ff) + images), "starts with 0x000008ff");
}

TEST_F(IdxTest, HeaderCutShort) {
  EXPECT_HAS(failure("ab"), "ends at byte 2, inside its header of 4 bytes");
  EXPECT_HAS(failure(images.substr(0, 13)), "ends at byte 13, inside its header of 16 bytes");
  EXPECT_HAS(failure(gzip(images.substr(0, 13))), "ends at byte 13, inside its header");
}

TEST_F(IdxTest, ElementsThatHaveNoType) {
  EXPECT_HAS(failure(be32(0xb01) + be32(1) + "xx"), "holds 16-bit integers, which the language");
}
TEST_F(IdxTest, NoExamples) { EXPECT_HAS(failure(be32(0x801) + be32(0)), "announces 0 examples"); }

TEST_F(IdxTest, MoreAnnouncedThanTheFileCanHold) {
  EXPECT_HAS(failure(be32(0x803) + be32(0x7fffffff) + be32(28) + be32(28) + "abc"),
             "announces 2147483647 examples");
  EXPECT_HAS(failure(gzip(be32(0x803) + be32(0x7fffffff) + be32(28) + be32(28) + "abc")),
             "can hold at most");
  // The product of the sizes does not fit into 64 bits.
  EXPECT_HAS(failure(be32(0x803) + be32(~0u) + be32(~0u) + be32(~0u) + "abc"), "can hold at most");
}

TEST_F(IdxTest, DataEndsEarly) {
  EXPECT_HAS(failure(gzip(images.substr(0, 23))),
             "announces 2 examples, but the data ends at byte 23 of 28, after 1 examples");
  EXPECT_HAS(failure(images.substr(0, 27)), "the data ends at byte 27 of 28, after 1 examples");
}

TEST_F(IdxTest, TrailingBytes) {
  EXPECT_HAS(failure(images + "x"), "at byte 28: data follows the last example");
  EXPECT_HAS(failure(gzip(images + "x")), "at byte 28: data follows the last example");
}

TEST_F(IdxTest, TruncatedGzip) {
  std::string whole = gzip(images);
  for (size_t size : {size_t(12), whole.size() / 2, whole.size() - 1})
    EXPECT_HAS(failure(whole.substr(0, size)), "is cut short");
}

TEST_F(IdxTest, CorruptGzip) {
  std::string whole = gzip(images), checksum = whole;
  checksum[whole.size() - 8] = char(checksum[whole.size() - 8] ^ 1);
  EXPECT_HAS(failure(checksum), "incorrect data check");
  std::string block = whole;
  block[10] = char(0xff);
  EXPECT_HAS(failure(block), "the gzip data is corrupt");
  EXPECT_HAS(failure(whole + "garbage after it"), "the gzip data is corrupt");
}

TEST_F(IdxTest, ZerosBehindGzipAreItsEnd) {
  std::string padded = gzip(images) + std::string(512, '\0');
  writeFile(file, padded);
  EXPECT_EQ(read(), "abcdefghijkl");
  EXPECT_HAS(failure(padded + "x"), "zeros are followed by other bytes");
}

TEST_F(IdxTest, RowsInAnyOrder) {
  for (const std::string &content : {images, gzip(images)}) {
    writeFile(file, content);
    IdxFile reader(file);
    for (uint64_t first : {6, 0, 6}) {
      std::string row(6, '\0');
      reader.readBytes(first, std::as_writable_bytes(std::span(row)));
      EXPECT_EQ(row, first ? "ghijkl" : "abcdef");
    }
  }
}
