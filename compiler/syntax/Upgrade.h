// From language 0.1 to 0.2.
#pragma once

#include "compiler/diagnostics/Diagnostic.h"

namespace nnc {

/// The text of a file of version 0.1 in the spelling of 0.2, unformatted. What cannot be rewritten
/// surely stays as it is, with a warning at its place in the file; whether the result is right is
/// for the parser to say. A text of 0.2 stays what it is.
std::string upgrade(FileId file, const SourceManager &sources, Diagnostics &diagnostics);

} // namespace nnc
