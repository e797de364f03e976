// What the buffers of a tile hold, as vectors.
#include "compiler/codegen/cpu/TileContents.h"
#include "compiler/codegen/shared/Buffers.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace nnc::codegen {

using namespace mlir;

bool TileContents::isOwn(Value buffer) {
  auto alloc = buffer.getDefiningOp<memref::AllocOp>();
  return alloc && llvm::all_of(alloc->getUsers(), [&](Operation *user) {
           return user->getBlock() == alloc->getBlock() &&
                  isa<linalg::LinalgOp, vector::TransferReadOp, vector::TransferWriteOp,
                      memref::LoadOp, memref::StoreOp, memref::DeallocOp>(user);
         });
}

unsigned TileContents::eraseUnread(RewriterBase &rewriter) {
  unsigned count = 0;
  for (const auto &entry : contents) {
    Operation *alloc = entry.first.getDefiningOp();
    if (!llvm::all_of(alloc->getUsers(), [](Operation *user) {
          return isa<vector::TransferWriteOp, memref::StoreOp, memref::DeallocOp>(user);
        }))
      continue;
    for (Operation *user : llvm::make_early_inc_range(alloc->getUsers()))
      rewriter.eraseOp(user);
    rewriter.eraseOp(alloc);
    ++count;
  }
  contents.clear();
  return count;
}

linalg::FillOp findFillBefore(Operation *op, Value buffer) {
  Value memory = findRoot(buffer);
  for (Operation *before = op->getPrevNode(); before; before = before->getPrevNode()) {
    if (auto fill = dyn_cast<linalg::FillOp>(before))
      if (fill.getOutputs().front() == buffer)
        return fill;
    if (isMemoryEffectFree(before))
      continue;
    // A gather reads in its body what isn't an operand.
    bool isElsewhere = before->getNumRegions() == 0;
    if (auto other = dyn_cast<linalg::LinalgOp>(before))
      isElsewhere = llvm::all_of(*other.getBlock(), [](Operation &inner) {
        return inner.hasTrait<OpTrait::IsTerminator>() || isMemoryEffectFree(&inner);
      });
    for (Value operand : before->getOperands())
      isElsewhere &= !isa<BaseMemRefType>(operand.getType()) || findRoot(operand) != memory;
    if (!isElsewhere)
      return {};
  }
  return {};
}

} // namespace nnc::codegen
