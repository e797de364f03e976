// Measures a compiled model's gradients against central differences.
#pragma once

#include "compiler/driver/ModelPoint.h"

#include <cstddef>
#include <string>
#include <vector>

namespace nnc::driver {

/// What was found of one parameter's gradient.
///
/// It is looked at by elements, all of a small tensor and some of a large one, and along random
/// directions that move all elements at once, so that no wrong element can hide. Errors are
/// relative to the greater of the gradient's and the difference's value, but no less than a
/// thousandth of the tensor's largest element (elements) or the root of the tensor's mean square
/// (directions): what is smaller moves no parameter by as much as rounding in f32 does.
struct GradientError {
  std::string parameter;
  double maxRelativeError = 0; ///< over what was measured; NaN where the gradient is
  size_t elements = 0;         ///< how many elements were measured
  size_t directions = 0;       ///< and along how many directions
  /// Elements and directions that could be measured at no point: a kink is too close, or rounding
  /// of the loss hides so small a slope.
  size_t skipped = 0;
  /// Its gradient passes one that a function declares, which differences needn't agree with.
  bool declared = false;
  bool zero = false; ///< at every point that was tried, the gradient and all differences were 0

  /// Whether nothing speaks against the gradient: a NaN does. One that is declared is not judged.
  bool isRight() const;
  /// Whether anything speaks for it.
  bool isMeasured() const { return elements + directions > 0; }
};

/// Gradients this close to the differences are right.
inline constexpr double gradientTolerance = 1e-6;

struct GradientCheckOptions {
  size_t elements = 64; ///< of each parameter, at most
  /// Of all parameters together, where that leaves `leastElements` of each: a large model's loss
  /// takes long, and directions look at every element anyway.
  size_t allElements = 1024, leastElements = 8;
  size_t directions = 3; ///< through each parameter of more than one element
  /// Random data and parameters are drawn up to this often, while something couldn't be measured or
  /// a whole gradient was zero.
  unsigned points = 4;
};

/// A block of the recipe: its name, and the numbers of the parameters that it trains.
struct CheckedBlock {
  std::string name;
  std::vector<unsigned> parameters;
};

/// Checks every parameter that a block trains, of a model that makeGradientProgram made.
std::vector<GradientError> checkGradients(const nnrt_model &model, const PointOptions &point,
                                          const std::vector<CheckedBlock> &blocks,
                                          const GradientCheckOptions &options = {});

} // namespace nnc::driver
