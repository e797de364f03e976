// Whether this processor has what a model was compiled for.
#pragma once

#include <string>
#include <string_view>

namespace nnrt {

/// Which of the features (names of nnrt/cpu_features.def, separated by blanks) this processor, or
/// the system on it, lacks: "avx2, fma". One that is not known here counts as missing.
std::string missingCpuFeatures(std::string_view needed);

} // namespace nnrt
