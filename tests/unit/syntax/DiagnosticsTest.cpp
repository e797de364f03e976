// The registry, the collection and "did you mean".
#include "Parsing.h"

using namespace nnc;

TEST(Diagnostics, Registry) {
  std::vector<Code> codes = allCodes();
  EXPECT_EQ(std::adjacent_find(codes.begin(), codes.end()), codes.end())
      << "a number is used twice";
  for (Code code : codes)
    EXPECT_FALSE(codeTitle(code).empty());
  EXPECT_EQ(codeName(Code::UnexpectedToken), "E0101");
  EXPECT_EQ(codeName(static_cast<Code>(9201)), "W0201");
}

TEST(Diagnostics, TheSameIsKeptOnce) {
  Diagnostics diagnostics;
  SourceRange range{FileId{0}, 1, 2};
  diagnostics.error(Code::UnexpectedToken, range, "m");
  diagnostics.error(Code::UnexpectedToken, range, "m").note(range, "ignored");
  diagnostics.error(Code::UnexpectedToken, range, "n");
  EXPECT_EQ(diagnostics.all().size(), 2u);
  EXPECT_EQ(diagnostics.errorCount(), 2u);
  EXPECT_TRUE(diagnostics.all()[0]->notes.empty());
}

TEST(Diagnostics, ALimitedNumberIsKept) {
  Diagnostics diagnostics;
  for (uint32_t i = 0; i < 60; ++i)
    diagnostics.error(Code::UnexpectedToken, {FileId{0}, i, i + 1}, "m").note({}, "n");
  EXPECT_EQ(diagnostics.all().size(), 50u);
  EXPECT_EQ(diagnostics.errorCount(), 60u);
}

TEST(Diagnostics, AreSortedByPlace) {
  Diagnostics diagnostics;
  auto report = [&](uint32_t file, uint32_t begin, const char *message) -> Diagnostic & {
    return diagnostics.error(Code::UnexpectedToken, {FileId{file}, begin, begin + 1}, message);
  };
  diagnostics.error(Code::UnexpectedToken, {}, "without a place");
  report(1, 3, "imported");
  report(0, 9, "late").note({FileId{0}, 1, 2}, "stays with it");
  report(0, 2, "first of two at one place");
  report(0, 2, "second");
  std::string order;
  for (const auto &each : diagnostics.all())
    order += each->message + "; ";
  EXPECT_EQ(order, "first of two at one place; second; late; imported; without a place; ");
  EXPECT_EQ(diagnostics.all()[2]->notes.size(), 1u);
}

TEST(Diagnostics, TheFirstByPlaceAreKept) {
  Diagnostics diagnostics;
  for (uint32_t i = 60; i > 0; --i)
    for (int again = 0; again < 2; ++again) // the same counts once, kept or not
      diagnostics.error(Code::UnexpectedToken, {FileId{0}, i, i + 1}, "m").note({}, "n");
  diagnostics.warning(Code::UnusedName, {FileId{0}, 100, 101}, "m");
  EXPECT_EQ(diagnostics.all().size(), 51u);
  EXPECT_EQ(diagnostics.all().front()->range.begin, 1u);
  EXPECT_EQ(diagnostics.all()[49]->range.begin, 50u);
  EXPECT_EQ(diagnostics.errorCount(), 60u);
  EXPECT_EQ(diagnostics.warningCount(), 1u);
}

TEST(Diagnostics, WarningsAreNoErrors) {
  Diagnostics diagnostics;
  diagnostics.warning(Code::UnexpectedToken, {FileId{0}, 0, 1}, "m");
  EXPECT_FALSE(diagnostics.hasErrors());
  EXPECT_EQ(diagnostics.all().size(), 1u);
}

TEST(Diagnostics, Nearest) {
  std::vector<std::string> names = {"relu", "adam", "epochs", "steps", "x", "dense"};
  EXPECT_EQ(nearest("rellu", names), "relu");
  EXPECT_EQ(nearest("adan", names), "adam");
  EXPECT_EQ(nearest("epocs", names), "epochs");
  EXPECT_EQ(nearest("Dense", names), "dense");
  EXPECT_EQ(nearest("convolution", names), "");
  EXPECT_EQ(nearest("y", names), "");
  EXPECT_EQ(nearest("relu", {"relu"}), "");
}

TEST(Diagnostics, Positions) {
  SourceManager sources;
  FileId id = sources.add("a", "a\u00FCb\n\nc");
  auto at = [&](uint32_t offset) {
    LineColumn position = sources.position(id, offset);
    return std::to_string(position.line) + ":" + std::to_string(position.column);
  };
  EXPECT_EQ(at(0), "1:1");
  EXPECT_EQ(at(1), "1:2");
  EXPECT_EQ(at(3), "1:3");
  EXPECT_EQ(at(4), "1:4");
  EXPECT_EQ(at(5), "2:1");
  EXPECT_EQ(at(6), "3:1");
  EXPECT_EQ(at(7), "3:2");
  EXPECT_EQ(at(999), "3:2");
  EXPECT_EQ(sources.line(id, 1), "a\u00FCb");
  EXPECT_EQ(sources.line(id, 2), "");
}
