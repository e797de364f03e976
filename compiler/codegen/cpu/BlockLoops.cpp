// Loops over blocks of a matrix product that exceeds the caches; see the header.
#include "compiler/codegen/cpu/BlockLoops.h"
#include "compiler/codegen/shared/LinalgUtils.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace nnc::codegen {

using namespace mlir;

BlockLoops::BlockLoops(RewriterBase &builder, linalg::LinalgOp root, linalg::LinalgOp contraction,
                       const BlockPlan &plan, ArrayRef<AffineMap> maps, bool isShared,
                       EmitTile emit)
    : builder(builder), root(root), contraction(contraction), loc(root.getLoc()), plan(plan),
      maps(maps), isShared(isShared), emit(emit) {
  SmallVector<Range> ranges = contraction.createLoopRanges(builder, loc);
  numRows = *getConstantIntValue(ranges[plan.row].size);
  numColumns = *getConstantIntValue(ranges[plan.column].size);
  reducedSize = ranges[plan.reduced].size;
  // A root that isn't the contraction reads its result as it lies.
  rowLoop = root == contraction ? plan.row : 0;
  columnLoop = root == contraction ? plan.column : 1;
  tile.offsets.assign(root.getNumLoops(), fixed(0));
  tile.destinationOffsets = tile.offsets;
  tile.sizes = tile.offsets;
  if (root == contraction)
    tile.sizes[plan.reduced] = reducedSize;
}

Value BlockLoops::asValue(OpFoldResult value) {
  return getValueOrCreateConstantIndexOp(builder, loc, value);
}

OpFoldResult BlockLoops::apply(AffineExpr expr, ArrayRef<OpFoldResult> operands) {
  return affine::makeComposedFoldedAffineApply(builder, loc, expr, operands);
}

OpFoldResult BlockLoops::sum(OpFoldResult a, OpFoldResult b) {
  return apply(builder.getAffineDimExpr(0) + builder.getAffineDimExpr(1), {a, b});
}

/// Block number `index` of a loop of `total` iterations.
BlockLoops::Extent BlockLoops::extentOf(int64_t total, int64_t block, OpFoldResult index) {
  if (block >= total)
    return {fixed(0), fixed(total)};
  AffineExpr at = builder.getAffineDimExpr(0);
  OpFoldResult offset = apply(at * block, index);
  if (total % block == 0)
    return {offset, fixed(block)};
  AffineMap size = AffineMap::get(1, 0, {builder.getAffineConstantExpr(block), total - at},
                                  builder.getContext());
  return {offset, affine::makeComposedFoldedAffineMin(builder, loc, size, {offset})};
}

/// Memory of these sizes even where less of it is used: its rows keep their distance.
Value BlockLoops::makeScratch(ArrayRef<int64_t> shape, Value like) {
  auto type = RankedTensorType::get(shape, getElementTypeOrSelf(like.getType()));
  return bufferization::AllocTensorOp::create(builder, loc, type, ValueRange());
}

Value BlockLoops::extract(Value from, ArrayRef<Extent> extents) {
  SmallVector<OpFoldResult> offsets, sizes, strides(extents.size(), fixed(1));
  for (const Extent &extent : extents) {
    offsets.push_back(extent.offset);
    sizes.push_back(extent.size);
  }
  return tensor::ExtractSliceOp::create(builder, loc, from, offsets, sizes, strides);
}

Value BlockLoops::insert(Value part, Value into, ArrayRef<Extent> extents) {
  SmallVector<OpFoldResult> offsets, sizes, strides(extents.size(), fixed(1));
  for (const Extent &extent : extents) {
    offsets.push_back(extent.offset);
    sizes.push_back(extent.size);
  }
  return tensor::InsertSliceOp::create(builder, loc, part, into, offsets, sizes, strides);
}

/// Copies `from`, read at `fromMap`, to `to`, written at `toMap`.
Value BlockLoops::copyTo(Value from, Value to, AffineMap fromMap, AffineMap toMap) {
  SmallVector<utils::IteratorType> iterators(toMap.getNumDims(), utils::IteratorType::parallel);
  auto copy = linalg::GenericOp::create(builder, loc, to.getType(), from, to,
                                        ArrayRef<AffineMap>{fromMap, toMap}, iterators,
                                        [](OpBuilder &body, Location place, ValueRange values) {
                                          linalg::YieldOp::create(body, place, values.front());
                                        });
  copies.push_back(copy);
  return copy.getResult(0);
}

