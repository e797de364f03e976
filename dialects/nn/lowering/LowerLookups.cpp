// nn.gather to linalg.generic, nn.scatter_add to a loop over the indices.
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

/// One index after the other, in row-major order: two rows of one place may not be added to at
/// once, and floating-point sums depend on their order. Each row is added as a whole, so that the
/// cost is that of the rows touched, but for f16 and bf16, whose sums are kept in f32. To one row
/// alone no loop leads, whose place a GPU's host could not know: each row asks whether it is the
/// one.
struct LowerScatterAdd : NnLowering<ScatterAddOp> {
  using NnLowering::NnLowering;

  LogicalResult matchAndRewrite(ScatterAddOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    int64_t axis = op.getAxis();
    int64_t indexRank = cast<RankedTensorType>(op.getIndices().getType()).getRank();
    Value updates = adaptor.getUpdates(), indices = adaptor.getIndices();
    SmallVector<OpFoldResult> updateSizes = info.getSizes(rewriter, op.getUpdates());
    SmallVector<Value> ends = getValueOrCreateConstantIndexOp(
        b, op.getLoc(), ArrayRef(updateSizes).slice(axis, indexRank));
    SmallVector<Value> begins(ends.size(), arith::ConstantIndexOp::create(b, 0));
    SmallVector<Value> steps(ends.size(), arith::ConstantIndexOp::create(b, 1));
    SmallVector<OpFoldResult> sizes = getSizes(rewriter, op);
    Value size = getValueOrCreateConstantIndexOp(b, op.getLoc(), sizes[axis]);
    Type element = getResultType(op).getElementType();
    Type accumulator = getAccumulatorType(element);
    Value into = adaptor.getInto();
    bool isOneRow = llvm::all_of(ends, [](Value end) { return isConstantIntValue(end, 1); });
    if (isOneRow && isa<func::FuncOp>(op->getParentOp())) {
      PartOfTensor row(b, updateSizes),
          index(b, SmallVector<OpFoldResult>(indexRank, b.getIndexAttr(1)));
      for (int64_t d = 0; d < indexRank; ++d) {
        row.pick(axis + d, b.getIndexAttr(0));
        index.pick(d, b.getIndexAttr(0));
      }
      rewriter.replaceOp(op, addWhereRowIs(b, into, buildExtract(b, updates, row),
                                           buildExtract(b, indices, index), size, axis, sizes));
      return success();
    }
    if (accumulator != element)
      into = buildMap(b, into, sizes, accumulator, [&](ImplicitLocOpBuilder &inner, Value x) {
        return arith::ExtFOp::create(inner, accumulator, x);
      });
    auto addOne = [&](OpBuilder &nested, Location loc, ValueRange place, ValueRange sums) {
      ImplicitLocOpBuilder inner(loc, nested);
      Value index = tensor::ExtractOp::create(inner, indices, place);
      Value position = buildClampedIndex(inner, index, size);
      Value sum = addRow(inner, updates, place, sums[0], position, axis, sizes, updateSizes);
      return scf::ValueVector{sum};
    };
    Value result;
    if (ends.empty()) {
      Value position =
          buildClampedIndex(b, tensor::ExtractOp::create(b, indices, ValueRange()), size);
      result = addRow(b, updates, {}, into, position, axis, sizes, updateSizes);
    } else {
      result =
          scf::buildLoopNest(b, op.getLoc(), begins, ends, steps, into, addOne).results.front();
    }
    rewriter.replaceOp(op, buildRounded(b, result, sizes, element));
    return success();
  }

private:
  /// `into` with `row` added to the row that lies at `index`, a tensor of one.
  static Value addWhereRowIs(ImplicitLocOpBuilder &b, Value into, Value row, Value index,
                             Value size, int64_t axis, ArrayRef<OpFoldResult> sizes) {
    unsigned rank = sizes.size();
    Type element = cast<RankedTensorType>(into.getType()).getElementType();
    Type accumulator = getAccumulatorType(element);
    SmallVector<AffineExpr> others;
    for (unsigned d = 0; d < rank; ++d)
      if (d != axis)
        others.push_back(b.getAffineDimExpr(d));
    AffineMap maps[] = {b.getMultiDimIdentityMap(rank),
                        AffineMap::get(rank, 0, others, b.getContext()),
                        AffineMap::get(rank, 0, b.getContext())};
    auto body = [&](ImplicitLocOpBuilder &inner, ValueRange scalars) -> Value {
      Value x = scalars[0], added = scalars[1];
      if (accumulator != element) {
        x = arith::ExtFOp::create(inner, accumulator, x);
        added = arith::ExtFOp::create(inner, accumulator, added);
      }
      Value sum = isa<FloatType>(element) ? Value(arith::AddFOp::create(inner, x, added))
                                          : Value(arith::AddIOp::create(inner, x, added));
      if (accumulator != element)
        sum = arith::TruncFOp::create(inner, element, sum);
      Value position = buildClampedIndex(inner, scalars[2], size);
      Value here = arith::CmpIOp::create(inner, arith::CmpIPredicate::eq, position,
                                         linalg::IndexOp::create(inner, axis));
      return arith::SelectOp::create(inner, here, sum, scalars[0]);
    };
    return buildParallel(b, {into, row, index}, maps, sizes, element, body);
  }

