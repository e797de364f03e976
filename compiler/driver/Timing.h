// Where the time of a command went, for `--time`.
#pragma once

#include "compiler/pipeline/SeparateKernels.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace nnc::driver {

/// A list of phases that follow one another.
class Timing {
public:
  /// Ends the phase before, if any, and starts this one.
  void start(llvm::StringRef phase);
  void stop();
  /// How many kernels were compiled, and how many were there already.
  void note(const KernelCounts &counts) { kernels = counts; }
  /// A table: milliseconds and share of each phase, and the total since the Timing was made; then
  /// the kernels.
  void print(llvm::raw_ostream &os) const;

private:
  using Clock = std::chrono::steady_clock;
  struct Phase {
    std::string name;
    double seconds;
  };
  std::vector<Phase> phases;
  Clock::time_point began = Clock::now(), phaseBegan;
  bool running = false;
  std::optional<KernelCounts> kernels;
};

} // namespace nnc::driver
