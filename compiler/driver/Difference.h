// The slope of a function that can only be evaluated, with an estimate of how far off it is.
#pragma once

#include "llvm/ADT/STLFunctionalExtras.h"

namespace nnc::driver {

/// A measured slope. `error` bounds what truncation, rounding and a kink nearby do to `value`; it
/// is infinite where nothing could be measured.
struct Slope {
  double value = 0;
  double error = 0;
};

/// What is close enough: an error of `absolute`, or of `relative` times the slope.
struct Accuracy {
  double relative = 0;
  double absolute = 0;
};

/// The slope of `function` at 0, by central differences from wide to narrow steps, extrapolated to
/// step 0 (Ridders 1982, "Accurate computation of F'(x) and F'(x)F''(x)"). The widest step whose
/// own estimate is accurate enough answers, for there rounding is least; else the one with the
/// least estimate. Nothing is known here of the value that is expected.
///
/// The estimate is the greatest of: how far extrapolation still moved the value; rounding of the
/// function, magnified by the step; and how far the slopes to the left and to the right differ when
/// extrapolated to step 0. The last is 0 where the function is smooth and the jump of the slope
/// where it has a kink, at 0 or closer to it than the step.
Slope measureSlope(llvm::function_ref<double(double)> function, Accuracy wanted);

} // namespace nnc::driver
