// codegen-fuse-elementwise: merges chains of elementwise operations, also those with several
// results.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/shared/EraseUnused.h"
#include "compiler/codegen/shared/LinalgUtils.h"
#include "compiler/codegen/shared/Remarks.h"

#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_FUSEELEMENTWISE
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// Roughly, multiply-adds that one element of `op` costs: what repeating it would.
static unsigned costPerElement(linalg::GenericOp op) {
  unsigned cost = 0;
  for (Operation &inner : op.getBody()->without_terminator()) {
    if (isa<arith::ConstantOp, arith::ExtFOp, arith::TruncFOp, arith::ExtUIOp, arith::ExtSIOp,
            arith::TruncIOp>(inner))
      continue;
    bool slow =
        isa<arith::DivFOp, tensor::ExtractOp, arith::DivSIOp, arith::DivUIOp, arith::RemSIOp>(
            inner) ||
        isa<math::MathDialect>(inner.getDialect());
    cost += slow ? 16 : 1;
  }
  return cost;
}

/// Bits that an element takes in memory.
static unsigned elementBits(Value value) {
  Type type = getElementTypeOrSelf(value.getType());
  return type.isIntOrFloat() ? std::max(8u, type.getIntOrFloatBitWidth()) : 64;
}

/// Bits of what `op` reads for each of its elements: of operands with all its loops, since those
/// with fewer are small beside its result.
static unsigned readBits(linalg::GenericOp op) {
  unsigned bits = 0;
  for (OpOperand *operand : op.getDpsInputOperands())
    if (op.payloadUsesValueFromOperand(operand) &&
        op.getMatchingIndexingMap(operand).getNumResults() == op.getNumLoops())
      bits += elementBits(operand->get());
  return bits;
}

/// Whether each reader of `op` could compute it itself, so that no buffer would hold it.
static bool isReadInBodiesAlone(linalg::GenericOp op) {
  return llvm::all_of(op->getUses(), [&](OpOperand &use) {
    auto user = dyn_cast<linalg::GenericOp>(use.getOwner());
    return user && user->getBlock() == op->getBlock() && user.isDpsInput(&use) &&
           !isContraction(user) && user.getNumLoops() == op.getNumLoops();
  });
}

/// Whether `op` is elementwise, and its result has more bits than what it is computed from: to keep
/// its operands and compute it where it is read takes less memory than to keep it.
static bool isWiderThanOperands(linalg::GenericOp op) {
  return op->getNumResults() == 1 && isElementwiseOp(op) &&
         readBits(op) < elementBits(op->getResult(0));
}

/// Whether `op` only combines operands of fewer loops, as a comparison of each with each does: what
/// it reads is small beside its result.
static bool isPairing(linalg::GenericOp op) {
  return op.getNumLoops() > 1 && op.getNumDpsInputs() > 0 && readBits(op) == 0 &&
         !op.hasIndexSemantics();
}

/// What may be computed again for each of its readers: one cheap operation or two.
constexpr unsigned kCheap = 2;
/// What may be where that takes less memory: two slow operations, as a division and a root.
constexpr unsigned kModerate = 32;

/// Whether each reader of `op` may have a copy of it.
static bool isCopied(linalg::GenericOp op) {
  // A copy of what follows a contraction would be a second reader of it, and keep it out of its
  // user's tile.
  if (op->getNumResults() != 1 || readsContraction(op))
    return false;
  unsigned cost = costPerElement(op);
  return cost <= kCheap ||
         (cost <= kModerate && isWiderThanOperands(op) && isReadInBodiesAlone(op));
}

/// Whether `op` only shows its input at sums of loops, as windows are shown: (b, h + i, w + j, c).
static bool isWindowsView(linalg::GenericOp op) {
  if (!op || op.getNumDpsInputs() != 1 || op.getNumDpsInits() != 1 ||
      !op.hasPureTensorSemantics() || op.getNumReductionLoops() != 0 || !hasLinearIndices(op))
    return false;
  OpOperand *input = op.getDpsInputOperand(0);
  return !op.getMatchingIndexingMap(input).isProjectedPermutation() &&
         op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity() &&
         op.getBody()->getTerminator()->getOperand(0) == op.getMatchingBlockArgument(input);
}

