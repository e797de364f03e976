// What a compilation can be told, one struct per phase.
#pragma once

#include "compiler/codegen/cpu/Cpu.h"

#include <cstdint>

namespace nnc {

/// From the model's functions to its entry functions.
struct GradOptions {
  /// Takes the place of the recipe's batch (`nnc build --batch`); 0: the recipe's.
  int64_t batch = 0;
};

struct PipelineOptions {
  GradOptions grad;
  codegen::CpuOptions cpu;
};

} // namespace nnc
