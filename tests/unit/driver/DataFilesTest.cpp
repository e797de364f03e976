// Headers of data files while a program is compiled: where they are found, what they say.
#include "compiler/driver/DataFiles.h"

#include "runtime/data/Convert.h"

#include "nnrt/abi.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"

#include <fstream>

using nnc::driver::DataFiles;
using nnc::sema::Element;

namespace {

class DataFilesTest : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("nnc-data-test", folder));
    ASSERT_FALSE(llvm::sys::fs::create_directories(path("data/tables")));
    ASSERT_FALSE(llvm::sys::fs::create_directories(path("models/deep")));
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  std::string path(llvm::StringRef name) {
    llvm::SmallString<128> full(folder);
    llvm::sys::path::append(full, name);
    return full.str().str();
  }
  std::string write(llvm::StringRef name, llvm::StringRef text) {
    std::ofstream(path(name), std::ios::binary).write(text.data(), std::streamsize(text.size()));
    return path(name);
  }
  static std::string npy(llvm::StringRef kind, llvm::StringRef shape) {
    std::string header =
        ("{'descr': '" + kind + "', 'fortran_order': False, 'shape': " + shape + ", }\n").str();
    std::string text = std::string("\x93NUMPY\x01\x00", 8);
    text += static_cast<char>(header.size());
    text += '\0';
    return text + header;
  }

  llvm::SmallString<128> folder;
};

TEST_F(DataFilesTest, AreFoundInTheNearestFolderAndThoseInIt) {
  std::string table = write("data/tables/t.csv", "a,b\n");
  std::string packed = write("data/x.npy.gz", "");
  std::vector<std::string> looked;
  DataFiles files(path("models/deep/m.nn"), "");
  EXPECT_EQ(files.find("t.csv", looked), table);
  EXPECT_EQ(files.find("x.npy", looked), packed) << "with or without .gz";
  EXPECT_EQ(files.find("nothing.csv", looked), "");
  ASSERT_FALSE(looked.empty());
  EXPECT_EQ(looked.front(), path("data"));
  EXPECT_EQ(DataFiles("m.nn", path("data/tables")).find("t.csv", looked), table);
  EXPECT_EQ(DataFiles("m.nn", path("models")).find("t.csv", looked), "");
}

TEST_F(DataFilesTest, FirstLinesOfTables) {
  DataFiles files("m.nn", "");
  auto table = files.readTable(write("t.csv", "\xEF\xBB\xBF\"a;\"\"b\";c\r\n1;2\r\n"), ';', true);
  ASSERT_TRUE(!!table);
  EXPECT_EQ(table->names, (std::vector<std::string>{"a;\"b", "c"}));
  auto bare = files.readTable(write("u.csv", "1,2,3"), ',', false);
  ASSERT_TRUE(!!bare);
  EXPECT_EQ(bare->columns, 3u);
  EXPECT_TRUE(bare->names.empty());
  for (const char *empty : {"", "\xEF\xBB\xBF", "\r\n \n"})
    EXPECT_EQ(llvm::toString(files.readTable(write("v.csv", empty), ',', true).takeError()),
              path("v.csv") + ": the table is empty");
  std::string wide(1 << 20, 'a'), open = '"' + wide;
  for (const std::string &text : {wide, open})
    EXPECT_EQ(llvm::toString(files.readTable(write("w.csv", text), ',', true).takeError()),
              path("w.csv") + ": the first row of the table doesn't end within 1 MiB");
  wide.back() = '\n';
  EXPECT_FALSE(!!files.readTable(write("w.csv", wide), ',', true))
      << "a row that ends where reading does may go on";
  wide[1000] = '\n';
  EXPECT_TRUE(!!files.readTable(write("w.csv", wide), ',', true));
}

