// The planner's choices: what fits the registers, and what wins.
#include "compiler/codegen/cpu/TilePlan.h"

#include <gtest/gtest.h>

namespace nnc::codegen::test {
namespace {

constexpr int64_t kDynamic = mlir::ShapedType::kDynamic;

TEST(TilePlan, EveryTileFitsTheRegisters) {
  for (VectorUnit unit : {VectorUnit{128, 16}, VectorUnit{256, 16}, VectorUnit{512, 32}}) {
    int64_t lanes = unit.bits / 32;
    for (int64_t rows = 1; rows <= 70; ++rows)
      for (int64_t columns = 1; columns <= 70; ++columns) {
        RegisterTile tile = planRegisterTile(rows, columns, lanes, unit);
        ASSERT_GE(tile.rows, 1);
        ASSERT_LE(tile.rows, rows);
        ASSERT_GE(tile.columns, 1);
        ASSERT_LE(tile.columns, columns);
        int64_t vectors = (tile.columns + lanes - 1) / lanes;
        ASSERT_LT(tile.rows * vectors, int64_t(unit.registers));
      }
  }
}

TEST(TilePlan, LargeResultsGetTilesThatAreBoundByMultiplyAdds) {
  for (VectorUnit unit : {VectorUnit{256, 16}, VectorUnit{512, 32}}) {
    int64_t lanes = unit.bits / 32;
    RegisterTile tile = planRegisterTile(960, 960, lanes, unit);
    int64_t vectors = tile.columns / lanes;
    EXPECT_GE(tile.rows * vectors, tile.rows + vectors);
    EXPECT_GE(tile.rows * vectors, 8); // Latency times throughput.
    EXPECT_EQ(tile.columns % lanes, 0);
  }
}

TEST(TilePlan, SymbolicSizesGetTheTilesOfLargeOnes) {
  EXPECT_EQ(planRegisterTile(kDynamic, 64, 8, {}).rows, planRegisterTile(840, 64, 8, {}).rows);
  EXPECT_EQ(planRegisterTile(840, kDynamic, 8, {}).columns % 8, 0);
}

TEST(TilePlan, NarrowResultsAreTakenWhole) {
  EXPECT_EQ(planRegisterTile(32, 10, 8, {}).columns, 10);
  EXPECT_EQ(planRegisterTile(32, 3, 8, {}).columns, 3);
}

TEST(TilePlan, LanesFollowTheElementType) {
  mlir::MLIRContext context;
  mlir::Builder builder(&context);
  VectorUnit unit{256, 16};
  EXPECT_EQ(unit.lanes(builder.getF32Type()), 8);
  EXPECT_EQ(unit.lanes(builder.getF64Type()), 4);
  EXPECT_EQ(unit.lanes(builder.getI8Type()), 32);
  EXPECT_EQ(unit.lanes(builder.getI1Type()), 32);
  EXPECT_EQ(unit.lanes(builder.getIndexType()), 4);
}

} // namespace
} // namespace nnc::codegen::test
