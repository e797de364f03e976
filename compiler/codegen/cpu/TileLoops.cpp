// Loops over the tiles of a linalg operation; see the header.
#include "compiler/codegen/cpu/TileLoops.h"
#include "compiler/codegen/cpu/TilePlan.h"
#include "compiler/codegen/shared/LinalgUtils.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace nnc::codegen {

using namespace mlir;

static OpFoldResult apply(OpBuilder &builder, Location loc, AffineExpr expr,
                          ArrayRef<OpFoldResult> operands) {
  return affine::makeComposedFoldedAffineApply(builder, loc, expr, operands);
}

OperandSlice findSlice(OpBuilder &builder, Location loc, Value operand, AffineMap map,
                       ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
                       ArrayRef<bool> whole) {
  OperandSlice slice;
  for (auto [position, expr] : llvm::enumerate(map.getResults())) {
    bool isWhole = true;
    for (unsigned dim = 0; dim < map.getNumDims(); ++dim)
      isWhole &= whole[dim] || !expr.isFunctionOfDim(dim);
    if (isWhole) {
      slice.offsets.push_back(builder.getIndexAttr(0));
      slice.sizes.push_back(tensor::getMixedSize(builder, loc, operand, position));
      continue;
    }
    if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
      slice.offsets.push_back(offsets[dim.getPosition()]);
      slice.sizes.push_back(sizes[dim.getPosition()]);
      continue;
    }
    slice.offsets.push_back(apply(builder, loc, expr, offsets));
    // Of the last index, one more.
    SmallVector<AffineExpr> last;
    for (unsigned dim = 0; dim < map.getNumDims(); ++dim)
      last.push_back(builder.getAffineDimExpr(dim) - 1);
    slice.sizes.push_back(apply(builder, loc, expr.replaceDims(last) + 1, sizes));
  }
  return slice;
}

TileLoops::TileLoops(OpBuilder &builder, linalg::LinalgOp root, ArrayRef<int64_t> tiles,
                     int64_t lanes, ArrayRef<AffineMap> maps, SharingRule rule, uint64_t flops,
                     ArrayRef<OpFoldResult> workSizes, EmitTile emit)
    : builder(builder), root(root), loc(root.getLoc()), tiles(tiles), lanes(lanes), maps(maps),
      rule(rule), flops(flops), workSizes(workSizes), emit(emit) {
  for (Range range : root.createLoopRanges(builder, loc))
    loopRanges.push_back(range.size);
  tile.offsets.assign(tiles.size(), builder.getIndexAttr(0));
  tile.destinationOffsets = tile.offsets;
  tile.sizes = loopRanges;
  for (unsigned dim = 0; dim < tiles.size(); ++dim)
    if (tiles[dim] != 0)
      order.push_back(dim);
}

SmallVector<Value> TileLoops::build(ValueRange destinations) { return buildFrom(0, destinations); }

OpFoldResult TileLoops::sum(OpFoldResult a, OpFoldResult b) {
  return apply(builder, loc, builder.getAffineDimExpr(0) + builder.getAffineDimExpr(1), {a, b});
}

SmallVector<TileLoops::Segment> TileLoops::segmentsOf(unsigned dim) {
  SmallVector<Segment> segments;
  OpFoldResult zero = builder.getIndexAttr(0), size = loopRanges[dim];
  int64_t step = tiles[dim];
  if (std::optional<int64_t> known = getConstantIntValue(size)) {
    int64_t full = *known / step * step;
    if (full > 0)
      segments.push_back({zero, builder.getIndexAttr(full), step, full == step});
    if (full < *known)
      segments.push_back({builder.getIndexAttr(full), size, *known - full, true});
    return segments;
  }
  OpFoldResult low = zero;
  SmallVector<int64_t> steps{step};
  if (step > lanes && findVectorLoop(root) == dim)
    steps.push_back(lanes);
  if (steps.back() > 1)
    steps.push_back(1);
  for (int64_t each : steps) {
    OpFoldResult high =
        each == 1 ? size
                  : apply(builder, loc, builder.getAffineDimExpr(0).floorDiv(each) * each, size);
    segments.push_back({low, high, each, false});
    low = high;
  }
  return segments;
}

