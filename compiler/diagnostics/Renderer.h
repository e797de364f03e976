// Draws diagnostics: as text with the source line and a caret range, or as JSON for tools.
#pragma once

#include "compiler/diagnostics/Diagnostic.h"

#include "llvm/Support/raw_ostream.h"

namespace nnc {

/// Writes every diagnostic in order of place, and the number of errors where there are several:
///
///     mnist.nn:6:8: error[E0301]: shapes do not match in 'x @ w'
///         |> dense(10)
///            ^~~~~~~~~
///       left operand has shape  f32[batch, 64]
///     mnist.nn:2:3: note: 'w' is declared here
///     ...
///     hint: the inner dimensions of a matrix product must be equal
///
/// The last line also says where some are counted and not shown. `color` writes ANSI escapes. Text
/// from the source is never sent to a terminal raw: tabs are expanded, control characters and
/// invalid UTF-8 are shown as U+FFFD.
void render(llvm::raw_ostream &os, const SourceManager &sources, const Diagnostics &diagnostics,
            bool color);

/// A line of a file as it may be sent to a terminal: tabs are expanded, and what can't be printed
/// is U+FFFD.
std::string printable(llvm::StringRef line);

/// Writes one JSON object and a newline:
///
///     {"errors": 1, "diagnostics": [{"severity", "code", "message", "file", "range": {"start":
///     {"line",
///      "column"}, "end": {...}}, "details": [..], "notes": [{"message", "file", "range"}],
///      "hint"}]}
///
/// Lines and columns count from 1, columns in code points; the end is exclusive. `hint` is there
/// only where there is one.
void renderJson(llvm::raw_ostream &os, const SourceManager &sources,
                const Diagnostics &diagnostics);

} // namespace nnc
