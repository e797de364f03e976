// codegen-separate-destinations: gives each operation an empty tensor of its own to write to.
#include "compiler/codegen/Passes.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_SEPARATEDESTINATIONS
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

class SeparateDestinationsPass : public impl::SeparateDestinationsBase<SeparateDestinationsPass> {
public:
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<tensor::EmptyOp> empties;
    getOperation().walk([&](tensor::EmptyOp empty) { empties.push_back(empty); });
    for (tensor::EmptyOp empty : empties) {
      for (OpOperand &use : llvm::make_early_inc_range(empty->getUses())) {
        rewriter.setInsertionPoint(use.getOwner());
        Operation *own = rewriter.clone(*empty);
        rewriter.modifyOpInPlace(use.getOwner(), [&] { use.set(own->getResult(0)); });
        ++numSeparated;
      }
      rewriter.eraseOp(empty);
    }
  }
};

} // namespace
} // namespace nnc::codegen
