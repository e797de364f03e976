// Memory from the system.
#include "runtime/support/Memory.h"
#include "tests/unit/runtime/Support.h"

#include <gtest/gtest.h>

using namespace nnrt;
using namespace nnrt::test;

TEST(Memory, IsZeroedAndAligned) {
  for (uint64_t size : {1, 4096, (2 << 20) - 1, 4 << 20, (5 << 20) + 12345}) {
    Memory memory(size, "a test");
    EXPECT_EQ(reinterpret_cast<uintptr_t>(memory.data()) % 64, 0u);
    EXPECT_EQ(memory.size(), size);
    for (uint64_t i = 0; i < size; i += 1021)
      ASSERT_EQ(memory.data()[i], std::byte(0));
    memory.data()[0] = memory.data()[size - 1] = std::byte(1);
  }
  EXPECT_EQ(Memory(0, "nothing").data(), nullptr);
}

TEST(Memory, MovesLeaveNothingBehind) {
  Memory a(100, "a test");
  std::byte *place = a.data();
  Memory b = std::move(a);
  EXPECT_EQ(b.data(), place);
  EXPECT_EQ(a.data(), nullptr);
  a = std::move(b);
  EXPECT_EQ(a.data(), place);
}

TEST(Memory, TooMuchIsAnErrorThatNamesIt) {
  for (uint64_t size : {UINT64_MAX, UINT64_MAX / 2, uint64_t(1) << 60})
    EXPECT_HAS(errorOf([&] { Memory memory(size, "the examples"); }), "needed for the examples");
}
