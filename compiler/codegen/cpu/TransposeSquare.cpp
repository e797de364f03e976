// Transposing in vector registers: log2(n) rounds of n shuffles of two registers each.
#include "compiler/codegen/cpu/TransposeSquare.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace nnc::codegen {

using namespace mlir;

void transposeSquare(OpBuilder &builder, Location loc, MutableArrayRef<Value> rows) {
  int64_t width = rows.size();
  // In squares of twice `size`, the two blocks off the diagonal change places.
  for (int64_t size = 1; size < width; size *= 2) {
    SmallVector<int64_t> upper, lower;
    for (int64_t lane = 0; lane < width; ++lane) {
      bool isRight = (lane & size) != 0;
      upper.push_back(isRight ? width + lane - size : lane);
      lower.push_back(isRight ? width + lane : lane + size);
    }
    for (int64_t row = 0; row < width; ++row) {
      if (row & size)
        continue;
      Value a = rows[row], b = rows[row + size];
      rows[row] = vector::ShuffleOp::create(builder, loc, a, b, upper);
      rows[row + size] = vector::ShuffleOp::create(builder, loc, a, b, lower);
    }
  }
}

} // namespace nnc::codegen
