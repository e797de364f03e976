// codegen-hoist-scratch: lets the callers of a kernel provide the memory that it needs.
#include "compiler/codegen/Passes.h"
#include "dialects/kernel/ir/KernelOps.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_HOISTSCRATCH
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

/// Copies what computes `value` in a kernel to where `builder` is; null where that isn't possible.
/// `mapping` knows the kernel's arguments there.
static Value copyOut(OpBuilder &builder, Value value, IRMapping &mapping) {
  if (Value known = mapping.lookupOrNull(value))
    return known;
  Operation *op = value.getDefiningOp();
  if (!op || op->getNumRegions() != 0 || !isPure(op))
    return {};
  for (Value operand : op->getOperands())
    if (!copyOut(builder, operand, mapping))
      return {};
  builder.clone(*op, mapping);
  return mapping.lookup(value);
}

class HoistScratchPass : public impl::HoistScratchBase<HoistScratchPass> {
public:
  using HoistScratchBase::HoistScratchBase;

  void runOnOperation() override {
    llvm::MapVector<StringAttr, SmallVector<kernel::CallOp>> calls;
    getOperation().walk(
        [&](kernel::CallOp call) { calls[call.getCalleeAttr().getAttr()].push_back(call); });
    for (auto function : getOperation().getOps<kernel::FuncOp>()) {
      SmallVector<memref::AllocOp> allocs;
      function.walk([&](memref::AllocOp alloc) { allocs.push_back(alloc); });
      for (memref::AllocOp alloc : allocs)
        if (failed(hoist(function, alloc, calls[function.getSymNameAttr()])))
          return signalPassFailure();
    }
  }

private:
  /// Makes the buffer a destination of the kernel.
  LogicalResult hoist(kernel::FuncOp function, memref::AllocOp alloc,
                      ArrayRef<kernel::CallOp> calls) {
    for (kernel::CallOp call : calls) {
      OpBuilder builder(call);
      IRMapping mapping;
      mapping.map(function.getArguments(), call->getOperands());
      SmallVector<Value> sizes;
      for (Value size : alloc.getDynamicSizes())
        sizes.push_back(copyOut(builder, size, mapping));
      if (llvm::is_contained(sizes, Value()))
        return alloc.emitOpError("expected a size that depends on the kernel's arguments alone");
      Value buffer = memref::AllocOp::create(builder, call.getLoc(), alloc.getType(), sizes);
      call.getDestinationsMutable().append(buffer);
    }
    unsigned number = function.getNumArguments();
    if (failed(function.insertArgument(number, alloc.getType(), {}, alloc.getLoc())))
      return failure();
    alloc.replaceAllUsesWith(function.getArgument(number));
    alloc.erase();
    ++numHoisted;
    return success();
  }
};

} // namespace
} // namespace nnc::codegen
