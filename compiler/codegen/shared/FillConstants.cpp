// codegen-fill-constants: fills large constants of one value instead of storing them in the
// program.
#include "compiler/codegen/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_FILLCONSTANTS
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// The splat of a constant tensor that takes more than `least` bytes; null for all else.
DenseElementsAttr findLargeSplat(arith::ConstantOp constant, int64_t least) {
  auto elements = dyn_cast<DenseElementsAttr>(constant.getValue());
  if (!elements || !elements.isSplat() || !isa<RankedTensorType>(elements.getType()))
    return {};
  int64_t bytes = llvm::divideCeil(elements.getElementType().getIntOrFloatBitWidth(), 8);
  return elements.getNumElements() > least / bytes ? elements : DenseElementsAttr();
}

class FillConstantsPass : public impl::FillConstantsBase<FillConstantsPass> {
public:
  using FillConstantsBase::FillConstantsBase;

  void runOnOperation() override {
    SmallVector<arith::ConstantOp> constants;
    getOperation().walk([&](arith::ConstantOp constant) {
      if (findLargeSplat(constant, leastBytes))
        constants.push_back(constant);
    });
    for (arith::ConstantOp constant : constants) {
      fill(constant, cast<DenseElementsAttr>(constant.getValue()));
      ++numFilled;
    }
  }

private:
  /// One fill for each use, so that each may be made in the place where it goes.
  static void fill(arith::ConstantOp constant, DenseElementsAttr elements) {
    auto type = cast<RankedTensorType>(elements.getType());
    for (OpOperand &use : llvm::make_early_inc_range(constant->getUses())) {
      Operation *before = constant->getBlock()->findAncestorOpInBlock(*use.getOwner());
      OpBuilder builder(before);
      ImplicitLocOpBuilder b(constant.getLoc(), builder);
      b.setInsertionPoint(before);
      Value value = arith::ConstantOp::create(b, elements.getSplatValue<TypedAttr>());
      Value empty = tensor::EmptyOp::create(b, type.getShape(), type.getElementType());
      use.set(linalg::FillOp::create(b, value, empty).getResult(0));
    }
    constant.erase();
  }
};

} // namespace
} // namespace nnc::codegen
