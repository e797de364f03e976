// Compiling a function for fixed sizes.
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::nn {

/// Does what the pass `nn-specialize-dims` does: takes the `index` argument for a constant and
/// infers all types anew, those of the function included. The argument stays, unused. Fails with an
/// error where a type can't be inferred or a `?` of an argument goes with no index argument.
LogicalResult specializeDim(func::FuncOp function, unsigned argIndex, int64_t size);

} // namespace mlir::nn
