// Warns about what a program declares and has no use for.
#pragma once

#include "compiler/diagnostics/Diagnostic.h"
#include "compiler/sema/NameCheck.h"
#include "compiler/sema/Program.h"

namespace nnc::sema {

/// Warns about the names, but for inputs of a model that its recipe reads, and about parameters
/// that have no effect: on no output of a model without a recipe, or on no loss of its recipe. The
/// program has no errors.
void reportUnused(const Program &program, llvm::ArrayRef<UnusedName> names,
                  Diagnostics &diagnostics);

} // namespace nnc::sema
