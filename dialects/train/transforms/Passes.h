// The passes of the train dialect.
#pragma once

#include "mlir/Pass/Pass.h"

namespace mlir::train {
#define GEN_PASS_DECL
#include "dialects/train/transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "dialects/train/transforms/Passes.h.inc"
} // namespace mlir::train
