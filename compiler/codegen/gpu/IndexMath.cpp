// Arithmetic on indices that folds what is constant.
#include "compiler/codegen/gpu/IndexMath.h"
#include "compiler/codegen/gpu/TaskContraction.h"

namespace nnc::codegen {

using namespace mlir;

Value IndexMath::product(ArrayRef<OpFoldResult> sizes) {
  Value result = constant(1);
  for (OpFoldResult size : sizes)
    result = mul(result, value(size));
  return result;
}

SmallVector<Value> IndexMath::split(Value index, ArrayRef<OpFoldResult> sizes) {
  SmallVector<Value> indices(sizes.size());
  if (sizes.size() == 1)
    indices.front() = index;
  if (sizes.size() < 2)
    return indices;
  // Quotients of 32 bits take a fraction of those of 64.
  int64_t count = multiplySizes(sizes);
  bool isShort = !ShapedType::isDynamic(count) && count < (int64_t{1} << 30);
  Type type = isShort ? Type(builder.getI32Type()) : builder.getIndexType();
  auto convert = [&](Value number, Type to) {
    return isShort ? builder.createOrFold<arith::IndexCastUIOp>(loc, to, number) : number;
  };
  Value rest = convert(index, type);
  for (size_t loop = sizes.size(); loop-- > 1;) {
    Value size = convert(value(sizes[loop]), type);
    indices[loop] = convert(rem(rest, size), builder.getIndexType());
    rest = div(rest, size);
  }
  indices.front() = convert(rest, builder.getIndexType());
  return indices;
}

Value IndexMath::apply(AffineExpr expr, ValueRange dims) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dims[dim.getPosition()];
  if (auto number = dyn_cast<AffineConstantExpr>(expr))
    return constant(number.getValue());
  auto binary = cast<AffineBinaryOpExpr>(expr);
  Value lhs = apply(binary.getLHS(), dims), rhs = apply(binary.getRHS(), dims);
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    return add(lhs, rhs);
  case AffineExprKind::Mul:
    return mul(lhs, rhs);
  case AffineExprKind::Mod:
    return rem(lhs, rhs);
  case AffineExprKind::FloorDiv:
    return div(lhs, rhs);
  case AffineExprKind::CeilDiv:
    return builder.createOrFold<arith::CeilDivUIOp>(loc, lhs, rhs);
  default:
    llvm_unreachable("neither a dim nor a constant");
  }
}

} // namespace nnc::codegen
