// Threads that share the iterations of a loop.
#include "runtime/device/ThreadPool.h"

#include <algorithm>
#include <csignal>
#include <pthread.h>
#include <sched.h>
#include <system_error>

namespace nnrt {

unsigned availableProcessors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0)
    return std::max(1, CPU_COUNT(&set));
  return std::max(1u, std::thread::hardware_concurrency());
}

/// Whether this thread is inside a body: a loop there is run in place.
static thread_local bool insideLoop = false;

static void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// About 20 microseconds of spinning: longer than the gaps between the loops of a step, much shorter
// than a time slice.
static constexpr int spins = 500;

ThreadPool::ThreadPool(unsigned threads) : parts(std::max(1u, threads)) {
  // Signals are for the main thread: a worker must not be the one that is interrupted.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    for (unsigned i = 1; i < threads; ++i)
      workers.emplace_back([this, i] { work(i); });
  } catch (const std::system_error &) { // NOLINT(bugprone-empty-catch)
    // Fewer threads than asked for give the same results, only later.
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

ThreadPool::~ThreadPool() {
  stopping.store(true);
  wakeups.fetch_add(1);
  wakeups.notify_all();
}

void ThreadPool::help(unsigned own) {
  for (unsigned i = 0; i < parts.size(); ++i)
    takeUnits((own + i) % parts.size());
}

void ThreadPool::takeUnits(unsigned part) {
  std::atomic<uint64_t> &ticket = parts[part].ticket;
  uint64_t seen = ticket.load(std::memory_order_acquire);
  while (uint32_t left = uint32_t(seen)) {
    Body run = body.load(std::memory_order_relaxed);
    void *context = environment.load(std::memory_order_relaxed);
    int64_t total = count.load(std::memory_order_relaxed);
    int64_t step = grain.load(std::memory_order_relaxed);
    uint32_t allUnits = units.load(std::memory_order_relaxed);
    if (!ticket.compare_exchange_weak(seen, seen - 1, std::memory_order_acq_rel,
                                      std::memory_order_acquire))
      continue;
    int64_t begin = int64_t(firstUnit(part + 1, allUnits) - left) * step;
    int64_t end = std::min(total, begin + step);
    for (int64_t i = begin; i < end; ++i)
      run(context, i);
    if (finished.fetch_add(1, std::memory_order_acq_rel) + 1 == allUnits)
      finished.notify_one();
    seen = ticket.load(std::memory_order_acquire);
  }
}

void ThreadPool::work(unsigned own) {
  insideLoop = true;
  while (!stopping.load(std::memory_order_relaxed)) {
    uint32_t wakeup = wakeups.load(std::memory_order_acquire);
    help(own);
    int spin = 0;
    while (spin < spins && wakeups.load(std::memory_order_relaxed) == wakeup) {
      relax();
      ++spin;
    }
    if (spin == spins && !stopping.load(std::memory_order_relaxed))
      wakeups.wait(wakeup, std::memory_order_acquire);
  }
}

void ThreadPool::parallelFor(Body run, void *context, int64_t total) {
  if (total <= 0)
    return;
  if (workers.empty() || insideLoop || total == 1) {
    for (int64_t i = 0; i < total; ++i)
      run(context, i);
    return;
  }
  // Enough units that an uneven load evens out, few enough that taking them costs nothing.
  int64_t step = std::max<int64_t>(1, total / (int64_t(threads()) * 16));
  auto pieces = uint32_t((total + step - 1) / step);
  body.store(run, std::memory_order_relaxed);
  environment.store(context, std::memory_order_relaxed);
  count.store(total, std::memory_order_relaxed);
  grain.store(step, std::memory_order_relaxed);
  units.store(pieces, std::memory_order_relaxed);
  finished.store(0, std::memory_order_relaxed);
  uint64_t number = (parts.front().ticket.load(std::memory_order_relaxed) >> 32) + 1;
  for (unsigned part = 0; part < parts.size(); ++part)
    parts[part].ticket.store(number << 32 | (firstUnit(part + 1, pieces) - firstUnit(part, pieces)),
                             std::memory_order_release);
  wakeups.fetch_add(1, std::memory_order_release);
  wakeups.notify_all();

  insideLoop = true;
  help(0);
  insideLoop = false;
  for (int spin = 0; spin < spins * 4; ++spin) {
    if (finished.load(std::memory_order_acquire) == pieces)
      return;
    relax();
  }
  for (uint32_t done; (done = finished.load(std::memory_order_acquire)) != pieces;)
    finished.wait(done, std::memory_order_acquire);
}

} // namespace nnrt
