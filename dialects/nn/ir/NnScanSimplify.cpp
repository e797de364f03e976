// Canonicalisations of nn.scan: drops what nobody reads, and what is the same in each pass.
#include "dialects/nn/ir/NnOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::nn;

/// The values of the block that the given ones depend on, themselves included.
static DenseSet<Value> findNeeded(ArrayRef<Value> outputs) {
  DenseSet<Value> needed;
  SmallVector<Value> work(outputs);
  while (!work.empty()) {
    Value value = work.pop_back_val();
    if (!needed.insert(value).second)
      continue;
    if (Operation *definition = value.getDefiningOp())
      llvm::append_range(work, definition->getOperands());
  }
  return needed;
}

/// What of a scan stays: a flag for each slice, carried value, stacked value, capture and dim.
namespace {
struct Kept {
  SmallVector<bool> slices, carried, stacked, captures, dims;

  explicit Kept(ScanOp op);
  bool isAll() const {
    return llvm::all_of(std::array{&slices, &carried, &stacked, &captures, &dims},
                        [](auto *flags) { return !llvm::is_contained(*flags, false); });
  }
};
} // namespace

/// A carried value stays where its result is used, or what stays depends on it.
Kept::Kept(ScanOp op) {
  unsigned numCarried = op.getInits().size();
  ValueRange yields = op.getYield().getOperands();
  for (Value result : op.getResults().take_front(numCarried))
    carried.push_back(!result.use_empty());
  for (Value result : op.getResults().drop_front(numCarried))
    stacked.push_back(!result.use_empty());
  DenseSet<Value> needed;
  for (bool changed = true; changed;) {
    SmallVector<Value> outputs;
    for (auto [number, yielded] : llvm::enumerate(yields))
      if (number < numCarried ? carried[number] : stacked[number - numCarried])
        outputs.push_back(yielded);
    for (Operation &nested : op.getBlock().without_terminator())
      if (!isMemoryEffectFree(&nested))
        llvm::append_range(outputs, nested.getOperands());
    needed = findNeeded(outputs);
    changed = false;
    for (auto [number, argument] : llvm::enumerate(op.getCarriedArguments()))
      if (!carried[number] && needed.contains(argument))
        carried[number] = changed = true;
  }
  auto isNeeded = [&](BlockArgument argument) { return needed.contains(argument); };
  slices = llvm::map_to_vector<4>(op.getSliceArguments(), isNeeded);
  captures = llvm::map_to_vector<4>(op.getCaptureArguments(), isNeeded);
  dims = llvm::map_to_vector<4>(op.getDimArguments(), isNeeded);
}

template <typename Range> static auto filter(Range &&range, ArrayRef<bool> flags) {
  SmallVector<std::decay_t<decltype(*range.begin())>> result;
  for (auto [entry, flag] : llvm::zip_equal(range, flags))
    if (flag)
      result.push_back(entry);
  return result;
}

namespace {
struct DropUnused : OpRewritePattern<ScanOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ScanOp op, PatternRewriter &rewriter) const override {
    Kept kept(op);
    if (kept.isAll())
      return rewriter.notifyMatchFailure(op, "all of it is used");
    SmallVector<bool> results(kept.carried);
    llvm::append_range(results, kept.stacked);
    SmallVector<bool> arguments{true};
    for (auto *flags : {&kept.slices, &kept.carried, &kept.captures, &kept.dims})
      llvm::append_range(arguments, *flags);

    auto made =
        ScanOp::create(rewriter, op.getLoc(), filter(op.getResultTypes(), results),
                       filter(op.getSlices(), kept.slices), filter(op.getInits(), kept.carried),
                       filter(op.getCaptures(), kept.captures), op.getDynamicSizes(),
                       filter(op.getDims(), kept.dims), op.getStaticSizes(),
                       filter(op.getSliceAxes(), kept.slices),
                       filter(op.getStackAxes(), kept.stacked), op.getReverse());
    YieldOp yield = op.getYield();
    rewriter.setInsertionPoint(yield);
    rewriter.replaceOpWithNewOp<YieldOp>(yield, filter(yield.getOperands(), results));
    rewriter.inlineRegionBefore(op.getBody(), made.getBody(), made.getBody().end());
    Block &body = made.getBlock();
    // What only fed what is gone goes with it, so that no dropped argument has a user.
    auto nested = llvm::map_to_vector(body, [](Operation &op) { return &op; });
    for (Operation *dead : llvm::reverse(nested))
      if (isOpTriviallyDead(dead))
        rewriter.eraseOp(dead);
    for (unsigned number = arguments.size(); number-- > 0;)
      if (!arguments[number])
        body.eraseArgument(number);
    auto next = made.getResults().begin();
    SmallVector<Value> replaced;
    for (bool stays : results)
      replaced.push_back(stays ? *next++ : Value());
    for (auto [old, value] : llvm::zip_equal(op.getResults(), replaced))
      if (value)
        rewriter.replaceAllUsesWith(old, value);
    rewriter.eraseOp(op);
    return success();
  }
};

