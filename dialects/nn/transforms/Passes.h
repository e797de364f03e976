// Passes over the nn dialect, and their registration.
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir {
class OpPassManager;
}

namespace mlir::nn {

#define GEN_PASS_DECL
#include "dialects/nn/transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "dialects/nn/transforms/Passes.h.inc"

/// The pipeline `nn-simplify`: canonicalise, remove what is computed twice or for nothing.
void buildSimplifyPipeline(OpPassManager &manager);
/// Registers the pipeline by its name.
void registerSimplifyPipeline();

} // namespace mlir::nn