SmallVector<Value> TileLoops::buildFrom(unsigned position, ValueRange destinations) {
  if (position == order.size())
    return emit(builder, tile, destinations);
  unsigned dim = order[position];
  Values values(destinations);
  for (const Segment &segment : segmentsOf(dim)) {
    tile.sizes[dim] = builder.getIndexAttr(segment.step);
    if (segment.isOne) {
      tile.offsets[dim] = tile.destinationOffsets[dim] = segment.low;
      values = buildFrom(position + 1, values);
      continue;
    }
    OpFoldResult task = isInLoop ? OpFoldResult() : planTask(dim, segment);
    if (task)
      obstacle = "";
    bool wasInLoop = std::exchange(isInLoop, true);
    values = task ? buildShared(position, segment, task, values)
                  : buildSegment(position, segment, values);
    isInLoop = wasInLoop;
  }
  return values;
}

SmallVector<Value> TileLoops::buildSegment(unsigned position, const Segment &segment,
                                           ValueRange destinations) {
  unsigned dim = order[position];
  auto asValue = [&](OpFoldResult bound) {
    return getValueOrCreateConstantIndexOp(builder, loc, bound);
  };
  auto loop = scf::ForOp::create(builder, loc, asValue(segment.low), asValue(segment.high),
                                 asValue(builder.getIndexAttr(segment.step)), destinations);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  tile.offsets[dim] = tile.destinationOffsets[dim] = loop.getInductionVar();
  Values results = buildFrom(position + 1, loop.getRegionIterArgs());
  scf::YieldOp::create(builder, loc, results);
  return Values(loop.getResults());
}

OpFoldResult TileLoops::planTask(unsigned dim, const Segment &segment) {
  auto refuse = [&](StringRef reason) {
    if (!obstacle.empty()) // Of another segment, which threads share.
      obstacle = reason;
    return OpFoldResult();
  };
  if (rule.least == 0)
    return refuse("no loops are to be shared");
  if (segment.step != tiles[dim])
    return {};
  for (AffineMap map : maps)
    if (!positionOf(map, dim))
      return refuse("tasks would write the same elements");
  uint64_t known = std::max<uint64_t>(1, flops);
  SmallVector<OpFoldResult> unknown;
  for (OpFoldResult size : workSizes) {
    if (std::optional<int64_t> constant = getConstantIntValue(size))
      known *= std::max<int64_t>(1, *constant);
    else
      unknown.push_back(size);
  }
  int64_t step = segment.step;
  std::optional<int64_t> trips = getConstantIntValue(loopRanges[dim]);
  if (unknown.empty() && trips) {
    if (known < rule.least)
      return refuse("it is too little work");
    if (*trips < 2 * step)
      return refuse("its outermost loop has few iterations");
    uint64_t perTrip = std::max<uint64_t>(1, known / *trips);
    int64_t task = llvm::alignTo(llvm::divideCeil(rule.task(), perTrip), step);
    return task < *trips ? builder.getIndexAttr(task) : refuse("it is too little work");
  }
  // Decided when it is known: one task of all where there is too little work.
  auto constant = [&](uint64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, int64_t(value));
  };
  auto asValue = [&](OpFoldResult size) {
    return getValueOrCreateConstantIndexOp(builder, loc, size);
  };
  Value total = constant(known);
  for (OpFoldResult size : unknown)
    total = arith::MulIOp::create(builder, loc, total, asValue(size));
  Value whole = constant(step), task;
  if (unknown.size() == 1 && !trips) {
    // Only this loop's size is unknown.
    task = constant(llvm::alignTo(llvm::divideCeil(rule.task(), known), step));
  } else {
    Value one = constant(1);
    Value count = arith::MaxSIOp::create(builder, loc, asValue(loopRanges[dim]), one);
    Value perTrip = arith::DivUIOp::create(builder, loc, total, count);
    perTrip = arith::MaxSIOp::create(builder, loc, perTrip, one);
    Value units = arith::DivUIOp::create(builder, loc, constant(rule.task()), perTrip);
    units = arith::DivUIOp::create(builder, loc, units, whole);
    units = arith::AddIOp::create(builder, loc, units, one);
    task = arith::MulIOp::create(builder, loc, units, whole);
  }
  Value isEnough =
      arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::uge, total, constant(rule.least));
  Value all = arith::MaxSIOp::create(builder, loc, asValue(segment.high), whole);
  return arith::SelectOp::create(builder, loc, isEnough, task, all).getResult();
}

