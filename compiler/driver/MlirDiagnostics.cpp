// Maps MLIR locations back to source ranges, and draws diagnostics there.
#include "compiler/driver/MlirDiagnostics.h"

#include "compiler/diagnostics/Renderer.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace nnc::driver {

/// The byte of a line and column (columns count code points), or nullopt where the file has no such
/// line.
static std::optional<uint32_t> offsetOf(const SourceManager &sources, FileId file, unsigned line,
                                        unsigned column) {
  StringRef whole = sources.text(file);
  if (line == 0 || line > whole.count('\n') + 1)
    return std::nullopt;
  StringRef text = sources.line(file, line);
  const char *place = text.begin();
  for (unsigned i = 1; i < column && place != text.end(); ++i)
    do
      ++place;
    while (place != text.end() && (*place & 0xC0) == 0x80);
  return place - whole.begin();
}

static SourceRange rangeOf(mlir::FileLineColRange location, const SourceManager &sources) {
  for (uint32_t index = 0; index < sources.size(); ++index) {
    FileId file{index};
    if (sources.name(file) != location.getFilename().strref())
      continue;
    auto begin = offsetOf(sources, file, location.getStartLine(), location.getStartColumn());
    auto end = offsetOf(sources, file, location.getEndLine(), location.getEndColumn());
    if (begin && end)
      return {file, *begin, std::max(*begin, *end)};
  }
  return {};
}

SourceRange sourceRange(mlir::Location location, const SourceManager &sources) {
  SourceRange best;
  location->walk([&](mlir::Location part) {
    auto place = dyn_cast<mlir::FileLineColRange>(part);
    if (!place)
      return mlir::WalkResult::advance();
    SourceRange range = rangeOf(place, sources);
    if (range.isValid() &&
        (!best.isValid() || (sources.isStd(best.file) && !sources.isStd(range.file))))
      best = range;
    return best.isValid() && !sources.isStd(best.file) ? mlir::WalkResult::interrupt()
                                                       : mlir::WalkResult::advance();
  });
  return best;
}

std::vector<SourceRange> callChain(mlir::Location location, const SourceManager &sources) {
  if (auto place = dyn_cast<mlir::FileLineColRange>(location)) {
    SourceRange range = rangeOf(place, sources);
    return range.isValid() ? std::vector{range} : std::vector<SourceRange>();
  }
  if (auto named = dyn_cast<mlir::NameLoc>(location))
    return callChain(named.getChildLoc(), sources);
  if (auto call = dyn_cast<mlir::CallSiteLoc>(location)) {
    std::vector<SourceRange> chain = callChain(call.getCallee(), sources);
    for (const SourceRange &range : callChain(call.getCaller(), sources))
      chain.push_back(range);
    return chain;
  }
  if (auto fused = dyn_cast<mlir::FusedLoc>(location))
    for (mlir::Location part : fused.getLocations())
      if (std::vector<SourceRange> chain = callChain(part, sources); !chain.empty())
        return chain;
  return {};
}

MlirDiagnosticPrinter::MlirDiagnosticPrinter(mlir::MLIRContext *context,
                                             const SourceManager &sources, bool color)
    : ScopedDiagnosticHandler(context), sources(sources), color(color) {
  setHandler([this](mlir::Diagnostic &diagnostic) {
    print(diagnostic);
    return mlir::success();
  });
}

void MlirDiagnosticPrinter::print(const mlir::Diagnostic &diagnostic) {
  bool isError = diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error;
  // Remarks and notes on their own are for the compiler's developers, who use nn-opt.
  if (!isError && diagnostic.getSeverity() != mlir::DiagnosticSeverity::Warning)
    return;
  errors += isError;
  Diagnostics list;
  SourceRange range = sourceRange(diagnostic.getLocation(), sources);
  Diagnostic &drawn = isError ? list.error(Code::RefusedOperation, range, diagnostic.str())
                              : list.warning(Code::RefusedOperation, range, diagnostic.str());
  for (const mlir::Diagnostic &note : diagnostic.getNotes())
    drawn.note(sourceRange(note.getLocation(), sources), note.str());
  render(errs(), sources, list, color);
}

} // namespace nnc::driver
