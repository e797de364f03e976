// Tile sizes for a vector unit, and the cost model behind them.
//
// A contraction's innermost tile keeps rows x vectors accumulators in registers. For each reduced
// element it loads `vectors` vectors of one operand, broadcasts `rows` scalars of the other, and
// does rows * vectors multiply-adds. With two multiply-adds and two loads a cycle, and a latency of
// four cycles that is never quite hidden, that takes
//
//   max(rows * vectors / 2, (rows + vectors) / 2, 4 1/2) + 1/2
//
// cycles, the half for the loop. A tile is possible when accumulators, the loaded vectors and one
// broadcast fit the registers (a single row multiplies straight from memory). The plan is the tile
// with the lowest sum over all tiles of a result, the smaller ones at its edges included. Rows
// that the tile doesn't divide cost 5 % more, columns 2 %: each edge is another copy of the tile's
// code, epilogue and all.
//
// Where the operands lie along the reduced loop, the vectors go along that: a tile of dot products
// keeps rows x columns vectors of partial sums, which are added up in the end, at 8 cycles each. It
// takes the same cycles for a vector's worth of reduced elements as the tile above for one. Which
// way a contraction is computed depends on the sum of these and of copying its right side where
// that lies otherwise, 1 cycle an element (4 where it exceeds 512 KiB and comes from beyond a
// second cache, and then each row of tiles fetches it anew, at 10 bytes a cycle).
//
// A product of matrices is computed in blocks (BlockLoops.h) where its right side exceeds a first
// cache of 32 KiB and each of its elements is used by so many rows that copying it costs next to
// nothing. A panel, the part of the right side for one tile's columns, has at most 32 KiB, so that
// it and the tile's rows of the left side hardly leave the first cache while a tile is computed;
// the panels of a block have 128 KiB together, and so have its sums where they don't stay in
// registers. That leaves room in second caches of 512 KiB and more.
#ifndef NNC_COMPILER_CODEGEN_CPU_TILEPLAN_H
#define NNC_COMPILER_CODEGEN_CPU_TILEPLAN_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace nnc::codegen {

/// A CPU's vector registers.
struct VectorUnit {
  unsigned bits = 256;
  unsigned registers = 16;

  /// Elements of `type` in a register; bool and index count as bytes and 64 bits.
  int64_t lanes(mlir::Type type) const;
  /// The registers that dot products are computed in: sums beyond these hide no more latency, and
  /// adding up each is code of its own.
  VectorUnit forDots() const { return {bits, registers * 2 / 3}; }
};

/// A tile of a contraction's result: so many rows of so many elements.
struct RegisterTile {
  int64_t rows = 1;
  int64_t columns = 1;
};

/// The best tile for a result of `rows` x `columns`. A dynamic size is taken for a large one: what
/// is left of it is computed in smaller tiles.
RegisterTile planRegisterTile(int64_t rows, int64_t columns, int64_t lanes, const VectorUnit &unit);

/// The loops of a contraction by their part in a register tile.
struct ContractionRoles {
  /// The result's innermost loop.
  unsigned column;
  /// Those loops of the result that the operand with the columns doesn't have, innermost first.
  mlir::SmallVector<unsigned> rows;
};
/// None where no operand has the columns innermost or, with `anyOrder`, as a dimension at all.
std::optional<ContractionRoles> findRoles(mlir::linalg::LinalgOp contraction,
                                          bool anyOrder = false);

/// The loop along which `op` is computed in vectors: the result's innermost, or, where a reduction
/// reads that with a stride, the reduced one that lies innermost in the inputs. None for operations
/// on scalars.
std::optional<unsigned> findVectorLoop(mlir::linalg::LinalgOp op);

/// The loop along which the elements of `operand` lie in a row, where that isn't `vectorLoop`: a
/// square of both loops can be transposed in registers. Only for operations without reductions.
std::optional<unsigned> findTransposedLoop(mlir::linalg::LinalgOp op, mlir::OpOperand &operand,
                                           unsigned vectorLoop);

/// Whether `contraction` costs less in dot products than in vectors along its result's columns, the
/// copy of its right side that either may need included. Never where sizes other than the number of
/// rows are symbolic.
bool prefersDots(mlir::linalg::LinalgOp contraction, const VectorUnit &unit);

/// Tile sizes for each loop of `root`, 0 for those that stay whole. `contraction`, where there is
/// one, is computed within the root's tile; it may be the root itself. Empty: not to be tiled.
mlir::SmallVector<int64_t> planTiles(mlir::linalg::LinalgOp root,
                                     mlir::linalg::LinalgOp contraction, const VectorUnit &unit);

/// How a matrix product is computed in blocks.
struct BlockPlan {
  /// The loops of the contraction: the result's rows and columns, and the reduced one.
  unsigned row, column, reduced;
  /// The operand with the rows, and the one with the columns, each with the reduced loop.
  mlir::OpOperand *lhs, *rhs;
  /// What the right side is copied from, and whether it has the columns outermost.
  mlir::Value rhsSource;
  bool isTransposed;
  /// The register tile.
  int64_t tileRows, tileColumns;
  /// A block of the result, in whole tiles where it isn't all, and the part of the reduced loop
  /// that is packed at once.
  int64_t rows, columns, depth;
  /// Elements between packed rows of the left side.
  int64_t padding;
  /// Iterations of all loops, a symbolic size counted as a small one.
  uint64_t leastWork;
};

/// The blocks of `contraction`, which is computed within the tiles `tiles` of `root`; none where it
/// isn't a product of two matrices with known numbers of rows and columns, or where its operands
/// are small enough, or used too seldom, to be read where they lie; `why` says which.
std::optional<BlockPlan> planBlocks(mlir::linalg::LinalgOp root, mlir::linalg::LinalgOp contraction,
                                    mlir::ArrayRef<int64_t> tiles, const VectorUnit &unit,
                                    llvm::StringRef &why);

/// Floating-point operations of one iteration of all loops, roughly.
uint64_t countFlops(mlir::linalg::LinalgOp op);

/// Floating-point operations that a core does while a byte comes from beyond its own caches.
inline constexpr unsigned kFlopsOfByte = 16;

/// What one iteration of all loops costs, in floating-point operations. A byte of an operand that
/// every iteration reads or writes anew counts as kFlopsOfByte of these: it comes from the core
/// that ran its share of the loop before. Operands that lack a loop are read again and stay near.
uint64_t countWork(mlir::linalg::LinalgOp op);

} // namespace nnc::codegen

#endif