/// The right side's `part` of the reduced loop at columns `at` of the block, as panels of `width`
/// columns in `scratch`.
Value BlockLoops::packPanels(const Extent &part, const Extent &at, int64_t width, Value scratch) {
  OpFoldResult panels = apply(builder.getAffineDimExpr(0).floorDiv(width), {at.size});
  SmallVector<Extent> from{part, {sum(columns.block.offset, at.offset), at.size}};
  SmallVector<Extent> place{{fixed(0), panels}, {fixed(0), part.size}, {fixed(0), fixed(width)}};
  // Along the right side's rows, which are far apart where it lies transposed.
  AffineExpr panel = builder.getAffineDimExpr(plan.isTransposed ? 0 : 1),
             j = builder.getAffineDimExpr(plan.isTransposed ? 1 : 2),
             k = builder.getAffineDimExpr(plan.isTransposed ? 2 : 0);
  SmallVector<AffineExpr> read{k, panel * width + j};
  if (plan.isTransposed) {
    std::swap(from[0], from[1]);
    std::swap(read[0], read[1]);
  }
  Value packed = copyTo(extract(plan.rhsSource, from), extract(scratch, place),
                        AffineMap::get(3, 0, read, builder.getContext()),
                        AffineMap::get(3, 0, {panel, k, j}, builder.getContext()));
  return insert(packed, scratch, place);
}

/// The panels that the tiles of the block read: the whole ones, and the one that these leave.
BlockLoops::Values BlockLoops::packColumns(const Extent &part) {
  Value rhs = plan.rhs->get();
  int64_t width = columns.tile;
  OpFoldResult full =
      apply(builder.getAffineDimExpr(0).floorDiv(width) * width, {columns.block.size});
  Value panels = makeScratch({std::min(plan.columns, numColumns) / width, plan.depth, width}, rhs);
  Values packed{packPanels(part, {fixed(0), full}, width, panels)};
  if (columns.rest == 0)
    return packed;
  Value rest = makeScratch({1, plan.depth, columns.rest}, rhs);
  packed.append(forStep(full, columns.block.size, columns.rest, rest,
                        [&](const Extent &at, ValueRange values) {
                          return Values{packPanels(part, at, columns.rest, values.front())};
                        }));
  return packed;
}

/// The left side's `part` of the reduced loop for the rows of one tile, in their order.
Value BlockLoops::packStrip(const Extent &at, const Extent &part) {
  int64_t height = *getConstantIntValue(at.size);
  SmallVector<Extent> there{{sum(rows.block.offset, at.offset), at.size}, part},
      here{{fixed(0), at.size}, {fixed(0), part.size}};
  // Rows at a distance of a power of two would share a few sets of the cache.
  SmallVector<int64_t> shape{height, plan.depth + plan.padding};
  if (*positionOf(contraction.getMatchingIndexingMap(plan.lhs), plan.row) == 1) {
    std::swap(there[0], there[1]);
    std::swap(here[0], here[1]);
    shape = {plan.depth, height};
  }
  // A dimension more, so that the copy isn't taken for one that could be left out.
  shape.insert(shape.begin(), 1);
  here.insert(here.begin(), {fixed(0), fixed(1)});
  Value from = plan.lhs->get();
  AffineMap same = builder.getMultiDimIdentityMap(3);
  Value packed = copyTo(extract(from, there), extract(makeScratch(shape, from), here),
                        same.getMinorIdentityMap(3, 2, builder.getContext()), same);
  return extractMatrix(packed, {{fixed(0), fixed(1)}, here[1], here[2]});
}

/// A slice of one matrix of a sequence.
Value BlockLoops::extractMatrix(Value from, ArrayRef<Extent> extents) {
  SmallVector<int64_t> shape;
  SmallVector<OpFoldResult> offsets, sizes, strides(extents.size(), fixed(1));
  for (const Extent &extent : extents) {
    offsets.push_back(extent.offset);
    sizes.push_back(extent.size);
    shape.push_back(getConstantIntValue(extent.size).value_or(ShapedType::kDynamic));
  }
  auto type =
      RankedTensorType::get(ArrayRef(shape).drop_front(), getElementTypeOrSelf(from.getType()));
  return tensor::ExtractSliceOp::create(builder, loc, type, from, offsets, sizes, strides);
}

/// Runs `body` for each `step` between `low` and `high`; without a loop where that is one.
BlockLoops::Values BlockLoops::forStep(OpFoldResult low, OpFoldResult high, int64_t step,
                                       ValueRange values, EmitExtent body) {
  std::optional<int64_t> first = getConstantIntValue(low), last = getConstantIntValue(high);
  if (first && last && *first == *last)
    return Values(values);
  if (first && last && *last - *first == step)
    return body({low, fixed(step)}, values);
  auto loop =
      scf::ForOp::create(builder, loc, asValue(low), asValue(high), asValue(fixed(step)), values);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  Values results =
      body({OpFoldResult(loop.getInductionVar()), fixed(step)}, loop.getRegionIterArgs());
  scf::YieldOp::create(builder, loc, results);
  return Values(loop.getResults());
}

