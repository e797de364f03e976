// Registers the kernel dialect.
#pragma once

namespace mlir {
class DialectRegistry;
namespace kernel {
/// The dialect, and how its operations are bufferised.
void registerKernel(DialectRegistry &registry);
} // namespace kernel
} // namespace mlir
