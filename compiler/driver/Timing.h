// Where the time of a command went, for `--time`.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>
#include <string>
#include <vector>

namespace nnc::driver {

/// A list of phases that follow one another.
class Timing {
public:
  /// Ends the phase before, if any, and starts this one.
  void start(llvm::StringRef phase);
  void stop();
  /// A table: milliseconds and share of each phase, and the total since the Timing was made.
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
};

} // namespace nnc::driver
