// Files of version 0.1 in the spelling of 0.2.
#include "Corpus.h"
#include "Parsing.h"

#include "compiler/syntax/Upgrade.h"

#include <random>

using namespace nnc;
using namespace nnc::test;

/// Upgraded and formatted; remarks of the upgrade as `CODE 'text'` lines behind it.
static std::string upgraded(const std::string &text) {
  SourceManager sources;
  Diagnostics remarks;
  std::string rewritten = upgrade(sources.add("old.nn", text), sources, remarks);
  Parsed parsed(rewritten);
  EXPECT_TRUE(parsed.ok()) << rewritten << "\n" << parsed.rendered();
  std::string result = parsed.printed();
  for (const auto &each : remarks.all())
    result += codeName(each->code) + " '" + sources.text(each->range).str() + "'\n";
  return result;
}

static std::string upgradedBody(const std::string &body) {
  std::string text = upgraded("fn f(x) {\n" + body + "\n}\n"), head = "fn f(x) {\n";
  EXPECT_EQ(text.substr(0, head.size()), head);
  return text.substr(head.size(), text.size() - head.size() - 2);
}

TEST(Upgrade, Operators) {
  EXPECT_EQ(upgradedBody("a && b || c"), "  a and b or c\n");
  EXPECT_EQ(upgradedBody("!a && !(b) || g(!c, x: !d)"),
            "  not a and not (b) or g(not c, x: not d)\n");
  // It bound as tightly as a minus.
  EXPECT_EQ(upgradedBody("!a == b"), "  (not a) == b\n");
  EXPECT_EQ(upgradedBody("b == !a"), "  b == (not a)\n");
  EXPECT_EQ(upgradedBody("!a(1)[2] as bool ^ !b"), "  not a(1)[2] as bool ^ (not b)\n");
  EXPECT_EQ(upgradedBody("!!a + 1"), "  (not (not a)) + 1\n");
  EXPECT_EQ(upgradedBody("if !a { x } else { y }"), "  if not a { x } else { y }\n");
  EXPECT_EQ(upgradedBody("x[.., 1, ..]"), "  x[:, 1, :]\n");
}

TEST(Upgrade, EndsOfLines) {
  EXPECT_EQ(upgradedBody("let y = a\n  - b // c\nlet z\n  = 3\nlet\n  q: f32 = 4\n(y\n - z)"),
            "  let y = a - b // c\n  let z = 3\n  let q: f32 = 4\n  (y - z)\n");
  EXPECT_EQ(upgradedBody("let a = 1;\n-a"), "  let a = 1\n  -a\n");
  EXPECT_EQ(upgradedBody("let a = 1 let b = 2; if a { a = b } b"),
            "  let a = 1\n  let b = 2\n  if a { a = b }\n  b\n");
  EXPECT_EQ(upgraded("fn f(x)\n  = x\n  - 1 fn g(x) = x"), "fn f(x) = x - 1\nfn g(x) = x\n");
}

TEST(Upgrade, Names) {
  EXPECT_EQ(upgraded("fn f(not) = not"), "fn f(not_) = not_\nW0119 'not'\nW0119 'not'\n");
  EXPECT_EQ(
      upgraded("layer l(x: f32[n]) -> f32[n] {\n  buffer b: f32[n] = zeros()\n  buffer(b)\n}"),
      "layer l(x: f32[n]) -> f32[n] {\n  state b: f32[n] = zeros()\n  buffer(b)\n}\n");
}

TEST(Upgrade, Optimizers) {
  EXPECT_EQ(upgraded("optimizer a(lr = 1e-3, k: float = 2) {\n  state m = 0, v = 1 // both\n"
                     "  m = v * grad\n  param\n  - lr * m\n}"),
            "optimizer a(lr: float = 1e-3, k: float = 2)(w: float[...s], g: float[...s]) {\n"
            "  state m: float[...s] = zeros()\n  state v: float[...s] = full(1) // both\n"
            "  m = v * g\n  w - lr * m\n}\n");
  EXPECT_EQ(upgraded("optimizer b() { let w = grad; param - w }"),
            "optimizer b()(weight: float[...s], g: float[...s]) { let w = g; weight - w }\n");
}

