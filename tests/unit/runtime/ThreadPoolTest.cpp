// Loops on several threads.
#include "runtime/device/ThreadPool.h"
#include "runtime/device/CpuFeatures.h"

#include <array>
#include <gtest/gtest.h>
#include <numeric>

using namespace nnrt;

namespace {
/// A loop body from a lambda.
template <typename F> void loop(ThreadPool &pool, int64_t count, F body) {
  pool.parallelFor([](void *environment, int64_t i) { (*static_cast<F *>(environment))(i); }, &body,
                   count);
}
} // namespace

TEST(ThreadPool, RunsEachIterationOnce) {
  for (unsigned threads : {1u, 2u, 3u, 8u}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (int64_t count : {0, 1, 2, 3, 7, 100, 12345}) {
      std::vector<std::atomic<int>> runs(size_t(count) + 1);
      loop(pool, count, [&](int64_t i) { ++runs[size_t(i)]; });
      for (int64_t i = 0; i < count; ++i)
        ASSERT_EQ(runs[size_t(i)], 1) << threads << " threads, iteration " << i << " of " << count;
      EXPECT_EQ(runs[size_t(count)], 0);
    }
  }
}

TEST(ThreadPool, NegativeCountsRunNothing) {
  ThreadPool pool(2);
  loop(pool, -5, [&](int64_t) { FAIL(); });
}

TEST(ThreadPool, ManyShortLoopsInARow) {
  ThreadPool pool(3);
  std::vector<int64_t> sums(5);
  for (int round = 0; round < 20000; ++round)
    loop(pool, 5, [&](int64_t i) { sums[size_t(i)] += round; });
  for (int64_t sum : sums)
    EXPECT_EQ(sum, 19999ll * 20000 / 2);
}

TEST(ThreadPool, LoopsAfterWorkersFellAsleep) {
  ThreadPool pool(2);
  for (int round = 0; round < 5; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    std::atomic<int> runs = 0;
    loop(pool, 64, [&](int64_t) { ++runs; });
    EXPECT_EQ(runs, 64);
  }
}

TEST(ThreadPool, NestedLoopsRunInPlace) {
  ThreadPool pool(3);
  std::atomic<int64_t> total = 0;
  loop(pool, 16, [&](int64_t i) {
    auto thread = std::this_thread::get_id();
    loop(pool, 10, [&](int64_t j) {
      EXPECT_EQ(std::this_thread::get_id(), thread);
      total += i * 10 + j;
    });
  });
  EXPECT_EQ(total, 159 * 160 / 2);
}

TEST(ThreadPool, WorkersTakePart) {
  ThreadPool pool(2);
  std::atomic<int> arrived = 0;
  // Each of two iterations waits for the other: one thread alone would never end.
  loop(pool, 2, [&](int64_t) {
    ++arrived;
    while (arrived < 2)
      std::this_thread::yield();
  });
  EXPECT_EQ(arrived, 2);
}

/// What one loop wrote is in the caches of the core whose turn it is in the next.
TEST(ThreadPool, EachThreadBeginsWithItsOwnPart) {
  ThreadPool pool(2);
  const std::thread::id caller = std::this_thread::get_id();
  for (int round = 0; round < 100; ++round) {
    std::atomic<int> arrived = 0;
    std::array<std::thread::id, 2> ranBy;
    loop(pool, 2, [&](int64_t i) {
      ranBy[size_t(i)] = std::this_thread::get_id();
      ++arrived;
      while (arrived < 2)
        std::this_thread::yield();
    });
    EXPECT_EQ(ranBy[0], caller);
    EXPECT_NE(ranBy[1], caller);
  }
}

TEST(ThreadPool, OnlyThreadsThatRunAtOnceSpin) {
  EXPECT_GT(ThreadPool(2, 2).spinTime().count(), 0);
  EXPECT_LT(ThreadPool(2, 2).spinTime(), std::chrono::milliseconds(1));
  EXPECT_EQ(ThreadPool(3, 2).spinTime().count(), 0);
}

TEST(ThreadPool, MoreThreadsThanProcessorsShareLoopsToo) {
  ThreadPool pool(5, 1);
  for (int round = 0; round < 500; ++round) {
    std::atomic<int> runs = 0;
    loop(pool, 37, [&](int64_t) { ++runs; });
    ASSERT_EQ(runs, 37);
  }
}

TEST(CpuFeatures, WhatIsMissingIsNamed) {
  EXPECT_EQ(missingCpuFeatures(""), "");
  EXPECT_EQ(missingCpuFeatures("of-the-future"), "of-the-future");
#if defined(__x86_64__)
  // No processor has both: AMD has dropped the one, Intel the other.
  EXPECT_NE(missingCpuFeatures("xop avx512fp16"), "");
  __builtin_cpu_init();
  EXPECT_EQ(missingCpuFeatures("avx2 a b").starts_with("avx2, "), !__builtin_cpu_supports("avx2"));
  EXPECT_TRUE(missingCpuFeatures("avx2 a b").ends_with("a, b"));
#endif
}
