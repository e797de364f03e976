// What the buffers of a tile hold, as vectors.
#ifndef NNC_COMPILER_CODEGEN_CPU_TILECONTENTS_H
#define NNC_COMPILER_CODEGEN_CPU_TILECONTENTS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"

#include <map>
#include <vector>

namespace nnc::codegen {

/// The vectors that a tile's own buffers consist of, by index and width: what is computed in a tile
/// is used from registers in the same tile.
class TileContents {
public:
  void put(mlir::Value buffer, mlir::ArrayRef<int64_t> indices, int64_t width, mlir::Value vector) {
    if (isOwn(buffer))
      contents[buffer][key(indices, width)] = vector;
  }
  /// Null where it isn't known.
  mlir::Value get(mlir::Value buffer, mlir::ArrayRef<int64_t> indices, int64_t width) const {
    auto found = contents.find(buffer);
    if (found == contents.end())
      return {};
    auto vector = found->second.find(key(indices, width));
    return vector == found->second.end() ? mlir::Value() : vector->second;
  }
  /// The buffer is written anew.
  void forget(mlir::Value buffer) { contents.erase(buffer); }

  /// Whether `buffer` is allocated where it is used, as a whole, by linalg operations of one block
  /// and the vector code that they become.
  static bool isOwn(mlir::Value buffer);
  /// Removes those that nothing reads any more, and returns their number.
  unsigned eraseUnread(mlir::RewriterBase &rewriter);

private:
  static std::vector<int64_t> key(mlir::ArrayRef<int64_t> indices, int64_t width) {
    std::vector<int64_t> values(indices.begin(), indices.end());
    values.push_back(width);
    return values;
  }
  mlir::DenseMap<mlir::Value, std::map<std::vector<int64_t>, mlir::Value>> contents;
};

/// The fill of `buffer` before `op`, where nothing in between touches that memory.
mlir::linalg::FillOp findFillBefore(mlir::Operation *op, mlir::Value buffer);

} // namespace nnc::codegen

#endif
