// codegen-lower-vectors: transfers to loads and stores, functions to polynomials or libm.
#include "compiler/codegen/Passes.h"

#include "mlir/Conversion/MathToLibm/MathToLibm.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/Transforms/LoweringPatterns.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_LOWERVECTORS
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

class LowerVectorsPass : public impl::LowerVectorsBase<LowerVectorsPass> {
public:
  using LowerVectorsBase::LowerVectorsBase;

  void runOnOperation() override {
    expandStridedCopies();
    RewritePatternSet patterns(&getContext());
    arith::populateCeilFloorDivExpandOpsPatterns(patterns);
    vector::populateVectorTransferLoweringPatterns(patterns, /*maxTransferRank=*/1);
    if (approximate)
      populateMathPolynomialApproximationPatterns(patterns, [](StringRef name) {
        return llvm::is_contained(
            {math::ErfOp::getOperationName(), math::ExpOp::getOperationName(),
             math::ExpM1Op::getOperationName(), math::Log1pOp::getOperationName(),
             math::Log2Op::getOperationName(), math::LogOp::getOperationName(),
             math::TanhOp::getOperationName()},
            name);
      });
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    if (failed(callLibm()))
      signalPassFailure();
  }

private:
  /// Upstream lowers these to calls of a library of its own.
  void expandStridedCopies() {
    IRRewriter rewriter(&getContext());
    SmallVector<memref::CopyOp> copies;
    getOperation().walk([&](memref::CopyOp copy) {
      auto isContiguous = [](Value buffer) {
        return cast<MemRefType>(buffer.getType()).getLayout().isIdentity();
      };
      if (!isContiguous(copy.getSource()) || !isContiguous(copy.getTarget()))
        copies.push_back(copy);
    });
    for (memref::CopyOp copy : copies) {
      rewriter.setInsertionPoint(copy);
      auto loops =
          linalg::makeMemRefCopyOp(rewriter, copy.getLoc(), copy.getSource(), copy.getTarget());
      if (succeeded(linalg::linalgOpToLoops(rewriter, loops)))
        rewriter.eraseOp(loops);
      rewriter.eraseOp(copy);
    }
  }

  LogicalResult callLibm() {
    ConversionTarget target(getContext());
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    target.addIllegalOp<math::AcosOp, math::AsinOp, math::AtanOp, math::Atan2Op, math::CbrtOp,
                        math::CoshOp, math::ErfOp, math::ExpM1Op, math::Log1pOp, math::SinhOp,
                        math::TanOp, math::TanhOp>();
    RewritePatternSet patterns(&getContext());
    populateMathToLibmConversionPatterns(patterns);
    return applyPartialConversion(getOperation(), target, std::move(patterns));
  }
};

} // namespace
} // namespace nnc::codegen
