// What the buffers of a tile hold, as vectors.
#include "compiler/codegen/cpu/TileContents.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

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

} // namespace nnc::codegen
