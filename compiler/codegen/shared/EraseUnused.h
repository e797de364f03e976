// Removes what nothing uses.
#ifndef NNC_COMPILER_CODEGEN_SHARED_ERASEUNUSED_H
#define NNC_COMPILER_CODEGEN_SHARED_ERASEUNUSED_H

#include "dialects/kernel/ir/KernelOps.h"

#include "mlir/IR/BuiltinOps.h"
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

/// Erases the kernels of a module that nothing in it calls; one look for all of them, where asking
/// for the uses of each takes the square of that.
inline void eraseUncalledKernels(mlir::ModuleOp module) {
  llvm::DenseSet<mlir::StringAttr> called;
  module.walk([&](mlir::kernel::CallOp call) { called.insert(call.getCalleeAttr().getAttr()); });
  for (auto kernel : llvm::make_early_inc_range(module.getOps<mlir::kernel::FuncOp>()))
    if (!called.contains(kernel.getSymNameAttr()))
      kernel.erase();
}

} // namespace nnc::codegen

#endif
