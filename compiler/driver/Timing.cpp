// Phase timing of one command.
#include "compiler/driver/Timing.h"

#include "llvm/Support/Format.h"

namespace nnc::driver {

void Timing::start(llvm::StringRef phase) {
  stop();
  phases.push_back({phase.str(), 0});
  phaseBegan = Clock::now();
  running = true;
}

void Timing::stop() {
  if (running)
    phases.back().seconds = std::chrono::duration<double>(Clock::now() - phaseBegan).count();
  running = false;
}

void Timing::print(llvm::raw_ostream &os) const {
  double total = std::chrono::duration<double>(Clock::now() - began).count();
  for (const Phase &phase : phases)
    os << llvm::format("%-12s %8.1f ms %5.1f %%\n", phase.name.c_str(), phase.seconds * 1e3,
                       phase.seconds / total * 100);
  os << llvm::format("%-12s %8.1f ms\n", "total", total * 1e3);
  if (kernels) {
    std::string kept = kernels->kept == 0                  ? "none"
                       : kernels->kept == kernels->kernels ? "all"
                                                           : std::to_string(kernels->kept);
    os << "kernels " << kernels->kernels << ", called in " << kernels->calls << " places, " << kept
       << " of them in the cache\n";
  }
}

} // namespace nnc::driver
