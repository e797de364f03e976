// What the passes ask about entry functions, and how they name what belongs to them.
#ifndef NNC_COMPILER_CODEGEN_SHARED_ENTRY_H
#define NNC_COMPILER_CODEGEN_SHARED_ENTRY_H

#include "dialects/nn/ir/NnAttributes.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Operation.h"

namespace nnc::codegen::entry {

/// The private functions behind an entry's C symbols: "<name>.body", "<name>.workspace".
inline constexpr llvm::StringLiteral kBodySuffix = ".body";
inline constexpr llvm::StringLiteral kWorkspaceSuffix = ".workspace";

/// A function attribute of LLVM's for what begins to compute on a thread: denormal numbers are
/// flushed to zero in it, and the caller's mode is restored. The target makes it so, as far as its
/// machine can.
inline constexpr llvm::StringLiteral kFlushAttr = "nnc-flush-denormals";

/// Of a loop of tasks: the function of the runtime that runs it, where that isn't
/// nnrt_parallel_for.
inline constexpr llvm::StringLiteral kRunnerAttr = "nnc.runner";

/// Whether the entry runs once.
inline bool runsOnce(mlir::Operation *func) {
  auto kind = func->getAttrOfType<mlir::StringAttr>(mlir::nn::kEntryAttr);
  return kind && (kind.getValue() == mlir::nn::kInitEntry ||
                  kind.getValue() == mlir::nn::kInitTrainingEntry);
}

} // namespace nnc::codegen::entry

#endif