// Programs find columns by the same scanner: what the compiler says of a header holds for them.
TEST_F(DataFilesTest, FirstRowsAreThoseThatProgramsFind) {
  DataFiles files("m.nn", "");
  for (const char *text : {"a , b\n1,2\n", "\n \na,b\n1,2\n", "a,b\r1,2\r", " \"a\" ,b\n1,2\n",
                           "\xEF\xBB\xBF\r\na,b\r\n1,2"}) {
    auto table = files.readTable(write("t.csv", text), ',', true);
    ASSERT_TRUE(!!table) << text << llvm::toString(table.takeError());
    EXPECT_EQ(table->names, (std::vector<std::string>{"a", "b"})) << text;
  }
  auto quoted = files.readTable(write("t.csv", "\" a\",in\"ch\n"), ',', true);
  ASSERT_TRUE(!!quoted);
  EXPECT_EQ(quoted->names, (std::vector<std::string>{" a", "in\"ch"}));
  for (auto [text, fault] :
       {std::pair("\n\"a\"b,c\n", ":2:4: text follows a closing quote; a quote within "
                                  "quotes is written twice"),
        std::pair("\"a\";\"b\"\n", ":1:4: text follows a closing quote; perhaps ';' "
                                   "separates the fields: csv(..., "
                                   "separator: \";\")"),
        std::pair("a,\"b\n1", ":1:3: a quote is opened and never closed")})
    EXPECT_EQ(llvm::toString(files.readTable(write("t.csv", text), ',', true).takeError()),
              path("t.csv") + fault);
}

TEST_F(DataFilesTest, HeadersOfArrays) {
  DataFiles files("m.nn", "");
  auto array = files.readArray("npy", write("x.npy", npy("<f4", "(60, 2, 3)")));
  ASSERT_TRUE(!!array);
  EXPECT_EQ(array->element, Element::F32);
  EXPECT_EQ(array->sizes, (std::vector<int64_t>{60, 2, 3}));
  auto one = files.readArray("npy", write("y.npy", npy("|b1", "(7,)")));
  ASSERT_TRUE(!!one);
  EXPECT_EQ(one->sizes, std::vector<int64_t>{7});
  auto idx = files.readArray("idx", write("z", std::string("\0\0\x08\x02\0\0\0\x05\0\0\1\0", 12)));
  ASSERT_TRUE(!!idx);
  EXPECT_EQ(idx->element, Element::U8);
  EXPECT_EQ(idx->sizes, (std::vector<int64_t>{5, 256}));
}

TEST_F(DataFilesTest, HeadersOfArraysThatAreWidened) {
  DataFiles files("m.nn", "");
  const std::pair<const char *, Element> kinds[] = {
      {">f4", Element::F32}, {"<i2", Element::I32}, {"|i1", Element::I32}, {">u2", Element::I32},
      {"<u4", Element::I64}, {">u8", Element::I64}, {"=f8", Element::F64}, {"|u1", Element::U8}};
  for (auto [kind, element] : kinds) {
    std::string path = write("x.npy", npy(kind, "(3,)"));
    auto array = files.readArray("npy", path);
    ASSERT_TRUE(!!array) << kind << llvm::toString(array.takeError());
    EXPECT_EQ(array->element, element) << kind;
  }
  // A constant is what lies in the file.
  auto values = files.readValues(write("x.npy", npy(">f4", "(1,)") + "abcd"), 1 << 20);
  EXPECT_EQ(llvm::toString(values.takeError()),
            path("x.npy") +
                ": a constant's elements are f2, f4, f8, i4, i8 or u1, lowest byte first");
}

// Sema has the rule of the runtime, which it doesn't link.
TEST_F(DataFilesTest, WhatIsLoadedIsWhatTheProgramLoads) {
  const std::pair<Element, uint32_t> elements[] = {
      {Element::F64, NNRT_F64},   {Element::F32, NNRT_F32},  {Element::F16, NNRT_F16},
      {Element::BF16, NNRT_BF16}, {Element::I64, NNRT_I64},  {Element::I32, NNRT_I32},
      {Element::U8, NNRT_U8},     {Element::Bool, NNRT_BOOL}};
  for (auto [stored, from] : elements)
    for (auto [declared, to] : elements)
      EXPECT_EQ(nnc::sema::isLoadable(stored, declared), nnrt::isConvertible(from, to))
          << nnc::sema::spelling(stored) << " as " << nnc::sema::spelling(declared);
}

