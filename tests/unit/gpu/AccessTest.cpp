// What the emulator makes of accesses to memory: each order that there is, and each that is
// missing.
#include "tests/unit/gpu/Kernels.h"

#include <gtest/gtest.h>

using namespace nnrt;
using namespace nnrt::test;

namespace {
constexpr nnrt_site first = {"tested", "net.nn:1"}, second = {"tested", "net.nn:2"},
                    third = {"tested", "net.nn:3"}, barrier = {"tested", "net.nn:4"};

/// Runs a kernel that has 256 numbers of global memory, all 0, as its argument.
std::string run(void (*kernel)(void *const *), int64_t blocks, KernelShape shape,
                bool checks = true) {
  OneKernel program(kernel, 1, shape, checks);
  Buffer numbers = program.filled(std::vector<uint32_t>(256, 0));
  return program.run(blocks, {numbers.at()});
}
uint32_t *numbersOf(void *const *arguments) { return argument<uint32_t *>(arguments, 0); }

TEST(Access, BlocksWriteToOnePlace) {
  const std::string found = run(
      [](void *const *arguments) {
        if (threadIndex() == 0)
          store(numbersOf(arguments), blockIndex(), first);
      },
      2, {});
  EXPECT_TRUE(finds(found, "race", "net.nn:1")) << found;
  EXPECT_NE(found.find("block 1, thread 0 writes byte 0 of 1024 of the numbers, which block 0, "
                       "thread 0 has written at net.nn:1"),
            std::string::npos)
      << found;
}

TEST(Access, BlocksReadWhatOneOfThemWrites) {
  const std::string found = run(
      [](void *const *arguments) {
        if (blockIndex() == 3 && threadIndex() == 5)
          store(numbersOf(arguments), 1u, first);
        else
          load(numbersOf(arguments), second);
      },
      4, {});
  EXPECT_TRUE(finds(found, "race", "net.nn:1")) << found;
  EXPECT_NE(found.find("which threads of several blocks have read at net.nn:2"), std::string::npos)
      << found;
}

TEST(Access, LaunchesFollowOneAnother) {
  OneKernel program(
      [](void *const *arguments) {
        uint32_t *cell = numbersOf(arguments);
        if (threadIndex() == blockIndex()) // another thread in each launch
          store(cell, load(cell, first) + 1, second);
      },
      1, {});
  Buffer numbers = program.filled(std::vector<uint32_t>(256, 0));
  EXPECT_EQ(program.run(1, {numbers.at()}), "");
  EXPECT_EQ(program.run(1, {numbers.at()}), "");
  EXPECT_EQ(program.read<uint32_t>(numbers)[0], 2u);
}

template <typename T> void move(T *to, const T *from) {
  nnrt_emu_peek(from, sizeof(T), alignof(T), &first);
  T value = *from;
  nnrt_emu_move(to, from, sizeof(T), alignof(T), &second);
  *to = value;
}

TEST(Access, WhatNobodyHasWrittenMayBeMovedAndNotRead) {
  auto moves = [](void *const *) {
    if (threadIndex() == 0)
      move(shared<uint32_t>(8), shared<uint32_t>());
  };
  EXPECT_EQ(run(moves, 1, {.sharedBytes = 16}), "");
  auto reads = [](void *const *) {
    if (threadIndex() != 0)
      return;
    store(shared<uint32_t>(4), 1u, first);
    move(shared<uint32_t>(8), shared<uint32_t>(4));
    load(shared<uint32_t>(8), second);
    move(shared<uint32_t>(8), shared<uint32_t>());
    load(shared<uint32_t>(8), third);
  };
  const std::string found = run(reads, 1, {.sharedBytes = 16});
  EXPECT_TRUE(finds(found, "uninitialised read", "net.nn:3")) << found;
  EXPECT_FALSE(finds(found, "uninitialised read", "net.nn:2")) << found;
  // It is a read all the same, and a write.
  auto races = [](void *const *) {
    if (threadIndex() == 0)
      store(shared<uint32_t>(), 1u, third);
    if (threadIndex() == 40)
      move(shared<uint32_t>(8), shared<uint32_t>());
  };
  EXPECT_TRUE(finds(run(races, 1, {.threads = 64, .sharedBytes = 16}), "race", "net.nn:1"));
  auto meets = [](void *const *) {
    if (threadIndex() == 0)
      store(shared<uint32_t>(8), 1u, third);
    if (threadIndex() == 40)
      move(shared<uint32_t>(8), shared<uint32_t>());
  };
  EXPECT_TRUE(finds(run(meets, 1, {.threads = 64, .sharedBytes = 16}), "race", "net.nn:2"));
}

/// The third of three readers is the one that nothing orders before the writer.
TEST(Access, AThirdReaderIsNotForgotten) {
  auto kernel = [](void *const *) {
    const uint32_t thread = threadIndex();
    if (thread == 0)
      store(shared<uint32_t>(), 1u, first);
    nnrt_emu_barrier(&barrier);
    if (thread < 3)
      load(shared<uint32_t>(), second);
    if (thread < 2 || thread == 3)
      nnrt_emu_warp_barrier(0b1011, &barrier);
    if (thread == 3)
      store(shared<uint32_t>(), 2u, third);
  };
  const std::string found = run(kernel, 1, {.sharedBytes = 4});
  EXPECT_TRUE(finds(found, "race", "net.nn:3")) << found;
  auto right = [](void *const *) {
    const uint32_t thread = threadIndex();
    if (thread == 0)
      store(shared<uint32_t>(), 1u, first);
    nnrt_emu_barrier(&barrier);
    if (thread < 3)
      load(shared<uint32_t>(), second);
    if (thread < 4)
      nnrt_emu_warp_barrier(0b1111, &barrier);
    if (thread == 3)
      store(shared<uint32_t>(), 2u, third);
  };
  EXPECT_EQ(run(right, 1, {.sharedBytes = 4}), "");
}

TEST(Access, ReadersOfThreeWarps) {
  auto kernel = [](void *const *) {
    const uint32_t thread = threadIndex();
    if (thread == 0)
      store(shared<uint32_t>(), 1u, first);
    nnrt_emu_barrier(&barrier);
    if (thread == 0 || thread == 32 || thread == 64)
      load(shared<uint32_t>(), second);
    if (thread < 32)
      nnrt_emu_warp_barrier(UINT32_MAX, &barrier);
    if (thread == 65)
      store(shared<uint32_t>(), 2u, third);
  };
  const std::string found = run(kernel, 1, {.threads = 96, .sharedBytes = 4});
  EXPECT_NE(found.find("which threads of several warps of block 0 have read"), std::string::npos)
      << found;
}

TEST(Access, BarriersOfAWarpOrderAndShufflesDoNot) {
  auto right = [](void *const *) {
    store(shared<uint32_t>() + threadIndex(), threadIndex(), first);
    nnrt_emu_warp_barrier(UINT32_MAX, &barrier);
    load(shared<uint32_t>() + (threadIndex() ^ 1), second);
  };
  EXPECT_EQ(run(right, 1, {.sharedBytes = 128}), "");
  auto wrong = [](void *const *) {
    store(shared<uint32_t>() + threadIndex(), threadIndex(), first);
    nnrt_emu_shuffle(2, UINT32_MAX, 0, 1, 31, &barrier);
    load(shared<uint32_t>() + (threadIndex() ^ 1), second);
  };
  const std::string found = run(wrong, 1, {.sharedBytes = 128});
  EXPECT_TRUE(finds(found, "race", "net.nn:2")) << found;
}

/// What a thread knows of others goes on to whom it meets.
TEST(Access, OrderIsPassedOn) {
  auto kernel = [](void *const *) {
    const uint32_t thread = threadIndex();
    if (thread == 0)
      store(shared<uint32_t>(), 1u, first);
    if (thread < 2)
      nnrt_emu_warp_barrier(0b011, &barrier);
    if (thread == 1 || thread == 2)
      nnrt_emu_warp_barrier(0b110, &barrier);
    if (thread == 2)
      load(shared<uint32_t>(), second);
  };
  EXPECT_EQ(run(kernel, 1, {.sharedBytes = 4}), "");
}

TEST(Access, OneBehindTheEnd) {
  auto kernel = [](void *const *arguments) {
    store(numbersOf(arguments) + blockIndex() * 32 + threadIndex() + 1, 1u, first);
  };
  const std::string found = run(kernel, 8, {});
  EXPECT_TRUE(finds(found, "out of bounds", "net.nn:1")) << found;
  EXPECT_NE(
      found.find("block 7, thread 31 writes 4 bytes at byte 1024 of the numbers, which has 1024"),
      std::string::npos)
      << found;
}

TEST(Access, OneBeforeTheBeginningAndNowhere) {
  std::string found = run(
      [](void *const *arguments) { load(numbersOf(arguments) - 1 + threadIndex(), first); }, 1, {});
  EXPECT_TRUE(finds(found, "out of bounds", "net.nn:1")) << found;
  found = run([](void *const *) { load(static_cast<uint32_t *>(nullptr), first); }, 1, {});
  EXPECT_NE(found.find("reads 4 bytes where no memory of the device is"), std::string::npos)
      << found;
}

TEST(Access, AVectorIsMisaligned) {
  const std::string found =
      run([](void *const *arguments) { nnrt_emu_read(numbersOf(arguments) + 1, 16, 16, &first); },
          1, {});
  EXPECT_TRUE(finds(found, "misaligned", "net.nn:1")) << found;
  EXPECT_NE(
      found.find("reads 16 bytes at byte 4, which is no multiple of 16 (and 31 more like it)"),
      std::string::npos)
      << found;
}

TEST(Access, FreshMemoryHoldsNothing) {
  std::string found =
      run([](void *const *) { load(shared<uint32_t>(), first); }, 1, {.sharedBytes = 4});
  EXPECT_TRUE(finds(found, "uninitialised read", "net.nn:1")) << found;
  // What the block before has left there doesn't count.
  found = run(
      [](void *const *) {
        if (blockIndex() == 1)
          load(shared<uint32_t>() + threadIndex(), first);
        else
          store(shared<uint32_t>() + threadIndex(), 1u, second);
      },
      2, {.sharedBytes = 128});
  EXPECT_TRUE(finds(found, "uninitialised read", "net.nn:1")) << found;
}

/// Allocations are zeroed; the workspace of an entry means nothing when it begins.
TEST(Access, AWorkspaceHoldsNothing) {
  OneKernel program(
      [](void *const *arguments) {
        if (argument<uint64_t>(arguments, 1))
          load(numbersOf(arguments), first);
        else
          store(numbersOf(arguments), 1u, second);
      },
      2, {});
  Buffer numbers = program.getDevice().allocate(64, "the workspace");
  const auto *reads = reinterpret_cast<const void *>(uintptr_t(1));
  EXPECT_EQ(program.run(1, {numbers.at(), reads}), "");
  const std::string found = program.run(1, {numbers.at(), reads}, numbers.at());
  EXPECT_TRUE(finds(found, "uninitialised read", "net.nn:1")) << found;
}

TEST(Access, BytesAreApart) {
  auto kernel = [](void *const *arguments) {
    auto *bytes = reinterpret_cast<uint8_t *>(numbersOf(arguments));
    store(bytes + threadIndex(), uint8_t(1), first);
  };
  EXPECT_EQ(run(kernel, 1, {}), "");
  auto wrong = [](void *const *arguments) {
    auto *bytes = reinterpret_cast<uint8_t *>(numbersOf(arguments));
    store(bytes + threadIndex() / 31, uint8_t(1), first);
  };
  const std::string found = run(wrong, 1, {});
  EXPECT_TRUE(finds(found, "race", "net.nn:1")) << found;
}

TEST(Access, AtomicOperations) {
  OneKernel program(
      [](void *const *arguments) {
        uint32_t *sum = numbersOf(arguments);
        nnrt_emu_atomic(sum, sizeof *sum, &first);
        ++*sum;
      },
      1, {});
  Buffer numbers = program.filled(std::vector<uint32_t>(4, 0));
  EXPECT_EQ(program.run(3, {numbers.at()}), "");
  EXPECT_EQ(program.read<uint32_t>(numbers)[0], 96u);
  auto mixed = [](void *const *arguments) {
    uint32_t *sum = numbersOf(arguments);
    nnrt_emu_atomic(sum, sizeof *sum, &first);
    if (threadIndex() == 7)
      store(sum, 1u, second);
  };
  std::string found = run(mixed, 1, {});
  EXPECT_TRUE(finds(found, "race", "net.nn:2")) << found;
}

TEST(Access, CooperativeBlocksWaitForOneAnother) {
  auto kernel = [](void *const *arguments) {
    uint32_t *numbers = numbersOf(arguments);
    if (threadIndex() == 0)
      store(numbers + blockIndex(), blockIndex() + 1, first);
    nnrt_emu_grid_barrier(&barrier);
    if (blockIndex() == 0 && threadIndex() == 0) {
      uint32_t sum = 0;
      for (uint32_t i = 0; i < nnrt_emu_blocks(0); ++i)
        sum += load(numbers + i, second);
      store(numbers + 100, sum, third);
    }
  };
  // More than can be resident are asked for.
  OneKernel program(kernel, 1, {.isCooperative = true});
  Buffer numbers = program.filled(std::vector<uint32_t>(256, 0));
  EXPECT_EQ(program.run(1000, {numbers.at()}), "");
  EXPECT_EQ(program.read<uint32_t>(numbers)[100], 1u + 2 + 3 + 4);
  // Without the barrier it is a race.
  auto wrong = [](void *const *arguments) {
    uint32_t *numbers = numbersOf(arguments);
    if (threadIndex() == 0)
      store(numbers + blockIndex(), 1u, first);
    nnrt_emu_barrier(&barrier);
    if (threadIndex() == 0)
      load(numbers + (blockIndex() + 1) % nnrt_emu_blocks(0), second);
  };
  std::string found = run(wrong, 4, {.isCooperative = true});
  EXPECT_TRUE(finds(found, "race", "net.nn:2") || finds(found, "race", "net.nn:1")) << found;
  // A block that has ended is missed.
  auto missing = [](void *const *) {
    if (blockIndex())
      nnrt_emu_grid_barrier(&barrier);
  };
  found = run(missing, 4, {.isCooperative = true});
  EXPECT_TRUE(finds(found, "divergent barrier", "net.nn:4")) << found;
  // Blocks that take turns can't wait for one another.
  found = run(missing, 4, {});
  EXPECT_TRUE(finds(found, "divergent barrier", "net.nn:4")) << found;
}

TEST(Access, TwoBarriersAreNotOne) {
  static constexpr nnrt_site other = {"tested", "net.nn:5"};
  auto kernel = [](void *const *) { nnrt_emu_barrier(threadIndex() < 32 ? &barrier : &other); };
  std::string found = run(kernel, 1, {.threads = 64});
  EXPECT_TRUE(finds(found, "divergent barrier", "net.nn:4")) << found;
  auto mixed = [](void *const *) {
    if (threadIndex() == 0)
      nnrt_emu_shuffle(3, UINT32_MAX, 0, 0, 31, &other);
    else
      nnrt_emu_barrier(&barrier);
  };
  found = run(mixed, 1, {});
  EXPECT_NE(
      found.find("waits for lanes of its warp, which block 0, thread 1 does not reach: it waits "
                 "at a barrier at net.nn:4"),
      std::string::npos)
      << found;
}

/// A launch that is wrong everywhere is not told of for ever.
TEST(Access, FindingsHaveAnEnd) {
  static std::vector<nnrt_site> sites;
  static std::vector<std::string> places;
  for (int i = 0; i < 100; ++i)
    places.push_back("net.nn:" + std::to_string(100 + i));
  for (const std::string &place : places)
    sites.push_back({"tested", place.c_str()});
  auto kernel = [](void *const *) {
    for (const nnrt_site &site : sites)
      load(shared<uint32_t>(), site);
  };
  const std::string found = run(kernel, 1, {.sharedBytes = 4});
  EXPECT_NE(found.find("net.nn:119:"), std::string::npos) << found;
  EXPECT_EQ(found.find("net.nn:120:"), std::string::npos) << found;
  EXPECT_NE(found.find("and perhaps more"), std::string::npos) << found;
}

/// A fault of one call is not the next one's.
TEST(Access, AFaultIsToldOnce) {
  OneKernel program(
      [](void *const *arguments) {
        if (argument<uint64_t>(arguments, 1))
          store(numbersOf(arguments), threadIndex(), first);
      },
      2, {});
  Buffer numbers = program.filled(std::vector<uint32_t>(4, 0));
  const auto *isWrong = reinterpret_cast<const void *>(uintptr_t(1));
  EXPECT_TRUE(finds(program.run(1, {numbers.at(), isWrong}), "race", "net.nn:1"));
  EXPECT_EQ(program.run(1, {numbers.at(), nullptr}), "");
}

/// Nor another program's on the same device.
TEST(Access, AFaultIsToldToWhomeverItConcerns) {
  auto kernel = [](void *const *arguments) {
    if (argument<uint64_t>(arguments, 1))
      store(numbersOf(arguments), threadIndex(), first);
  };
  OneKernel wrong(kernel, 2, {}), right(kernel, 2, {});
  Buffer numbers = wrong.filled(std::vector<uint32_t>(4, 0));
  Buffer others = right.filled(std::vector<uint32_t>(4, 0));
  wrong.start(1, {numbers.at(), reinterpret_cast<const void *>(uintptr_t(1))});
  wrong.getDevice().allocate(4, "what is given back, and so waits");
  EXPECT_EQ(right.run(1, {others.at(), nullptr}), "");
  EXPECT_TRUE(finds(wrong.finish(), "race", "net.nn:1"));
}

} // namespace
