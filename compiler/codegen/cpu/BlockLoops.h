// Loops over blocks of a matrix product that exceeds the caches.
//
// A task computes a block of the result, rows x columns (TilePlan.h's BlockPlan). It goes through
// the reduced loop in parts of `depth`. Of each it copies the right side's part once, as panels as
// wide as a register tile (in squares where it lies transposed), and the left side's rows for each
// tile, so that what the innermost loop reads lies close together, however far apart the operands'
// rows are:
//
//   for each block of the result (a task)
//     for each part of the reduced loop
//       panels = right side [part, columns of the block]   as [panel][reduced][column of a tile]
//       for each tile's rows
//         strip = left side [rows, part]
//         for each panel
//           tile += strip * panel
//
// Where one part is all, a tile stays in registers and what follows the product is computed there.
// Otherwise the block's sums stay in a buffer of the task between the parts, and what follows is
// computed from that. Sums add up in the order of the reduced loop, as without blocks.
#ifndef NNC_COMPILER_CODEGEN_CPU_BLOCKLOOPS_H
#define NNC_COMPILER_CODEGEN_CPU_BLOCKLOOPS_H

#include "compiler/codegen/cpu/TileLoops.h"
#include "compiler/codegen/cpu/TilePlan.h"

namespace nnc::codegen {

class BlockLoops {
public:
  using EmitTile = TileLoops::EmitTile;

  /// `maps` say where the destinations are written, in loops of `root`; `emit` emits a tile of
  /// `root` from the operands that the tile says are packed. Threads share the blocks where
  /// `isShared`.
  BlockLoops(mlir::RewriterBase &builder, mlir::linalg::LinalgOp root,
             mlir::linalg::LinalgOp contraction, const BlockPlan &plan,
             mlir::ArrayRef<mlir::AffineMap> maps, bool isShared, EmitTile emit);

  /// Builds the loops around `destinations`, and returns these as they are at the end.
  mlir::SmallVector<mlir::Value> build(mlir::ValueRange destinations);

  /// The copies that were made on the way, untiled.
  mlir::ArrayRef<mlir::linalg::LinalgOp> getCopies() const { return copies; }

private:
  using Values = mlir::SmallVector<mlir::Value>;
  /// A range of one loop.
  struct Extent {
    mlir::OpFoldResult offset, size;
  };
  /// A block's part of one loop that tiles go along: the tile's size, and what the last one leaves.
  struct Tiling {
    Extent block;
    int64_t tile, rest;
  };
  using EmitExtent = llvm::function_ref<Values(const Extent &, mlir::ValueRange)>;
  using EmitProduct =
      llvm::function_ref<Values(const Extent &rows, const Extent &columns, mlir::Value strip,
                                mlir::Value panel, mlir::ValueRange)>;

  Values buildTask(mlir::Value task, mlir::ValueRange wholes,
                   mlir::SmallVectorImpl<OperandSlice> &slices);
  Values buildBlock(mlir::ValueRange parts);
  Values buildInParts(mlir::ValueRange parts);
  Values buildProducts(const Extent &part, mlir::ValueRange values, EmitProduct emitProduct);
  Values buildEpilogue(mlir::Value sums, mlir::ValueRange parts);
  Values forTiles(const Tiling &tiling, mlir::ValueRange values, EmitExtent body);
  Values forStep(mlir::OpFoldResult low, mlir::OpFoldResult high, int64_t step,
                 mlir::ValueRange values, EmitExtent body);
  void placeTile(const Extent &rows, const Extent &columns);

  Values packColumns(const Extent &part);
  mlir::Value packPanels(const Extent &part, const Extent &at, int64_t width, mlir::Value scratch);
  mlir::Value packStrip(const Extent &rows, const Extent &part);
  mlir::Value copyTo(mlir::Value from, mlir::Value to, mlir::AffineMap fromMap,
                     mlir::AffineMap toMap);
  mlir::Value makeScratch(mlir::ArrayRef<int64_t> shape, mlir::Value like);
  mlir::Value extract(mlir::Value from, mlir::ArrayRef<Extent> extents);
  mlir::Value extractMatrix(mlir::Value from, mlir::ArrayRef<Extent> extents);
  mlir::Value insert(mlir::Value part, mlir::Value into, mlir::ArrayRef<Extent> extents);

  Extent extentOf(int64_t total, int64_t block, mlir::OpFoldResult index);
  mlir::OpFoldResult apply(mlir::AffineExpr expr, mlir::ArrayRef<mlir::OpFoldResult> operands);
  mlir::Value asValue(mlir::OpFoldResult value);
  mlir::OpFoldResult sum(mlir::OpFoldResult a, mlir::OpFoldResult b);
  mlir::OpFoldResult fixed(int64_t value) { return builder.getIndexAttr(value); }

  mlir::RewriterBase &builder;
  mlir::linalg::LinalgOp root, contraction;
  mlir::Location loc;
  BlockPlan plan;
  mlir::SmallVector<mlir::AffineMap> maps;
  bool isShared;
  EmitTile emit;
  int64_t numRows, numColumns;
  mlir::OpFoldResult reducedSize;
  unsigned rowLoop, columnLoop; ///< Of the root.
  Tiling rows, columns;         ///< Of the block that is being built.
  Tile tile;
  mlir::SmallVector<mlir::linalg::LinalgOp> copies;
};

} // namespace nnc::codegen

#endif
