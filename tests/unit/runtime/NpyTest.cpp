// .npy files.
#include "runtime/data/InputArray.h"
#include "tests/unit/runtime/Support.h"

#include "nnrt/abi.h"

#include <cstring>
#include <gtest/gtest.h>

using namespace nnrt;
using namespace nnrt::test;

namespace {
class NpyTest : public ::testing::Test {
protected:
  TempFolder folder;
  std::string file = folder / "x.npy";

  static std::string npy(const std::string &header, const std::string &data, int version = 1) {
    return std::string("\x93NUMPY") + char(version) + '\0' +
           le(header.size(), version == 1 ? 2 : 4) + header + data;
  }
  static std::string header(const std::string &type, const std::string &shape,
                            const std::string &order = "False") {
    return "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': " + shape +
           ", }   \n";
  }
  InputArray read(const std::string &content) {
    writeFile(file, content);
    return readNpy(file);
  }
  std::string failure(const std::string &content) {
    return errorOf([&] { read(content); });
  }
};
} // namespace

TEST_F(NpyTest, ReadsAllVersionsAndTypes) {
  for (int version : {1, 2, 3}) {
    InputArray array = read(npy(header("<f4", "(2, 1)"), "abcdefgh", version));
    EXPECT_EQ(array.dtype, uint32_t(NNRT_F32));
    EXPECT_EQ(array.shape, (std::vector<int64_t>{2, 1}));
    EXPECT_EQ(memcmp(array.bytes.data(), "abcdefgh", 8), 0);
  }
  EXPECT_EQ(read(npy(header("|u1", "(3,)"), "abc")).dtype, uint32_t(NNRT_U8));
  EXPECT_EQ(read(npy(header("<i8", "()"), "abcdefgh")).shape.size(), 0u);
  EXPECT_EQ(read(npy(header("|b1", "(0, 5)"), "")).bytes.size(), 0u);
}

TEST_F(NpyTest, TruthValuesAreZeroOrOne) {
  EXPECT_EQ(read(npy(header("|b1", "(2,)"), std::string("\0\1", 2))).bytes.size(), 2u);
  std::string message = failure(npy(header("|b1", "(2,)"), std::string("\1\2", 2)));
  EXPECT_NE(message.find("a truth value is neither 0 nor 1"), message.npos) << message;
}

TEST_F(NpyTest, OrdersOfBytesAndDimensions) {
  auto text = [](const InputArray &array) {
    return std::string(reinterpret_cast<const char *>(array.bytes.data()), array.bytes.size());
  };
  EXPECT_EQ(text(read(npy(header(">f4", "(2,)"), "abcdefgh"))), "dcbahgfe");
  EXPECT_EQ(text(read(npy(header(">i8", "(1,)"), "abcdefgh"))), "hgfedcba");
  // Column by column in the file: x[i, j, k] lies at i + 2 j + 4 k.
  EXPECT_EQ(text(read(npy(header("|u1", "(2, 3)", "True"), "abcdef"))), "acebdf");
  EXPECT_EQ(text(read(npy(header("|u1", "(2, 2, 2)", "True"), "abcdefgh"))), "aecgbfdh");
  EXPECT_EQ(text(read(npy(header(">f2", "(2, 2)", "True"), "aAbBcCdD"))), "AaCcBbDd");
  EXPECT_EQ(text(read(npy(header("|u1", "(3,)", "True"), "abc"))), "abc");
}

TEST_F(NpyTest, IntegersThatTheLanguageLacksAreWidened) {
  auto values = [&](const std::string &type, const std::string &bytes, auto element) {
    InputArray array = read(npy(header(type, "(2,)"), bytes));
    decltype(element) found[2];
    EXPECT_EQ(array.bytes.size(), sizeof found);
    memcpy(found, array.bytes.data(), sizeof found);
    return std::pair(int64_t(found[0]), int64_t(found[1]));
  };
  EXPECT_EQ(values("|i1", "\xff\x7f", int32_t()), std::pair(int64_t(-1), int64_t(127)));
  EXPECT_EQ(values("<i2", std::string("\xfe\xff\x02\x00", 4), int32_t()),
            std::pair(int64_t(-2), int64_t(2)));
  EXPECT_EQ(values(">u2", std::string("\xff\xff\x00\x02", 4), int32_t()),
            std::pair(int64_t(65535), int64_t(2)));
  EXPECT_EQ(values("<u4", "\xff\xff\xff\xff\1\1\1\1", int64_t()),
            std::pair(int64_t(4294967295), int64_t(0x01010101)));
  EXPECT_HAS(failure(npy(header("<u8", "(1,)"), "\xff\xff\xff\xff\xff\xff\xff\xff")),
             "too large for 64 bits with a sign");
}

TEST_F(NpyTest, Compressed) {
  std::string whole = npy(header("<f4", "(2,)"), "abcdefgh");
  EXPECT_EQ(read(gzip(whole)).bytes.size(), 8u);
  EXPECT_HAS(failure(gzip(whole.substr(0, whole.size() - 1))), "is cut short");
  EXPECT_HAS(failure(gzip(whole + "x")), "data follows");
}

TEST_F(NpyTest, RefusesWhatItCannotRead) {
  EXPECT_HAS(failure(npy(header("|O", "(1,)"), "abcd")), "its elements are '|O'");
  EXPECT_HAS(failure(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}", "abcd")),
             "records");
  EXPECT_HAS(failure(npy(header("<f4", "(1,)"), "abcd", 4)), "its version is 4");
}

TEST_F(NpyTest, DamagedFiles) {
  std::string good = npy(header("<f4", "(2,)"), "abcdefgh");
  EXPECT_HAS(failure(""), "is empty");
  EXPECT_HAS(failure("PK\3\4 and so on, longer than a header"), "doesn't start with");
  EXPECT_HAS(failure(good.substr(0, 9)), "doesn't start with");
  EXPECT_HAS(failure(good.substr(0, 20)), "announces a header of");
  EXPECT_HAS(failure(good.substr(0, good.size() - 1)),
             "announces f32[2] (8 bytes), but 7 bytes follow");
  EXPECT_HAS(failure(good + "x"), "but 9 bytes follow");
  EXPECT_HAS(failure(npy(header("<f4", "(99999999999999999999,)"), "")), "not a tuple of sizes");
  EXPECT_HAS(failure(npy(header("<f4", "(4294967296, 4294967296, 4294967296)"), "")),
             "bytes follow");
  EXPECT_HAS(failure(npy(header("<f4", "(-1,)"), "")), "not a tuple of sizes");
  EXPECT_HAS(failure(npy("{'descr': '<f4'}", "")), "its header is incomplete");
  EXPECT_HAS(failure(npy("{'descr': '<f4", "")), "expected a quoted word");
  EXPECT_HAS(failure(npy("{'shape': (), 'shape': ()}", "")), "unexpected key 'shape'");
  EXPECT_HAS(failure(npy("{'colour': 1}", "")), "unexpected key 'colour'");
  EXPECT_HAS(failure(npy("[]", "")), "expected '{'");
  EXPECT_HAS(failure(npy(header("<f4", "()") + "more", "abcd")), "its header is incomplete");
}