/// Lets the user of `operand`, a view of windows, read what these are of: no buffer holds them.
/// Loops that had their sizes from the view alone get them from an operand that isn't read.
static linalg::GenericOp readThroughWindows(RewriterBase &rewriter, OpOperand &operand) {
  auto user = cast<linalg::GenericOp>(operand.getOwner());
  auto view = operand.get().getDefiningOp<linalg::GenericOp>();
  unsigned number = operand.getOperandNumber();
  SmallVector<Value> inputs(user.getInputs());
  SmallVector<AffineMap> maps = user.getIndexingMapsArray();
  AffineMap of = maps[number];
  inputs[number] = view.getInputs().front();
  maps[number] = view.getMatchingIndexingMap(view.getDpsInputOperand(0)).compose(of);

  rewriter.setInsertionPoint(user);
  SmallVector<OpFoldResult> sizes;
  SmallVector<AffineExpr> lost;
  for (unsigned dim = 0; dim < user.getNumLoops(); ++dim) {
    if (llvm::any_of(maps, [&](AffineMap map) { return positionOf(map, dim).has_value(); }))
      continue;
    lost.push_back(rewriter.getAffineDimExpr(dim));
    sizes.push_back(
        tensor::getMixedSize(rewriter, user.getLoc(), operand.get(), *positionOf(of, dim)));
  }
  unsigned position = inputs.size();
  if (!lost.empty()) {
    inputs.push_back(tensor::EmptyOp::create(rewriter, user.getLoc(), sizes, rewriter.getI8Type()));
    maps.insert(maps.begin() + position,
                AffineMap::get(user.getNumLoops(), 0, lost, rewriter.getContext()));
  }
  auto direct = linalg::GenericOp::create(rewriter, user.getLoc(), user->getResultTypes(), inputs,
                                          user.getOutputs(), maps, user.getIteratorTypesArray());
  direct.getRegion().takeBody(user.getRegion());
  if (!lost.empty())
    direct.getBody()->insertArgument(position, rewriter.getI8Type(), user.getLoc());
  rewriter.replaceOp(user, direct->getResults());
  if (view->use_empty())
    rewriter.eraseOp(view);
  return direct;
}

/// Lets all users of windows read through them; returns their number.
static unsigned removeWindows(RewriterBase &rewriter, func::FuncOp func) {
  SmallVector<linalg::GenericOp> users;
  func.walk([&](linalg::GenericOp op) { users.push_back(op); });
  unsigned count = 0;
  for (linalg::GenericOp user : users)
    for (unsigned i = 0; i < user.getNumDpsInputs(); ++i) {
      OpOperand *operand = user.getDpsInputOperand(i);
      if (!user.hasPureTensorSemantics() ||
          !isWindowsView(operand->get().getDefiningOp<linalg::GenericOp>()) ||
          !user.getMatchingIndexingMap(operand).isProjectedPermutation())
        continue;
      user = readThroughWindows(rewriter, *operand);
      ++count;
    }
  return count;
}

/// What a fused operation may have at most.
struct Limits {
  unsigned operands;
  unsigned operations; // Of its body.
};

/// Whether `operand` is an elementwise result in another shape, which nothing else reads: where its
/// user runs over the loops of that result, the two can be one.
static bool isOwnInOtherShape(OpOperand *operand) {
  auto user = dyn_cast<linalg::GenericOp>(operand->getOwner());
  auto collapse = operand->get().getDefiningOp<tensor::CollapseShapeOp>();
  if (!user || !collapse || !isElementwiseOp(user) || !collapse->hasOneUse())
    return false;
  // One with more loops would repeat that result, and have its other operands in another shape.
  if (!user.getMatchingIndexingMap(operand).isPermutation())
    return false;
  auto producer = collapse.getSrc().getDefiningOp<linalg::GenericOp>();
  return producer && isElementwiseOp(producer) && producer->hasOneUse();
}

