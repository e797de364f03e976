// codegen-tile-and-fuse: tiles operations for registers and computes producers within the tile.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/cpu/BlockLoops.h"
#include "compiler/codegen/cpu/TileLoops.h"
#include "compiler/codegen/cpu/TilePlan.h"
#include "compiler/codegen/shared/LinalgUtils.h"
#include "compiler/codegen/shared/Remarks.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_TILEANDFUSE
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

static Value extract(OpBuilder &builder, Location loc, Value operand, const OperandSlice &slice) {
  SmallVector<OpFoldResult> strides(slice.sizes.size(), builder.getIndexAttr(1));
  return tensor::ExtractSliceOp::create(builder, loc, operand, slice.offsets, slice.sizes, strides);
}

/// Emits the tiles of one root.
class TileEmitter {
public:
  TileEmitter(linalg::LinalgOp root, ArrayRef<linalg::LinalgOp> fused, ArrayRef<int64_t> tiles)
      : root(root), fused(fused) {
    for (int64_t tile : tiles)
      whole.push_back(tile == 0);
  }

  /// What the results that are used start from: their destinations, or those of the fills of these.
  SmallVector<Value> findDestinations() {
    SmallVector<Value> destinations;
    for (auto [result, init] : llvm::zip_equal(root->getResults(), root.getDpsInits())) {
      if (result.use_empty())
        continue;
      auto fill = init.getDefiningOp<linalg::FillOp>();
      destinations.push_back(fill ? fill.getOutputs().front() : init);
    }
    return destinations;
  }

  /// Where these are written.
  SmallVector<AffineMap> findMaps() {
    SmallVector<AffineMap> maps;
    for (auto [result, init] : llvm::zip_equal(root->getResults(), root.getDpsInitsMutable()))
      if (!result.use_empty())
        maps.push_back(root.getMatchingIndexingMap(&init));
    return maps;
  }

  /// A value for each result of the root; `used` has those of the results that are used.
  SmallVector<Value> completeResults(ArrayRef<Value> used) {
    SmallVector<Value> all;
    for (auto [result, init] : llvm::zip_equal(root->getResults(), root.getDpsInits())) {
      all.push_back(result.use_empty() ? init : used.front());
      used = used.drop_front(result.use_empty() ? 0 : 1);
    }
    return all;
  }

  SmallVector<Value> emit(OpBuilder &builder, const Tile &tile, ValueRange destinations) {
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

private:
  /// The tile of a result that nothing uses: what the operation needs to compute its others.
  Value emitUnused(OpBuilder &builder, OpOperand &init, const Tile &tile) {
    Location loc = root.getLoc();
    Value start = init.get();
    if (auto fill = start.getDefiningOp<linalg::FillOp>())
      start = fill.getOutputs().front();
    OperandSlice slice = findSlice(builder, loc, start, root.getMatchingIndexingMap(&init),
                                   tile.offsets, tile.sizes, whole);
    if (start == init.get() && root.payloadUsesValueFromOperand(&init))
      return extract(builder, loc, start, slice);
    return tensor::EmptyOp::create(builder, loc, slice.sizes,
                                   getElementTypeOrSelf(start.getType()));
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

  /// The tile of `producer`, whose result has the loops of the root as its dimensions.
  Value emitFused(OpBuilder &builder, linalg::LinalgOp producer, const Tile &tile) {
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
      operands.push_back(packed ? packed
                                : read(builder, producer, *input, offsets, sizes, isWhole));
    }
    OpOperand &init = *producer.getDpsInitOperand(0);
    if (auto fill = init.get().getDefiningOp<linalg::FillOp>()) {
      SmallVector<OpFoldResult> shape;
      for (unsigned i = 0; i < result.getNumResults(); ++i)
        shape.push_back(sizes[result.getDimPosition(i)]);
      Value empty =
          tensor::EmptyOp::create(builder, loc, shape, getElementTypeOrSelf(init.get().getType()));
      operands.push_back(
          linalg::FillOp::create(builder, loc, fill.getInputs(), empty).getResult(0));
    } else {
      operands.push_back(read(builder, producer, init, offsets, sizes, isWhole));
    }
    return emitClone(builder, producer, operands, offsets)->getResult(0);
  }

  linalg::LinalgOp root;
  ArrayRef<linalg::LinalgOp> fused;
  SmallVector<bool> whole;
};

class Tiler {
public:
  Tiler(RewriterBase &rewriter, const VectorUnit &unit, SharingRule rule, Remarks remarks)
      : rewriter(rewriter), unit(unit), rule(rule), remarks(remarks) {}

