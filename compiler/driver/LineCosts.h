// What the lines of a program cost, by the kernels that compute them.
#pragma once

#include "compiler/diagnostics/Source.h"
#include "compiler/driver/EntryChoice.h"

namespace nnc::driver {

/// A line of the user's files. To it belongs what is written on it, what the library computes for
/// that, and the gradients of both.
struct LineCost {
  FileId file; ///< invalid: what has no place in the user's files
  uint32_t line = 0;
  double share = 0; ///< of the time, by the estimate of KernelCost; all lines together have 1
  /// The same, and that of the lines of the user's functions, layers and models that it calls.
  double shareWithCalls = 0;
  uint64_t flops = 0, bytes = 0; ///< without calls
  bool isBoundByMemory = false;  ///< whether bytes are what most of its time is for
  /// Whether all that is computed for it has sizes that are known.
  bool isKnown = true;
};

/// Those that anything is computed for, in the order of files and lines. A kernel's time and bytes
/// are shared by its operations' places as their FLOPs are; where it has none, they go to the place
/// of its result.
std::vector<LineCost> countLines(llvm::ArrayRef<ChosenEntry> entries, const SourceManager &sources);

} // namespace nnc::driver
