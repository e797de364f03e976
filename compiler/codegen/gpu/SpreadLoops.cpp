// codegen-spread-loops: makes tasks of what loops that depend on one another do with each element.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/shared/Buffers.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_SPREADLOOPS
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// A loop with loops in it, and one operation on elements.
class Nest {
public:
  explicit Nest(scf::ForOp loop) : loop(loop) {}

  /// Whether each pass does with an element what it does with any other, and touches that one
  /// alone.
  bool canBeSpread() {
    WalkResult walk = loop.walk([&](Operation *inner) {
      if (auto op = dyn_cast<linalg::LinalgOp>(inner)) {
        if (std::exchange(work, op))
          return WalkResult::interrupt();
        return WalkResult::skip();
      }
      auto nested = dyn_cast<scf::ForOp>(inner);
      bool isKnown = nested ? nested.getNumResults() == 0
                            : isa<scf::YieldOp, memref::LoadOp>(inner) || isMemoryEffectFree(inner);
      return isKnown ? WalkResult::advance() : WalkResult::interrupt();
    });
    return !walk.wasInterrupted() && work && isElementwise() && hasRowsOfItsOwn();
  }

  void spread(RewriterBase &rewriter) {
    Location loc = work.getLoc();
    auto shape = cast<MemRefType>(work.getDpsInits().front().getType()).getShape();
    SmallVector<OpFoldResult> sizes, zeros(shape.size(), rewriter.getIndexAttr(0)),
        ones(shape.size(), rewriter.getIndexAttr(1));
    for (int64_t size : shape)
      sizes.push_back(rewriter.getIndexAttr(size));
    rewriter.setInsertionPoint(loop);
    auto tasks = scf::ForallOp::create(rewriter, loc, zeros, sizes, ones, ValueRange(),
                                       /*mapping=*/std::nullopt);
    rewriter.moveOpBefore(loop, tasks.getTerminator());
    rewriter.setInsertionPoint(work);
    Block &body = work->getRegion(0).front();
    IRMapping mapping;
    for (OpOperand &operand : work->getOpOperands())
      mapping.map(work.getMatchingBlockArgument(&operand),
                  memref::LoadOp::create(rewriter, loc, operand.get(), tasks.getInductionVars()));
    for (Operation &op : body.without_terminator())
      rewriter.clone(op, mapping);
    for (auto [value, place] :
         llvm::zip_equal(body.getTerminator()->getOperands(), work.getDpsInits()))
      memref::StoreOp::create(rewriter, loc, mapping.lookupOrDefault(value), place,
                              tasks.getInductionVars());
    rewriter.eraseOp(work);
  }

private:
  /// All loops are parallel, of known sizes, and each operand is accessed by them as they are.
  bool isElementwise() {
    return work.getNumLoops() > 0 && work.getNumReductionLoops() == 0 &&
           !work.hasIndexSemantics() &&
           llvm::all_of(work.getIndexingMapsArray(),
                        [](AffineMap map) { return map.isIdentity(); }) &&
           llvm::all_of(work->getOperands(), [](Value operand) {
             auto type = dyn_cast<MemRefType>(operand.getType());
             return type && type.hasStaticShape();
           });
  }

  /// An element is always at the same place of a row of the buffer, whichever row it is, and
  /// nothing else in the loops looks at that buffer.
  bool hasRowsOfItsOwn() {
    for (Value written : work.getDpsInits()) {
      auto row = written.getDefiningOp<memref::SubViewOp>();
      Value base = findRoot(written);
      if (!row || !isWholeRow(row))
        return false;
      WalkResult walk = loop.walk([&](Operation *inner) {
        for (Value operand : inner->getOperands()) {
          bool isOther = isa<MemRefType>(operand.getType()) && findRoot(operand) == base;
          if (isOther && inner != row && !(inner == work && operand == written))
            return WalkResult::interrupt();
        }
        return WalkResult::advance();
      });
      if (walk.wasInterrupted())
        return false;
    }
    return true;
  }

  /// Whether the last dimensions, which are those of the row, are whole.
  static bool isWholeRow(memref::SubViewOp row) {
    auto source = row.getSourceType();
    int64_t rank = row.getType().getRank();
    if (!row.hasUnitStride() || rank > source.getRank())
      return false;
    for (int64_t i = 0; i < source.getRank(); ++i) {
      bool isOfRow = i >= source.getRank() - rank;
      int64_t size = row.getStaticSizes()[i];
      if (isOfRow ? row.getStaticOffsets()[i] != 0 || size != source.getDimSize(i) : size != 1)
        return false;
    }
    return true;
  }

  scf::ForOp loop;
  linalg::LinalgOp work;
};

class SpreadLoopsPass : public impl::SpreadLoopsBase<SpreadLoopsPass> {
public:
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    for (auto loop :
         llvm::make_early_inc_range(getOperation().getBody().front().getOps<scf::ForOp>())) {
      Nest nest(loop);
      if (loop.getNumResults() != 0 || !nest.canBeSpread())
        continue;
      nest.spread(rewriter);
      ++numLoops;
    }
  }
};

} // namespace
} // namespace nnc::codegen