/// Decides and performs fusion in one block.
class Fuser {
public:
  Fuser(RewriterBase &rewriter, Limits limits, Remarks remarks)
      : rewriter(rewriter), limits(limits), remarks(remarks) {}

  /// Returns how many operations were fused.
  unsigned run(Block &block) {
    SmallVector<linalg::GenericOp> users(block.getOps<linalg::GenericOp>());
    notePositions(block);
    unsigned fused = 0;
    for (linalg::GenericOp user : users) {
      while (linalg::GenericOp next = fuseOne(user)) {
        user = next;
        ++fused;
      }
    }
    return fused;
  }

  /// Says of the operations that are left why they are.
  void explain(Block &block) {
    notePositions(block);
    for (auto user : block.getOps<linalg::GenericOp>())
      for (OpOperand *operand : user.getDpsInputOperands()) {
        // Of contractions, whoever makes kernels decides.
        auto producer = findViewed(operand->get()).getDefiningOp<linalg::LinalgOp>();
        if (!producer || producer->getBlock() != &block || isContraction(producer) ||
            isa<linalg::FillOp>(producer))
          continue;
        if (auto note = remarks.left(producer))
          note << remark::add("not fused into what reads it")
               << remark::reason("{0}", explain(*operand)) << Remarks::readBy(user);
      }
  }

private:
  /// What to do about one producer; or why there is nothing to do.
  enum class Way { Merge, Copy, IsNone, Operands, Operations, Repeats, Narrow, Lookup, Readers };

  void notePositions(Block &block) {
    positions.clear();
    for (auto [position, op] : llvm::enumerate(block))
      positions[&op] = position;
  }

  std::string explain(OpOperand &operand) const {
    auto user = cast<linalg::GenericOp>(operand.getOwner());
    auto producer = operand.get().getDefiningOp<linalg::GenericOp>();
    if (!producer)
      return "it is read in another shape";
    if (isContraction(user))
      return "a contraction reads it";
    if (!isElementwiseOp(producer))
      return "it reduces";
    switch (decide(operand)) {
    case Way::Operands:
      return llvm::formatv("both have more than {0} operands", limits.operands);
    case Way::Operations:
      return llvm::formatv("both have more than {0} operations", limits.operations);
    case Way::Repeats:
      return "its elements would be computed more than once";
    case Way::Narrow:
      return "it has fewer bits, and is kept in its place";
    case Way::Lookup:
      return "its reader looks its elements up, too";
    case Way::Readers:
      return "it has more than one reader";
    case Way::Merge:
    case Way::Copy:
    case Way::IsNone:
      return "it is read in another order";
    }
    llvm_unreachable("every way is listed");
  }

  static bool isFusion(Way way) { return way == Way::Merge || way == Way::Copy; }

  Way decide(OpOperand &operand) const {
    auto user = cast<linalg::GenericOp>(operand.getOwner());
    auto producer = operand.get().getDefiningOp<linalg::GenericOp>();
    if (!producer || producer->getBlock() != user->getBlock() || !isElementwiseOp(producer) ||
        !linalg::areElementwiseOpsFusable(&operand))
      return Way::IsNone;
    if (user->getNumOperands() + producer->getNumOperands() > limits.operands)
      return Way::Operands;
    if (numOperations(user) + numOperations(producer) > limits.operations)
      return Way::Operations;
    bool sameSpace = user.getNumLoops() == producer.getNumLoops();
    // The user would compute each element of the producer more than once.
    if (user.getNumLoops() > producer.getNumLoops() &&
        costPerElement(producer) > (isPairing(producer) ? kCheap : 0))
      return Way::Repeats;
    // Its readers, and not itself, take in what it reads: what is narrow is kept.
    if (isCopied(user) && isWiderThanOperands(user) && isReadInBodiesAlone(user) &&
        !isCopied(producer))
      return Way::Narrow;
    if (isOnlyUser(producer, user))
      return Way::Merge;
    if (isCopied(producer))
      return Way::Copy;
    if (looksUp(user, producer))
      return Way::Lookup;
    if (sameSpace && isElementwiseOp(user) && isFirstUser(producer, user))
      return Way::Merge;
    return Way::Readers;
  }

