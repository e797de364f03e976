// Makes the nn dialect, its interfaces' implementations and its passes known to a tool.
#pragma once

namespace mlir {
class DialectRegistry;
namespace nn {

/// Registers the dialect and everything it needs at run time, and the passes and pipelines by name.
void registerNn(DialectRegistry &registry);

} // namespace nn
} // namespace mlir
