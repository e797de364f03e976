// What pools and convolutions with a stride leave out at the end of what they move over.
#pragma once

#include "compiler/diagnostics/Source.h"
#include "compiler/sema/Program.h"

#include <string>
#include <vector>

namespace nnc::driver {

/// What no window of one call reaches: its last window ends before the end, and there is no room
/// for another.
struct WindowRest {
  FileId file;
  uint32_t line;      ///< of the user's text
  std::string callee; ///< what is called there: `max_pool`
  /// Sizes of the dimensions that it moves over, and how much at the end of each no window sees.
  std::vector<int64_t> sizes, rests;
};

/// Those of all networks of a model, each call and each size once, in the order of lines.
std::vector<WindowRest> findWindowRests(const sema::Model &model, const SourceManager &sources);

/// "line 6: max_pool leaves out the last row and the last column of 11 x 11; ...".
std::string describe(const WindowRest &rest, const SourceManager &sources, FileId main);

} // namespace nnc::driver
