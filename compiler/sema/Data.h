// Data sets: from their declaration to the fields and files that a recipe binds.
#pragma once

#include "compiler/sema/Elaborator.h"

namespace nnc::sema {

/// A field of a data set, as its declaration or its files name it.
struct DeclaredField {
  std::string name;
  std::optional<Type> type; ///< of one example
  std::optional<std::pair<int64_t, int64_t>> bounds;
  SourceRange range;
};

/// Formats that the runtime reads.
std::vector<std::string> dataFormats();

/// Checks a `data` declaration on its own: format, field types, bounds, splits and their files.
/// Returns its fields.
std::vector<DeclaredField> checkData(Elaborator &elaborator, const ast::DataDeclaration &decl);

} // namespace nnc::sema
