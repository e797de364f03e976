// The pass that guards the stages of the pipeline.
#pragma once

#include "mlir/Pass/Pass.h"

namespace nnc {
#define GEN_PASS_DECL
#include "compiler/pipeline/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "compiler/pipeline/Passes.h.inc"
} // namespace nnc
