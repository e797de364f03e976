// Philox4x32-10 as arith operations.
#pragma once

#include "mlir/IR/ImplicitLocOpBuilder.h"

#include <array>

namespace mlir::nn {

/// One block of Philox4x32-10: four i32 words from a counter of four and a key of two (Salmon,
/// Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011). `words` are the
/// counter's first three; `lastByKey` is its last xor the key's second, all that the rounds want of
/// it: who computes that outside of a loop keeps the loop free of what tells one stream from
/// another.
std::array<Value, 4> buildPhilox4x32(ImplicitLocOpBuilder &builder, std::array<Value, 3> words,
                                     Value lastByKey, std::array<Value, 2> key);

} // namespace mlir::nn
