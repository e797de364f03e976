// codegen-lower-kernels: turns kernels into functions.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/shared/Entry.h"
#include "dialects/kernel/ir/KernelOps.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_LOWERKERNELS
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

class LowerKernelsPass : public impl::LowerKernelsBase<LowerKernelsPass> {
public:
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    for (auto kernel : llvm::make_early_inc_range(getOperation().getOps<kernel::FuncOp>()))
      lower(rewriter, kernel);
    getOperation().walk([&](kernel::CallOp call) {
      rewriter.setInsertionPoint(call);
      rewriter.replaceOpWithNewOp<func::CallOp>(call, call.getCallee(), TypeRange(),
                                                call->getOperands());
    });
  }

private:
  void lower(RewriterBase &rewriter, kernel::FuncOp kernel) {
    rewriter.setInsertionPoint(kernel);
    auto function =
        func::FuncOp::create(rewriter, kernel.getLoc(), kernel.getName(), kernel.getFunctionType());
    function.setPrivate();
    // In line again, LLVM would compile each copy anew.
    function->setAttr("passthrough", rewriter.getStrArrayAttr({"noinline"}));
    for (auto [i, type] : llvm::enumerate(kernel.getArgumentTypes()))
      if (isa<MemRefType>(type))
        function.setArgAttr(i, nn::kDistinctAttr, rewriter.getUnitAttr());
    rewriter.inlineRegionBefore(kernel.getBody(), function.getBody(), function.end());
    Operation *end = function.getBody().front().getTerminator();
    rewriter.setInsertionPoint(end);
    rewriter.replaceOpWithNewOp<func::ReturnOp>(end);
    rewriter.eraseOp(kernel);
    ++numKernels;
  }
};

} // namespace
} // namespace nnc::codegen