/// A value that is given twice is used once; a splat constant is made where it is used; a carried
/// value that no pass changes is a capture.
struct ShareArguments : OpRewritePattern<ScanOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ScanOp op, PatternRewriter &rewriter) const override {
    bool changed = shareEqual(op, rewriter);
    changed |= sinkConstants(op, rewriter);
    changed |= captureInvariants(op, rewriter);
    return success(changed);
  }

private:
  static bool replaceUses(PatternRewriter &rewriter, Value from, Value to) {
    if (from.use_empty() || from == to || from.getType() != to.getType())
      return false;
    rewriter.replaceAllUsesWith(from, to);
    return true;
  }

  static bool shareEqual(ScanOp op, PatternRewriter &rewriter) {
    bool changed = false;
    auto share = [&](ValueRange operands, auto arguments, auto isSame) {
      for (unsigned later = 0; later < operands.size(); ++later)
        for (unsigned first = 0; first < later; ++first)
          if (operands[first] == operands[later] && isSame(first, later))
            changed |= replaceUses(rewriter, arguments[later], arguments[first]);
    };
    auto always = [](unsigned, unsigned) { return true; };
    ArrayRef<int64_t> axes = op.getSliceAxes();
    share(op.getSlices(), op.getSliceArguments(),
          [&](unsigned first, unsigned later) { return axes[first] == axes[later]; });
    share(op.getCaptures(), op.getCaptureArguments(), always);
    share(op.getDims(), op.getDimArguments(), always);
    return changed;
  }

  static bool sinkConstants(ScanOp op, PatternRewriter &rewriter) {
    bool changed = false;
    for (auto [capture, argument] : llvm::zip_equal(op.getCaptures(), op.getCaptureArguments())) {
      auto type = cast<RankedTensorType>(argument.getType());
      Attribute splat = argument.use_empty() ? Attribute() : getSplat(capture);
      if (!splat || !type.hasStaticShape())
        continue;
      OpBuilder::InsertionGuard guard(rewriter);
      rewriter.setInsertionPointToStart(&op.getBlock());
      auto value = DenseElementsAttr::get(type, splat);
      rewriter.replaceAllUsesWith(argument, ConstantOp::create(rewriter, op.getLoc(), value));
      changed = true;
    }
    for (auto [dim, argument] : llvm::zip_equal(op.getDims(), op.getDimArguments())) {
      IntegerAttr number;
      if (argument.use_empty() || !matchPattern(dim, m_Constant(&number)))
        continue;
      OpBuilder::InsertionGuard guard(rewriter);
      rewriter.setInsertionPointToStart(&op.getBlock());
      rewriter.replaceAllUsesWith(
          argument, arith::ConstantIndexOp::create(rewriter, op.getLoc(), number.getInt()));
      changed = true;
    }
    return changed;
  }

  static bool captureInvariants(ScanOp op, PatternRewriter &rewriter) {
    bool changed = false;
    unsigned firstDim = op.getBlock().getNumArguments() - op.getDims().size();
    for (unsigned number = 0; number < op.getInits().size(); ++number) {
      BlockArgument argument = op.getCarriedArguments()[number];
      Value init = op.getInits()[number], result = op.getResult(number);
      if (op.getYield().getOperand(number) != argument || init.getType() != argument.getType())
        continue;
      if (result.getType() == init.getType())
        changed |= replaceUses(rewriter, result, init);
      // Its other users, that is.
      if (argument.hasOneUse())
        continue;
      rewriter.modifyOpInPlace(op, [&] {
        BlockArgument capture =
            op.getBlock().insertArgument(firstDim++, argument.getType(), argument.getLoc());
        op.getCapturesMutable().append(init);
        argument.replaceUsesWithIf(capture, [&](OpOperand &use) {
          return use.getOwner() != op.getYield() || use.getOperandNumber() != number;
        });
      });
      changed = true;
    }
    return changed;
  }
};
} // namespace

void ScanOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<DropUnused, ShareArguments>(context);
}
