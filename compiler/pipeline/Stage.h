// The stages of a module on its way to machine code.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <optional>

namespace nnc {

/// What a module is made of. Each stage can be printed, and read back by nn-opt, as text.
enum class Stage {
  Nn,         ///< as emitted: described models, functions of nn operations
  Grad,       ///< built models: entry functions of nn operations, differentiated, for one batch and
              ///< for any
  Linalg,     ///< the entries on linalg, tensor, arith and math
  Kernels,    ///< the entries as calls of kernels, which hold what is computed
  Bufferized, ///< on memrefs in planned memory
  Llvm,       ///< the LLVM dialect
};

/// All of them, in order.
llvm::ArrayRef<Stage> getStages();
/// "nn", "grad", ...
llvm::StringRef spelling(Stage stage);
std::optional<Stage> parseStage(llvm::StringRef name);
/// The stage after one that isn't the last.
Stage getNext(Stage stage);

} // namespace nnc
