// codegen-tile-threads: gives each element of a kernel's results a task of its own.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/cpu/TileEmitter.h"
#include "compiler/codegen/shared/LinalgUtils.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_TILETHREADS
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// Makes the loops of one root a loop of tasks.
class ThreadTiler {
public:
  ThreadTiler(RewriterBase &rewriter, linalg::LinalgOp root)
      : rewriter(rewriter), root(root), loc(root.getLoc()),
        fused(isa<linalg::FillOp>(root) ? SmallVector<linalg::LinalgOp>()
                                        : findFusedContractions(root)) {}

  /// The operations that are computed in the tasks, beside the root.
  ArrayRef<linalg::LinalgOp> getFused() const { return fused; }

  void run() {
    rewriter.setInsertionPoint(root);
    SmallVector<int64_t> tiles;
    for (utils::IteratorType iterator : root.getIteratorTypesArray())
      tiles.push_back(iterator == utils::IteratorType::parallel ? 1 : 0);
    TileEmitter emitter(root, fused, tiles);
    SmallVector<Value> destinations = emitter.findDestinations();
    SmallVector<AffineMap> maps = emitter.findMaps();
    Tile tile;
    for (Range range : root.createLoopRanges(rewriter, loc))
      tile.sizes.push_back(range.size);
    SmallVector<OpFoldResult> bounds;
    for (auto [size, step] : llvm::zip_equal(tile.sizes, tiles))
      if (step != 0)
        bounds.push_back(size);
    if (bounds.empty()) // A single task.
      bounds.push_back(rewriter.getIndexAttr(1));
    SmallVector<OpFoldResult> zeros(bounds.size(), rewriter.getIndexAttr(0));
    SmallVector<OpFoldResult> ones(bounds.size(), rewriter.getIndexAttr(1));
    auto forall = scf::ForallOp::create(rewriter, loc, zeros, bounds, ones, destinations,
                                        /*mapping=*/std::nullopt);
    rewriter.setInsertionPointToStart(forall.getBody());
    tile.offsets.assign(tiles.size(), rewriter.getIndexAttr(0));
    tile.destinationOffsets = tile.offsets;
    unsigned next = 0;
    for (auto [dim, step] : llvm::enumerate(tiles))
      if (step != 0) {
        tile.offsets[dim] = forall.getInductionVar(next++);
        tile.sizes[dim] = rewriter.getIndexAttr(1);
      }
    SmallVector<bool> whole = llvm::map_to_vector(tiles, [](int64_t size) { return size == 0; });
    SmallVector<Value> parts;
    SmallVector<OperandSlice> slices;
    for (auto [destination, map] : llvm::zip_equal(forall.getRegionIterArgs(), maps)) {
      slices.push_back(findSlice(rewriter, loc, destination, map, tile.offsets, tile.sizes, whole));
      SmallVector<OpFoldResult> strides(slices.back().sizes.size(), rewriter.getIndexAttr(1));
      parts.push_back(tensor::ExtractSliceOp::create(
          rewriter, loc, destination, slices.back().offsets, slices.back().sizes, strides));
    }
    SmallVector<Value> results = emitter.emit(rewriter, tile, parts);
    rewriter.setInsertionPointToStart(forall.getTerminator().getBody());
    for (auto [result, slice, whole] :
         llvm::zip_equal(results, slices, forall.getRegionIterArgs())) {
      SmallVector<OpFoldResult> strides(slice.sizes.size(), rewriter.getIndexAttr(1));
      tensor::ParallelInsertSliceOp::create(rewriter, loc, result, whole, slice.offsets,
                                            slice.sizes, strides);
    }
    rewriter.replaceOp(root, emitter.completeResults(SmallVector<Value>(forall.getResults())));
  }

private:
  RewriterBase &rewriter;
  linalg::LinalgOp root;
  Location loc;
  SmallVector<linalg::LinalgOp> fused;
};

class TileThreadsPass : public impl::TileThreadsBase<TileThreadsPass> {
public:
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    Block &block = getOperation().getBody().front();
    SmallVector<linalg::LinalgOp> ops(block.getOps<linalg::LinalgOp>());
    llvm::SetVector<Operation *> done;
    for (linalg::LinalgOp op : llvm::reverse(ops)) {
      if (done.contains(op) || op->use_empty())
        continue;
      ThreadTiler tiler(rewriter, op);
      done.insert_range(tiler.getFused());
      tiler.run();
      ++numRoots;
    }
    for (linalg::LinalgOp op : llvm::reverse(ops))
      if (done.contains(op) && op->use_empty())
        rewriter.eraseOp(op);
    RewritePatternSet patterns(&getContext());
    populateTileCleanupPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace nnc::codegen
