// Threads that share the iterations of a loop.
#pragma once

#include "runtime/device/EventCount.h"
#include "runtime/device/Processors.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

namespace nnrt {

/// A pool that runs loops with as little delay as possible: workers spin for a moment after a loop,
/// then sleep. Where there are more threads than processors they sleep at once, since who spins
/// keeps another from its work. The calling thread takes part, so that a pool of one has no workers
/// at all. A loop never waits for a worker that has not begun an iteration: one that the system
/// does not schedule costs nothing. Each thread begins with a part of the iterations that is its
/// own, the same in all loops, so that what one loop wrote is in the caches of the core whose turn
/// it is in the next; then it takes what is left of the others' parts.
class ThreadPool {
public:
  using Body = void (*)(void *environment, int64_t index);

  /// `processors` says how many threads can run at once.
  explicit ThreadPool(unsigned threads, unsigned processors = availableProcessors());
  ~ThreadPool();
  ThreadPool(const ThreadPool &) = delete;
  ThreadPool &operator=(const ThreadPool &) = delete;

  /// Runs body(environment, i) for each i in [0, count); returns when all are done. A loop inside a
  /// body runs on the thread that it is called from. One thread at a time may call it from outside.
  void parallelFor(Body body, void *environment, int64_t count);

  unsigned threads() const { return unsigned(workers.size()) + 1; }
  /// How long a worker without work waits before it sleeps.
  std::chrono::microseconds spinTime() const { return spinning; }

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

  // What is only read, what the caller sets for a loop, and what threads count and wait for are in
  // cache lines of their own.
  std::vector<Part> parts;
  std::chrono::microseconds spinning;
  std::atomic<bool> stopping = false;
  alignas(64) std::atomic<Body> body = nullptr;
  std::atomic<void *> environment = nullptr;
  std::atomic<int64_t> count = 0, grain = 1;
  std::atomic<uint32_t> units = 0;
  EventCount finished; ///< units of the loop
  EventCount loops;    ///< that there have been, so that workers look for units
  std::vector<std::jthread> workers;
};

} // namespace nnrt
