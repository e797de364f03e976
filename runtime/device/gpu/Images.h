// Which of a program's images a chip runs.
#pragma once

#include "nnrt/gpu.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nnrt::gpu {

/// A compute capability: 9.0 of sm_90.
struct Capability {
  int major = 0, minor = 0;
  std::string chip() const;
};

/// What a PTX text says of itself: ".version 8.0", ".target sm_80". Empty where it doesn't.
struct PtxFacts {
  std::string_view version, target;
};
PtxFacts factsOf(const nnrt_image &ptx);

/// The images that run on a chip, in their order. Code for sm_86 runs on 8.6 and later ones of 8;
/// sm_90a on 9.0 alone, sm_100f on its family; PTX on any from its target on.
std::vector<const nnrt_image *> imagesFor(const nnrt_gpu_code &code, Capability device);

/// The chips of all images, for messages: "sm_90a", "PTX for sm_80".
std::vector<std::string> chipsOf(const nnrt_gpu_code &code);

} // namespace nnrt::gpu
