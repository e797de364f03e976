// Emits the tiles of a linalg operation, with what is computed within them.
#ifndef NNC_COMPILER_CODEGEN_CPU_TILEEMITTER_H
#define NNC_COMPILER_CODEGEN_CPU_TILEEMITTER_H

#include "compiler/codegen/cpu/TileLoops.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace nnc::codegen {

/// Emits the tiles of one root.
class TileEmitter {
public:
  /// `fused` are the contractions that are computed within the tiles. `tiles` has the tile's size
  /// for each loop of `root`, 0 for those that stay whole.
  TileEmitter(mlir::linalg::LinalgOp root, mlir::ArrayRef<mlir::linalg::LinalgOp> fused,
              mlir::ArrayRef<int64_t> tiles);

  /// What the results that are used start from: their destinations, or those of the fills of these.
  mlir::SmallVector<mlir::Value> findDestinations();
  /// Where these are written.
  mlir::SmallVector<mlir::AffineMap> findMaps();
  /// A value for each result of the root; `used` has those of the results that are used.
  mlir::SmallVector<mlir::Value> completeResults(mlir::ArrayRef<mlir::Value> used);

  /// Computes `tile` into `destinations`; returns their next values.
  mlir::SmallVector<mlir::Value> emit(mlir::OpBuilder &builder, const Tile &tile,
                                      mlir::ValueRange destinations);

private:
  mlir::Value emitUnused(mlir::OpBuilder &builder, mlir::OpOperand &init, const Tile &tile);
  mlir::Value emitFused(mlir::OpBuilder &builder, mlir::linalg::LinalgOp producer,
                        const Tile &tile);

  mlir::linalg::LinalgOp root;
  mlir::ArrayRef<mlir::linalg::LinalgOp> fused;
  mlir::SmallVector<bool> whole;
};

/// Patterns that tidy what has been tiled, and leave slices as bufferisation understands them.
void populateTileCleanupPatterns(mlir::RewritePatternSet &patterns);

} // namespace nnc::codegen

#endif
