// What a compilation can be told, one struct per phase.
#pragma once

#include "compiler/codegen/Target.h"

#include <cstdint>
#include <memory>

namespace nnc {

/// From the model's functions to its entry functions.
struct GradOptions {
  /// Takes the place of the recipe's batch (`nnc build --batch`); 0: the recipe's.
  int64_t batch = 0;
};

struct PipelineOptions {
  GradOptions grad;
  /// What linalg is lowered for. Not needed for earlier stages.
  std::shared_ptr<const codegen::Target> target;
};

} // namespace nnc
