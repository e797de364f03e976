// .png images.
#include "runtime/data/InputArray.h"
#include "tests/unit/runtime/Support.h"

#include <gtest/gtest.h>

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#include <stb/stb_image_write.h>

using namespace nnrt;
using namespace nnrt::test;

namespace {
class PngTest : public ::testing::Test {
protected:
  TempFolder folder;
  std::string file = folder / "x.png";

  void writePng(int width, int height, int channels, const std::string &pixels) {
    ASSERT_TRUE(
        stbi_write_png(file.c_str(), width, height, channels, pixels.data(), width * channels));
  }
  static std::string bytesOf(const InputArray &array) {
    return {reinterpret_cast<const char *>(array.bytes.data()), array.bytes.size()};
  }
};
} // namespace

TEST_F(PngTest, ReadsGrey) {
  writePng(3, 2, 1, "abcdef");
  InputArray array = readPng(file, 2, 3, 1, false);
  EXPECT_EQ(array.shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(bytesOf(array), "abcdef");
}

TEST_F(PngTest, ColoursBecomeGreyOrStay) {
  writePng(1, 1, 3, "ddd");
  EXPECT_EQ(bytesOf(readPng(file, -1, -1, 1, false)), "d");
  writePng(1, 2, 3, "abcdef");
  InputArray array = readPng(file, -1, -1, 3, true);
  EXPECT_EQ(array.shape, (std::vector<int64_t>{2, 1, 3}));
  EXPECT_EQ(bytesOf(array), "abcdef");
}

TEST_F(PngTest, WhatIsNotOpaqueIsNoPixelValue) {
  // Ink that is nothing but opacity: grey without it would be one colour all over.
  writePng(2, 1, 4, std::string("\0\0\0\xff\0\0\0\0", 8));
  EXPECT_HAS(errorOf([&] { readPng(file, 1, 2, 1, false); }),
             "is not opaque: the pixel at column 1, row 0");
  EXPECT_EQ(readPng(file, 1, 2, 4, true).shape, (std::vector<int64_t>{1, 2, 4}));
  writePng(1, 2, 2, "\xff\xff\xff\x80");
  EXPECT_HAS(errorOf([&] { readPng(file, 2, 1, 3, true); }), "column 0, row 1");
  // Opaque all over, it says nothing.
  writePng(1, 2, 2,
           "a\xff"
           "b\xff");
  EXPECT_EQ(bytesOf(readPng(file, 2, 1, 1, false)), "ab");
}

TEST_F(PngTest, SizeMustMatch) {
  writePng(3, 2, 1, "abcdef");
  EXPECT_HAS(errorOf([&] { readPng(file, 28, 28, 1, false); }),
             "it is 3 by 2 pixels (width by height), but the model takes 28 by 28");
}

TEST_F(PngTest, DamagedFiles) {
  writeFile(file, "");
  EXPECT_HAS(errorOf([&] { readPng(file, 2, 3, 1, false); }), "is empty");
  writeFile(file, "GIF89a");
  EXPECT_HAS(errorOf([&] { readPng(file, 2, 3, 1, false); }), "not a PNG or JPEG file");
  writePng(3, 2, 1, "abcdef");
  std::string whole = readFile(file);
  for (size_t size = 1; size < whole.size() - 12; size += 3) {
    writeFile(file, whole.substr(0, size));
    EXPECT_HAS(errorOf([&] { readPng(file, 2, 3, 1, false); }), file);
  }
  std::string wrong = whole;
  wrong[45] = char(wrong[45] ^ 1);
  writeFile(file, wrong);
  EXPECT_HAS(errorOf([&] { readPng(file, 2, 3, 1, false); }),
             "the chunk at byte 33 has a wrong checksum");
  wrong = whole;
  wrong[33] = 0x40;
  writeFile(file, wrong);
  EXPECT_HAS(errorOf([&] { readPng(file, 2, 3, 1, false); }), "the chunk at byte 33 is cut short");
  writeFile(file, whole.substr(0, whole.size() - 12));
  EXPECT_HAS(errorOf([&] { readPng(file, 2, 3, 1, false); }), "before its last chunk");
}