  /// Tiles every root in `block`, the last first.
  void run(Block &block) {
    SmallVector<linalg::LinalgOp> ops(block.getOps<linalg::LinalgOp>());
    for (linalg::LinalgOp op : llvm::reverse(ops))
      if (!done.contains(op))
        tile(op);
    rule = {}; // The copies of a task's.
    for (linalg::LinalgOp copy : std::exchange(copies, {}))
      tile(copy);
    for (Operation *op : llvm::reverse(done))
      if (op->use_empty())
        rewriter.eraseOp(op);
  }

  unsigned numRoots = 0, numFused = 0, numBlocked = 0;

private:
  void tile(linalg::LinalgOp root) {
    if (isa<linalg::FillOp>(root) || !root.hasPureTensorSemantics() || root.getNumLoops() == 0)
      return;
    SmallVector<linalg::LinalgOp> fused = findFusedContractions(root);
    linalg::LinalgOp contraction = isContraction(root) ? root
                                   : fused.empty()     ? linalg::LinalgOp()
                                                       : fused.front();
    SmallVector<int64_t> tiles = planTiles(root, contraction, unit);
    if (llvm::all_of(tiles, [](int64_t size) { return size == 0; }))
      return;
    rewriter.setInsertionPoint(root);
    linalg::LinalgOp work = contraction ? contraction : root;
    auto workSizes = llvm::map_to_vector(work.createLoopRanges(rewriter, root.getLoc()),
                                         [](Range range) { return range.size; });
    TileEmitter emitter(root, fused, tiles);
    auto emit = [&](OpBuilder &builder, const Tile &tile, ValueRange destinations) {
      return emitter.emit(builder, tile, destinations);
    };
    SmallVector<Value> results;
    StringRef notBlocked, notShared;
    std::optional<BlockPlan> plan = planBlocks(root, contraction, tiles, unit, notBlocked);
    if (plan) {
      if (plan->isTransposed)
        straighten(contraction, *plan);
      bool isShared = rule.least != 0 && plan->leastWork * countFlops(work) >= rule.least;
      BlockLoops loops(rewriter, root, contraction, *plan, emitter.findMaps(), isShared, emit);
      results = loops.build(emitter.findDestinations());
      copies.append(loops.getCopies().begin(), loops.getCopies().end());
      notShared = isShared ? "" : "it is too little work";
      ++numBlocked;
    } else {
      int64_t lanes = unit.lanes(Float32Type::get(rewriter.getContext()));
      TileLoops loops(rewriter, root, tiles, lanes, emitter.findMaps(), rule, countWork(work),
                      workSizes, emit);
      results = loops.build(emitter.findDestinations());
      notShared = loops.whyNotShared();
    }
    if (contraction)
      explain(contraction, tiles, plan, notBlocked, notShared);
    else if (notShared.empty())
      if (auto note = remarks.done(root))
        note << remark::add("shared by threads");
    rewriter.replaceOp(root, emitter.completeResults(results));
    done.insert_range(fused);
    ++numRoots;
    numFused += fused.size();
  }

