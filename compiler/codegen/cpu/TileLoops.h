// Loops over the tiles of a linalg operation.
//
// Sizes that the tile doesn't divide end in smaller tiles, which get code of their own, so that
// every tile has a static shape: a static rest is one tile, a dynamic one is taken by vectors, then
// by elements. The outermost loop may be shared: its iterations become tasks of an scf.forall, each
// a block of tiles.
#ifndef NNC_COMPILER_CODEGEN_CPU_TILELOOPS_H
#define NNC_COMPILER_CODEGEN_CPU_TILELOOPS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace nnc::codegen {

/// A tile: where it lies in each loop of the root, and its sizes.
struct Tile {
  mlir::SmallVector<mlir::OpFoldResult> offsets;
  mlir::SmallVector<mlir::OpFoldResult> sizes;
  /// The same in the destinations, of which a task has only its own part.
  mlir::SmallVector<mlir::OpFoldResult> destinationOffsets;
  /// Operands of which the tile's part is known already.
  llvm::SmallDenseMap<mlir::OpOperand *, mlir::Value> packed;
};

/// The part of `operand` that is read or written at `map` by loops of these offsets and sizes,
/// where `whole[loop]` says that all of a loop is run. A slice of `operand`'s rank.
struct OperandSlice {
  mlir::SmallVector<mlir::OpFoldResult> offsets, sizes;
};
OperandSlice findSlice(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value operand,
                       mlir::AffineMap map, mlir::ArrayRef<mlir::OpFoldResult> offsets,
                       mlir::ArrayRef<mlir::OpFoldResult> sizes, mlir::ArrayRef<bool> whole);

/// When and how threads share a loop, in floating-point operations.
struct SharingRule {
  /// Work from which on a loop is shared; 0: never.
  uint64_t least = 0;
  /// The work of a task: small enough to balance, large against the cost of a hand-over.
  uint64_t task() const { return std::max<uint64_t>(1, least / 32); }
};

class TileLoops {
public:
  /// Emits one tile into the destinations' values so far; returns their next ones.
  using EmitTile = llvm::function_ref<mlir::SmallVector<mlir::Value>(
      mlir::OpBuilder &, const Tile &, mlir::ValueRange)>;

  /// `tiles` has the tile's size for each loop of `root`, 0 for those that stay whole. `maps` say
  /// where the destinations are written. `flops` is the work of one iteration of the loops whose
  /// sizes are `workSizes`.
  TileLoops(mlir::OpBuilder &builder, mlir::linalg::LinalgOp root, mlir::ArrayRef<int64_t> tiles,
            int64_t lanes, mlir::ArrayRef<mlir::AffineMap> maps, SharingRule rule, uint64_t flops,
            mlir::ArrayRef<mlir::OpFoldResult> workSizes, EmitTile emit);

  /// Builds the loops around `destinations`, and returns these as they are at the end.
  mlir::SmallVector<mlir::Value> build(mlir::ValueRange destinations);

  /// Why threads don't share the loops that were built; empty where they do.
  llvm::StringRef whyNotShared() const { return obstacle; }

private:
  using Values = mlir::SmallVector<mlir::Value>;
  /// From `low` to `high` in tiles of `step`.
  struct Segment {
    mlir::OpFoldResult low, high;
    int64_t step;
    bool isOne; ///< One tile, without a loop.
  };

  Values buildFrom(unsigned position, mlir::ValueRange destinations);
  mlir::SmallVector<Segment> segmentsOf(unsigned dim);
  Values buildSegment(unsigned position, const Segment &segment, mlir::ValueRange destinations);
  Values buildShared(unsigned position, const Segment &segment, mlir::OpFoldResult task,
                     mlir::ValueRange destinations);
  /// How many iterations of the outermost loop are a task; null where it isn't shared.
  mlir::OpFoldResult planTask(unsigned dim, const Segment &segment);
  mlir::OpFoldResult sum(mlir::OpFoldResult a, mlir::OpFoldResult b);

  mlir::OpBuilder &builder;
  mlir::linalg::LinalgOp root;
  mlir::Location loc;
  mlir::SmallVector<int64_t> tiles;
  int64_t lanes;
  mlir::SmallVector<mlir::AffineMap> maps;
  SharingRule rule;
  uint64_t flops;
  mlir::SmallVector<mlir::OpFoldResult> workSizes;
  EmitTile emit;
  mlir::SmallVector<mlir::OpFoldResult> loopRanges;
  mlir::SmallVector<unsigned> order; ///< The tiled loops, outermost first.
  Tile tile;
  bool isInLoop = false;
  llvm::StringRef obstacle = "it is a single tile";
};

} // namespace nnc::codegen

#endif
