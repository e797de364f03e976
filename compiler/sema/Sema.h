// The semantic analysis: from a parsed file to a program graph.
#pragma once

#include "compiler/diagnostics/Diagnostic.h"
#include "compiler/sema/DataFiles.h"
#include "compiler/sema/Program.h"
#include "compiler/syntax/Ast.h"

namespace nnc::sema {

/// Checks every declaration of the file and of what it imports, and elaborates its models and
/// recipes. Null after errors (those of the parser included). A file with functions and layers
/// alone gives a program without models.
/// `files`: what data files say of themselves; null: none may be looked at.
std::unique_ptr<Program> analyze(const ast::File &file, SourceManager &sources,
                                 Diagnostics &diagnostics, const DataFiles *files = nullptr);

/// A line of `nnc std`: a primitive, which has no source in the library.
struct PrimitiveInfo {
  std::string name, signature, doc;
};
std::vector<PrimitiveInfo> primitives();

} // namespace nnc::sema