  static size_t numOperations(linalg::GenericOp op) {
    return op.getBody()->getOperations().size() - 1; // The terminator aside.
  }

  static bool isOnlyUser(linalg::GenericOp producer, linalg::GenericOp user) {
    return llvm::all_of(producer->getUsers(), [&](Operation *other) { return other == user; });
  }

  /// Whether the body of `user` reads results of `producer` at places of its own choice: these must
  /// be complete before its loops start, so that the two can't be one operation.
  static bool looksUp(linalg::GenericOp user, linalg::GenericOp producer) {
    return llvm::any_of(producer->getUsers(),
                        [&](Operation *other) { return user->isProperAncestor(other); });
  }

  /// Whether all other users come after `user`, so that they can read its results.
  bool isFirstUser(linalg::GenericOp producer, linalg::GenericOp user) const {
    unsigned position = positions.lookup(user);
    return llvm::all_of(producer->getUsers(), [&](Operation *other) {
      Operation *ancestor = user->getBlock()->findAncestorOpInBlock(*other);
      return ancestor == user || (ancestor && position < positions.lookup(ancestor));
    });
  }

  /// Fuses one producer into `user`; returns the operation that replaces it, or null.
  linalg::GenericOp fuseOne(linalg::GenericOp user) {
    if (isContraction(user))
      return nullptr;
    for (OpOperand *operand : user.getDpsInputOperands()) {
      Way way = decide(*operand);
      if (!isFusion(way))
        continue;
      auto original = cast<OpResult>(operand->get());
      auto producer = cast<linalg::GenericOp>(original.getOwner());
      rewriter.setInsertionPoint(user);
      if (way == Way::Copy) {
        producer = cast<linalg::GenericOp>(rewriter.clone(*producer));
        positions[producer] = positions.lookup(user);
        Value copy = producer->getResult(original.getResultNumber());
        rewriter.modifyOpInPlace(user, [&] { operand->set(copy); });
      }
      FailureOr<linalg::ElementwiseOpFusionResult> fusion =
          linalg::fuseElementwiseOps(rewriter, operand);
      if (succeeded(fusion)) {
        if (auto note = remarks.done(producer))
          note << remark::add(way == Way::Copy ? "computed again in what reads it"
                                               : "fused into what reads it")
               << Remarks::readBy(user);
        return replace(user, producer, *fusion);
      }
      if (way == Way::Copy) {
        rewriter.modifyOpInPlace(user, [&] { operand->set(original); });
        rewriter.eraseOp(producer);
      }
    }
    return nullptr;
  }

  linalg::GenericOp replace(linalg::GenericOp user, linalg::GenericOp producer,
                            linalg::ElementwiseOpFusionResult &fusion) {
    for (auto [from, to] : fusion.replacements)
      rewriter.replaceUsesWithIf(from, to, [&](OpOperand &use) {
        return use.getOwner() != user && use.getOwner() != fusion.fusedOp;
      });
    positions[fusion.fusedOp] = positions.lookup(user);
    rewriter.eraseOp(user);
    if (producer->use_empty())
      rewriter.eraseOp(producer);
    return cast<linalg::GenericOp>(fusion.fusedOp);
  }

  RewriterBase &rewriter;
  Limits limits;
  Remarks remarks;
  /// Where operations are in the block; one that comes in the place of others is where they were.
  /// The block's own order would be counted anew after a few of these.
  DenseMap<Operation *, unsigned> positions;
};