/// Runs `body` for the tiles of a block. Only the last block may have a rest, of known size.
BlockLoops::Values BlockLoops::forTiles(const Tiling &tiling, ValueRange values, EmitExtent body) {
  OpFoldResult full =
      apply(builder.getAffineDimExpr(0).floorDiv(tiling.tile) * tiling.tile, {tiling.block.size});
  Values next = forStep(fixed(0), full, tiling.tile, values, body);
  return tiling.rest ? forStep(full, tiling.block.size, tiling.rest, next, body) : next;
}

/// Multiplies all tiles of the block for `part` of the reduced loop.
BlockLoops::Values BlockLoops::buildProducts(const Extent &part, ValueRange values,
                                             EmitProduct emitProduct) {
  Values packed = packColumns(part);
  return forTiles(rows, values, [&](const Extent &rowsOf, ValueRange ofRows) {
    Value strip = packStrip(rowsOf, part);
    return forTiles(columns, ofRows, [&](const Extent &columnsOf, ValueRange ofTile) {
      int64_t width = *getConstantIntValue(columnsOf.size);
      bool isWhole = width == columns.tile;
      OpFoldResult number =
          isWhole ? apply(builder.getAffineDimExpr(0).floorDiv(width), {columnsOf.offset})
                  : fixed(0);
      Value panel =
          extractMatrix(isWhole ? packed.front() : packed.back(),
                        {{number, fixed(1)}, {fixed(0), part.size}, {fixed(0), columnsOf.size}});
      return emitProduct(rowsOf, columnsOf, strip, panel, ofTile);
    });
  });
}

void BlockLoops::placeTile(const Extent &rowsOf, const Extent &columnsOf) {
  tile.destinationOffsets[rowLoop] = rowsOf.offset;
  tile.destinationOffsets[columnLoop] = columnsOf.offset;
  tile.offsets[rowLoop] = sum(rows.block.offset, rowsOf.offset);
  tile.offsets[columnLoop] = sum(columns.block.offset, columnsOf.offset);
  tile.sizes[rowLoop] = rowsOf.size;
  tile.sizes[columnLoop] = columnsOf.size;
}

BlockLoops::Values BlockLoops::buildBlock(ValueRange parts) {
  std::optional<int64_t> reduced = getConstantIntValue(reducedSize);
  if (!reduced || *reduced > plan.depth)
    return buildInParts(parts);
  return buildProducts({fixed(0), reducedSize}, parts,
                       [&](const Extent &rowsOf, const Extent &columnsOf, Value strip, Value panel,
                           ValueRange values) {
                         placeTile(rowsOf, columnsOf);
                         tile.packed = {{plan.lhs, strip}, {plan.rhs, panel}};
                         return emit(builder, tile, values);
                       });
}

/// The block's sums stay in a buffer while the parts of the reduced loop are added to them.
BlockLoops::Values BlockLoops::buildInParts(ValueRange parts) {
  auto fill = contraction.getDpsInits().front().getDefiningOp<linalg::FillOp>();
  Value place =
      root == contraction
          ? parts.front()
          : makeScratch({std::min(plan.rows, numRows), std::min(plan.columns, numColumns)},
                        contraction->getResult(0));
  AffineMap same = builder.getMultiDimIdentityMap(2);
  Value start = fill.getInputs().front();
  Value sums = copyTo(start, place, AffineMap::get(2, 0, builder.getContext()), same);

  OpFoldResult step = fixed(plan.depth);
  auto loop = scf::ForOp::create(builder, loc, asValue(fixed(0)), asValue(reducedSize),
                                 asValue(step), sums);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Extent part{OpFoldResult(loop.getInductionVar()), step};
    std::optional<int64_t> reduced = getConstantIntValue(reducedSize);
    if (!reduced || *reduced % plan.depth != 0) {
      AffineExpr at = builder.getAffineDimExpr(0), end = builder.getAffineDimExpr(1);
      AffineMap size = AffineMap::get(2, 0, {builder.getAffineConstantExpr(plan.depth), end - at},
                                      builder.getContext());
      part.size =
          affine::makeComposedFoldedAffineMin(builder, loc, size, {part.offset, reducedSize});
    }
    Values next = buildProducts(
        part, loop.getRegionIterArgs(),
        [&](const Extent &rowsOf, const Extent &columnsOf, Value strip, Value panel,
            ValueRange values) {
          Value sofar = extract(values.front(), {rowsOf, columnsOf});
          SmallVector<Value> operands{strip, panel, sofar};
          if (plan.lhs->getOperandNumber() == 1)
            std::swap(operands[0], operands[1]);
          Operation *product = mlir::clone(builder, contraction, sofar.getType(), operands);
          return Values{insert(product->getResult(0), values.front(), {rowsOf, columnsOf})};
        });
    scf::YieldOp::create(builder, loc, next);
  }
  return root == contraction ? Values(loop.getResults()) : buildEpilogue(loop.getResult(0), parts);
}

