// The source of a program with what each line costs, for people and as JSON.
#pragma once

#include "compiler/driver/Compilation.h"

namespace nnc::driver {

/// Prints the lines of the user's files, and what the kernels of the entries that training runs (of
/// those that predict, where it has no recipe; of `arguments.entry`, where that is given) take for
/// each. An entry that there isn't is a mistake in the command line.
Status printLines(const Compilation &compilation, const std::vector<EntryKernels> &entries,
                  const Frontend &frontend, const Arguments &arguments);

} // namespace nnc::driver
