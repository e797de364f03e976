// Where buffers of entries are, which parts of them views are, and whether two of them may have
// elements in common.
#ifndef NNC_COMPILER_CODEGEN_GPU_BUFFERPARTS_H
#define NNC_COMPILER_CODEGEN_GPU_BUFFERPARTS_H

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace nnc::codegen {

/// Whether a buffer is in the memory of the host: on an entry's stack, or a constant.
bool isOnHost(mlir::Value buffer);

/// Whether two views of one buffer may have elements in common, as far as their types tell.
bool overlap(mlir::Value a, mlir::Value b);

/// Whether a view in one pass of `loop` may have elements in common with another, of the same
/// buffer, in a later pass: each pass may have a part of its own, which `loop` counts.
bool overlapAcrossPasses(mlir::Value a, mlir::Value b, mlir::scf::ForOp loop);

} // namespace nnc::codegen

#endif
