// The lowering of the nn dialect to linalg, and its registration.
#pragma once

#include "mlir/Pass/Pass.h"

namespace mlir::nn {

#define GEN_PASS_DECL
#include "dialects/nn/lowering/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "dialects/nn/lowering/Passes.h.inc"

} // namespace mlir::nn
