// Measures a compiled model's gradients against central differences.
#pragma once

#include "runtime/include/nnrt/abi.h"

#include <string>
#include <vector>

namespace nnc::driver {

struct GradientError {
  std::string parameter;
  double maxRelativeError = 0; ///< over the elements looked at
  size_t elements = 0;         ///< how many these were
};

/// Gradients this close to the differences are right.
inline constexpr double gradientTolerance = 1e-6;

/// Checks a model that makeGradientProgram made: on random data, at random parameters, every
/// parameter, up to `elements` elements of each.
std::vector<GradientError> checkGradients(const nnrt_model &model, size_t elements = 16);

} // namespace nnc::driver
