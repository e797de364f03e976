// Words of the language's later versions: what they will be is known, so that nobody looks for a
// misspelling.
#pragma once

#include "llvm/ADT/StringRef.h"

#include <string>

namespace nnc::sema {

/// "'conv2d' is planned, and not supported yet", of a part of the library or a format of data sets;
/// empty for any other name.
std::string plannedHint(llvm::StringRef name);
/// The same of a setting of a recipe.
std::string plannedSettingHint(llvm::StringRef key);

} // namespace nnc::sema
