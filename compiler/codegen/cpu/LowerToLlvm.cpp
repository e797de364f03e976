// codegen-lower-to-llvm: converts everything that is left to the LLVM dialect at once.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/cpu/LlvmTypes.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/IndexToLLVM/IndexToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/Pattern.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/NVGPUToNVVM/NVGPUToNVVM.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_LOWERTOLLVM
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// Constants of bf16 as their bits.
struct LowerBf16Constant : ConvertOpToLLVMPattern<arith::ConstantOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  LogicalResult matchAndRewrite(arith::ConstantOp op, OpAdaptor,
                                ConversionPatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isBF16())
      return failure();
    Attribute bits;
    if (auto number = dyn_cast<FloatAttr>(op.getValue()))
      bits = rewriter.getIntegerAttr(rewriter.getI16Type(), number.getValue().bitcastToAPInt());
    else if (auto dense = dyn_cast<DenseElementsAttr>(op.getValue()))
      bits = dense.bitcast(rewriter.getI16Type());
    if (!bits)
      return failure();
    rewriter.replaceOpWithNewOp<LLVM::ConstantOp>(op, getTypeConverter()->convertType(op.getType()),
                                                  bits);
    return success();
  }
};

/// The byte of a truth value in memory, for each lane of `truths`.
static VectorType bytesOf(VectorType truths) {
  return truths.clone(IntegerType::get(truths.getContext(), 8));
}

/// Whether `op` moves a row of truth values: upstream takes a vector of these for bits in a row,
/// but each has a byte in a buffer.
template <typename Op> static bool movesTruths(Op op) {
  return op.getVectorType().getRank() == 1 && op.getVectorType().getElementType().isInteger(1);
}

struct LoadTruths : ConvertOpToLLVMPattern<vector::LoadOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  LogicalResult matchAndRewrite(vector::LoadOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    if (!movesTruths(op))
      return failure();
    Location loc = op.getLoc();
    VectorType type = bytesOf(op.getVectorType());
    Value address = getStridedElementPtr(rewriter, loc, op.getMemRefType(), adaptor.getBase(),
                                         adaptor.getIndices());
    Value bytes = LLVM::LoadOp::create(rewriter, loc, type, address, /*alignment=*/1);
    Value zero = LLVM::ConstantOp::create(rewriter, loc, type, rewriter.getZeroAttr(type));
    rewriter.replaceOpWithNewOp<LLVM::ICmpOp>(op, LLVM::ICmpPredicate::ne, bytes, zero);
    return success();
  }
};

struct StoreTruths : ConvertOpToLLVMPattern<vector::StoreOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  LogicalResult matchAndRewrite(vector::StoreOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    if (!movesTruths(op))
      return failure();
    Location loc = op.getLoc();
    Value address = getStridedElementPtr(rewriter, loc, op.getMemRefType(), adaptor.getBase(),
                                         adaptor.getIndices());
    Value bytes =
        LLVM::ZExtOp::create(rewriter, loc, bytesOf(op.getVectorType()), adaptor.getValueToStore());
    rewriter.replaceOpWithNewOp<LLVM::StoreOp>(op, bytes, address, /*alignment=*/1);
    return success();
  }
};

class LowerToLlvmPass : public impl::LowerToLlvmBase<LowerToLlvmPass> {
public:
  void runOnOperation() override {
    LLVMTypeConverter converter(&getContext());
    convertBf16ToBits(converter);
    nvgpu::populateCommonGPUTypeAndAttributeConversions(converter);
    converter.addConversion([](nvgpu::DeviceAsyncTokenType type) -> Type {
      return IntegerType::get(type.getContext(), 32);
    });
    RewritePatternSet patterns(&getContext());
    SymbolTableCollection symbols;
    arith::populateArithToLLVMConversionPatterns(converter, patterns);
    patterns.add<LowerBf16Constant, LoadTruths, StoreTruths>(converter, /*benefit=*/2);
    cf::populateControlFlowToLLVMConversionPatterns(converter, patterns);
    index::populateIndexToLLVMConversionPatterns(converter, patterns);
    populateFinalizeMemRefToLLVMConversionPatterns(converter, patterns, &symbols);
    populateFuncToLLVMConversionPatterns(converter, patterns, &symbols);
    populateMathToLLVMConversionPatterns(converter, patterns, /*approximateLog1p=*/false);
    populateVectorToLLVMConversionPatterns(converter, patterns, /*reassociateFPReductions=*/true);
    populateNVGPUToNVVMConversionPatterns(converter, patterns);
    ub::populateUBToLLVMConversionPatterns(converter, patterns);
    LLVMConversionTarget target(getContext());
    target.addLegalOp<ModuleOp>();
    target.addLegalDialect<NVVM::NVVMDialect>();
    ConversionConfig config;
    config.allowPatternRollback = false; // Nothing is tried that would be taken back.
    if (failed(applyPartialConversion(getOperation(), target, std::move(patterns), config)))
      return signalPassFailure();
    getOperation().walk(
        [&](Operation *op) { numOperations += isa<LLVM::LLVMDialect>(op->getDialect()); });
  }
};

} // namespace
} // namespace nnc::codegen