  /// `sums` with the row of the updates at `place` added to its row at `position`.
  static Value addRow(ImplicitLocOpBuilder &b, Value updates, ValueRange place, Value sums,
                      Value position, int64_t axis, ArrayRef<OpFoldResult> sizes,
                      ArrayRef<OpFoldResult> updateSizes) {
    PartOfTensor from(b, updateSizes), to(b, sizes);
    for (auto [d, position] : llvm::enumerate(place))
      from.pick(axis + d, position);
    to.pick(axis, position);
    Value added = buildExtract(b, updates, from);
    return buildInsert(b, buildAddInto(b, buildExtract(b, sums, to), added), sums, to);
  }
};

/// Where the operand of a broadcast has the element that lies at `place` of the result.
static SmallVector<Value> getPlaceBefore(ImplicitLocOpBuilder &b, BroadcastOp broadcast,
                                         ArrayRef<Value> place) {
  SmallVector<int64_t> repeated = broadcast.getRepeatedDimensions();
  return llvm::map_to_vector(broadcast.getDimensions(), [&](int64_t dimension) -> Value {
    if (llvm::is_contained(repeated, dimension))
      return arith::ConstantIndexOp::create(b, 0);
    return place[dimension];
  });
}

/// What is taken of a broadcast is read where its operand has it: several places of each row need
/// no copy of the row for each.
struct LowerTakeAlong : NnLowering<TakeAlongOp> {
  using NnLowering::NnLowering;

  LogicalResult matchAndRewrite(TakeAlongOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    RankedTensorType type = getResultType(op);
    int64_t axis = op.getAxis();
    auto broadcast = op.getOperand().getDefiningOp<BroadcastOp>();
    Value operand =
        broadcast ? rewriter.getRemappedValue(broadcast.getOperand()) : adaptor.getOperand();
    Value size = getValueOrCreateConstantIndexOp(b, op.getLoc(),
                                                 info.getSizes(rewriter, op.getOperand())[axis]);
    auto body = [&](ImplicitLocOpBuilder &inner, ValueRange scalars) -> Value {
      SmallVector<Value> place;
      for (int64_t d = 0; d < type.getRank(); ++d)
        place.push_back(linalg::IndexOp::create(inner, d));
      place.insert(place.begin() + axis, buildClampedIndex(inner, scalars[0], size));
      if (broadcast)
        place = getPlaceBefore(inner, broadcast, place);
      return tensor::ExtractOp::create(inner, operand, place);
    };
    AffineMap identity = b.getMultiDimIdentityMap(type.getRank());
    rewriter.replaceOp(op, buildParallel(b, adaptor.getIndices(), identity, getSizes(rewriter, op),
                                         type.getElementType(), body));
    return success();
  }
};

/// Each element asks whether it is the one: all are written once, in order.
struct LowerPutAlong : NnLowering<PutAlongOp> {
  using NnLowering::NnLowering;

  LogicalResult matchAndRewrite(PutAlongOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    RankedTensorType type = getResultType(op);
    int64_t axis = op.getAxis();
    SmallVector<OpFoldResult> sizes = getSizes(rewriter, op);
    Value size = getValueOrCreateConstantIndexOp(b, op.getLoc(), sizes[axis]);
    SmallVector<AffineExpr> read;
    for (int64_t d = 0; d < type.getRank(); ++d)
      if (d != axis)
        read.push_back(b.getAffineDimExpr(d));
    AffineMap map = AffineMap::get(type.getRank(), 0, read, b.getContext());
    auto body = [&](ImplicitLocOpBuilder &inner, ValueRange scalars) -> Value {
      Value position = buildClampedIndex(inner, scalars[1], size);
      Value here = arith::CmpIOp::create(inner, arith::CmpIPredicate::eq, position,
                                         linalg::IndexOp::create(inner, axis));
      auto zero = cast<TypedAttr>(inner.getZeroAttr(type.getElementType()));
      return arith::SelectOp::create(inner, here, scalars[0],
                                     arith::ConstantOp::create(inner, zero));
    };
    rewriter.replaceOp(op, buildParallel(b, {adaptor.getUpdates(), adaptor.getIndices()},
                                         {map, map}, sizes, type.getElementType(), body));
    return success();
  }
};
} // namespace

void nn::populateLookupLowerings(RewritePatternSet &patterns, const Lowering &lowering) {
  patterns.add<LowerGather, LowerPutAlong, LowerScatterAdd, LowerTakeAlong>(
      lowering.converter, patterns.getContext(), lowering.info);
}
