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

TEST_F(NpyTest, RefusesWhatItCannotRead) {
  EXPECT_HAS(failure(npy(header("<f4", "(2, 2)", "True"), std::string(16, 'x'))), "Fortran order");
  EXPECT_HAS(failure(npy(header(">f4", "(1,)"), "abcd")), "its elements are '>f4'");
  EXPECT_HAS(failure(npy(header("|O", "(1,)"), "abcd")), "its elements are '|O'");
  EXPECT_HAS(failure(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}", "abcd")),
             "records");
  EXPECT_HAS(failure(npy(header("<f4", "(1,)"), "abcd", 4)), "format version 4");
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
