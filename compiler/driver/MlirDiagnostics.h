// Diagnostics of MLIR passes, drawn at the place in the .nn source that the operation came from.
#pragma once

#include "compiler/diagnostics/Source.h"

#include "mlir/IR/Diagnostics.h"

namespace nnc::driver {

/// While it lives, errors and warnings of its context are drawn on standard error as the frontend's
/// are: with the source line and a caret range, where the location leads to one.
class MlirDiagnosticPrinter : public mlir::ScopedDiagnosticHandler {
public:
  MlirDiagnosticPrinter(mlir::MLIRContext *context, const SourceManager &sources, bool color);
  /// How many errors there were.
  unsigned errorCount() const { return errors; }

private:
  void print(const mlir::Diagnostic &diagnostic);

  const SourceManager &sources;
  bool color;
  unsigned errors = 0;
};

/// The range that a location leads to: its own, that of the call it was inlined into, or of the
/// first part of a fused one; a place in the user's files before one in the standard library.
/// Invalid where it leads to none.
SourceRange sourceRange(mlir::Location location, const SourceManager &sources);

/// The ranges that lead to a location, the innermost first: its own, that of the call in which it
/// stands, that of the call around it; of a fused one, those of its first part that has any.
std::vector<SourceRange> callChain(mlir::Location location, const SourceManager &sources);

} // namespace nnc::driver
