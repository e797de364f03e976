// Philox4x32-10 as arith operations.
#pragma once

#include "mlir/IR/ImplicitLocOpBuilder.h"

#include <array>

namespace mlir::nn {

/// One block of Philox4x32-10: four i32 words from a counter of four and a key of two (Salmon,
/// Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
std::array<Value, 4> buildPhilox4x32(ImplicitLocOpBuilder &builder, std::array<Value, 4> counter,
                                     std::array<Value, 2> key);

} // namespace mlir::nn
