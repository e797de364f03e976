// codegen-lower-kernels: turns kernels into functions.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/cpu/PassBuffers.h"
#include "compiler/codegen/shared/Entry.h"
#include "compiler/codegen/shared/EraseUnused.h"
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
    auto callers = llvm::to_vector(getOperation().getOps<func::FuncOp>());
    for (auto kernel : llvm::make_early_inc_range(getOperation().getOps<kernel::FuncOp>()))
      lower(rewriter, kernel, passing);
    for (func::FuncOp caller : callers) {
      if (caller.isExternal())
        continue;
      SmallVector<kernel::CallOp> calls;
      caller.walk([&](kernel::CallOp call) { calls.push_back(call); });
      Value context = calls.empty() ? Value() : addContext(caller);
      llvm::BitVector buffers = takeBuffers(caller, passing);
      lower(rewriter, calls, context, passing);
      eraseUnused(caller); // A list of calls has thousands of views.
      replaceBuffers(rewriter, caller, buffers, passing);
    }
  }

private:
  static void lower(RewriterBase &rewriter, ArrayRef<kernel::CallOp> calls, Value context,
                    const PassBuffers &passing) {
    for (kernel::CallOp call : calls) {
      rewriter.setInsertionPoint(call);
      SmallVector<Value> operands;
      for (Value operand : call->getOperands())
        passing.append(rewriter, call.getLoc(), operand, operands);
      operands.push_back(context);
      rewriter.replaceOpWithNewOp<func::CallOp>(call, call.getCallee(), TypeRange(), operands);
    }
  }

  /// Gives `caller` arguments for the values in which its buffers come, before each. Returns which
  /// arguments the buffers themselves are.
  static llvm::BitVector takeBuffers(func::FuncOp caller, PassBuffers &passing) {
    SmallVector<unsigned> places;
    SmallVector<Type> types;
    SmallVector<Location> locations;
    SmallVector<std::pair<BlockArgument, size_t>> buffers; // And where the next one's types begin.
    for (BlockArgument argument : caller.getArguments()) {
      if (!isa<MemRefType>(argument.getType()))
        continue;
      passing.appendTypes(argument.getType(), types);
      places.resize(types.size(), argument.getArgNumber());
      locations.resize(types.size(), argument.getLoc());
      buffers.emplace_back(argument, types.size());
    }
    SmallVector<DictionaryAttr> attributes(types.size(), DictionaryAttr::get(caller.getContext()));
    (void)caller.insertArguments(places, types, attributes, locations);
    llvm::BitVector isBuffer(caller.getNumArguments());
    size_t begin = 0;
    for (auto [buffer, end] : buffers) {
      isBuffer.set(buffer.getArgNumber());
      size_t count = end - begin;
      passing.note(buffer,
                   ValueRange(caller.getArguments()).slice(buffer.getArgNumber() - count, count));
      begin = end;
    }
    return isBuffer;
  }

  /// Lets those that want more than pointers have `buffers` as memrefs still, and erases these.
  static void replaceBuffers(OpBuilder &builder, func::FuncOp caller,
                             const llvm::BitVector &buffers, const PassBuffers &passing) {
    builder.setInsertionPointToStart(&caller.front());
    for (unsigned i : buffers.set_bits()) {
      BlockArgument buffer = caller.getArgument(i);
      if (buffer.use_empty())
        continue;
      SmallVector<Value> values;
      passing.append(builder, buffer.getLoc(), buffer, values);
      ValueRange rest(values);
      buffer.replaceAllUsesWith(passing.take(builder, buffer.getLoc(), buffer.getType(), rest));
    }
    (void)caller.eraseArguments(buffers);
  }

  void lower(RewriterBase &rewriter, kernel::FuncOp kernel, const PassBuffers &passing) {
    rewriter.setInsertionPoint(kernel);
    SmallVector<Type> types;
    SmallVector<std::pair<unsigned, unsigned>> buffers; // Each one's pointer, and the argument.
    for (auto [number, type] : llvm::enumerate(kernel.getArgumentTypes())) {
      if (isa<MemRefType>(type))
        buffers.emplace_back(types.size(), number);
      passing.appendTypes(type, types);
    }
    types.push_back(LLVM::LLVMPointerType::get(&getContext()));
    auto function = func::FuncOp::create(rewriter, kernel.getLoc(), kernel.getName(),
                                         rewriter.getFunctionType(types, {}));
    function.setPrivate();
    function->setDiscardableAttrs(kernel->getDiscardableAttrDictionary());
    if (separate)
      function->setAttr(nn::kHiddenAttr, rewriter.getUnitAttr());
    // In line again, LLVM would compile each copy anew.
    function->setAttr("passthrough", rewriter.getStrArrayAttr({"noinline"}));
    for (auto [pointer, number] : buffers) {
      if (!kernel.getArgAttr(number, kernel::FuncOp::kSharedAttr))
        function.setArgAttr(pointer, LLVM::LLVMDialect::getNoAliasAttrName(),
                            rewriter.getUnitAttr());
      StringRef align = LLVM::LLVMDialect::getAlignAttrName();
      if (Attribute bytes = kernel.getArgAttr(number, align))
        function.setArgAttr(pointer, align, bytes);
    }
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
