// A number that threads wait on until it changes.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace nnrt {

/// A counter for which threads wait, spinning for a while and then asleep. It has a cache line of
/// its own.
///
/// Not std::atomic::wait: before it sleeps, libstdc++ offers the processor to others several times
/// (sched_yield), and Linux counts each offer as a time slice that the thread has had. A worker
/// that waits between the loops of a step then hardly runs at all where other processes do.
class alignas(64) EventCount {
public:
  uint32_t get() const { return value.load(std::memory_order_acquire); }
  /// Not for while threads wait: nobody is woken.
  void reset() { value.store(0, std::memory_order_relaxed); }
  /// Adds, wakes nobody, and returns what it is then.
  uint32_t add(uint32_t count) { return value.fetch_add(count) + count; }
  /// Wakes all that sleep; called after add().
  void wake();
  /// Returns once the counter is another than `seen`, or earlier; spins for `limit` before it
  /// sleeps, and not at all where that is zero.
  void wait(uint32_t seen, std::chrono::microseconds limit);

private:
  std::atomic<uint32_t> value = 0;
  std::atomic<uint32_t> sleepers = 0;
};

} // namespace nnrt
