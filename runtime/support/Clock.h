// Time that passes.
#pragma once

#include <chrono>

namespace nnrt {

using Clock = std::chrono::steady_clock;

inline double secondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Adds up the time between start() and stop().
class Stopwatch {
public:
  void start() { begin = Clock::now(); }
  void stop() { total += secondsSince(begin); }
  void reset() { total = 0; }
  double seconds() const { return total; } ///< up to the last stop()
  double running() const { return total + secondsSince(begin); }

private:
  Clock::time_point begin;
  double total = 0;
};

} // namespace nnrt
