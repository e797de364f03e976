// Turns a program into one whose gradients can be measured.
#pragma once

#include "compiler/sema/Program.h"

namespace nnc::driver {

/// How many f32 metrics carry the loss after makeGradientProgram: their sum is the loss in f64.
inline constexpr unsigned lossParts = 3;

/// Makes every float f64, lets the training step leave each parameter's gradient where the new
/// parameter would be, and makes the recipe's metrics the parts of the loss, to be added up: a
/// metric is f32, too coarse for central differences.
void makeGradientProgram(sema::Program &program);

} // namespace nnc::driver
