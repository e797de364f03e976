// codegen-tile-and-fuse: tiles operations for registers and computes producers within the tile.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/cpu/TilePlan.h"
#include "compiler/codegen/shared/Entry.h"
#include "compiler/codegen/shared/LinalgUtils.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "mlir/Dialect/SCF/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_TILEANDFUSE
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// The contraction that is to be computed within the tiles of `root`: the root, or one whose result
/// nothing else reads, at the root's own iteration space.
static linalg::LinalgOp findContraction(linalg::LinalgOp root) {
  if (isContraction(root))
    return root;
  if (!isElementwiseOp(root))
    return nullptr;
  for (OpOperand *operand : root.getDpsInputOperands()) {
    auto producer = operand->get().getDefiningOp<linalg::LinalgOp>();
    if (producer && isContraction(producer) && producer->hasOneUse() &&
        root.getMatchingIndexingMap(operand).isIdentity())
      return producer;
  }
  return nullptr;
}

class Tiler {
public:
  Tiler(RewriterBase &rewriter, const VectorUnit &unit, uint64_t parallelFlops)
      : rewriter(rewriter), unit(unit), parallelFlops(parallelFlops) {}

  /// Tiles every root in `block`, the last first.
  LogicalResult run(Block &block) {
    SmallVector<linalg::LinalgOp> ops(block.getOps<linalg::LinalgOp>());
    for (linalg::LinalgOp op : llvm::reverse(ops))
      if (!fused.contains(op) && failed(tile(op)))
        return failure();
    for (Operation *op : llvm::reverse(fused))
      if (op->use_empty())
        rewriter.eraseOp(op);
    return success();
  }

  unsigned numRoots = 0, numFused = 0;

private:
  LogicalResult tile(linalg::LinalgOp root) {
    if (isa<linalg::FillOp>(root) || !root.hasPureTensorSemantics() || root.getNumLoops() == 0)
      return success();
    linalg::LinalgOp contraction = findContraction(root);
    SmallVector<int64_t> tiles = planTiles(root, contraction, unit);
    if (llvm::all_of(tiles, [](int64_t size) { return size == 0; }))
      return success();
    uint64_t flops = countFlops(root).value_or(0);
    if (contraction && contraction != root)
      flops += countFlops(contraction).value_or(0);

    // Uses are counted now: tiling adds its own.
    llvm::SmallPtrSet<Operation *, 4> wanted;
    for (OpOperand *operand : root.getDpsInputOperands()) {
      auto producer = operand->get().getDefiningOp<linalg::LinalgOp>();
      if (contraction && producer && isContraction(producer) && producer->hasOneUse() &&
          root.getMatchingIndexingMap(operand).isIdentity())
        wanted.insert(producer);
    }
    scf::SCFTileAndFuseOptions options;
    options.tilingOptions.setTileSizes(getAsIndexOpFoldResult(rewriter.getContext(), tiles));
    options.setFusionControlFn(
        [&](tensor::ExtractSliceOp, OpResult producer,
            bool isDestination) -> std::optional<scf::SCFTileAndFuseOptions::ControlFnResult> {
          Operation *op = producer.getOwner();
          if (!isa<linalg::FillOp>(op) && (isDestination || !wanted.contains(op)))
            return std::nullopt;
          return scf::SCFTileAndFuseOptions::ControlFnResult{};
        });
    rewriter.setInsertionPoint(root);
    FailureOr<scf::SCFTileAndFuseResult> result = scf::tileConsumerAndFuseProducersUsingSCF(
        rewriter, cast<TilingInterface>(root.getOperation()), options);
    if (failed(result))
      return root.emitOpError("can't be tiled");
    for (OpResult value : root->getResults())
      if (Value replacement = result->replacements.lookup(value))
        rewriter.replaceAllUsesWith(value, replacement);
    rewriter.eraseOp(root);
    fused.insert_range(result->fusedProducers);
    ++numRoots;
    numFused += result->fusedProducers.size();
    finishLoops(result->loops, flops);
    return success();
  }

  /// Gives the tiles at the edges loops of their own, and marks the outermost loop if it is to be
  /// shared.
  void finishLoops(ArrayRef<LoopLikeOpInterface> loops, uint64_t flops) {
    for (LoopLikeOpInterface loop : llvm::reverse(loops)) {
      scf::ForOp rest;
      (void)scf::peelForLoopAndSimplifyBounds(rewriter, cast<scf::ForOp>(*loop), rest);
    }
    if (loops.empty() || parallelFlops == 0 || flops < parallelFlops)
      return;
    LoopLikeOpInterface first = loops.front();
    auto outermost = cast<scf::ForOp>(*first);
    std::optional<APInt> trips = outermost.getStaticTripCount();
    if (!trips || trips->getZExtValue() < 2)
      return;
    // A task is worth about a 32nd of the threshold: small enough to balance, large against the
    // cost of a hand-over.
    uint64_t flopsPerTrip = std::max<uint64_t>(1, flops / trips->getZExtValue());
    uint64_t grain = std::max<uint64_t>(1, parallelFlops / 32 / flopsPerTrip);
    if (grain < trips->getZExtValue())
      outermost->setAttr(nn::kParallelAttr, rewriter.getI64IntegerAttr(grain));
  }

  RewriterBase &rewriter;
  VectorUnit unit;
  uint64_t parallelFlops;
  llvm::SetVector<Operation *> fused;
};

class TileAndFusePass : public impl::TileAndFuseBase<TileAndFusePass> {
public:
  using TileAndFuseBase::TileAndFuseBase;

  void runOnOperation() override {
    if (entry::runsOnce(getOperation()))
      return;
    IRRewriter rewriter(&getContext());
    for (Block &block : getOperation().getBody()) {
      Tiler tiler(rewriter, VectorUnit{vectorBits, registers}, parallelFlops);
      if (failed(tiler.run(block)))
        return signalPassFailure();
      numRoots += tiler.numRoots;
      numFused += tiler.numFused;
    }
    RewritePatternSet patterns(&getContext());
    tensor::populateFoldTensorEmptyPatterns(patterns);
    tensor::populateMergeConsecutiveInsertExtractSlicePatterns(patterns);
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
