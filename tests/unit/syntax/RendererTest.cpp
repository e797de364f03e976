// How diagnostics look.
#include "Parsing.h"

#include "llvm/Support/JSON.h"

using namespace nnc;
using namespace nnc::test;

namespace {
/// A file and diagnostics in it, rendered.
struct Sheet {
  SourceManager sources;
  Diagnostics diagnostics;
  FileId id;
  explicit Sheet(std::string text) { id = sources.add("a.nn", std::move(text)); }
  std::string text(bool color = false) const {
    std::string result;
    llvm::raw_string_ostream os(result);
    render(os, sources, diagnostics, color);
    return result;
  }
};
} // namespace

TEST(Renderer, Whole) {
  Sheet sheet("let w = 3\nx @ w\n");
  sheet.diagnostics.error(Code::UnexpectedToken, {sheet.id, 10, 15}, "shapes do not match")
      .detail("left  f32[2]")
      .detail("right f32[3]")
      .note({sheet.id, 4, 5}, "'w' is declared here")
      .suggest("transpose it");
  EXPECT_EQ(sheet.text(), "a.nn:2:1: error[E0101]: shapes do not match\n"
                          "x @ w\n"
                          "^~~~~\n"
                          "  left  f32[2]\n"
                          "  right f32[3]\n"
                          "a.nn:1:5: note: 'w' is declared here\n"
                          "let w = 3\n"
                          "    ^\n"
                          "hint: transpose it\n");
  sheet.diagnostics.error(Code::UnexpectedToken, {sheet.id, 0, 3}, "another");
  EXPECT_NE(sheet.text().find("\n2 errors\n"), std::string::npos);
}

TEST(Renderer, CountsWhatIsNotShown) {
  Sheet sheet(std::string(100, 'x'));
  for (uint32_t i = 0; i < 60; ++i)
    sheet.diagnostics.error(Code::UnexpectedToken, {sheet.id, i, i + 1}, "m");
  llvm::StringRef errors = "\n60 errors (the first 50 are shown)\n";
  EXPECT_TRUE(llvm::StringRef(sheet.text()).ends_with(errors));
  for (uint32_t i = 0; i < 51; ++i)
    sheet.diagnostics.warning(Code::UnusedName, {sheet.id, i, i + 1}, "m");
  std::string warnings = "\n51 warnings (the first 50 are shown)" + errors.str();
  EXPECT_TRUE(llvm::StringRef(sheet.text()).ends_with(warnings));
}

TEST(Renderer, RemarksAreNoMistakes) {
  Sheet sheet("let w = 3\n" + std::string(60, 'x'));
  sheet.diagnostics.remark({sheet.id, 4, 5}, "kept").detail("blocks   none");
  EXPECT_EQ(sheet.text(), "a.nn:1:5: remark: kept\n"
                          "let w = 3\n"
                          "    ^\n"
                          "  blocks   none\n");
  // All are shown, and none counts.
  for (uint32_t i = 10; i < 70; ++i)
    sheet.diagnostics.remark({sheet.id, i, i + 1}, "m");
  EXPECT_EQ(sheet.diagnostics.all().size(), 61u);
  EXPECT_EQ(sheet.diagnostics.errorCount() + sheet.diagnostics.warningCount(), 0u);
  Diagnostics copy;
  copy.add(sheet.diagnostics);
  EXPECT_EQ(copy.all().size(), 61u);
  EXPECT_EQ(copy.errorCount() + copy.warningCount(), 0u);
}

TEST(Renderer, WidthsAndTabs) {
  Sheet sheet("\tx \u00FC\u4E2D y\n");
  sheet.diagnostics.error(Code::UnexpectedToken, {sheet.id, 9, 10}, "m");
  EXPECT_EQ(sheet.text(), "a.nn:1:7: error[E0101]: m\n"
                          "    x \u00FC\u4E2D y\n"
                          "          ^\n");
}

TEST(Renderer, RangesAreCut) {
  Sheet sheet("abc\ndef");
  sheet.diagnostics.error(Code::UnexpectedToken, {sheet.id, 1, 6}, "two lines");
  sheet.diagnostics.error(Code::UnexpectedToken, {sheet.id, 7, 7}, "the end");
  EXPECT_EQ(sheet.text(), "a.nn:1:2: error[E0101]: two lines\nabc\n ^~\n"
                          "a.nn:2:4: error[E0101]: the end\ndef\n   ^\n2 errors\n");
}

TEST(Renderer, LongLinesAreAWindow) {
  Sheet sheet(std::string(500, 'a') + "X" + std::string(500, 'b'));
  sheet.diagnostics.error(Code::UnexpectedToken, {sheet.id, 500, 501}, "m");
  std::string text = sheet.text();
  llvm::StringRef rest = llvm::StringRef(text).split('\n').second;
  auto [line, caret] = rest.split('\n');
  EXPECT_LT(line.size(), 160u);
  EXPECT_EQ(line.find('X'), caret.find('^'));
}

TEST(Renderer, NothingRawReachesATerminal) {
  Sheet sheet("a\x1B[31m\x01\xFF z\r\n");
  sheet.diagnostics.error(Code::UnexpectedToken, {sheet.id, 9, 10}, "m");
  EXPECT_EQ(sheet.text(), "a.nn:1:10: error[E0101]: m\na\uFFFD[31m\uFFFD\uFFFD z\n         ^\n");
}

TEST(Renderer, Color) {
  Sheet sheet("x");
  sheet.diagnostics.error(Code::UnexpectedToken, {sheet.id, 0, 1}, "m");
  EXPECT_NE(sheet.text(true).find("\033[1;31merror[E0101]: \033[0m"), std::string::npos);
}

TEST(Renderer, WithoutAPlace) {
  Sheet sheet("x");
  sheet.diagnostics.error(Code::RefusedOperation, {}, "lost");
  EXPECT_EQ(sheet.text(), "nnc: error[E0801]: lost\n");
}

TEST(Renderer, Json) {
  Sheet sheet("\u00FCx \xFF\n");
  sheet.diagnostics.error(Code::UnexpectedToken, {sheet.id, 2, 3}, "bad \xFF")
      .detail("d")
      .note({sheet.id, 0, 2}, "n")
      .suggest("h");
  std::string text;
  llvm::raw_string_ostream os(text);
  renderJson(os, sheet.sources, sheet.diagnostics);
  auto value = llvm::json::parse(text);
  ASSERT_TRUE(static_cast<bool>(value));
  const llvm::json::Object *first =
      (*value->getAsObject()->getArray("diagnostics"))[0].getAsObject();
  EXPECT_EQ(value->getAsObject()->getInteger("errors"), 1);
  EXPECT_EQ(first->getString("code"), "E0101");
  EXPECT_EQ(first->getString("severity"), "error");
  EXPECT_EQ(first->getString("file"), "a.nn");
  EXPECT_EQ(first->getString("hint"), "h");
  EXPECT_EQ(first->getObject("range")->getObject("start")->getInteger("column"), 2);
  EXPECT_EQ(first->getObject("range")->getObject("end")->getInteger("column"), 3);
  EXPECT_EQ(first->getArray("notes")->size(), 1u);
  EXPECT_EQ(first->getArray("details")->size(), 1u);
}