TEST(Upgrade, Schedules) {
  EXPECT_EQ(
      upgraded("schedule s(peak: f32, n: int) -> f32 = peak * step / n\n"
               "schedule t() = s(1.0, 3)\n"
               "train m {\n  optimizer adam(lr: s(1, 2), beta1: t(), eps: cosine(total: 3))\n}"),
      "fn s(step: float, peak: float, n: int) -> float = peak * step / n\n"
      "fn t(step: float) = s(step, 1.0, 3)\n\n"
      "train m {\n  optimizer adam(lr: s(step, 1, 2), beta1: t(step), eps: cosine(step, "
      "total: 3))\n}\n");
}

TEST(Upgrade, DataSets) {
  EXPECT_EQ(
      upgraded("data d = idx { // files\n  image: u8[28, 28]  label: u8 in 0..10,\n"
               "  // the parts\n  tags: u8[3] in 0..2 * 3\n"
               "  train { image: \"a\" label: \"b\" } test { image: \"c\", label: \"d\", }\n}"),
      "data d(image: u8[28, 28], label: index(10), tags: index(2 * 3)[3]) { // files\n"
      "  // the parts\n\n  train idx(image: \"a\", label: \"b\")\n"
      "  test  idx(image: \"c\", label: \"d\")\n}\n");
}

TEST(Upgrade, Recipes) {
  EXPECT_EQ(upgraded("train m {\n  data d(a, b) as (x, b) batch 32 epochs 5\n  loss p = f(x)\n"
                     "       q = a\n - g(y) // second\n  optimizer adamw(lr: 1) for \"*.w\"\n"
                     "            sgd for \"*.b\" sgd(2)\n    for rest\n  evaluate every 500\n"
                     "  seed\n    3\n}"),
            "train m {\n  data      d(x: a, b)\n  batch     32\n  epochs    5\n"
            "  loss      p = f(x)\n  loss      q = a - g(y) // second\n"
            "  optimizer adamw(lr: 1) for \"*.w\"\n  optimizer sgd for \"*.b\"\n"
            "  optimizer sgd(2)\n  evaluate  every: 500\n  seed      3\n}\n");
}

TEST(Upgrade, KeepsTheNewLanguage) {
  for (const char *text : corpus) {
    SourceManager sources;
    Diagnostics remarks;
    Parsed before(text), after(upgrade(sources.add("new.nn", text), sources, remarks));
    EXPECT_TRUE(after.ok()) << after.rendered();
    EXPECT_EQ(after.dumped(), before.dumped());
  }
}

TEST(Upgrade, NeverCrashes) {
  const char *const pieces[] = {"optimizer a(",
                                "lr = 1",
                                ")",
                                "{",
                                "state m = 0",
                                ", v = 1",
                                "}",
                                "param ",
                                "grad ",
                                "!",
                                "^",
                                "(",
                                "[",
                                "..",
                                "]",
                                "data d = idx {",
                                "a: u8 in 0..",
                                "train {",
                                "a: \"b\"",
                                ",",
                                "train m {",
                                "loss a = ",
                                "for rest",
                                "for \"x\"",
                                "as (a, b)",
                                "every ",
                                "schedule s(",
                                "\n",
                                "-",
                                "=",
                                "if a ",
                                "else ",
                                "buffer b: ",
                                "let ",
                                "; ",
                                "|> repeat(2) f ",
                                "&&"};
  std::mt19937 random(1);
  for (unsigned i = 0; i < 5000; ++i) {
    std::string text;
    for (size_t count = random() % 25; count > 0; --count)
      text += std::string(pieces[random() % std::size(pieces)]) + (random() % 2 ? " " : "");
    SourceManager sources;
    Diagnostics remarks;
    upgrade(sources.add("old.nn", text), sources, remarks);
  }
  for (const char *piece : {"!", "!a^", "!(", "(", "optimizer a() {", "state m = 0,", "a ", "-"}) {
    std::string text = "fn f() = ";
    while (text.size() < 60'000)
      text += piece;
    SourceManager sources;
    Diagnostics remarks;
    upgrade(sources.add("old.nn", text), sources, remarks);
  }
}
