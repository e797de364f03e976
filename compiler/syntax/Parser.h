// From the text of a file to its AST.
#pragma once

#include "compiler/diagnostics/Diagnostic.h"
#include "compiler/syntax/Ast.h"

namespace nnc {

/// Always returns a file. After errors it is partial, and still well formed: what could not be read
/// is an ErrorExpr or is left out. Each independent error is reported, with a range in the file; no
/// text, however broken, gives anything else (see Limits.h).
std::unique_ptr<ast::File> parse(FileId file, const SourceManager &sources,
                                 Diagnostics &diagnostics);

} // namespace nnc
