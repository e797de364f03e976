// codegen-expand-narrow-floats: computes on f16 and bf16 in f32, and rounds to bf16 by integers.
#include "compiler/codegen/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Transforms/DialectConversion.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_EXPANDNARROWFLOATS
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// `type`, a scalar or a vector, with another element type.
static Type withElement(Type type, Type element) {
  if (auto vector = dyn_cast<VectorType>(type))
    return vector.clone(element);
  return element;
}

/// Integers reach bf16 through f64, which holds an i32 exactly: through f32 they would be rounded
/// twice.
template <typename ConvertOp> struct RoundIntegerOnce : OpRewritePattern<ConvertOp> {
  using OpRewritePattern<ConvertOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(ConvertOp op, PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isBF16())
      return failure();
    Type wide = withElement(op.getType(), rewriter.getF64Type());
    Value exact = ConvertOp::create(rewriter, op.getLoc(), wide, op.getIn());
    rewriter.replaceOpWithNewOp<arith::TruncFOp>(op, op.getType(), exact);
    return success();
  }
};

/// f64 to bf16 through f32, rounded to odd there: the last bit says whether anything was lost, so
/// that the second rounding gives what one alone would (Boldo & Melquiond, "Emulation of a FMA and
/// correctly rounded sums", 2008).
struct RoundDoubleOnce : OpRewritePattern<arith::TruncFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::TruncFOp op, PatternRewriter &rewriter) const override {
    Value x = op.getIn();
    if (!getElementTypeOrSelf(op.getType()).isBF16() || !getElementTypeOrSelf(x.getType()).isF64())
      return failure();
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Type single = withElement(x.getType(), b.getF32Type());
    Type word = withElement(x.getType(), b.getI32Type());
    Value nearest = arith::TruncFOp::create(b, single, x);
    Value back = arith::ExtFOp::create(b, x.getType(), nearest);
    Value isAbove = arith::CmpFOp::create(
        b, arith::CmpFPredicate::OGT, math::AbsFOp::create(b, back), math::AbsFOp::create(b, x));
    Value isInexact = arith::CmpFOp::create(b, arith::CmpFPredicate::UNE, back, x);
    // Sign and magnitude: one less is nearer to zero for both signs.
    Value bits = arith::BitcastOp::create(b, word, nearest);
    bits = arith::SubIOp::create(b, bits, arith::ExtUIOp::create(b, word, isAbove));
    bits = arith::OrIOp::create(b, bits, arith::ExtUIOp::create(b, word, isInexact));
    Value odd = arith::BitcastOp::create(b, single, bits);
    rewriter.replaceOpWithNewOp<arith::TruncFOp>(op, op.getType(), odd);
    return success();
  }
};

/// bf16 to f64 through f32, which is exact.
struct ExtendToDouble : OpRewritePattern<arith::ExtFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::ExtFOp op, PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getIn().getType()).isBF16() ||
        !getElementTypeOrSelf(op.getType()).isF64())
      return failure();
    Type single = withElement(op.getType(), rewriter.getF32Type());
    Value extended = arith::ExtFOp::create(rewriter, op.getLoc(), single, op.getIn());
    rewriter.replaceOpWithNewOp<arith::ExtFOp>(op, op.getType(), extended);
    return success();
  }
};

class ExpandNarrowFloatsPass : public impl::ExpandNarrowFloatsBase<ExpandNarrowFloatsPass> {
public:
  void runOnOperation() override {
    // Most programs have none.
    if (!getOperation().walk(stopAtNarrowFloats).wasInterrupted())
      return;
    if (failed(convertIntegers()) || failed(extendFunctions()) || failed(extendArithmetic()))
      return signalPassFailure();
    // Upstream lets roundings between operations go. Here each operation rounds, so that a value
    // doesn't depend on what it was fused with.
    getOperation().walk([&](arith::TruncFOp op) {
      op.removeFastmathAttr();
      ++numRoundings;
    });
    // What is exact needs no such flag, and LLVM's operation has no place for it.
    getOperation().walk([](arith::ExtFOp op) { op.removeFastmathAttr(); });
    if (failed(expandConversions()))
      signalPassFailure();
  }

private:
  static WalkResult stopAtNarrowFloats(Operation *op) {
    auto isNarrow = [](Type type) {
      Type element = getElementTypeOrSelf(type);
      return element.isF16() || element.isBF16();
    };
    bool found = llvm::any_of(op->getOperandTypes(), isNarrow) ||
                 llvm::any_of(op->getResultTypes(), isNarrow);
    return found ? WalkResult::interrupt() : WalkResult::advance();
  }

  LogicalResult convertIntegers() {
    RewritePatternSet patterns(&getContext());
    patterns.add<RoundIntegerOnce<arith::SIToFPOp>, RoundIntegerOnce<arith::UIToFPOp>>(
        &getContext());
    return applyPatternsGreedily(getOperation(), std::move(patterns));
  }

  /// Functions of f16 and bf16.
  LogicalResult extendFunctions() {
    // Neither wide type is spared unless it is named.
    SetVector<Type> wide;
    wide.insert(Float32Type::get(&getContext()));
    wide.insert(Float64Type::get(&getContext()));
    TypeConverter converter;
    math::populateExtendToSupportedTypesTypeConverter(converter, wide, wide.front());
    ConversionTarget target(getContext());
    math::populateExtendToSupportedTypesConversionTarget(target, converter);
    RewritePatternSet patterns(&getContext());
    math::populateExtendToSupportedTypesPatterns(patterns, converter);
    return applyPartialConversion(getOperation(), target, std::move(patterns));
  }

  /// Arithmetic on bf16; LLVM does the same for f16, or has instructions for it.
  LogicalResult extendArithmetic() {
    TypeConverter converter;
    arith::populateEmulateUnsupportedFloatsConversions(converter, BFloat16Type::get(&getContext()),
                                                       Float32Type::get(&getContext()));
    ConversionTarget target(getContext());
    arith::populateEmulateUnsupportedFloatsLegality(target, converter);
    RewritePatternSet patterns(&getContext());
    arith::populateEmulateUnsupportedFloatsPatterns(patterns, converter);
    return applyPartialConversion(getOperation(), target, std::move(patterns));
  }

  LogicalResult expandConversions() {
    RewritePatternSet patterns(&getContext());
    patterns.add<RoundDoubleOnce, ExtendToDouble>(&getContext());
    arith::populateExpandBFloat16Patterns(patterns);
    return applyPatternsGreedily(getOperation(), std::move(patterns));
  }
};

} // namespace
} // namespace nnc::codegen
