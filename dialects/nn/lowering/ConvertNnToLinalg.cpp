// convert-nn-to-linalg: the patterns of this folder, and signless types everywhere.
#include "dialects/nn/lowering/Lowering.h"
#include "dialects/nn/lowering/Passes.h"
#include "dialects/nn/transforms/ExpandGradients.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Func/Transforms/FuncConversions.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::nn;

namespace mlir::nn {
#define GEN_PASS_DEF_CONVERTNNTOLINALGPASS
#include "dialects/nn/lowering/Passes.h.inc"
} // namespace mlir::nn

namespace {
/// An operation of another dialect on ui8, such as tensor.dim: the same on i8.
struct MakeSignless : ConversionPattern {
  MakeSignless(const TypeConverter &converter, MLIRContext *context)
      : ConversionPattern(converter, MatchAnyOpTypeTag(), /*benefit=*/0, context) {}

  LogicalResult matchAndRewrite(Operation *op, ArrayRef<Value> operands,
                                ConversionPatternRewriter &rewriter) const override {
    if (isa<NnDialect>(op->getDialect()) || op->getNumRegions() != 0)
      return rewriter.notifyMatchFailure(op, "the op isn't signless by its types alone");
    SmallVector<Type> types;
    if (failed(getTypeConverter()->convertTypes(op->getResultTypes(), types)))
      return failure();
    OperationState state(op->getLoc(), op->getName(), operands, types, op->getAttrs(),
                         op->getSuccessors());
    rewriter.replaceOp(op, rewriter.create(state));
    return success();
  }
};

struct ConvertNnToLinalgPass : nn::impl::ConvertNnToLinalgPassBase<ConvertNnToLinalgPass> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    inlineForward(getOperation());
    SignlessConverter converter;
    LoweringInfo info(getOperation());

    RewritePatternSet patterns(context);
    Lowering lowering{converter, info};
    populateConstantLowerings(patterns, lowering);
    populateContractionLowerings(patterns, lowering);
    populateElementwiseLowerings(patterns, lowering);
    populateLookupLowerings(patterns, lowering);
    populateRandomLowerings(patterns, lowering);
    populateReductionLowerings(patterns, lowering);
    populateScanLowerings(patterns, lowering);
    populateShapeLowerings(patterns, lowering);
    populateWindowLowerings(patterns, lowering);
    populateFunctionOpInterfaceTypeConversionPattern<func::FuncOp>(patterns, converter);
    populateReturnOpTypeConversionPattern(patterns, converter);
    populateCallOpTypeConversionPattern(patterns, converter);
    patterns.add<MakeSignless>(converter, context);

    ConversionTarget target(*context);
    target.addIllegalDialect<NnDialect>();
    target.addDynamicallyLegalOp<func::FuncOp>([&](func::FuncOp function) {
      return converter.isSignatureLegal(function.getFunctionType()) &&
             converter.isLegal(&function.getBody());
    });
    target.markUnknownOpDynamicallyLegal([&](Operation *op) { return converter.isLegal(op); });
    unsigned numOperations = 0;
    getOperation()->walk([&](Operation *op) { numOperations += isa<NnDialect>(op->getDialect()); });
    if (failed(applyFullConversion(getOperation(), target, std::move(patterns))))
      return signalPassFailure();
    numLowered += numOperations;
  }
};
} // namespace
