// Threads that wait for a number to change.
#include "runtime/device/EventCount.h"

#include <gtest/gtest.h>
#include <thread>
#include <vector>

using namespace nnrt;
using namespace std::chrono_literals;

TEST(EventCount, WhatHasHappenedIsNotWaitedFor) {
  EventCount count;
  EXPECT_EQ(count.get(), 0u);
  EXPECT_EQ(count.add(3), 3u);
  count.wait(0, 0us);
  EXPECT_EQ(count.add(1), 4u);
  count.reset();
  EXPECT_EQ(count.get(), 0u);
}

/// Each waits for the other ten thousand times: one that was lost would leave both asleep.
TEST(EventCount, NoWakeIsLost) {
  for (std::chrono::microseconds spinning : {0us, 1us, 20us}) {
    EventCount there, back;
    constexpr uint32_t rounds = 10000;
    std::jthread other([&] {
      for (uint32_t i = 0; i < rounds; ++i) {
        while (there.get() == i)
          there.wait(i, spinning);
        back.add(1);
        back.wake();
      }
    });
    for (uint32_t i = 0; i < rounds; ++i) {
      there.add(1);
      there.wake();
      while (back.get() == i)
        back.wait(i, spinning);
    }
    EXPECT_EQ(back.get(), rounds);
  }
}

TEST(EventCount, AllThatSleepAreWoken) {
  EventCount count;
  std::atomic<int> awake = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      while (count.get() == 0)
        count.wait(0, 0us);
      ++awake;
    });
  std::this_thread::sleep_for(5ms);
  EXPECT_EQ(awake, 0);
  count.add(1);
  count.wake();
  threads.clear();
  EXPECT_EQ(awake, 4);
}

TEST(EventCount, HasACacheLineOfItsOwn) {
  EXPECT_EQ(alignof(EventCount), 64u);
  EXPECT_EQ(sizeof(EventCount), 64u);
}
