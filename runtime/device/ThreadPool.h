// Threads that share the iterations of a loop.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace nnrt {

/// The processors that this process may run on.
unsigned availableProcessors();

/// A pool that runs loops with as little delay as possible: workers spin for a moment after a loop,
/// then sleep. The calling thread takes part, so that a pool of one has no workers at all. A loop
/// never waits for a worker that has not begun an iteration: one that the system does not schedule
/// costs nothing. Each thread begins with a part of the iterations that is its own, the same in all
/// loops, so that what one loop wrote is in the caches of the core whose turn it is in the next;
/// then it takes what is left of the others' parts.
class ThreadPool {
public:
  using Body = void (*)(void *environment, int64_t index);

  explicit ThreadPool(unsigned threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool &) = delete;
  ThreadPool &operator=(const ThreadPool &) = delete;

  /// Runs body(environment, i) for each i in [0, count); returns when all are done. A loop inside a
  /// body runs on the thread that it is called from. One thread at a time may call it from outside.
  void parallelFor(Body body, void *environment, int64_t count);

  unsigned threads() const { return unsigned(workers.size()) + 1; }

private:
  // A loop is cut into units of `grain` iterations, and the units into a part for each thread. The
  // part's ticket holds the loop's number and how many units are still to be taken; a unit is taken
  // by swapping in one less. So a late worker that still holds the number of an old loop takes
  // nothing of the new one, and the fields below are stable while a unit is untaken or unfinished.
  struct alignas(64) Part {
    std::atomic<uint64_t> ticket = 0;
  };

  /// Takes units of the current loop until none is left, those of part `own` first.
  void help(unsigned own);
  void takeUnits(unsigned part);
  void work(unsigned own);
  /// The first of `allUnits` units that is in `part`, or in none before it.
  uint32_t firstUnit(unsigned part, uint32_t allUnits) const {
    return uint32_t(uint64_t(allUnits) * part / parts.size());
  }

  std::vector<Part> parts;
  alignas(64) std::atomic<uint32_t> finished = 0;
  alignas(64) std::atomic<Body> body = nullptr;
  std::atomic<void *> environment = nullptr;
  std::atomic<int64_t> count = 0, grain = 1;
  std::atomic<uint32_t> units = 0;
  alignas(64) std::atomic<uint32_t> wakeups = 0;
  std::atomic<bool> stopping = false;
  std::vector<std::jthread> workers;
};

} // namespace nnrt
