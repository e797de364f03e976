// Threads that share the iterations of a loop.
#include "runtime/device/ThreadPool.h"

#include <algorithm>
#include <csignal>
#include <pthread.h>
#include <system_error>

namespace nnrt {

/// Whether this thread is inside a body: a loop there is run in place.
static thread_local bool insideLoop = false;

// Longer than the gaps between the loops of a step, much shorter than a time slice.
static constexpr std::chrono::microseconds spinOfWorkers{100};

ThreadPool::ThreadPool(unsigned threads, unsigned processors)
    : parts(std::max(1u, threads)),
      spinning(threads > processors ? std::chrono::microseconds::zero() : spinOfWorkers) {
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
  loops.add(1);
  loops.wake();
}

void ThreadPool::help(unsigned own) {
  for (unsigned i = 0; i < parts.size(); ++i)
    takeUnits((own + i) % parts.size());
}

void ThreadPool::takeUnits(unsigned part) {
  std::atomic<uint64_t> &ticket = parts[part].ticket;
  uint64_t seen = ticket.load(std::memory_order_acquire);
  // Counted once for all that is taken: all threads share the counter. What is not yet counted is
  // unfinished, so that all are units of one loop.
  uint32_t taken = 0, allUnits = 0;
  while (uint32_t left = uint32_t(seen)) {
    Body run = body.load(std::memory_order_relaxed);
    void *context = environment.load(std::memory_order_relaxed);
    int64_t total = count.load(std::memory_order_relaxed);
    int64_t step = grain.load(std::memory_order_relaxed);
    uint32_t ofLoop = units.load(std::memory_order_relaxed);
    if (!ticket.compare_exchange_weak(seen, seen - 1, std::memory_order_acq_rel,
                                      std::memory_order_acquire))
      continue;
    allUnits = ofLoop;
    int64_t begin = int64_t(firstUnit(part + 1, allUnits) - left) * step;
    int64_t end = std::min(total, begin + step);
    for (int64_t i = begin; i < end; ++i)
      run(context, i);
    ++taken;
    seen = ticket.load(std::memory_order_acquire);
  }
  if (taken && finished.add(taken) == allUnits)
    finished.wake();
}

void ThreadPool::work(unsigned own) {
  insideLoop = true;
  for (;;) {
    uint32_t seen = loops.get();
    if (stopping.load())
      return;
    help(own);
    loops.wait(seen, spinning);
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
  finished.reset();
  uint64_t number = (parts.front().ticket.load(std::memory_order_relaxed) >> 32) + 1;
  for (unsigned part = 0; part < parts.size(); ++part)
    parts[part].ticket.store(number << 32 | (firstUnit(part + 1, pieces) - firstUnit(part, pieces)),
                             std::memory_order_release);
  loops.add(1);
  loops.wake();

  insideLoop = true;
  help(0);
  insideLoop = false;
  for (uint32_t done; (done = finished.get()) != pieces;)
    finished.wait(done, spinning * 4);
}

} // namespace nnrt
