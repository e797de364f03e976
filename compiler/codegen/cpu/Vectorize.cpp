// codegen-vectorize-tiles: turns small static linalg operations on buffers into vector code.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/cpu/RowVectorizer.h"

#include "mlir/Dialect/UB/IR/UBOps.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_VECTORIZETILES
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

class VectorizeTilesPass : public impl::VectorizeTilesBase<VectorizeTilesPass> {
public:
  using VectorizeTilesBase::VectorizeTilesBase;

  void runOnOperation() override {
    auto kernel = dyn_cast<kernel::FuncOp>(getOperation().getOperation());
    if (kernel && kernel.getOnce())
      return;
    IRRewriter rewriter(&getContext());
    VectorUnit unit{vectorBits, registers};
    TileContents contents;
    SmallVector<linalg::LinalgOp> ops;
    getOperation().walk([&](linalg::LinalgOp op) { ops.push_back(op); });
    for (linalg::LinalgOp op : ops) {
      if (succeeded(vectorizeRows(rewriter, op, unit, maxElements, contents)))
        ++numVectorized;
      else
        ++numLeft;
    }
    numErased += contents.eraseUnread(rewriter);
  }
};

} // namespace
} // namespace nnc::codegen
