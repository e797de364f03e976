// codegen-stack-tiles: puts the small buffers of a kernel on the stack.
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/shared/Buffers.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Transforms.h"

namespace nnc::codegen {

#define GEN_PASS_DEF_STACKTILES
#include "compiler/codegen/Passes.h.inc"

using namespace mlir;

namespace {

class StackTilesPass : public impl::StackTilesBase<StackTilesPass> {
public:
  using StackTilesBase::StackTilesBase;

  void runOnOperation() override {
    kernel::FuncOp function = getOperation();
    function.walk([](memref::DeallocOp dealloc) { dealloc.erase(); });
    if (failed(moveTilesToStack(function)))
      signalPassFailure();
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
};

} // namespace
} // namespace nnc::codegen
