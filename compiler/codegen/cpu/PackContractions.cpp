// codegen-pack-contractions: lays out operands of contractions along the vectors of their tiles.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/cpu/TilePlan.h"
#include "compiler/codegen/shared/LinalgUtils.h"
#include "compiler/codegen/shared/Remarks.h"

#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_PACKCONTRACTIONS
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// Whether each element of `operand` is read for several elements of the result.
static bool isReused(linalg::GenericOp op, OpOperand &operand) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  AffineMap result = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  SmallVector<int64_t> sizes = loopSizes(op);
  return llvm::any_of(result.getResults(), [&](AffineExpr expr) {
    unsigned dim = cast<AffineDimExpr>(expr).getPosition();
    return sizes[dim] != 1 && !involves(map, dim);
  });
}

/// `op`, or the outermost loop around it before which `value` is known: what a loop doesn't change
/// is copied once.
static Operation *findPlace(Operation *op, Value value) {
  while (auto loop = dyn_cast<LoopLikeOpInterface>(op->getParentOp())) {
    if (!loop.isDefinedOutsideOfLoop(value))
      break;
    op = loop;
  }
  return op;
}

/// Replaces `operand` by a copy in which dimension `position` is innermost.
static void moveInnermost(RewriterBase &rewriter, linalg::GenericOp op, OpOperand &operand,
                          unsigned position) {
  auto type = cast<RankedTensorType>(operand.get().getType());
  Location loc = op.getLoc();
  SmallVector<int64_t> permutation;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (dim != position)
      permutation.push_back(dim);
  permutation.push_back(position);

  rewriter.setInsertionPoint(findPlace(op, operand.get()));
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(rewriter, loc, operand.get());
  Value empty = tensor::EmptyOp::create(rewriter, loc, applyPermutation(sizes, permutation),
                                        type.getElementType());
  auto transpose = linalg::TransposeOp::create(rewriter, loc, operand.get(), empty, permutation);
  FailureOr<linalg::GenericOp> packed = linalg::generalizeNamedOp(rewriter, transpose);

  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  AffineMap &map = maps[operand.getOperandNumber()];
  map = AffineMap::get(map.getNumDims(), 0, applyPermutation(map.getResults(), permutation),
                       map.getContext());
  rewriter.modifyOpInPlace(op, [&] {
    operand.set((*packed)->getResult(0));
    op.setIndexingMapsAttr(rewriter.getAffineMapArrayAttr(maps));
  });
}

/// Whether each operand can be read without the loops of one iteration. A single window is read at
/// `5 * d0 + d1`; without d0 that would be `d1`, which is a map of the whole dimension, whereas the
/// window may lie in a part of it.
static bool canDropUnitLoops(linalg::GenericOp op) {
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  SmallVector<AffineExpr> rest;
  for (auto [loop, range] : llvm::enumerate(ranges))
    rest.push_back(range == 1 ? getAffineConstantExpr(0, op.getContext())
                              : getAffineDimExpr(loop, op.getContext()));
  for (OpOperand &operand : op->getOpOperands()) {
    ArrayRef<int64_t> shape = op.getShape(&operand);
    for (auto [expression, size] :
         llvm::zip_equal(op.getMatchingIndexingMap(&operand).getResults(), shape)) {
      AffineExpr left = expression.replaceDims(rest);
      auto loop = dyn_cast<AffineDimExpr>(left);
      if (loop ? ranges[loop.getPosition()] != size : isa<AffineConstantExpr>(left) && size != 1)
        return false;
    }
  }
  return true;
}

/// `op` without its loops of one iteration, its result read and written through views.
static linalg::GenericOp dropUnitLoops(RewriterBase &rewriter, linalg::GenericOp op) {
  rewriter.setInsertionPoint(op);
  FailureOr<linalg::DropUnitDimsResult> dropped =
      linalg::dropUnitDims(rewriter, op, linalg::ControlDropUnitDims());
  if (failed(dropped))
    return op;
  rewriter.replaceOp(op, dropped->replacements);
  return cast<linalg::GenericOp>(*dropped->resultOp);
}

