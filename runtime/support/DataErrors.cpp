// The errors of data that does not fit memory, and of sources beside each other.
#include "runtime/support/Errors.h"
#include "runtime/support/Text.h"

#include <cstring>

namespace nnrt::errors {

static constexpr const char *otherFolder =
    "data that memory does not hold goes to a temporary file; TMPDIR=FOLDER says where";

Error noRoomForData(std::string_view folder, uint64_t bytes, uint64_t free, std::string_view what) {
  return Error(cat("not enough memory, nor room in ", folder, ": ", byteCount(bytes),
                   " are needed for ", what, ", ", byteCount(free), " are free there"),
               otherFolder);
}

Error cannotWriteData(std::string_view folder, int systemError) {
  return Error(cat("cannot write a temporary file in ", folder, ": ", strerror(systemError)),
               otherFolder);
}

Error dataCutShort(std::string_view file, uint64_t end, uint64_t needed) {
  return Error(cat(file, ": ends at byte ", end, " now, expected at least ", needed,
                   " bytes: it has become shorter since it was opened"),
               "data that memory does not hold stays in its file: leave that as it is meanwhile");
}

Error sourcesMismatch(std::string_view fileA, uint64_t countA, std::string_view fileB,
                      uint64_t countB) {
  return Error(
      cat(fileB, ": holds ", countB, " examples, but ", fileA, ", beside it, holds ", countA),
      "sources beside each other give one row of an example each, in the same order");
}

} // namespace nnrt::errors
