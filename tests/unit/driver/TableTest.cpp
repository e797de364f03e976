// Tables and numbers as people read them.
#include "compiler/driver/Table.h"

#include "gtest/gtest.h"

using namespace nnc::driver;

namespace {

TEST(Table, SeparatesThousands) {
  EXPECT_EQ(withSeparators(0), "0");
  EXPECT_EQ(withSeparators(999), "999");
  EXPECT_EQ(withSeparators(1000), "1,000");
  EXPECT_EQ(withSeparators(50890), "50,890");
  EXPECT_EQ(withSeparators(1234567890), "1,234,567,890");
}

TEST(Table, AlignsColumns) {
  Table table({Table::Align::Left, Table::Align::Right});
  table.row({"name", "n"});
  table.rule();
  table.row({"a", "1,000"});
  std::string text;
  llvm::raw_string_ostream os(text);
  table.print(os);
  EXPECT_EQ(text, "name      n\n-----------\na     1,000\n");
}

} // namespace
