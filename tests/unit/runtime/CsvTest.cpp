// Tables of text: what is read, and what each kind of damage gets.
#include "runtime/data/DataReader.h"
#include "runtime/support/Error.h"
#include "tests/unit/runtime/Support.h"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>

using namespace nnrt;
using namespace nnrt::test;
using Kind = DataDescription::Kind;

namespace {
class CsvTest : public ::testing::Test {
protected:
  TempFolder folder;
  std::string file = folder / "t.csv";
  DataDescription data;

  CsvTest() { data.sources.push_back({"", "csv", {{"", "t.csv"}}, {}}); }

  DataDescription::Options &options() { return data.sources.front().options; }
  void numbers(const std::string &first, const std::string &last, bool byPosition = false) {
    data.columns.push_back({Kind::Numbers, "", first, last, byPosition, 0});
  }
  void category(const std::string &name, bool byPosition = false) {
    data.columns.push_back({Kind::Category, "", name, name, byPosition, 0});
  }
  std::unique_ptr<DataReader> open(const std::string &text, bool isLenient = false,
                                   std::span<const std::vector<std::string>> names = {}) {
    writeFile(file, text);
    return openReader({data, data.sources.front(), {file}, names, isLenient});
  }
  std::string failure(const std::string &text) {
    return errorOf([&] { open(text); });
  }
  template <typename T = float>
  static std::vector<T> read(DataReader &reader, uint32_t column, uint64_t first = 0) {
    int64_t each = 1;
    for (int64_t size : reader.fields()[column].shape)
      each *= size;
    std::vector<T> values((reader.examples() - first) * uint64_t(each));
    reader.read(column, first, std::as_writable_bytes(std::span(values)));
    return values;
  }
  static std::vector<std::string> classNames(const DataReader &reader, uint32_t column) {
    std::vector<std::string> names;
    for (const ClassPlace &each : reader.classes(column))
      names.push_back(each.name);
    return names;
  }
};
using Floats = std::vector<float>;
} // namespace

TEST_F(CsvTest, ColumnsByName) {
  numbers("b", "c");
  data.columns.push_back({Kind::Number, "", "a", "a", false, 0});
  auto reader = open("a,b,c\n1,2.5,-3e2\n+4,.5,0\n");
  EXPECT_EQ(reader->examples(), 2u);
  EXPECT_EQ(reader->fields()[0].shape, std::vector<int64_t>{2});
  EXPECT_EQ(reader->fields()[1].shape, std::vector<int64_t>{});
  EXPECT_EQ(read(*reader, 0), (Floats{2.5f, -300, 0.5f, 0}));
  EXPECT_EQ(read(*reader, 0, 1), (Floats{0.5f, 0}));
  EXPECT_EQ(read(*reader, 1), (Floats{1, 4}));
  EXPECT_EQ(reader->names(0), (std::vector<std::string>{"b", "c"}));
}

