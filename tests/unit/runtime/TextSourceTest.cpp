// Texts: what a unit is, windows of numbers, vocabularies, and what each kind of damage gets.
#include "runtime/data/DataReader.h"
#include "runtime/data/TextScanner.h"
#include "runtime/data/Vocabulary.h"
#include "runtime/support/Error.h"
#include "tests/unit/runtime/Support.h"

#include <gtest/gtest.h>

using namespace nnrt;
using namespace nnrt::test;
using Kind = DataDescription::Kind;

static std::vector<std::string> unitsOf(std::string_view text, TextUnit unit) {
  std::vector<std::string> units;
  TextScanner scanner(text, unit);
  while (scanner.next())
    units.emplace_back(scanner.unit());
  if (scanner.fault())
    units.push_back("fault at " + std::to_string(scanner.place()));
  return units;
}

using Units = std::vector<std::string>;

TEST(TextScanner, CutsCharactersWordsAndBytes) {
  EXPECT_EQ(unitsOf("aé\n€", TextUnit::Character), (Units{"a", "é", "\n", "€"}));
  EXPECT_EQ(unitsOf("\xf0\x9f\x8d\x8e!", TextUnit::Character), (Units{"\xf0\x9f\x8d\x8e", "!"}));
  EXPECT_EQ(unitsOf(" To  be,\r\n\tor ", TextUnit::Word), (Units{"To", "be,", "or"}));
  EXPECT_EQ(unitsOf("\xff\x00z"
                    "a",
                    TextUnit::Byte),
            (Units{"\xff"}))
      << "the literal ends at the zero";
  EXPECT_EQ(unitsOf(std::string_view("\xff\0a", 3), TextUnit::Byte),
            (Units{"\xff", std::string(1, '\0'), "a"}));
  for (TextUnit unit : {TextUnit::Character, TextUnit::Word, TextUnit::Byte})
    EXPECT_TRUE(unitsOf("", unit).empty());
  EXPECT_TRUE(unitsOf(" \n", TextUnit::Word).empty());
}

TEST(TextScanner, AMarkOfTheByteOrderIsNoUnit) {
  EXPECT_EQ(unitsOf("\xef\xbb\xbfx", TextUnit::Character), (Units{"x"}));
  EXPECT_EQ(unitsOf("\xef\xbb\xbfx", TextUnit::Word), (Units{"x"}));
  EXPECT_EQ(unitsOf("\xef\xbb\xbfx", TextUnit::Byte).size(), 4U);
  EXPECT_EQ(unitsOf("x\xef\xbb\xbf", TextUnit::Character).size(), 2U);
}

