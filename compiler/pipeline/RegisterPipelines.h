// Registers the pipelines between stages, by name, and the passes of the pipeline itself.
#pragma once

namespace nnc {
/// `nn-to-grad`, `grad-to-linalg`, `linalg-to-kernels`, `kernels-to-bufferized`,
/// `bufferized-to-llvm`, and those from stage nn to each later one: `nn-to-linalg`,
/// `nn-to-bufferized`, `nn-to-llvm`.
void registerPipelines();
} // namespace nnc