TEST_F(CsvTest, ColumnsByPosition) {
  options().header = false;
  numbers("1", "2", true);
  category("0", true);
  auto reader = open("M,1,2\nB,3,4\nM,5,6");
  EXPECT_EQ(read(*reader, 0), (Floats{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(classNames(*reader, 1), (std::vector<std::string>{"M", "B"}));
  EXPECT_TRUE(reader->names(0).empty());
  const std::vector<std::string> names = {"B", "M"};
  reader->setClasses(1, names);
  EXPECT_EQ(read<int32_t>(*reader, 1), (std::vector<int32_t>{1, 0, 1}));
}

TEST_F(CsvTest, QuotesBlanksAndLineEnds) {
  category("name, long");
  numbers("n", "n");
  for (std::string end : {"\n", "\r\n", "\r"}) {
    std::string text = "\"name, long\" , n" + end + "\"a \"\"b\"\"\", 1 " + end + end +
                       " c ,\"2\"" + end + "\"two" + "\n" + "lines\",3" + end;
    auto reader = open(text);
    EXPECT_EQ(classNames(*reader, 0), (std::vector<std::string>{"a \"b\"", "c", "two\nlines"}));
    EXPECT_EQ(read(*reader, 1), (Floats{1, 2, 3}));
  }
  EXPECT_EQ(open("\xef\xbb\xbfname\xc3\xa9,n,\"name, long\"\nx,7,y\n")->examples(), 1u);
}

TEST_F(CsvTest, OtherSeparatorsAndCompression) {
  options().separator = ";";
  numbers("fixed acidity", "pH");
  for (std::string text : {std::string("\"fixed acidity\";\"pH\"\n7.4;0.7\n"),
                           gzip("\"fixed acidity\";\"pH\"\n7.4;0.7\n")})
    EXPECT_EQ(read(*open(text), 0), (Floats{7.4f, 0.7f}));
  EXPECT_HAS(failure("\"fixed acidity\";\"pH\"\n7,4;0.7\n"), "'7,4' is not a number");
  options().separator = "\t";
  EXPECT_EQ(read(*open("fixed acidity\tpH\n7.4\t0.7\n"), 0), (Floats{7.4f, 0.7f}));
}

TEST_F(CsvTest, MissingNumbers) {
  numbers("a", "b");
  EXPECT_HAS(failure("a,b\n1,\n"), file + ":2:3: a number is missing here");
  options().missing = {""};
  auto reader = open("a,b\n1,\n , 2\n");
  Floats values = read(*reader, 0);
  EXPECT_TRUE(std::isnan(values[1]) && std::isnan(values[2]));
  EXPECT_EQ(values[3], 2);
  options().missing = {"NA"};
  EXPECT_TRUE(std::isnan(read(*open("a,b\n1,NA\n"), 0)[1]));
  EXPECT_HAS(failure("a,b\n1,\n"), "a number is missing here");
}

TEST_F(CsvTest, AnEmptyLineOfASingleColumnIsMissing) {
  numbers("a", "a");
  EXPECT_HAS(failure("a\n1\n\n3\n"), "t.csv:3:1: a number is missing here");
  options().missing = {""};
  auto reader = open("a\n1\n\n \r\n3\n\n");
  ASSERT_EQ(reader->examples(), 4u);
  Floats values = read(*reader, 0);
  EXPECT_TRUE(std::isnan(values[1]) && std::isnan(values[2]));
  EXPECT_EQ(values[3], 3);
  EXPECT_EQ(reader->example(3), file + ":5");
  // How a file ends, and where it begins, says nothing; nor do empty lines between wider rows.
  EXPECT_EQ(open("\na\n1\n\n\n")->examples(), 1u);
  EXPECT_EQ(open("a,b\n1,2\n\n3,4\n")->examples(), 2u);
}

TEST_F(CsvTest, HintsFitTheOptions) {
  auto hint = [&](const std::string &text) {
    try {
      open(text);
    } catch (const Error &error) {
      return error.getHint();
    }
    return std::string();
  };
  numbers("a", "a");
  EXPECT_HAS(hint("a;b\n1;2\n"), "separator: \";\"");
  EXPECT_HAS(hint("width,height\n1,2\n"), "its columns: width, height");
  options().missing = {"NA"};
  EXPECT_HAS(hint("a,b\n,2\n"), "missing: [\"NA\", \"\"]");
  options().missing = {"NA", ""};
  EXPECT_HAS(hint("a,b\nwide,2\n"), "missing: [\"NA\", \"\", \"wide\"]");
  options().missing = {};
  EXPECT_HAS(hint("a,b\nwide,2\n"), "missing: \"wide\"");
}

TEST_F(CsvTest, SeveralMarkersOfWhatIsMissing) {
  numbers("a", "a");
  category("kind");
  options().missing = {"NA", ""};
  auto reader = open("a,kind\n1,left\nNA,NA\n,\n4,left\n");
  Floats values = read(*reader, 0);
  EXPECT_TRUE(std::isnan(values[1]) && std::isnan(values[2]));
  EXPECT_EQ(values[0], 1);
  EXPECT_EQ(values[3], 4);
  // As a category, both are one class, called as the first.
  EXPECT_EQ(classNames(*reader, 1), (std::vector<std::string>{"left", "NA"}));
  EXPECT_EQ(reader->classes(1).back().first, 1u);
  EXPECT_HAS(failure("a,kind\nN/A,left\n"), file + ":2:1: 'N/A' is not a number");
}

TEST_F(CsvTest, WhatIsNoNumber) {
  numbers("a", "a");
  for (std::string word :
       {"wide", "1x", "0x10", "nan", "inf", "-inf", "1,5", "--1", "+-1", "1e", "$3"})
    EXPECT_HAS(failure("a\n1\n\"" + word + "\"\n"), file + ":3:1: '" + word + "' is not a number");
  for (std::string word : {"1e999", "-1e39", "1e99999"})
    EXPECT_HAS(failure("a\n" + word + "\n"), "'" + word + "' is too large for f32");
  EXPECT_EQ(read(*open("a\n1e-999\n3.4e38\n1e-40\n1e-99999\n"), 0),
            (Floats{0, 3.4e38f, 1e-40f, 0}));
}

TEST_F(CsvTest, RowsOfAnotherLength) {
  numbers("a", "a");
  EXPECT_HAS(failure("a,b\n1,2\n3\n"), file + ":3:1: the row has 1 field, expected 2");
  EXPECT_HAS(failure("a,b\n1,2,3\n"), file + ":2:5: the row has 3 fields, expected 2");
}

TEST_F(CsvTest, NoRows) {
  numbers("a", "a");
  EXPECT_HAS(failure(""), file + ": is empty");
  EXPECT_HAS(failure("a,b\n"), file + ": holds no rows behind its header");
  options().header = false;
  data.columns = {{Kind::Number, "", "0", "0", true, 0}};
  EXPECT_HAS(failure("\n\n"), file + ": holds no rows");
}

TEST_F(CsvTest, BrokenText) {
  numbers("a", "a");
  EXPECT_HAS(failure(std::string("a,b\n1,2\n\0\0\0\n", 12)), file + ":3:1: holds a NUL byte");
  EXPECT_HAS(failure("a,b\n1,\"2\n3,4\n"), file + ":2:3: a quote is opened and never closed");
  EXPECT_HAS(failure("a,b\n1,\"2\"3\n"), file + ":2:6: text follows a closing quote");
  EXPECT_HAS(failure(std::string("a,b\n1,\"\0\"\n", 10)), "NUL byte");
}

TEST_F(CsvTest, ColumnsThatAreNotThere) {
  numbers("total_rooms", "value");
  EXPECT_HAS(failure("total_room,value\n1,2\n"), file + ":1:1: no column is called 'total_rooms'");
  EXPECT_HAS(failure("total_rooms,value,value\n1,2,3\n"), "a second column is called 'value'");
  EXPECT_HAS(failure("value,total_rooms\n1,2\n"), "column 'value' stands before 'total_rooms'");
  data.columns = {{Kind::Numbers, "", "1", "5", true, 0}};
  EXPECT_HAS(failure("a,b\n1,2\n"), "the row has 2 fields, but column 5 is asked for");
}

TEST_F(CsvTest, AnUnknownClassHasAPlace) {
  category("k");
  auto reader = open("k\na\nb\nc\nb\n");
  const std::vector<std::string> known = {"a", "c"};
  EXPECT_HAS(errorOf([&] { reader->setClasses(0, known); }),
             file + ":3: 'b' is no class of column 'k'; expected 'a', 'c'");
}

TEST_F(CsvTest, ColumnsOfTrainingInAnotherOrder) {
  numbers("a", "c");
  const std::vector<std::vector<std::string>> names = {{"a", "b", "c"}};
  EXPECT_EQ(read(*open("c,x,a,b\n3,0,1,2\n", false, names), 0), (Floats{1, 2, 3}));
  EXPECT_HAS(errorOf([&] { open("c,x,a\n3,0,1\n", false, names); }), "no column is called 'b'");
}

TEST_F(CsvTest, LenientReadersSayWhatIsMissing) {
  numbers("a", "a");
  numbers("b", "b");
  category("k");
  auto reader = open("a,k\n1,x\n2,y\n", /*isLenient=*/true);
  EXPECT_EQ(reader->missing(0), nullptr);
  ASSERT_NE(reader->missing(1), nullptr);
  EXPECT_HAS(std::string(reader->missing(1)->what()), "no column is called 'b'");
  const std::vector<std::string> known = {"x"};
  reader->setClasses(2, known);
  ASSERT_NE(reader->missing(2), nullptr);
  EXPECT_EQ(read<int32_t>(*reader, 2), (std::vector<int32_t>{0, 0}));
}
