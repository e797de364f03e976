// Arithmetic on indices that folds what is constant.
#ifndef NNC_COMPILER_CODEGEN_GPU_INDEXMATH_H
#define NNC_COMPILER_CODEGEN_GPU_INDEXMATH_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/Builders.h"

namespace nnc::codegen {

/// Emits at the builder's place; indices are never negative.
class IndexMath {
public:
  IndexMath(mlir::OpBuilder &builder, mlir::Location loc) : builder(builder), loc(loc) {}

  mlir::Value constant(int64_t value) {
    return mlir::arith::ConstantIndexOp::create(builder, loc, value);
  }
  mlir::Value value(mlir::OpFoldResult size) {
    return mlir::getValueOrCreateConstantIndexOp(builder, loc, size);
  }
  mlir::Value add(mlir::Value a, mlir::Value b) {
    return builder.createOrFold<mlir::arith::AddIOp>(loc, a, b);
  }
  mlir::Value add(mlir::Value a, int64_t b) { return add(a, constant(b)); }
  mlir::Value mul(mlir::Value a, mlir::Value b) {
    return builder.createOrFold<mlir::arith::MulIOp>(loc, a, b);
  }
  mlir::Value mul(mlir::Value a, int64_t b) { return mul(a, constant(b)); }
  mlir::Value div(mlir::Value a, mlir::Value b) {
    return builder.createOrFold<mlir::arith::DivUIOp>(loc, a, b);
  }
  mlir::Value div(mlir::Value a, int64_t b) { return div(a, constant(b)); }
  mlir::Value rem(mlir::Value a, mlir::Value b) {
    return builder.createOrFold<mlir::arith::RemUIOp>(loc, a, b);
  }
  mlir::Value rem(mlir::Value a, int64_t b) { return b == 1 ? constant(0) : rem(a, constant(b)); }
  mlir::Value less(mlir::Value a, mlir::Value b) {
    return mlir::arith::CmpIOp::create(builder, loc, mlir::arith::CmpIPredicate::ult, a, b);
  }
  mlir::Value less(mlir::Value a, int64_t b) { return less(a, constant(b)); }
  /// Both; null is true.
  mlir::Value both(mlir::Value a, mlir::Value b) {
    if (!a || !b)
      return a ? a : b;
    return mlir::arith::AndIOp::create(builder, loc, a, b);
  }
  mlir::Value product(mlir::ArrayRef<mlir::OpFoldResult> sizes);

  /// The indices of loops of `sizes` at pass `index` of all of them.
  mlir::SmallVector<mlir::Value> split(mlir::Value index, mlir::ArrayRef<mlir::OpFoldResult> sizes);
  /// `expr`, where its dims are `dims`.
  mlir::Value apply(mlir::AffineExpr expr, mlir::ValueRange dims);

private:
  mlir::OpBuilder &builder;
  mlir::Location loc;
};

} // namespace nnc::codegen

#endif
