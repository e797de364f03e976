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

#include "compiler/codegen/cpu/TilePlan.h"

#include <map>
#include <vector>

namespace nnc::codegen {

/// The vectors that small tensors consist of, by index and width: what is computed in a tile is
/// used from registers in the same tile.
class TileContents {
public:
  void put(mlir::Value tensor, mlir::ArrayRef<int64_t> indices, int64_t width, mlir::Value vector) {
    contents[tensor][key(indices, width)] = vector;
  }
  /// Null where it isn't known.
  mlir::Value get(mlir::Value tensor, mlir::ArrayRef<int64_t> indices, int64_t width) const {
    auto found = contents.find(tensor);
    if (found == contents.end())
      return {};
    auto vector = found->second.find(key(indices, width));
    return vector == found->second.end() ? mlir::Value() : vector->second;
  }

private:
  static std::vector<int64_t> key(mlir::ArrayRef<int64_t> indices, int64_t width) {
    std::vector<int64_t> values(indices.begin(), indices.end());
    values.push_back(width);
    return values;
  }
  mlir::DenseMap<mlir::Value, std::map<std::vector<int64_t>, mlir::Value>> contents;
};

/// Replaces `op` by vector code; fails, without changes, where it has no form for it. `maxElements`
/// bounds the code: the elements of the result that are computed at once.
mlir::LogicalResult vectorizeRows(mlir::RewriterBase &rewriter, mlir::linalg::LinalgOp op,
                                  const VectorUnit &unit, int64_t maxElements,
                                  TileContents &contents);

} // namespace nnc::codegen

#endif
