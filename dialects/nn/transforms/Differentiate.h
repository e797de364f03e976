// Reverse-mode differentiation of a function of nn operations.
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::nn {

/// Does what the pass `nn-differentiate` does to one function: for each argument marked `nn.wrt`,
/// in order, appends a result that is the gradient of result 0 with respect to it. Fails with an
/// error at the operation that has no derivative. `numAdjoints`, if given, counts the products
/// built.
LogicalResult differentiate(func::FuncOp function, unsigned *numAdjoints = nullptr);

} // namespace mlir::nn