TEST(TextScanner, FindsWhatIsNotUtf8) {
  for (const char *bad :
       {"\x80", "\xc3", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xe2\x82", "\xed\xa0\x80",
        "\xf0\x80\x80\xaf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xe2(\xa1"}) {
    EXPECT_EQ(unitsOf(std::string("ab") + bad, TextUnit::Character),
              (Units{"a", "b", "fault at 2"}));
    EXPECT_EQ(unitsOf(std::string("ab c") + bad, TextUnit::Word).back(), "fault at 4");
  }
  // The first and the last of each length.
  for (const char *good : {"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
                           "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
    EXPECT_EQ(unitsOf(good, TextUnit::Character), (Units{good}));
}

TEST(TextScanner, PlacesAreLinesAndColumns) {
  const std::string text = "ab\n\ncd";
  auto at = [&](size_t offset) {
    TextPlace place = textPlace(text, offset);
    return std::pair(place.line, place.column);
  };
  EXPECT_EQ(at(0), std::pair(uint64_t(1), uint64_t(1)));
  EXPECT_EQ(at(2), std::pair(uint64_t(1), uint64_t(3)));
  EXPECT_EQ(at(3), std::pair(uint64_t(2), uint64_t(1)));
  EXPECT_EQ(at(5), std::pair(uint64_t(3), uint64_t(2)));
}

namespace {
class TextTest : public ::testing::Test {
protected:
  TempFolder folder;
  std::string file = folder / "t.txt";
  DataDescription data;

  TextTest() {
    data.sources.push_back({"", "text", {{"window", "t.txt"}}, {}});
    data.columns.push_back({Kind::Text, "window", "", "", false, 4});
    cut("character", 3, 2);
  }
  void cut(const std::string &unit, uint64_t window, uint64_t stride) {
    DataDescription::Options &options = data.sources.front().options;
    options.unit = unit;
    options.window = window;
    options.stride = stride;
    data.columns.front().classes = unit == "byte" ? 0 : 4;
  }
  std::unique_ptr<DataReader> open(const std::string &text) {
    writeFile(file, text);
    return openReader({data, data.sources.front(), {file}, {}, false});
  }
  static std::vector<int32_t> read(DataReader &reader, uint64_t first, uint64_t count) {
    std::vector<int32_t> values(count * uint64_t(reader.fields()[0].shape[0]));
    reader.read(0, first, std::as_writable_bytes(std::span(values)));
    return values;
  }
};
} // namespace

TEST_F(TextTest, WindowsBeginEveryStride) {
  auto reader = open("cabbac");
  EXPECT_EQ(reader->examples(), 2U) << "a third would not be whole";
  EXPECT_EQ(reader->fields()[0].shape, (std::vector<int64_t>{3}));
  const std::vector<std::string> names = {"a", "b", "c"};
  reader->setClasses(0, names);
  EXPECT_EQ(read(*reader, 0, 2), (std::vector<int32_t>{2, 0, 1, 1, 1, 0}));
  EXPECT_EQ(read(*reader, 1, 1), (std::vector<int32_t>{1, 1, 0}));
  cut("character", 6, 9);
  EXPECT_EQ(open("cabbac")->examples(), 1U);
  cut("character", 1, 1);
  EXPECT_EQ(open("cabbac")->examples(), 6U);
}

TEST_F(TextTest, UnitsComeInTheOrderOfTheText) {
  auto reader = open("caé\nac");
  std::vector<std::string> found;
  for (const ClassPlace &each : reader->classes(0))
    found.push_back(each.name + " " + reader->classPlace(0, each.first).substr(file.size()));
  EXPECT_EQ(found, (Units{"c :1:1", "a :1:2", "é :1:3", "\n :1:5"}));
}

TEST_F(TextTest, BytesAreTheirOwnNumbers) {
  cut("byte", 2, 1);
  auto reader = open(std::string("\0\xff\x41", 3));
  EXPECT_TRUE(reader->classes(0).empty());
  EXPECT_EQ(read(*reader, 0, 2), (std::vector<int32_t>{0, 255, 255, 65}));
}

TEST_F(TextTest, RefusesWhatCannotBeRead) {
  EXPECT_EQ(errorOf([&] { open("ab"); }),
            file + ": has 2 characters, fewer than the 3 of a window");
  EXPECT_EQ(errorOf([&] { open(""); }), file + ": has 0 characters, fewer than the 3 of a window");
  EXPECT_EQ(errorOf([&] { open("ab\nc\xff"); }), file + ":2:2: this is not UTF-8");
  const std::vector<std::string> names = {"a", "b"};
  EXPECT_EQ(errorOf([&] { open("abca")->setClasses(0, names); }),
            file + ":1:3: the character 'c' is none of those that the model was trained on");
}

TEST(Vocabulary, CodesAndDecodes) {
  Vocabulary characters(TextUnit::Character, {"\n", "a", "é"});
  EXPECT_EQ(characters.size(), 3U);
  EXPECT_EQ(characters.encode("éa\n"), (std::vector<int32_t>{2, 1, 0}));
  EXPECT_EQ(characters.decode(2, "a"), "é");
  EXPECT_EQ(
      errorOf([&] { (void)characters.encode("ax"); }),
      "the prompt has the character 'x', which the text that the model was trained on has not");
  EXPECT_EQ(errorOf([&] { (void)characters.encode("a\xff"); }),
            "the prompt is not UTF-8 at byte 1");
  Vocabulary words(TextUnit::Word, {"be", "to"});
  EXPECT_EQ(words.encode(" to be"), (std::vector<int32_t>{1, 0}));
  EXPECT_EQ(words.decode(0, "to"), " be");
  for (char blank : std::string(" \t\n\v\f\r")) {
    EXPECT_EQ(words.decode(0, std::string("to") + blank), "be") << "parted by " << int(blank);
    EXPECT_EQ(words.encode(std::string("to") + blank + "be").size(), 2U);
  }
  Vocabulary bytes(TextUnit::Byte, {});
  EXPECT_EQ(bytes.size(), 256U);
  EXPECT_EQ(bytes.encode("\xff"), (std::vector<int32_t>{255}));
  EXPECT_EQ(bytes.decode(255, "a"), "\xff");
}