// The parser is the programs': keys come in any order and in either quotes.
TEST_F(DataFilesTest, HeadersOfArraysAreThoseThatProgramsRead) {
  DataFiles files("m.nn", "");
  std::string dictionary = R"({"shape": (4, 2), "descr": ">i2", "fortran_order": True})";
  std::string text = std::string("\x93NUMPY\x03\x00", 8) + static_cast<char>(dictionary.size()) +
                     std::string(3, '\0') + dictionary;
  auto array = files.readArray("npy", write("x.npy", text));
  ASSERT_TRUE(!!array) << llvm::toString(array.takeError());
  EXPECT_EQ(array->element, Element::I32);
  EXPECT_EQ(array->sizes, (std::vector<int64_t>{4, 2}));
}

TEST_F(DataFilesTest, BrokenHeadersAreRefused) {
  DataFiles files("m.nn", "");
  // A header that claims more than any has.
  std::string claims("\x93NUMPY\x02\x00\x00\x00\x00\xF0", 12);
  claims += "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }\n";
  const std::string unreadable = "is no .npy file that can be read: ";
  const std::string announced = ": at byte 8: " + unreadable + "it announces a header of ";
  const std::pair<std::string, std::string> arrays[] = {
      {"", ": is empty; expected a .npy file"},
      {"\x1f\x8b", ": the gzip data is cut short"},
      {"\x93NUMPY", ": at byte 0: " + unreadable + "it doesn't start with '\\x93NUMPY'"},
      {std::string("\x93NUMPY\x04\x00\x00\x00", 10),
       ": at byte 6: " + unreadable + "its version is 4, expected 1, 2 or 3"},
      {npy("<f4", "(3,)").substr(0, 20), announced},
      {claims, announced + "4026531840 bytes"},
      {claims + std::string(1 << 17, ' '), announced + "4026531840 bytes"},
      {npy("<c8", "(3,)"), unreadable + "its elements are '<c8'; supported are f2, f4, f8, i1 to "
                                        "i8, u1 to u8 and b1"},
      {npy("<f4", "(three,)"), unreadable + "its shape is not a tuple of sizes"}};
  for (const auto &[text, fault] : arrays) {
    std::string path = write("x.npy", text);
    std::string found = llvm::toString(files.readArray("npy", path).takeError());
    EXPECT_TRUE(llvm::StringRef(found).starts_with(path + ": ")) << found;
    EXPECT_TRUE(llvm::StringRef(found).contains(fault)) << found << '\n' << fault;
    EXPECT_EQ(llvm::toString(files.readValues(path, 1 << 26).takeError()).substr(0, found.size()),
              found);
  }
  const std::pair<std::string, std::string> idx[] = {
      {"", ": is empty; expected an IDX file"},
      {std::string("\0\0\x08", 3),
       ": is cut short: it ends at byte 3, inside its header of 4 bytes"},
      {std::string("\0\0\x08\x03\0\0\0\1", 8),
       ": is cut short: it ends at byte 8, inside its header of 16 bytes"},
      {std::string("\0\0\x0B\x01\0\0\0\1", 8),
       ": holds 16-bit integers, which the language has no type for"},
      {std::string("\0\0\x08\x01\0\0\0\0", 8), ": announces 0 examples; expected at least one"},
      {"GIF89a", ": at byte 0: is not an IDX file of the expected kind"}};
  for (const auto &[text, fault] : idx) {
    std::string path = write("x", text);
    std::string found = llvm::toString(files.readArray("idx", path).takeError());
    EXPECT_TRUE(llvm::StringRef(found).starts_with(path + fault)) << found;
  }
}

} // namespace