SmallVector<Value> TileLoops::buildShared(unsigned position, const Segment &segment,
                                          OpFoldResult task, ValueRange destinations) {
  unsigned dim = order[position];
  auto forall = scf::ForallOp::create(builder, loc, ArrayRef<OpFoldResult>{segment.low},
                                      ArrayRef<OpFoldResult>{segment.high},
                                      ArrayRef<OpFoldResult>{task}, destinations,
                                      /*mapping=*/std::nullopt);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(forall.getBody());
  Value first = forall.getInductionVar(0);
  // The task's part of the loop.
  std::optional<int64_t> low = getConstantIntValue(segment.low);
  std::optional<int64_t> high = getConstantIntValue(segment.high);
  std::optional<int64_t> size = getConstantIntValue(task);
  OpFoldResult count = task;
  if (!low || !high || !size || (*high - *low) % *size != 0) {
    AffineExpr a = builder.getAffineDimExpr(0), b = builder.getAffineDimExpr(1),
               c = builder.getAffineDimExpr(2);
    AffineMap rest = AffineMap::get(3, 0, {c, b - a}, builder.getContext());
    count = affine::makeComposedFoldedAffineMin(builder, loc, rest, {first, segment.high, task});
  }
  auto partOf = [&](unsigned number, Value whole) {
    unsigned at = *positionOf(maps[number], dim);
    OperandSlice part;
    part.sizes = tensor::getMixedSizes(builder, loc, whole);
    part.offsets.assign(part.sizes.size(), builder.getIndexAttr(0));
    part.offsets[at] = first;
    part.sizes[at] = count;
    return part;
  };
  Values parts;
  for (auto [i, whole] : llvm::enumerate(forall.getRegionIterArgs())) {
    OperandSlice part = partOf(i, whole);
    SmallVector<OpFoldResult> strides(part.sizes.size(), builder.getIndexAttr(1));
    parts.push_back(
        tensor::ExtractSliceOp::create(builder, loc, whole, part.offsets, part.sizes, strides));
  }
  Values results;
  if (getConstantIntValue(count) == segment.step) {
    tile.offsets[dim] = first;
    tile.destinationOffsets[dim] = builder.getIndexAttr(0);
    results = buildFrom(position + 1, parts);
  } else {
    auto asValue = [&](OpFoldResult bound) {
      return getValueOrCreateConstantIndexOp(builder, loc, bound);
    };
    auto loop = scf::ForOp::create(builder, loc, asValue(builder.getIndexAttr(0)), asValue(count),
                                   asValue(builder.getIndexAttr(segment.step)), parts);
    OpBuilder::InsertionGuard inner(builder);
    builder.setInsertionPointToStart(loop.getBody());
    tile.offsets[dim] = sum(first, loop.getInductionVar());
    tile.destinationOffsets[dim] = loop.getInductionVar();
    scf::YieldOp::create(builder, loc, buildFrom(position + 1, loop.getRegionIterArgs()));
    results.assign(loop.getResults().begin(), loop.getResults().end());
  }
  builder.setInsertionPointToStart(forall.getTerminator().getBody());
  // The offsets were made before the terminator.
  for (auto [result, part, whole] : llvm::zip_equal(results, parts, forall.getRegionIterArgs())) {
    auto slice = part.getDefiningOp<tensor::ExtractSliceOp>();
    tensor::ParallelInsertSliceOp::create(builder, loc, result, whole, slice.getMixedOffsets(),
                                          slice.getMixedSizes(), slice.getMixedStrides());
  }
  return Values(forall.getResults());
}

} // namespace nnc::codegen
