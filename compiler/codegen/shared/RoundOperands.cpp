// codegen-round-operands: rounds what products of matrices multiply.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/shared/LinalgUtils.h"
#include "compiler/codegen/shared/Rounding.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_ROUNDOPERANDS
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

Value roundTo(OpBuilder &builder, Location loc, Value number, Precision precision) {
  switch (precision) {
  case Precision::F32:
    return number;
  case Precision::Bf16: {
    Value rounded = arith::TruncFOp::create(builder, loc, builder.getBF16Type(), number);
    return arith::ExtFOp::create(builder, loc, builder.getF32Type(), rounded);
  }
  case Precision::Tf32:
    break;
  }
  // The 13 bits below the mantissa's 10, half of the last place added before they go.
  auto bitsOf = [&](uint32_t bits) -> Value {
    return arith::ConstantIntOp::create(builder, loc, static_cast<int32_t>(bits), 32);
  };
  Value bits = arith::BitcastOp::create(builder, loc, builder.getI32Type(), number);
  bits = arith::AddIOp::create(builder, loc, bits, bitsOf(0x1000));
  bits = arith::AndIOp::create(builder, loc, bits, bitsOf(0xffffe000));
  Value rounded = arith::BitcastOp::create(builder, loc, builder.getF32Type(), bits);
  Value isNumber = // NaN's bits could become infinity's.
      arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::ORD, number, number);
  return arith::SelectOp::create(builder, loc, isNumber, rounded, number);
}

/// Whether `op`, on tensors, is a product of matrices of f32: each operand has a dimension of the
/// result for itself, of more than one place. A sum of products of numbers at the same places is
/// none.
static bool isMatrixProduct(linalg::LinalgOp op) {
  if (!isContraction(op) || !op.getRegionOutputArgs().front().getType().isF32())
    return false;
  Factors factors = *findFactors(op);
  AffineMap lhs = op.getMatchingIndexingMap(factors.lhs);
  AffineMap rhs = op.getMatchingIndexingMap(factors.rhs);
  bool hasRows = false, hasColumns = false;
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  for (auto [loop, iterator] : llvm::enumerate(op.getIteratorTypesArray())) {
    if (iterator != utils::IteratorType::parallel || ranges[loop] == 1)
      continue;
    bool ofLhs = involves(lhs, loop), ofRhs = involves(rhs, loop);
    hasRows |= ofLhs && !ofRhs;
    hasColumns |= ofRhs && !ofLhs;
  }
  return hasRows && hasColumns;
}

namespace {

class RoundOperandsPass : public impl::RoundOperandsBase<RoundOperandsPass> {
public:
  using RoundOperandsBase::RoundOperandsBase;

  void runOnOperation() override {
    std::optional<Precision> known = parsePrecision(precision);
    if (!known) {
      getOperation()->emitOpError("expected a precision of f32, tf32 or bf16");
      return signalPassFailure();
    }
    if (*known == Precision::F32)
      return;
    SmallVector<linalg::LinalgOp> products;
    getOperation()->walk([&](linalg::LinalgOp op) {
      if (isMatrixProduct(op))
        products.push_back(op);
    });
    for (linalg::LinalgOp op : products) {
      Factors factors = *findFactors(op);
      for (OpOperand *operand : {factors.lhs, factors.rhs})
        if (getElementTypeOrSelf(operand->get().getType()).isF32())
          operand->set(round(operand->get(), op, *known));
    }
  }

private:
  /// A tensor of the same numbers, rounded.
  Value round(Value tensor, linalg::LinalgOp user, Precision precision) {
    OpBuilder builder(user);
    Location loc = user.getLoc();
    auto type = cast<RankedTensorType>(tensor.getType());
    Value empty = tensor::EmptyOp::create(builder, loc, tensor::getMixedSizes(builder, loc, tensor),
                                          type.getElementType());
    AffineMap map = builder.getMultiDimIdentityMap(type.getRank());
    SmallVector<utils::IteratorType> iterators(type.getRank(), utils::IteratorType::parallel);
    auto op =
        linalg::GenericOp::create(builder, loc, type, tensor, empty, ArrayRef<AffineMap>{map, map},
                                  iterators, [&](OpBuilder &inner, Location, ValueRange arguments) {
                                    Value result =
                                        roundTo(inner, loc, arguments.front(), precision);
                                    linalg::YieldOp::create(inner, loc, result);
                                  });
    ++numOperands;
    return op.getResult(0);
  }
};

} // namespace
} // namespace nnc::codegen