/// What follows the product, from the block's sums.
BlockLoops::Values BlockLoops::buildEpilogue(Value sums, ValueRange parts) {
  return forTiles({rows.block, 1, 0}, parts, [&](const Extent &row, ValueRange ofRow) {
    return forTiles(columns, ofRow, [&](const Extent &columnsOf, ValueRange values) {
      placeTile(row, columnsOf);
      Value known = extract(sums, {row, columnsOf});
      tile.packed.clear();
      for (OpOperand *input : root.getDpsInputOperands())
        if (input->get() == contraction->getResult(0))
          tile.packed.insert({input, known});
      return emit(builder, tile, values);
    });
  });
}

/// Block number `task`: its places in the destinations, and what to put there.
BlockLoops::Values BlockLoops::buildTask(Value task, ValueRange wholes,
                                         SmallVectorImpl<OperandSlice> &slices) {
  AffineExpr number = builder.getAffineDimExpr(0);
  int64_t across = llvm::divideCeil(numColumns, plan.columns);
  rows = {extentOf(numRows, plan.rows, apply(number.floorDiv(across), OpFoldResult(task))),
          plan.tileRows, numRows % plan.tileRows};
  columns = {extentOf(numColumns, plan.columns, apply(number % across, OpFoldResult(task))),
             plan.tileColumns, numColumns % plan.tileColumns};
  Values parts;
  for (auto [whole, map] : llvm::zip_equal(wholes, maps)) {
    SmallVector<Extent> extents(2);
    extents[*positionOf(map, rowLoop)] = rows.block;
    extents[*positionOf(map, columnLoop)] = columns.block;
    OperandSlice slice;
    for (const Extent &extent : extents) {
      slice.offsets.push_back(extent.offset);
      slice.sizes.push_back(extent.size);
    }
    slices.push_back(slice);
    parts.push_back(extract(whole, extents));
  }
  return buildBlock(parts);
}

BlockLoops::Values BlockLoops::build(ValueRange destinations) {
  int64_t count = llvm::divideCeil(numRows, plan.rows) * llvm::divideCeil(numColumns, plan.columns);
  SmallVector<OpFoldResult> strides(2, fixed(1));
  SmallVector<OperandSlice> slices;
  OpBuilder::InsertionGuard guard(builder);
  if (isShared && count > 1) {
    auto forall = scf::ForallOp::create(builder, loc, ArrayRef<OpFoldResult>{fixed(0)},
                                        ArrayRef<OpFoldResult>{fixed(count)},
                                        ArrayRef<OpFoldResult>{fixed(1)}, destinations,
                                        /*mapping=*/std::nullopt);
    builder.setInsertionPoint(forall.getTerminator());
    Values results = buildTask(forall.getInductionVar(0), forall.getRegionIterArgs(), slices);
    builder.setInsertionPointToStart(forall.getTerminator().getBody());
    for (auto [result, whole, slice] : llvm::zip_equal(results, forall.getRegionIterArgs(), slices))
      tensor::ParallelInsertSliceOp::create(builder, loc, result, whole, slice.offsets, slice.sizes,
                                            strides);
    return Values(forall.getResults());
  }
  auto loop = scf::ForOp::create(builder, loc, asValue(fixed(0)), asValue(fixed(count)),
                                 asValue(fixed(1)), destinations);
  builder.setInsertionPointToStart(loop.getBody());
  Values results = buildTask(loop.getInductionVar(), loop.getRegionIterArgs(), slices);
  Values next;
  for (auto [result, whole, slice] : llvm::zip_equal(results, loop.getRegionIterArgs(), slices))
    next.push_back(tensor::InsertSliceOp::create(builder, loc, result, whole, slice.offsets,
                                                 slice.sizes, strides));
  scf::YieldOp::create(builder, loc, next);
  return Values(loop.getResults());
}

} // namespace nnc::codegen
