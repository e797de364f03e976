// What passes say of their decisions, drawn at the place in the .nn source that it is about.
#pragma once

#include "compiler/diagnostics/Source.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/raw_ostream.h"

#include <memory>

namespace nnc::driver {

/// Listens to the remarks of a context (codegen/shared/Remarks.h), from any thread. Remarks at no
/// place in the source are left out, and so are those that say the same of the same place: of the
/// copies of a function that are compiled for several sizes.
class RemarkPrinter {
public:
  RemarkPrinter(mlir::MLIRContext &context, const SourceManager &sources, bool color);
  ~RemarkPrinter();

  /// Draws them in the order of their places.
  void print(llvm::raw_ostream &os) const;

private:
  class List;
  std::shared_ptr<List> list; ///< shared with the context
  const SourceManager &sources;
  bool color;
};

} // namespace nnc::driver