/// Makes generics of named operations, also of fills that are read as values.
static void generalize(func::FuncOp func, IRRewriter &rewriter) {
  SmallVector<linalg::LinalgOp> named;
  func.walk([&](linalg::LinalgOp op) {
    if (isa<linalg::GenericOp>(op) || !op.hasPureTensorSemantics())
      return;
    if (isa<linalg::FillOp>(op) && llvm::all_of(op->getUses(), [](OpOperand &use) {
          auto user = dyn_cast<linalg::LinalgOp>(use.getOwner());
          return !user || user.isDpsInit(&use);
        }))
      return;
    named.push_back(op);
  });
  for (linalg::LinalgOp op : named) {
    rewriter.setInsertionPoint(op);
    (void)linalg::generalizeNamedOp(rewriter, op);
  }
}

class FuseElementwisePass : public impl::FuseElementwiseBase<FuseElementwisePass> {
public:
  using FuseElementwiseBase::FuseElementwiseBase;

  void runOnOperation() override {
    func::FuncOp func = getOperation();
    IRRewriter rewriter(&getContext());
    generalize(func, rewriter);
    if (failed(clean(func)))
      return signalPassFailure();
    unsigned fused = 0;
    unsigned windows = removeWindows(rewriter, func);
    numWindows += windows;
    if (failed(expandUsers(func)))
      return signalPassFailure();
    Fuser fuser(rewriter, {maxOperands, maxOperations}, Remarks(getArgumentName(), func));
    auto forEachBlock = [&](llvm::function_ref<void(Block &)> visit) {
      func.walk([&](Block *block) {
        if (!isa<linalg::LinalgOp>(block->getParentOp()))
          visit(*block);
      });
    };
    forEachBlock([&](Block &block) { fused += fuser.run(block); });
    numFused += fused;
    if ((fused || windows) && failed(clean(func)))
      return signalPassFailure();
    if (Remarks(getArgumentName(), func).areWanted())
      forEachBlock([&](Block &block) { fuser.explain(block); });
  }

private:
  /// Lets the users of collapsed elementwise results run over the loops of these.
  static LogicalResult expandUsers(func::FuncOp func) {
    bool isFound = false;
    func.walk([&](linalg::GenericOp op) {
      for (OpOperand &operand : op->getOpOperands())
        isFound |= isOwnInOtherShape(&operand);
    });
    if (!isFound)
      return success();
    RewritePatternSet patterns(func.getContext());
    linalg::populateFoldReshapeOpsByExpansionPatterns(patterns, isOwnInOtherShape);
    // Sizes that are asked of the result, which would be one more reader.
    memref::populateResolveRankedShapedTypeResultDimsPatterns(patterns);
    return rewriteTensors(func, std::move(patterns));
  }

  /// Folds constants into bodies, and removes operands and results that nothing reads.
  LogicalResult clean(func::FuncOp func) {
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, [](OpOperand *) { return false; });
    return rewriteTensors(func, std::move(patterns));
  }

  /// Applies `patterns` to what works on tensors. Bodies of these are most of a function's
  /// operations, and none of them matches.
  static LogicalResult rewriteTensors(func::FuncOp func, RewritePatternSet &&patterns) {
    eraseUnused(func); // An operand that only these read isn't one.
    SmallVector<Operation *> found;
    func.walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (isa<linalg::LinalgDialect, tensor::TensorDialect>(op->getDialect()))
        found.push_back(op);
      return isa<linalg::LinalgOp>(op) ? WalkResult::skip() : WalkResult::advance();
    });
    GreedyRewriteConfig config;
    config.setStrictness(GreedyRewriteStrictness::ExistingAndNewOps);
    return applyOpPatternsGreedily(found, std::move(patterns), config);
  }
};

} // namespace
} // namespace nnc::codegen
