// codegen-lower-kernels: turns kernels into functions.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/cpu/PassBuffers.h"
#include "compiler/codegen/shared/Entry.h"
#include "dialects/kernel/ir/KernelOps.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_LOWERKERNELS
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

class LowerKernelsPass : public impl::LowerKernelsBase<LowerKernelsPass> {
public:
  using LowerKernelsBase::LowerKernelsBase;

  void runOnOperation() override {
    PassBuffers passing(&getContext());
    IRRewriter rewriter(&getContext());
    for (auto kernel : llvm::make_early_inc_range(getOperation().getOps<kernel::FuncOp>()))
      lower(rewriter, kernel, passing);
    for (auto caller : getOperation().getOps<func::FuncOp>()) {
      SmallVector<kernel::CallOp> calls;
      caller.walk([&](kernel::CallOp call) { calls.push_back(call); });
      if (calls.empty())
        continue;
      Value context = addContext(caller);
      for (kernel::CallOp call : calls) {
        rewriter.setInsertionPoint(call);
        SmallVector<Value> operands;
        for (Value operand : call->getOperands())
          passing.append(rewriter, call.getLoc(), operand, operands);
        operands.push_back(context);
        rewriter.replaceOpWithNewOp<func::CallOp>(call, call.getCallee(), TypeRange(), operands);
      }
    }
  }

private:
  void lower(RewriterBase &rewriter, kernel::FuncOp kernel, const PassBuffers &passing) {
    rewriter.setInsertionPoint(kernel);
    SmallVector<Type> types;
    SmallVector<unsigned> buffers; // The arguments that are their pointers.
    for (Type type : kernel.getArgumentTypes()) {
      if (isa<MemRefType>(type))
        buffers.push_back(types.size());
      passing.appendTypes(type, types);
    }
    types.push_back(LLVM::LLVMPointerType::get(&getContext()));
    auto function = func::FuncOp::create(rewriter, kernel.getLoc(), kernel.getName(),
                                         rewriter.getFunctionType(types, {}));
    function.setPrivate();
    if (separate)
      function->setAttr(nn::kHiddenAttr, rewriter.getUnitAttr());
    // In line again, LLVM would compile each copy anew.
    function->setAttr("passthrough", rewriter.getStrArrayAttr({"noinline"}));
    for (unsigned buffer : buffers)
      function.setArgAttr(buffer, LLVM::LLVMDialect::getNoAliasAttrName(), rewriter.getUnitAttr());
    function.setArgAttr(types.size() - 1, nn::kContextAttr, rewriter.getUnitAttr());
    if (!kernel.getExternal())
      fill(rewriter, function, kernel, passing);
    rewriter.eraseOp(kernel);
    ++numKernels;
  }

  static void fill(RewriterBase &rewriter, func::FuncOp function, kernel::FuncOp kernel,
                   const PassBuffers &passing) {
    Block *body = function.addEntryBlock();
    rewriter.setInsertionPointToStart(body);
    ValueRange given(body->getArguments());
    SmallVector<Value> arguments;
    for (BlockArgument argument : kernel.getBody().getArguments())
      arguments.push_back(passing.take(rewriter, argument.getLoc(), argument.getType(), given));
    Operation *end = kernel.getBody().front().getTerminator();
    rewriter.mergeBlocks(&kernel.getBody().front(), body, arguments);
    rewriter.setInsertionPoint(end);
    rewriter.replaceOpWithNewOp<func::ReturnOp>(end);
  }

  /// The runtime's context becomes the last argument of an entry.
  static Value addContext(func::FuncOp entry) {
    Builder builder(entry.getContext());
    Type type = LLVM::LLVMPointerType::get(entry.getContext());
    (void)entry.insertArgument(
        entry.getNumArguments(), type,
        builder.getDictionaryAttr({builder.getNamedAttr(nn::kContextAttr, builder.getUnitAttr())}),
        entry.getLoc());
    return entry.getArguments().back();
  }
};

} // namespace
} // namespace nnc::codegen
