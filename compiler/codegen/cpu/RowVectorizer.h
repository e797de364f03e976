// Vector code for a small static linalg operation, row by row in one-dimensional vectors.
//
// Upstream's vectoriser makes one multi-dimensional vector of a tile, which is then taken apart
// again; what order that leaves decides whether the tile stays in registers. Here each row (and
// vector within it) of the result is computed to its end before the next is begun, and a
// reduction's accumulators are values of its loops:
//
//   acc[0..rows*vectors] = init
//   scf.for %k { for each row: broadcast %a[row, %k]; for each vector: acc = fma(a, %b[%k, vector],
//   acc) } for each row and vector: write acc
#ifndef NNC_COMPILER_CODEGEN_CPU_ROWVECTORIZER_H
#define NNC_COMPILER_CODEGEN_CPU_ROWVECTORIZER_H

#include "compiler/codegen/cpu/TileContents.h"
#include "compiler/codegen/cpu/TilePlan.h"

namespace nnc::codegen {

/// Replaces `op`, on buffers, by vector code; fails, without changes, where it has no form for it.
/// `maxElements` bounds the code: the elements of the result that are computed at once.
mlir::LogicalResult vectorizeRows(mlir::RewriterBase &rewriter, mlir::linalg::LinalgOp op,
                                  const VectorUnit &unit, int64_t maxElements,
                                  TileContents &contents);

} // namespace nnc::codegen

#endif
