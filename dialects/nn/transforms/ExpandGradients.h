// Ordinary code in place of nn.gradient and nn.with_gradient.
#pragma once

#include "mlir/IR/Operation.h"

namespace mlir::nn {

/// Does what the pass `nn-expand-gradients` does to everything in `root`. Fails with an error at
/// the operation that has no derivative.
LogicalResult expandGradients(Operation *root, unsigned *numExpanded = nullptr);

/// Does what the pass `nn-inline-forward` does; the number of operations that are gone.
unsigned inlineForward(Operation *root);

} // namespace mlir::nn
