// Turns a model into one whose gradients can be measured.
#pragma once

#include "compiler/sema/Program.h"

namespace nnc::driver {

/// Makes every float of the program f64, and lets the recipe of `model` take two batches a step, so
/// that there are entries that only compute gradients, of frozen parameters too (in the first
/// block). Pass k of its evaluation gives the losses of block k.
void makeGradientProgram(sema::Program &program, sema::Model &model);

} // namespace nnc::driver
