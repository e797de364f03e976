// Building a checked program; `nnc build` and `nnc run` share it.
#pragma once

#include "compiler/driver/Frontend.h"

#include <string>

namespace nnc::driver {

/// Makes what `arguments.emit` says, at `output`. Says on standard error what failed.
Status build(const Frontend &frontend, const Arguments &arguments, Timing &timing,
             const std::string &output);

} // namespace nnc::driver
