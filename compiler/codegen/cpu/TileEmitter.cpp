// Emits the tiles of a linalg operation; see the header.
#include "compiler/codegen/cpu/TileEmitter.h"

#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"

namespace nnc::codegen {

using namespace mlir;

static Value extract(OpBuilder &builder, Location loc, Value operand, const OperandSlice &slice) {
  SmallVector<OpFoldResult> strides(slice.sizes.size(), builder.getIndexAttr(1));
  return tensor::ExtractSliceOp::create(builder, loc, operand, slice.offsets, slice.sizes, strides);
}

static Value read(OpBuilder &builder, linalg::LinalgOp op, OpOperand &operand,
                  ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
                  ArrayRef<bool> whole) {
  if (!isa<RankedTensorType>(operand.get().getType()))
    return operand.get();
  OperandSlice slice = findSlice(builder, op.getLoc(), operand.get(),
                                 op.getMatchingIndexingMap(&operand), offsets, sizes, whole);
  return extract(builder, op.getLoc(), operand.get(), slice);
}

static Operation *emitClone(OpBuilder &builder, linalg::LinalgOp op, ArrayRef<Value> operands,
                            ArrayRef<OpFoldResult> offsets) {
  SmallVector<Type> types(ValueRange(operands).take_back(op.getNumDpsInits()).getTypes());
  Operation *tiled = mlir::clone(builder, op, types, operands);
  IRRewriter rewriter(builder);
  linalg::offsetIndices(rewriter, cast<linalg::LinalgOp>(tiled), offsets);
  return tiled;
}

TileEmitter::TileEmitter(linalg::LinalgOp root, ArrayRef<linalg::LinalgOp> fused,
                         ArrayRef<int64_t> tiles)
    : root(root), fused(fused) {
  for (int64_t tile : tiles)
    whole.push_back(tile == 0);
}

SmallVector<Value> TileEmitter::findDestinations() {
  SmallVector<Value> destinations;
  for (auto [result, init] : llvm::zip_equal(root->getResults(), root.getDpsInits())) {
    if (result.use_empty())
      continue;
    auto fill = init.getDefiningOp<linalg::FillOp>();
    destinations.push_back(fill ? fill.getOutputs().front() : init);
  }
  return destinations;
}

SmallVector<AffineMap> TileEmitter::findMaps() {
  SmallVector<AffineMap> maps;
  for (auto [result, init] : llvm::zip_equal(root->getResults(), root.getDpsInitsMutable()))
    if (!result.use_empty())
      maps.push_back(root.getMatchingIndexingMap(&init));
  return maps;
}

SmallVector<Value> TileEmitter::completeResults(ArrayRef<Value> used) {
  SmallVector<Value> all;
  for (auto [result, init] : llvm::zip_equal(root->getResults(), root.getDpsInits())) {
    all.push_back(result.use_empty() ? init : used.front());
    used = used.drop_front(result.use_empty() ? 0 : 1);
  }
  return all;
}

SmallVector<Value> TileEmitter::emit(OpBuilder &builder, const Tile &tile,
                                     ValueRange destinations) {
  Location loc = root.getLoc();
  SmallVector<Value> operands;
  for (OpOperand *input : root.getDpsInputOperands()) {
    auto producer = input->get().getDefiningOp<linalg::LinalgOp>();
    if (Value packed = tile.packed.lookup(input))
      operands.push_back(packed);
    else
      operands.push_back(producer && llvm::is_contained(fused, producer)
                             ? emitFused(builder, producer, tile)
                             : read(builder, root, *input, tile.offsets, tile.sizes, whole));
  }
  SmallVector<OperandSlice> slices;
  for (auto [result, init] : llvm::zip_equal(root->getResults(), root.getDpsInitsMutable())) {
    AffineMap map = root.getMatchingIndexingMap(&init);
    Value part;
    if (result.use_empty()) {
      part = emitUnused(builder, init, tile);
    } else {
      Value destination = destinations[slices.size()];
      slices.push_back(
          findSlice(builder, loc, destination, map, tile.destinationOffsets, tile.sizes, whole));
      part = extract(builder, loc, destination, slices.back());
    }
    if (auto fill = init.get().getDefiningOp<linalg::FillOp>())
      part = linalg::FillOp::create(builder, loc, fill.getInputs(), part).getResult(0);
    operands.push_back(part);
  }
  Operation *tiled = emitClone(builder, root, operands, tile.offsets);
  SmallVector<Value> results;
  for (auto [old, result] : llvm::zip_equal(root->getResults(), tiled->getResults())) {
    if (old.use_empty())
      continue;
    const OperandSlice &slice = slices[results.size()];
    SmallVector<OpFoldResult> strides(slice.sizes.size(), builder.getIndexAttr(1));
    results.push_back(tensor::InsertSliceOp::create(
        builder, loc, result, destinations[results.size()], slice.offsets, slice.sizes, strides));
  }
  return results;
}

/// The tile of a result that nothing uses: what the operation needs to compute its others.
Value TileEmitter::emitUnused(OpBuilder &builder, OpOperand &init, const Tile &tile) {
  Location loc = root.getLoc();
  Value start = init.get();
  if (auto fill = start.getDefiningOp<linalg::FillOp>())
    start = fill.getOutputs().front();
  OperandSlice slice = findSlice(builder, loc, start, root.getMatchingIndexingMap(&init),
                                 tile.offsets, tile.sizes, whole);
  if (start == init.get() && root.payloadUsesValueFromOperand(&init))
    return extract(builder, loc, start, slice);
  return tensor::EmptyOp::create(builder, loc, slice.sizes, getElementTypeOrSelf(start.getType()));
}

/// The tile of `producer`, whose result has the loops of the root as its dimensions.
Value TileEmitter::emitFused(OpBuilder &builder, linalg::LinalgOp producer, const Tile &tile) {
  Location loc = producer.getLoc();
  unsigned numLoops = producer.getNumLoops();
  SmallVector<OpFoldResult> offsets(numLoops, builder.getIndexAttr(0)), sizes(numLoops);
  SmallVector<bool> isWhole(numLoops, true);
  AffineMap result = producer.getMatchingIndexingMap(producer.getDpsInitOperand(0));
  for (unsigned i = 0; i < result.getNumResults(); ++i) {
    unsigned dim = result.getDimPosition(i);
    offsets[dim] = tile.offsets[i];
    sizes[dim] = tile.sizes[i];
    isWhole[dim] = whole[i];
  }
  SmallVector<OpFoldResult> ranges = llvm::map_to_vector(producer.createLoopRanges(builder, loc),
                                                         [](Range range) { return range.size; });
  for (unsigned dim = 0; dim < numLoops; ++dim)
    if (!sizes[dim])
      sizes[dim] = ranges[dim];
  SmallVector<Value> operands;
  for (OpOperand *input : producer.getDpsInputOperands()) {
    Value packed = tile.packed.lookup(input);
    operands.push_back(packed ? packed : read(builder, producer, *input, offsets, sizes, isWhole));
  }
  OpOperand &init = *producer.getDpsInitOperand(0);
  if (auto fill = init.get().getDefiningOp<linalg::FillOp>()) {
    SmallVector<OpFoldResult> shape;
    for (unsigned i = 0; i < result.getNumResults(); ++i)
      shape.push_back(sizes[result.getDimPosition(i)]);
    Value empty =
        tensor::EmptyOp::create(builder, loc, shape, getElementTypeOrSelf(init.get().getType()));
    operands.push_back(linalg::FillOp::create(builder, loc, fill.getInputs(), empty).getResult(0));
  } else {
    operands.push_back(read(builder, producer, init, offsets, sizes, isWhole));
  }
  return emitClone(builder, producer, operands, offsets)->getResult(0);
}

void populateTileCleanupPatterns(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  // Slices of slices stay: what is cut out of a task's part is put back there, and bufferisation
  // takes a way around the part for another value.
  tensor::populateFoldTensorEmptyPatterns(patterns);
  for (StringRef name : {"affine", "linalg", "scf", "tensor"})
    context->getOrLoadDialect(name)->getCanonicalizationPatterns(patterns);
  for (RegisteredOperationName name : context->getRegisteredOperations())
    if (llvm::is_contained({"affine", "linalg", "scf", "tensor"}, name.getDialectNamespace()))
      name.getCanonicalizationPatterns(patterns, context);
}

} // namespace nnc::codegen