  /// Lets `contraction` read its right side as its panels lie, [reduced, columns], from a
  /// transposed copy that is never made: only the panels are.
  void straighten(linalg::LinalgOp contraction, const BlockPlan &plan) {
    Location loc = contraction.getLoc();
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPoint(contraction);
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(rewriter, loc, plan.rhsSource);
    std::swap(sizes[0], sizes[1]);
    Value empty = tensor::EmptyOp::create(rewriter, loc, sizes,
                                          getElementTypeOrSelf(plan.rhsSource.getType()));
    auto copy =
        linalg::TransposeOp::create(rewriter, loc, plan.rhsSource, empty, ArrayRef<int64_t>{1, 0});
    SmallVector<AffineMap> maps = contraction.getIndexingMapsArray();
    AffineMap &map = maps[plan.rhs->getOperandNumber()];
    map =
        AffineMap::get(map.getNumDims(), 0, {map.getResult(1), map.getResult(0)}, map.getContext());
    rewriter.modifyOpInPlace(contraction, [&] {
      plan.rhs->set(copy->getResult(0));
      cast<linalg::GenericOp>(*contraction)
          .setIndexingMapsAttr(rewriter.getAffineMapArrayAttr(maps));
    });
    done.insert(copy);
  }

  static std::string join(ArrayRef<int64_t> sizes) {
    std::string text;
    for (int64_t size : sizes)
      text +=
          (text.empty() ? "" : " x ") + (ShapedType::isDynamic(size) ? "?" : std::to_string(size));
    return text;
  }

  void explain(linalg::LinalgOp contraction, ArrayRef<int64_t> tiles,
               const std::optional<BlockPlan> &plan, StringRef notBlocked,
               StringRef notShared) const {
    auto note = remarks.done(contraction);
    if (!note)
      return;
    auto cut = llvm::filter_to_vector(tiles, [](int64_t size) { return size != 0; });
    std::string blocks = ("none: " + notBlocked).str();
    if (plan)
      blocks = llvm::formatv("{0}, packed, sums of {1} at a time",
                             join({plan->rows, plan->columns}), plan->depth);
    note << remark::add("contraction of {0} in tiles of {1}", join(loopSizes(contraction)),
                        join(cut))
         << remark::metric("Blocks", blocks)
         << remark::metric("Threads", notShared.empty() ? "share it" : ("one: " + notShared).str());
  }

  RewriterBase &rewriter;
  VectorUnit unit;
  SharingRule rule;
  Remarks remarks;
  llvm::SetVector<Operation *> done;
  SmallVector<linalg::LinalgOp> copies; // Not yet tiled.
};

class TileAndFusePass : public impl::TileAndFuseBase<TileAndFusePass> {
public:
  using TileAndFuseBase::TileAndFuseBase;

  void runOnOperation() override {
    auto kernel = dyn_cast<kernel::FuncOp>(getOperation().getOperation());
    if (kernel && kernel.getOnce())
      return;
    IRRewriter rewriter(&getContext());
    // The blocks of loops, too; those that tiling makes aren't among them.
    SmallVector<Block *> blocks;
    getOperation().walk([&](Block *block) {
      if (!isa<linalg::LinalgOp>(block->getParentOp()))
        blocks.push_back(block);
    });
    for (Block *block : blocks) {
      Tiler tiler(rewriter, VectorUnit{vectorBits, registers}, SharingRule{parallelFlops},
                  Remarks(getArgumentName(), getOperation()));
      tiler.run(*block);
      numRoots += tiler.numRoots;
      numFused += tiler.numFused;
      numBlocked += tiler.numBlocked;
    }
    RewritePatternSet patterns(&getContext());
    // Slices of slices stay: what is cut out of a task's part is put back there, and bufferisation
    // takes a way around the part for another value.
    tensor::populateFoldTensorEmptyPatterns(patterns);
    for (StringRef name : {"affine", "linalg", "scf", "tensor"})
      getContext().getOrLoadDialect(name)->getCanonicalizationPatterns(patterns);
    for (RegisteredOperationName name : getContext().getRegisteredOperations())
      if (llvm::is_contained({"affine", "linalg", "scf", "tensor"}, name.getDialectNamespace()))
        name.getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace nnc::codegen
