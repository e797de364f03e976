// nn.gather to linalg.generic, nn.scatter_add to a sequential loop nest.
#include "dialects/nn/lowering/Lowering.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::nn;

/// Where an element of the gathered (or scattered) tensor lies in the table: its own place, with
/// the dimensions of the indices, which begin at `axis`, replaced by `position`.
static SmallVector<Value> getTablePlace(ArrayRef<Value> place, int64_t axis, int64_t indexRank,
                                        Value position) {
  SmallVector<Value> result(place.take_front(axis));
  result.push_back(position);
  llvm::append_range(result, place.drop_front(axis + indexRank));
  return result;
}

namespace {
struct LowerGather : NnLowering<GatherOp> {
  using NnLowering::NnLowering;

  LogicalResult matchAndRewrite(GatherOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    RankedTensorType type = getResultType(op);
    int64_t axis = op.getAxis();
    int64_t indexRank = cast<RankedTensorType>(op.getIndices().getType()).getRank();
    auto read = llvm::map_to_vector(llvm::seq(axis, axis + indexRank), [&](int64_t dimension) {
      return b.getAffineDimExpr(dimension);
    });
    AffineMap map = AffineMap::get(type.getRank(), 0, read, b.getContext());
    Value table = adaptor.getTable();
    Value size = getValueOrCreateConstantIndexOp(b, op.getLoc(),
                                                 info.getSizes(rewriter, op.getTable())[axis]);
    rewriter.replaceOp(
        op,
        buildParallel(b, adaptor.getIndices(), map, getSizes(rewriter, op), type.getElementType(),
                      [&](ImplicitLocOpBuilder &inner, ValueRange scalars) -> Value {
                        Value position = buildClampedIndex(inner, scalars[0], size);
                        SmallVector<Value> place;
                        for (int64_t d = 0; d < type.getRank(); ++d)
                          place.push_back(linalg::IndexOp::create(inner, d));
                        return tensor::ExtractOp::create(
                            inner, table, getTablePlace(place, axis, indexRank, position));
                      }));
    return success();
  }
};

/// In row-major order of the updates, one after the other: two updates of one place may not run at
/// once, and floating-point sums depend on their order.
struct LowerScatterAdd : NnLowering<ScatterAddOp> {
  using NnLowering::NnLowering;

  LogicalResult matchAndRewrite(ScatterAddOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    int64_t axis = op.getAxis();
    int64_t indexRank = cast<RankedTensorType>(op.getIndices().getType()).getRank();
    Value updates = adaptor.getUpdates(), indices = adaptor.getIndices();
    SmallVector<Value> ends =
        getValueOrCreateConstantIndexOp(b, op.getLoc(), info.getSizes(rewriter, op.getUpdates()));
    SmallVector<Value> begins(ends.size(), arith::ConstantIndexOp::create(b, 0));
    SmallVector<Value> steps(ends.size(), arith::ConstantIndexOp::create(b, 1));
    Value size = getValueOrCreateConstantIndexOp(b, op.getLoc(), getSizes(rewriter, op)[axis]);
    auto addOne = [&](OpBuilder &nested, Location loc, ValueRange counters, ValueRange sums) {
      ImplicitLocOpBuilder inner(loc, nested);
      SmallVector<Value> place(counters);
      Value index =
          tensor::ExtractOp::create(inner, indices, ArrayRef<Value>(place).slice(axis, indexRank));
      SmallVector<Value> target =
          getTablePlace(place, axis, indexRank, buildClampedIndex(inner, index, size));
      Value update = tensor::ExtractOp::create(inner, updates, place);
      Value old = tensor::ExtractOp::create(inner, sums[0], target);
      Value sum = isa<FloatType>(old.getType()) ? Value(arith::AddFOp::create(inner, old, update))
                                                : Value(arith::AddIOp::create(inner, old, update));
      Value inserted = tensor::InsertOp::create(inner, sum, sums[0], target);
      return scf::ValueVector{inserted};
    };
    scf::LoopNest nest =
        scf::buildLoopNest(b, op.getLoc(), begins, ends, steps, adaptor.getInto(), addOne);
    rewriter.replaceOp(op, nest.results);
    return success();
  }
};
} // namespace

void nn::populateLookupLowerings(RewritePatternSet &patterns, const Lowering &lowering) {
  patterns.add<LowerGather, LowerScatterAdd>(lowering.converter, patterns.getContext(),
                                             lowering.info);
}
