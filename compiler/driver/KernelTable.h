// The kernels of a program and what they cost, for people and as JSON.
#pragma once

#include "compiler/driver/Compilation.h"

namespace nnc::driver {

/// Prints the kernels of the entries that training runs (of those that predict, where it has no
/// recipe), or those of `arguments.entry`, the largest share of the time first. An entry that there
/// isn't is a mistake in the command line.
Status printKernels(const Compilation &compilation, const std::vector<EntryKernels> &entries,
                    const SourceManager &sources, const Arguments &arguments);

} // namespace nnc::driver
