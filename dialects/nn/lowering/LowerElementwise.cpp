// Elementwise nn operations to linalg.generic, by NnElementwiseOpInterface.
#include "dialects/nn/lowering/Lowering.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace mlir::nn;

/// A splat's value as a signless scalar constant.
static Value buildSplatScalar(ImplicitLocOpBuilder &b, Attribute splat) {
  if (auto integer = dyn_cast<IntegerAttr>(splat)) {
    auto type = b.getIntegerType(integer.getValue().getBitWidth());
    return arith::ConstantOp::create(b, b.getIntegerAttr(type, integer.getValue()));
  }
  return arith::ConstantOp::create(b, cast<TypedAttr>(splat));
}

namespace {
/// One loop nest over the result. Each tensor is read once, splat constants not at all.
struct LowerElementwise : OpInterfaceConversionPattern<NnElementwiseOpInterface> {
  LowerElementwise(const TypeConverter &converter, MLIRContext *context, const LoweringInfo &info)
      : OpInterfaceConversionPattern(converter, context), info(info) {}

  LogicalResult matchAndRewrite(NnElementwiseOpInterface op, ArrayRef<Value> operands,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Value result = op->getResult(0);
    auto type = cast<RankedTensorType>(getTypeConverter()->convertType(result.getType()));
    llvm::MapVector<Value, unsigned> inputs;
    for (auto [original, converted] : llvm::zip_equal(op->getOperands(), operands))
      if (!info.getSplat(original))
        inputs.try_emplace(converted, inputs.size());

    SmallVector<Value> tensors =
        llvm::map_to_vector(inputs, [](auto &entry) { return entry.first; });
    SmallVector<AffineMap> maps(tensors.size(), b.getMultiDimIdentityMap(type.getRank()));
    rewriter.replaceOp(
        op, buildParallel(b, tensors, maps, info.getSizes(rewriter, result), type.getElementType(),
                          [&](ImplicitLocOpBuilder &inner, ValueRange elements) {
                            SmallVector<Value> scalars;
                            for (auto [original, converted] :
                                 llvm::zip_equal(op->getOperands(), operands))
                              if (Attribute splat = info.getSplat(original))
                                scalars.push_back(buildSplatScalar(inner, splat));
                              else
                                scalars.push_back(elements[inputs.lookup(converted)]);
                            return op.buildScalar(inner, scalars);
                          }));
    return success();
  }

  const LoweringInfo &info;
};

/// Where all derivatives have been taken, a value is a value.
struct LowerStopGradient : NnLowering<StopGradientOp> {
  using NnLowering::NnLowering;

  LogicalResult matchAndRewrite(StopGradientOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, adaptor.getOperand());
    return success();
  }
};
} // namespace

void nn::populateElementwiseLowerings(RewritePatternSet &patterns, const Lowering &lowering) {
  patterns.add<LowerElementwise, LowerStopGradient>(lowering.converter, patterns.getContext(),
                                                    lowering.info);
}
