// Counts the floating-point operations of a model from its graph.
#pragma once

#include "compiler/sema/Program.h"

#include <string>
#include <vector>

namespace nnc::driver {

/// Floating-point operations per example, as a sum of products of the model's other symbolic
/// dimensions.
struct LayerFlops {
  std::vector<sema::Dim> layers; ///< of each of Model::layers, the layers inside it not counted
  sema::Dim elsewhere;           ///< in the body of the model itself
  sema::Dim total;
};

/// Counts those of `model`'s forward function, and of what only its losses read: two for each
/// product that a contraction adds, one for each element that a reduction combines and for each
/// that elementwise code computes, whatever the function; only of floats, and none for what
/// converts or moves elements. A loop's body counts once for each pass, that of a gradient as a
/// value three times. The model's first symbolic dimension is the batch, and counts as one.
LayerFlops countFlops(const sema::Model &model);

} // namespace nnc::driver