/// Lets what reads `value` in its own shape through a view of a view read it as it is.
static void foldViews(RewriterBase &rewriter, Value value) {
  for (Operation *view : llvm::make_early_inc_range(value.getUsers())) {
    if (!isa<tensor::ExpandShapeOp>(view))
      continue;
    for (Operation *back : llvm::make_early_inc_range(view->getUsers()))
      if (isa<tensor::CollapseShapeOp>(back) && back->getResult(0).getType() == value.getType())
        rewriter.replaceOp(back, value);
    if (view->use_empty())
      rewriter.eraseOp(view);
  }
}

class PackContractionsPass : public impl::PackContractionsBase<PackContractionsPass> {
public:
  using PackContractionsBase::PackContractionsBase;

  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<linalg::GenericOp> contractions;
    getOperation().walk([&](linalg::GenericOp op) {
      if (isContraction(op))
        contractions.push_back(op);
    });
    for (linalg::GenericOp op : contractions) {
      if (getInnermostSize(op) == 1)
        op = dropWithReader(rewriter, op);
      AffineMap result = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
      if (result.getNumResults() == 0)
        continue;
      if (prefersDots(op, VectorUnit{vectorBits, registers})) {
        SmallVector<unsigned> reduced;
        op.getReductionDims(reduced);
        pack(rewriter, op, reduced.front());
      } else {
        pack(rewriter, op, result.getDimPosition(result.getNumResults() - 1));
      }
    }
  }

private:
  /// The size of the result's innermost dimension; 0 where it has none.
  static int64_t getInnermostSize(linalg::GenericOp op) {
    ArrayRef<int64_t> shape = cast<ShapedType>(op->getResult(0).getType()).getShape();
    return shape.empty() ? 0 : shape.back();
  }

  /// `op` without its loops of one iteration; nor has the operation these that is computed with it,
  /// so that it still is. As it was, where they can't be without.
  linalg::GenericOp dropWithReader(RewriterBase &rewriter, linalg::GenericOp op) {
    auto reader = op->hasOneUse() ? dyn_cast<linalg::GenericOp>(*op->user_begin()) : nullptr;
    bool isFused = reader && llvm::is_contained(findFusedContractions(reader), op);
    if (!canDropUnitLoops(op) || (isFused && !canDropUnitLoops(reader)))
      return op;
    op = dropUnitLoops(rewriter, op);
    if (isFused)
      dropUnitLoops(rewriter, reader);
    foldViews(rewriter, op->getResult(0));
    ++numDropped;
    return op;
  }

  /// Whether `op` is computed in blocks, which copy the operand as they need it.
  bool isPackedInBlocks(linalg::GenericOp op, OpOperand &operand) {
    VectorUnit unit{vectorBits, registers};
    linalg::LinalgOp root = op;
    if (auto reader = op->hasOneUse() ? dyn_cast<linalg::LinalgOp>(*op->user_begin()) : nullptr;
        reader && llvm::is_contained(findFusedContractions(reader), op))
      root = reader;
    SmallVector<int64_t> tiles = planTiles(root, op, unit);
    StringRef why;
    return !tiles.empty() && findPlace(op, operand.get()) == op &&
           planBlocks(root, op, tiles, unit, why).has_value();
  }

  /// Copies operands of `op` that have loop `innermost` elsewhere, where their elements are used
  /// more than once.
  void pack(RewriterBase &rewriter, linalg::GenericOp op, unsigned innermost) {
    for (OpOperand *operand : op.getDpsInputOperands()) {
      AffineMap map = op.getMatchingIndexingMap(operand);
      std::optional<unsigned> position = positionOf(map, innermost);
      if (!position || *position + 1 == map.getNumResults() || !isReused(op, *operand) ||
          isPackedInBlocks(op, *operand))
        continue;
      moveInnermost(rewriter, op, *operand, *position);
      if (auto note = Remarks(getArgumentName(), getOperation()).done(op))
        note << remark::add("operand {0} is copied, transposed", operand->getOperandNumber() + 1)
             << remark::reason("it would be read with a stride, each element more than once");
      ++numPacked;
    }
  }
};

} // namespace
} // namespace nnc::codegen
