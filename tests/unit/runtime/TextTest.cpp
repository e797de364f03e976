// Numbers and names as people read them.
#include "runtime/support/Text.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace nnrt;

TEST(Text, Numbers) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(byteCount(1), "1 byte");
  EXPECT_EQ(byteCount(1536), "1.5 KiB");
  EXPECT_EQ(byteCount(UINT64_MAX), "16 EiB");
  EXPECT_EQ(fixed(0.97314, 4), "0.9731");
  EXPECT_EQ(fixed(1e30, 4), "1e+30");
  EXPECT_EQ(fixed(-std::nan(""), 4), "nan");
  EXPECT_EQ(significant(0.9731), "0.973100");
  EXPECT_EQ(significant(-0.00001234567), "-0.0000123457");
  EXPECT_EQ(significant(0), "0.000000");
  EXPECT_EQ(significant(1234.5), "1234.500000");
}

TEST(Text, Durations) {
  EXPECT_EQ(duration(0.4211), "0.42 s");
  EXPECT_EQ(duration(59.96), "1 min 00 s");
  EXPECT_EQ(duration(185), "3 min 05 s");
  EXPECT_EQ(duration(7800), "2 h 10 min");
  EXPECT_EQ(duration(1e300), "?");
}

TEST(Text, Closest) {
  const std::string_view words[] = {"epochs", "steps", "save", "save-every"};
  EXPECT_EQ(closest("epoch", words), "epochs");
  EXPECT_EQ(closest("epcohs", words), "epochs");
  EXPECT_EQ(closest("sav", words), "save");
  EXPECT_EQ(closest("xyzzy", words), "");
  EXPECT_EQ(closest("", words), "");
  EXPECT_EQ(closest(std::string(10000, 'e'), words), "");
}

TEST(Text, PrintableHidesControlCharacters) {
  EXPECT_EQ(printable("a\x1b[31mb\n"), "a?[31mb?");
  EXPECT_EQ(printable(std::string(500, 'a')).size(), 203u);
}
