// Symbolic dimensions: normal forms, printing, overflow.
#include "compiler/sema/Dim.h"

#include "gtest/gtest.h"

#include <cstdint>

using nnc::sema::Dim;

namespace {

Dim sym(const char *name) { return Dim::symbol(name); }
Dim operator+(const Dim &a, const Dim &b) { return *Dim::add(a, b); }
Dim operator*(const Dim &a, const Dim &b) { return *Dim::multiply(a, b); }

TEST(Dim, EqualWhereNormalFormsAre) {
  EXPECT_EQ(sym("a") + sym("b"), sym("b") + sym("a"));
  EXPECT_EQ(sym("a") * (sym("b") + Dim(1)), sym("a") * sym("b") + sym("a"));
  EXPECT_FALSE(sym("a") == sym("b"));
  EXPECT_EQ(*Dim::subtract(sym("a"), sym("a")), Dim(0));
}

TEST(Dim, Prints) {
  EXPECT_EQ(Dim(0).str(), "0");
  EXPECT_EQ(Dim(-3).str(), "-3");
  EXPECT_EQ((Dim(4) * sym("units")).str(), "4 * units");
  EXPECT_EQ((Dim(2) * sym("n") + Dim(1)).str(), "2 * n + 1");
  EXPECT_EQ((sym("n") + Dim(-1)).str(), "n - 1");
  EXPECT_EQ((sym("h") * sym("w")).str(), "h * w");
  EXPECT_EQ(Dim::divide(sym("h"), Dim(2))->str(), "h / 2");
  EXPECT_EQ((*Dim::divide(sym("h"), Dim(2)) + Dim(1)).str(), "(h / 2) + 1");
}

TEST(Dim, KnowsConstantsAndSymbols) {
  EXPECT_EQ(Dim(7).constant(), 7);
  EXPECT_FALSE(sym("n").constant());
  EXPECT_EQ(sym("n").asSymbol(), "n");
  EXPECT_FALSE((sym("n") + Dim(1)).asSymbol());
  EXPECT_EQ((*Dim::divide(sym("h") * sym("w"), Dim(3))).symbols(),
            (std::vector<std::string>{"h", "w"}));
}

TEST(Dim, DividesExactly) {
  EXPECT_EQ(*Dim::divide(Dim(784), Dim(28)), Dim(28));
  EXPECT_FALSE(Dim::divide(Dim(10), Dim(3)));
  EXPECT_FALSE(Dim::divide(Dim(10), Dim(0)));
  EXPECT_FALSE(Dim::divide(Dim(10), sym("n")));
  EXPECT_EQ(*Dim::divide(Dim(4) * sym("n"), Dim(2)), Dim(2) * sym("n"));
  EXPECT_EQ(*Dim::divide(sym("n") * sym("m"), sym("n")), sym("m"));
  EXPECT_EQ(Dim::divide(Dim(6) * sym("n"), Dim(4))->str(), "(3 * n) / 2");
}

TEST(Dim, CancelsDivisors) {
  Dim half = *Dim::divide(sym("n"), Dim(2));
  EXPECT_EQ(half + half, sym("n"));
  EXPECT_EQ(Dim(2) * half, sym("n"));
  EXPECT_EQ(Dim(6) * half * sym("m"), Dim(3) * sym("n") * sym("m"));
  EXPECT_EQ(Dim(2) * *Dim::divide(sym("n"), Dim(4)), half);
  EXPECT_EQ(sym("k") * *Dim::divide(sym("n") + Dim(1), sym("k")), sym("n") + Dim(1));
  Dim more = sym("k") + Dim(1);
  EXPECT_EQ(more * *Dim::divide(sym("n"), more), sym("n"));
  EXPECT_EQ(*Dim::divide(sym("n") * sym("k"), Dim(2) * sym("k")), half);
  EXPECT_FALSE(half * half * Dim(2) == sym("n"));
  EXPECT_FALSE(half.isWhole());
  EXPECT_TRUE((Dim(2) * half).isWhole());
}

TEST(Dim, ReportsOverflow) {
  EXPECT_FALSE(Dim::add(Dim(INT64_MAX), Dim(1)));
  EXPECT_FALSE(Dim::multiply(Dim(INT64_MAX), Dim(2)));
  EXPECT_FALSE(Dim::subtract(Dim(INT64_MIN), Dim(1)));
  EXPECT_FALSE(Dim::divide(Dim(INT64_MIN), Dim(-1)));
}

TEST(Dim, StaysSmall) {
  std::optional<Dim> sum = Dim(0);
  for (int i = 0; sum && i < 1000; ++i)
    sum = Dim::add(*sum, Dim::symbol("d" + std::to_string(i)));
  EXPECT_FALSE(sum);
  std::optional<Dim> power = sym("n");
  for (int i = 0; power && i < 100; ++i)
    power = Dim::multiply(*power, sym("n"));
  EXPECT_FALSE(power);
}

TEST(Dim, EvaluatesAndTakesQuotientsApart) {
  auto ten = [](llvm::StringRef) -> std::optional<int64_t> { return 10; };
  EXPECT_EQ((Dim(2) * sym("n") + Dim(1)).evaluate(ten), 21);
  EXPECT_EQ(Dim::divide(sym("h"), Dim(2))->evaluate(ten), 5);
  EXPECT_FALSE(Dim::divide(sym("h"), Dim(3))->evaluate(ten)) << "10 / 3 leaves a remainder";
  Dim nested = *Dim::divide(*Dim::divide(sym("h"), Dim(3)) + Dim(1), sym("k"));
  auto parts = Dim::quotient(nested.normalForm().begin()->first.front());
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->first, *Dim::divide(sym("h"), Dim(3)) + Dim(1));
  EXPECT_EQ(parts->second, sym("k"));
}

} // namespace
