// codegen-hoist-scratch: lets the callers of a kernel provide the memory that it needs.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/shared/Buffers.h"
#include "dialects/kernel/ir/KernelOps.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Transforms.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
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
      function.walk([](memref::DeallocOp dealloc) { dealloc.erase(); });
      if (failed(moveTilesToStack(function)))
        return signalPassFailure();
      SmallVector<memref::AllocOp> allocs;
      function.walk([&](memref::AllocOp alloc) { allocs.push_back(alloc); });
      for (memref::AllocOp alloc : allocs)
        if (failed(hoist(function, alloc, calls[function.getSymNameAttr()])))
          return signalPassFailure();
    }
  }

private:
  /// Small buffers go to the stack, outside of all loops (of a thread's task).
  LogicalResult moveTilesToStack(kernel::FuncOp function) {
    SmallVector<memref::AllocOp> tiles;
    llvm::SetVector<scf::ForallOp> shared;
    DenseMap<Operation *, int64_t> bytesOfTasks;
    function.walk([&](memref::AllocOp alloc) {
      MemRefType type = alloc.getType();
      auto tasks = alloc->getParentOfType<scf::ForallOp>();
      int64_t bytes = type.hasStaticShape() ? type.getNumElements() * getElementBytes(type)
                                            : std::numeric_limits<int64_t>::max();
      if (bytes <= tileBytes || (tasks && bytes <= taskBytes - bytesOfTasks[tasks])) {
        tiles.push_back(alloc);
        if (bytes > tileBytes)
          bytesOfTasks[tasks] += bytes;
      } else if (tasks) {
        shared.insert(tasks); // Tasks at the same time would share the buffer.
      }
    });
    for (memref::AllocOp alloc : tiles) {
      auto tasks = alloc->getParentOfType<scf::ForallOp>();
      OpBuilder builder =
          OpBuilder::atBlockBegin(tasks ? tasks.getBody() : &function.getBody().front());
      auto onStack = memref::AllocaOp::create(builder, alloc.getLoc(), alloc.getType(),
                                              builder.getI64IntegerAttr(kBufferAlignment));
      alloc.replaceAllUsesWith(onStack.getResult());
      alloc.erase();
      ++numTiles;
    }
    IRRewriter rewriter(&getContext());
    for (scf::ForallOp tasks : shared) {
      // Theirs are taken once, outside: the stack isn't given back before the function ends.
      Block &body = function.getBody().front();
      for (auto onStack : llvm::make_early_inc_range(tasks.getBody()->getOps<memref::AllocaOp>()))
        onStack->moveBefore(&body, body.begin());
      rewriter.setInsertionPoint(tasks);
      if (failed(scf::forallToForLoop(rewriter, tasks)))
        return tasks.emitOpError("expected tasks that can be run one after the other");
    }
    return success();
  }

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
    alloc.replaceAllUsesWith(
        Value(function.getBody().addArgument(alloc.getType(), alloc.getLoc())));
    alloc.erase();
    OpBuilder builder(function);
    function.setFunctionType(
        builder.getFunctionType(function.getBody().front().getArgumentTypes(), {}));
    ++numHoisted;
    return success();
  }
};

} // namespace
} // namespace nnc::codegen
