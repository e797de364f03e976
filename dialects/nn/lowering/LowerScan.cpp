// nn.scan to scf.for on tensors: slices are taken, stacks filled slice by slice.
#include "dialects/nn/lowering/Lowering.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::nn;

static Value castTo(ImplicitLocOpBuilder &b, Value value, Type type) {
  return value.getType() == type ? value : Value(tensor::CastOp::create(b, type, value));
}

/// The slice number `pass` along `axis` of a tensor of these sizes, without that dimension.
static PartOfTensor getSlice(Builder &b, ArrayRef<OpFoldResult> whole, int64_t axis, Value pass) {
  PartOfTensor part(b, whole);
  part.pick(axis, pass);
  return part;
}

namespace {
struct LowerScan : NnLowering<ScanOp> {
  using NnLowering::NnLowering;

  LogicalResult matchAndRewrite(ScanOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    SmallVector<Type> types;
    if (failed(getTypeConverter()->convertTypes(op.getResultTypes(), types)))
      return rewriter.notifyMatchFailure(op, "a result has no signless type");
    Value count = op.getDynamicSizes().empty()
                      ? Value(arith::ConstantIndexOp::create(b, op.getStaticSizes().front()))
                      : adaptor.getDynamicSizes().front();
    unsigned numCarried = op.getInits().size();
    SmallVector<Value> inits;
    for (auto [init, type] : llvm::zip(adaptor.getInits(), types))
      inits.push_back(castTo(b, init, type));
    for (Value result : op.getResults().drop_front(numCarried)) {
      Type type = types[inits.size()];
      Value empty = buildEmpty(b, info.getSizes(rewriter, result),
                               cast<RankedTensorType>(type).getElementType());
      inits.push_back(castTo(b, empty, type));
    }

    Value zero = arith::ConstantIndexOp::create(b, 0);
    Value one = arith::ConstantIndexOp::create(b, 1);
    auto loop = scf::ForOp::create(b, zero, count, one, inits,
                                   [](OpBuilder &, Location, Value, ValueRange) {});
    b.setInsertionPointToStart(loop.getBody());
    Value pass = loop.getInductionVar();
    if (op.getReverse())
      pass = arith::SubIOp::create(b, arith::SubIOp::create(b, count, one), pass);
    SmallVector<Value> arguments{buildPassNumber(b, pass)};
    for (auto [original, slice, axis] :
         llvm::zip_equal(op.getSlices(), adaptor.getSlices(), op.getSliceAxes())) {
      SmallVector<OpFoldResult> sizes = info.getSizes(rewriter, original);
      arguments.push_back(buildExtract(b, slice, getSlice(b, sizes, axis, pass)));
    }
    llvm::append_range(arguments, loop.getRegionIterArgs().take_front(numCarried));
    llvm::append_range(arguments, adaptor.getCaptures());
    llvm::append_range(arguments, adaptor.getDims());
    for (auto [argument, original] : llvm::zip_equal(arguments, op.getBlock().getArguments()))
      argument = castTo(b, argument, getTypeConverter()->convertType(original.getType()));

    info.scans[loop] = {pass, numCarried, SmallVector<int64_t>(op.getStackAxes())};
    rewriter.inlineBlockBefore(&op.getBlock(), loop.getBody(), loop.getBody()->end(), arguments);
    rewriter.replaceOp(op, loop.getResults());
    return success();
  }

private:
  static Value buildPassNumber(ImplicitLocOpBuilder &b, Value pass) {
    Value number = arith::IndexCastOp::create(b, b.getI64Type(), pass);
    return tensor::FromElementsOp::create(b, RankedTensorType::get({}, b.getI64Type()), number);
  }
};

/// The end of a pass: a value like any other. Where the next value of a carried one is computed is
/// for codegen to decide: here a loop may still fold away.
struct LowerYield : NnLowering<YieldOp> {
  using NnLowering::NnLowering;

  LogicalResult matchAndRewrite(YieldOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto loop = dyn_cast<scf::ForOp>(op->getParentOp());
    auto scan = loop ? info.scans.find(loop) : info.scans.end();
    if (scan == info.scans.end())
      return rewriter.notifyMatchFailure(op, "the op around isn't lowered yet");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    const auto &[pass, numCarried, axes] = scan->second;
    SmallVector<Value> yields(op.getNumOperands());
    for (unsigned number = numCarried; number < yields.size(); ++number) {
      BlockArgument old = loop.getRegionIterArg(number);
      int64_t axis = axes[number - numCarried];
      PartOfTensor slice = getSlice(b, tensor::getMixedSizes(b, op.getLoc(), old), axis, pass);
      Value value = adaptor.getValues()[number];
      auto shape = llvm::to_vector(cast<RankedTensorType>(old.getType()).getShape());
      shape.erase(shape.begin() + axis);
      value = castTo(b, value, cast<RankedTensorType>(value.getType()).clone(shape));
      yields[number] = buildInsert(b, value, old, slice);
    }
    for (unsigned number = 0; number < numCarried; ++number)
      yields[number] =
          castTo(b, adaptor.getValues()[number], loop.getRegionIterArg(number).getType());
    rewriter.replaceOpWithNewOp<scf::YieldOp>(op, yields);
    return success();
  }
};
} // namespace

void nn::populateScanLowerings(RewritePatternSet &patterns, const Lowering &lowering) {
  patterns.add<LowerScan, LowerYield>(lowering.converter, patterns.getContext(), lowering.info);
}
