// No input exhausts stack, memory or time: deep, long and large files get one diagnostic, quickly.
#include "Parsing.h"

#include <chrono>

using namespace nnc;
using namespace nnc::test;

static std::string repeat(const std::string &text, size_t count) {
  std::string all;
  for (size_t i = 0; i < count; ++i)
    all += text;
  return all;
}

#if __has_feature(address_sanitizer)
static constexpr double longest = 60.0;
#else
static constexpr double longest = 5.0;
#endif

/// The only error's code; fails where there are several or parsing takes long.
static std::string onlyError(std::string text) {
  auto start = std::chrono::steady_clock::now();
  Parsed parsed(std::move(text));
  std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  EXPECT_LT(seconds.count(), longest);
  EXPECT_EQ(parsed.diagnostics.all().size(), 1u);
  return parsed.diagnostics.all().empty() ? "" : codeName(parsed.diagnostics.all().front()->code);
}

TEST(Limits, Depth) {
  EXPECT_EQ(onlyError("fn f() = " + repeat("(", 150'000)), "E0114");
  EXPECT_EQ(onlyError("fn f() = " + repeat("[", 150'000)), "E0114");
  EXPECT_EQ(onlyError("fn f() { " + repeat("if a { ", 60'000)), "E0114");
  EXPECT_EQ(onlyError("fn f() = " + repeat("-", 150'000) + "x"), "E0114");
  EXPECT_EQ(onlyError("fn f() = " + repeat("x ^ ", 90'000) + "x"), "E0114");
  EXPECT_EQ(onlyError("fn f() = " + repeat("x + ", 90'000) + "x"), "E0114");
  EXPECT_EQ(onlyError("fn f() = x" + repeat(" |> f", 90'000)), "E0114");
  EXPECT_EQ(onlyError("fn f() = x" + repeat(" |> repeat(2) f", 30'000)), "E0114");
  EXPECT_EQ(onlyError("fn f() = x |> " + repeat("repeat(2) ", 30'000) + "f"), "E0114");
  EXPECT_EQ(onlyError("fn f() = x |> f" + repeat("(1)", 30'000)), "E0114");
  EXPECT_EQ(onlyError("fn f() = " + repeat("not ", 90'000) + "x"), "E0114");
  EXPECT_EQ(onlyError("fn f() = x" + repeat("..x", 60'000)), "E0114");
  EXPECT_EQ(onlyError("fn f() = x" + repeat(".x", 90'000)), "E0114");
  EXPECT_EQ(onlyError("fn f() { " + repeat("scan i in x { ", 30'000)), "E0114");
  EXPECT_EQ(onlyError("train m { " + repeat("step a { ", 50'000)), "E0114");
  EXPECT_EQ(onlyError("fn f(x: " + repeat("[", 60'000)), "E0114");
  EXPECT_EQ(onlyError("fn f() = f" + repeat("(x)", 60'000)), "E0114");
  EXPECT_EQ(onlyError("fn f() = x" + repeat(" as f32", 90'000)), "E0114");
  EXPECT_EQ(onlyError("fn f() = " + repeat("if a { 1 } else ", 20'000) + "{ 2 }"), "E0114");
  // Each level alone is within bounds.
  EXPECT_EQ(onlyError("fn f() = " + repeat("(", 100) + "x" + repeat(repeat(" + x", 50) + ")", 100)),
            "E0114");
}

TEST(Limits, DepthWithinBounds) {
  EXPECT_TRUE(Parsed("fn f() = " + repeat("(", 120) + "x" + repeat(")", 120)).ok());
  EXPECT_TRUE(Parsed("fn f() = " + repeat("-", 480) + "x").ok());
  EXPECT_TRUE(Parsed("fn f() = " + repeat("x ^ ", 480) + "x").ok());
  EXPECT_TRUE(Parsed("fn f() = " + repeat("x + ", 480) + "x").ok());
  EXPECT_TRUE(Parsed("fn f() = x" + repeat("\n  |> f", 480)).ok());
  EXPECT_TRUE(Parsed("fn f() = " + repeat("if a { 1 } else ", 400) + "{ 2 }").ok());
  EXPECT_TRUE(
      Parsed("fn f() { " + repeat("if a { ", 120) + "1" + repeat(" } else { 2 }", 120) + " }")
          .ok());
  // Many statements are not deep.
  EXPECT_TRUE(Parsed("fn f() {\n" + repeat("x = x + 1\n", 5000) + "x }").ok());
  EXPECT_TRUE(Parsed(repeat("fn f(x) = x + g(x, [1, 2]) |> h\n", 3000)).ok());
}

TEST(Limits, Size) {
  EXPECT_EQ(onlyError(std::string((4 << 20) + 1, ' ')), "E0701");
  EXPECT_EQ(onlyError("fn f() { " + repeat("a\n", 250'000)), "E0701");
  EXPECT_TRUE(Parsed("//" + std::string(1 << 20, 'x')).ok());
}

TEST(Limits, ManyErrorsEndEarly) {
  Parsed parsed("fn f() {\n" + repeat("let = 3\n", 30'000) + "}");
  EXPECT_GE(parsed.diagnostics.errorCount(), 50u);
  EXPECT_LE(parsed.diagnostics.errorCount(), 200u);
  Parsed characters(repeat("$ ", 100'000));
  EXPECT_EQ(characters.diagnostics.all().size(), 50u);
}

TEST(Limits, EverySource) {
  for (const char *text : {"",
                           " ",
                           "\n",
                           "//",
                           "///",
                           "\"",
                           "\\",
                           "{",
                           "}",
                           "(",
                           ")",
                           "[",
                           "]",
                           ",",
                           ";",
                           "=",
                           "fn",
                           "fn f",
                           "fn f(",
                           "fn f()",
                           "fn f() =",
                           "fn f() {",
                           "train",
                           "train x",
                           "train x {",
                           "data",
                           "data d =",
                           "model m",
                           "if",
                           "let",
                           "param",
                           "scan",
                           "..",
                           "...",
                           "0..",
                           "1.e",
                           "fn f() = x gradient",
                           "train m { step",
                           "train m { step a b",
                           "fn f() = scan x",
                           "fn f() { for",
                           "fn f() = x |> repeat",
                           "import",
                           "import \"a\" as",
                           "let (",
                           "fn f(x: [int",
                           "fn f() = x as",
                           "data d(",
                           ";",
                           "gradient",
                           "train a,",
                           "fn f() = x[",
                           "fn f() { x\n\n-"})
    Parsed parsed{text}; // no crash
}
