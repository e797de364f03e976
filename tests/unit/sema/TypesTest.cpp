// Element types and sizes as people read them.
#include "compiler/sema/Types.h"

#include "gtest/gtest.h"

using nnc::sema::bytesText;

TEST(Types, BytesAsText) {
  EXPECT_EQ(bytesText(0), "0 bytes");
  EXPECT_EQ(bytesText(1), "1 byte");
  EXPECT_EQ(bytesText(1023), "1023 bytes");
  EXPECT_EQ(bytesText(1536), "1.5 KiB");
  EXPECT_EQ(bytesText(uint64_t(64) << 20), "64 MiB");
  EXPECT_EQ(bytesText((uint64_t(100) << 20) + (205 << 10)), "100.2 MiB");
  EXPECT_EQ(bytesText(uint64_t(5) << 50), "5120 TiB");
}
