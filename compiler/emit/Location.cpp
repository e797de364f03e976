// Places in the source as MLIR locations.
#include "compiler/emit/Location.h"

#include "compiler/diagnostics/Source.h"
#include "compiler/sema/Program.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace nnc;

Location emission::getLocation(const SourceRange &range, const SourceManager &sources,
                               MLIRContext *context) {
  if (!range.isValid())
    return UnknownLoc::get(context);
  LineColumn begin = sources.position(range.file, range.begin);
  LineColumn end = sources.position(range.file, range.end);
  return FileLineColRange::get(StringAttr::get(context, sources.name(range.file)), begin.line,
                               begin.column, end.line, end.column);
}

Location emission::getLocation(const SourceRange &range, const sema::CallSite *site,
                               const SourceManager &sources, MLIRContext *context) {
  SmallVector<Location> frames;
  for (; site; site = site->caller)
    frames.push_back(NameLoc::get(StringAttr::get(context, site->callee),
                                  getLocation(site->call, sources, context)));
  Location location = getLocation(range, sources, context);
  return frames.empty() ? location : CallSiteLoc::get(location, frames);
}

std::string emission::getPlaceText(SourceRange range, const sema::CallSite *site,
                                   const SourceManager &sources) {
  for (; site && sources.isStd(range.file); site = site->caller)
    range = site->call;
  return (llvm::sys::path::filename(sources.name(range.file)) + ":" +
          Twine(sources.position(range.file, range.begin).line))
      .str();
}
