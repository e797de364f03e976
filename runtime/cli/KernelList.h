// What `info` says of a program's kernels for GPUs.
#pragma once

#include "runtime/model/Recipe.h"
#include "runtime/support/Json.h"

#include "nnrt/abi.h"

#include <string>

namespace nnrt {

/// Adds "chips", where the program was built for GPUs, and "kernels". `recipe` may be null.
void writeKernels(JsonWriter &json, const nnrt_model &model, const Recipe *recipe);
/// Empty where the program was built for none.
std::string kernelsText(const nnrt_model &model, const Recipe *recipe);

} // namespace nnrt
