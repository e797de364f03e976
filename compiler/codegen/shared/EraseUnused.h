// Removes what nothing uses.
#ifndef NNC_COMPILER_CODEGEN_SHARED_ERASEUNUSED_H
#define NNC_COMPILER_CODEGEN_SHARED_ERASEUNUSED_H

#include "mlir/IR/Iterators.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace nnc::codegen {

/// Erases the operations within `root` that have no effect and whose results nothing uses, and so
/// on: users come last, so one look is enough.
inline void eraseUnused(mlir::Operation *root) {
  root->walk<mlir::WalkOrder::PostOrder, mlir::ReverseIterator>([root](mlir::Operation *op) {
    if (op != root && mlir::isOpTriviallyDead(op))
      op->erase();
  });
}

} // namespace nnc::codegen

#endif
