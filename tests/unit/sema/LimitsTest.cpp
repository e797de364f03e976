// The deepest program that is allowed is analysed on an ordinary stack, and one beyond is refused.
// Sanitizers make frames several times as large, so this says most in their build; the bounds on
// depth are the same there.
#include "tests/unit/sema/Analysis.h"

#include "gtest/gtest.h"

using namespace nnc;

namespace {

std::string repeat(const std::string &text, size_t count) {
  std::string all;
  for (size_t i = 0; i < count; ++i)
    all += text;
  return all;
}

/// A model whose output is `levels` calls deep, each within `operators` more levels of expression.
std::string nested(unsigned levels, unsigned operators) {
  std::string text = "fn f0(x: f32[...s]) -> f32[...s] = x\n";
  for (unsigned i = 1; i <= levels; ++i)
    text += "fn f" + std::to_string(i) + "(x: f32[...s]) -> f32[...s] = " + repeat("-", operators) +
            "f" + std::to_string(i - 1) + "(x)\n";
  return text + "model m(x: f32[batch, 4]) -> y: f32[batch, 4] = f" + std::to_string(levels) +
         "(x)\n";
}

TEST(Limits, TheDeepestNestOfCallsIsAnalysed) {
  test::Analysis analysis(nested(127, 8));
  EXPECT_TRUE(analysis.program) << analysis.messages().substr(0, 2000);
  EXPECT_FALSE(analysis.dumped().empty());
}

TEST(Limits, TheDeepestExpressionIsAnalysed) {
  for (const std::string &body :
       {repeat("-", 480) + "x", repeat("(", 120) + "x" + repeat(" + 1)", 120),
        "x" + repeat(" + x", 480), "x" + repeat(" |> tanh", 240), repeat("x ^ ", 240) + "2"}) {
    test::Analysis analysis("model m(x: f32[batch, 4]) -> y: f32[batch, 4] = " + body + "\n");
    EXPECT_TRUE(analysis.program) << analysis.messages().substr(0, 2000);
  }
}

TEST(Limits, DeeperOnesAreRefused) {
  for (const std::string &text : {nested(128, 0), nested(120, 100)}) {
    test::Analysis analysis(text);
    EXPECT_FALSE(analysis.program);
    EXPECT_TRUE(analysis.reports(Code::ElaborationTooDeep)) << analysis.messages().substr(0, 2000);
    EXPECT_EQ(analysis.diagnostics.errorCount(), 1u);
  }
}

TEST(Limits, ARestMayBeCalledLikeAConstantOfTheFile) {
  test::Analysis analysis("let s = 2\n"
                          "fn half(x: float[...s]) -> float[...s] = x / 2\n"
                          "model m(x: f32[batch, 4]) -> y: f32[batch, 4] = half(x)\n");
  EXPECT_TRUE(analysis.program) << analysis.messages();
}

} // namespace
