// Whether this processor has what a model was compiled for.
#pragma once

#include <string>
#include <string_view>

namespace nnrt {

/// What this processor lacks of the named target ("x86-64-v3", "haswell"...), for people: "AVX2,
/// FMA". Empty where nothing is missing or the name is not known.
std::string missingCpuFeatures(std::string_view target);

} // namespace nnrt
