// The one style of .nn files: what `nnc fmt` writes.
#pragma once

#include "compiler/syntax/Ast.h"

namespace nnc {

/// The canonical text of a file that was parsed without errors. Lines break at 100 columns; two
/// spaces indent. What the author keeps: comments, one blank line between statements, parentheses,
/// line breaks before `|>`, and blocks on one line where they fit. Printing twice changes nothing.
std::string print(const ast::File &file, const SourceManager &sources);

} // namespace nnc
