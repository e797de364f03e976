// A loop of an entry whose passes are one call each.
#ifndef NNC_COMPILER_CODEGEN_GPU_REPEATEDCALL_H
#define NNC_COMPILER_CODEGEN_GPU_REPEATEDCALL_H

#include "dialects/kernel/ir/KernelOps.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

#include <optional>

namespace nnc::codegen {

/// What an entry calls: by a call, or by a loop of which each pass makes one, of buffers, views and
/// numbers that follow from the pass's.
struct RepeatedCall {
  mlir::scf::ForOp loop; ///< null: one pass
  mlir::kernel::CallOp call;

  /// Null where `op` is neither of the two: a loop with results, with several calls, or with work
  /// for the host, such as numbers that it loads and stores.
  static std::optional<RepeatedCall> match(mlir::Operation *op);

  /// Takes the buffers that a pass has for itself out of the loop, so that all passes have one.
  void hoistBuffers();
};

/// Calls `take` with each value from which `op`, a call or what stands among calls, or a loop of
/// one makes what it needs: buffers and numbers, but neither views nor constants.
void visitSources(mlir::Operation *op, llvm::function_ref<void(mlir::Value)> take);

} // namespace nnc::codegen

#endif
