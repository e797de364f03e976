// codegen-tile-and-fuse: tiles operations for registers and computes producers within the tile.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/cpu/BlockLoops.h"
#include "compiler/codegen/cpu/TileEmitter.h"
#include "compiler/codegen/cpu/TileLoops.h"
#include "compiler/codegen/cpu/TilePlan.h"
#include "compiler/codegen/shared/LinalgUtils.h"
#include "compiler/codegen/shared/Remarks.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_TILEANDFUSE
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

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
    populateTileCleanupPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace nnc::codegen
