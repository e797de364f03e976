// Places in the source as MLIR locations.
#pragma once

#include "mlir/IR/Location.h"

#include <string>

namespace nnc {
class SourceManager;
struct SourceRange;
namespace sema {
struct CallSite;
}

namespace emission {

/// The range of a file: line and column of its first character, and of the one after its last.
/// Unknown for an invalid range.
mlir::Location getLocation(const SourceRange &range, const SourceManager &sources,
                           mlir::MLIRContext *context);

/// The range, called at the sites: a chain of CallSiteLoc, the caller of each named after the
/// callee.
mlir::Location getLocation(const SourceRange &range, const sema::CallSite *site,
                           const SourceManager &sources, mlir::MLIRContext *context);

/// The line of the user's text that leads to the range, for messages of a compiled program: the
/// range's own, or that of the call into the standard library. "net.nn:12", without the folder,
/// which says nothing elsewhere.
std::string getPlaceText(SourceRange range, const sema::CallSite *site,
                         const SourceManager &sources);

} // namespace emission
} // namespace nnc
