// Which options of `train` go together, and what they may write to.
#pragma once

#include "runtime/cli/Arguments.h"
#include "runtime/model/Recipe.h"

namespace nnrt {

/// Checks the options against each other and against the recipe, before anything is read or
/// written. Throws Error (usage): options that exclude or need each other; a file to write that is
/// another option's, or one of the data set's.
void checkTrainOptions(const Recipe &recipe, const Arguments &arguments);

} // namespace nnrt
