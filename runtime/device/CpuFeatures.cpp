// Whether this processor has what a model was compiled for.
#include "runtime/device/CpuFeatures.h"

#include <algorithm>

namespace nnrt {

static bool hasFeature([[maybe_unused]] std::string_view name) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  // The builtin takes literals alone. It also asks whether the system saves the wide registers.
#define NNRT_X86_FEATURE(NAME)                                                                     \
  if (name == NAME)                                                                                \
    return __builtin_cpu_supports(NAME);
#include "nnrt/cpu_features.def"
#undef NNRT_X86_FEATURE
#endif
  return false;
}

std::string missingCpuFeatures(std::string_view needed) {
  std::string missing;
  while (!needed.empty()) {
    std::string_view name = needed.substr(0, needed.find(' '));
    needed.remove_prefix(std::min(needed.size(), name.size() + 1));
    if (!name.empty() && !hasFeature(name))
      missing += (missing.empty() ? "" : ", ") + std::string(name);
  }
  return missing;
}

} // namespace nnrt
