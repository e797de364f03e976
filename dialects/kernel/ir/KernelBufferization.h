// How bufferisation sees calls of kernels.
#pragma once

namespace mlir {
class DialectRegistry;
namespace kernel {
void registerBufferization(DialectRegistry &registry);
} // namespace kernel
} // namespace mlir
