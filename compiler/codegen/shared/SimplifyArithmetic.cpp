// codegen-simplify-arithmetic: exact reciprocals, and permission to fuse multiply and add.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/shared/LinalgUtils.h"

#include "mlir/Dialect/Math/IR/Math.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_SIMPLIFYARITHMETIC
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// Divides by a power of two by a multiplication, which gives the same. By no other number: of
/// `x / 41` at 41 the product with the reciprocal is less than 1, which shows in a floor. Whether
/// the division was replaced.
static bool multiplyByInverse(RewriterBase &rewriter, arith::DivFOp div) {
  FloatAttr divisor;
  APFloat inverse(0.0);
  if (!matchPattern(div.getRhs(), m_Constant(&divisor)) ||
      !divisor.getValue().getExactInverse(&inverse))
    return false;
  rewriter.setInsertionPoint(div);
  Value factor = arith::ConstantOp::create(rewriter, div.getLoc(),
                                           rewriter.getFloatAttr(div.getType(), inverse));
  rewriter.replaceOpWithNewOp<arith::MulFOp>(div, div.getLhs(), factor);
  return true;
}

class SimplifyArithmeticPass : public impl::SimplifyArithmeticBase<SimplifyArithmeticPass> {
public:
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<arith::DivFOp> divisions;
    getOperation().walk([&](arith::DivFOp div) { divisions.push_back(div); });
    for (arith::DivFOp div : divisions)
      numReciprocals += multiplyByInverse(rewriter, div);
    getOperation().walk([&](Operation *op) {
      if (!isa<arith::AddFOp, arith::SubFOp, arith::MulFOp>(op))
        return;
      auto interface = cast<arith::ArithFastMathInterface>(op);
      arith::FastMathFlags flags = interface.getFastMathFlagsAttr().getValue();
      op->setAttr(
          interface.getFastMathAttrName(),
          arith::FastMathFlagsAttr::get(&getContext(), flags | arith::FastMathFlags::contract));
    });
  }
};

} // namespace
} // namespace nnc::codegen
