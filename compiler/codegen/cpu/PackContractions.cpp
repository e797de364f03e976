// codegen-pack-contractions: transposes operands of contractions that would be read with a stride.
#include "compiler/codegen/Passes.h"
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

class PackContractionsPass : public impl::PackContractionsBase<PackContractionsPass> {
public:
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    Remarks remarks(getArgumentName(), getOperation());
    SmallVector<linalg::GenericOp> contractions;
    getOperation().walk([&](linalg::GenericOp op) {
      if (isContraction(op))
        contractions.push_back(op);
    });
    for (linalg::GenericOp op : contractions) {
      AffineMap result = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
      if (result.getNumResults() == 0)
        continue;
      unsigned innermost = result.getDimPosition(result.getNumResults() - 1);
      for (OpOperand *operand : op.getDpsInputOperands()) {
        AffineMap map = op.getMatchingIndexingMap(operand);
        std::optional<unsigned> position = positionOf(map, innermost);
        if (!position || *position + 1 == map.getNumResults() || !isReused(op, *operand))
          continue;
        moveInnermost(rewriter, op, *operand, *position);
        if (auto note = remarks.done(op))
          note << remark::add("operand {0} is copied, transposed", operand->getOperandNumber() + 1)
               << remark::reason("it would be read with a stride, each element more than once");
        ++numPacked;
      }
    }
  }
};

} // namespace
} // namespace nnc::codegen
