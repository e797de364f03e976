// codegen-lower-vectors: transfers to loads and stores, functions to polynomials or libm.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/shared/Buffers.h"

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

/// Whether `transfer` moves a row that doesn't lie in one piece, such as a column of a matrix.
static bool isScattered(VectorTransferOpInterface transfer) {
  auto buffer = dyn_cast<MemRefType>(transfer.getShapedType());
  return buffer && !buffer.isLastDimUnitStride() && transfer.getVectorType().getRank() == 1 &&
         transfer.getPermutationMap().isMinorIdentity() && !transfer.hasOutOfBoundsDim() &&
         !transfer.getMask();
}

/// The indices of element `lane` of a transfer's row.
static SmallVector<Value> indicesOf(PatternRewriter &rewriter, VectorTransferOpInterface transfer,
                                    int64_t lane) {
  SmallVector<Value> indices(transfer.getIndices());
  Value offset = arith::ConstantIndexOp::create(rewriter, transfer.getLoc(), lane);
  indices.back() = rewriter.createOrFold<arith::AddIOp>(transfer.getLoc(), indices.back(), offset);
  return indices;
}

/// Upstream lowers transfers of contiguous rows alone; others go element by element.
struct ReadScattered : OpRewritePattern<vector::TransferReadOp> {
  ReadScattered(MLIRContext *context, Pass::Statistic &count)
      : OpRewritePattern(context), count(count) {}

  LogicalResult matchAndRewrite(vector::TransferReadOp read,
                                PatternRewriter &rewriter) const override {
    if (!isScattered(read))
      return failure();
    SmallVector<Value> elements;
    for (int64_t lane = 0; lane < read.getVectorType().getDimSize(0); ++lane)
      elements.push_back(memref::LoadOp::create(rewriter, read.getLoc(), read.getBase(),
                                                indicesOf(rewriter, read, lane)));
    rewriter.replaceOpWithNewOp<vector::FromElementsOp>(read, read.getVectorType(), elements);
    ++count;
    return success();
  }

  Pass::Statistic &count;
};

struct WriteScattered : OpRewritePattern<vector::TransferWriteOp> {
  WriteScattered(MLIRContext *context, Pass::Statistic &count)
      : OpRewritePattern(context), count(count) {}

  LogicalResult matchAndRewrite(vector::TransferWriteOp write,
                                PatternRewriter &rewriter) const override {
    if (!isScattered(write))
      return failure();
    for (int64_t lane = 0; lane < write.getVectorType().getDimSize(0); ++lane) {
      Value element =
          vector::ExtractOp::create(rewriter, write.getLoc(), write.getValueToStore(), lane);
      memref::StoreOp::create(rewriter, write.getLoc(), element, write.getBase(),
                              indicesOf(rewriter, write, lane));
    }
    rewriter.eraseOp(write);
    ++count;
    return success();
  }

  Pass::Statistic &count;
};

class LowerVectorsPass : public impl::LowerVectorsBase<LowerVectorsPass> {
public:
  using LowerVectorsBase::LowerVectorsBase;

  void runOnOperation() override {
    expandStridedCopies();
    RewritePatternSet patterns(&getContext());
    arith::populateCeilFloorDivExpandOpsPatterns(patterns);
    patterns.add<ReadScattered, WriteScattered>(&getContext(), numScattered);
    vector::populateVectorTransferLoweringPatterns(patterns, /*maxTransferRank=*/1);
    if (approximate)
      populateMathPolynomialApproximationPatterns(patterns, [](StringRef name) {
        return llvm::is_contained(
            {math::ErfOp::getOperationName(), math::ErfcOp::getOperationName(),
             math::ExpOp::getOperationName(), math::ExpM1Op::getOperationName(),
             math::Log1pOp::getOperationName(), math::Log2Op::getOperationName(),
             math::LogOp::getOperationName(), math::TanhOp::getOperationName()},
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
      if (!isContiguous(cast<MemRefType>(copy.getSource().getType())) ||
          !isContiguous(cast<MemRefType>(copy.getTarget().getType())))
        copies.push_back(copy);
    });
    for (memref::CopyOp copy : copies) {
      rewriter.setInsertionPoint(copy);
      auto loops =
          linalg::makeMemRefCopyOp(rewriter, copy.getLoc(), copy.getSource(), copy.getTarget());
      if (succeeded(linalg::linalgOpToLoops(rewriter, loops)))
        rewriter.eraseOp(loops);
      rewriter.eraseOp(copy);
      ++numCopies;
    }
  }

  LogicalResult callLibm() {
    ConversionTarget target(getContext());
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    target.addIllegalOp<math::AcosOp, math::AsinOp, math::AtanOp, math::Atan2Op, math::CbrtOp,
                        math::CoshOp, math::ErfOp, math::ErfcOp, math::ExpM1Op, math::Log1pOp,
                        math::SinhOp, math::TanOp, math::TanhOp>();
    RewritePatternSet patterns(&getContext());
    populateMathToLibmConversionPatterns(patterns);
    return applyPartialConversion(getOperation(), target, std::move(patterns));
  }
};

} // namespace
} // namespace nnc::codegen
