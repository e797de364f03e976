// Launches that do what has been checked before: not checked again, unless something has changed
// that the check depends on.
#include "tests/unit/gpu/Kernels.h"

#include <gtest/gtest.h>

using namespace nnrt;
using namespace nnrt::test;

namespace {
constexpr nnrt_site readSite = {"tested", "net.nn:1"}, writeSite = {"tested", "net.nn:2"};
int checkedThreads = 0, uncheckedThreads = 0;

/// (memory, numbers, mode, factor): mode 0 writes memory, 1 reads it; one number for each thread.
template <bool announces> void transfer(void *const *arguments) {
  ++(announces ? checkedThreads : uncheckedThreads);
  const size_t i = blockIndex() * nnrt_emu_threads(0) + threadIndex();
  auto *from = argument<uint32_t *>(arguments, 1), *to = argument<uint32_t *>(arguments, 0);
  if (argument<uint64_t>(arguments, 2))
    std::swap(from, to);
  const auto factor = uint32_t(argument<uint64_t>(arguments, 3));
  if (announces)
    store(to + i, load(from + i, readSite) * factor, writeSite);
  else
    to[i] = from[i] * factor;
}

class Repeat : public testing::Test {
protected:
  static constexpr uint8_t decisive[] = {1, 1, 1, 0};
  static constexpr uint32_t count = 64;

  Repeat() { checkedThreads = uncheckedThreads = 0; }
  std::string launch(uint64_t mode, uint64_t factor, bool forgets = false) {
    return program.run(2,
                       {memory.at(), numbers.at(), reinterpret_cast<void *>(mode),
                        reinterpret_cast<void *>(factor)},
                       forgets ? memory.at() : nullptr);
  }
  /// Launches that have been checked, and not, since the last call.
  std::pair<int, int> launches() {
    return {std::exchange(checkedThreads, 0) / int(count),
            std::exchange(uncheckedThreads, 0) / int(count)};
  }

  OneKernel program{
      transfer<true>, 4, {.threads = 32, .unchecked = transfer<false>, .decisive = decisive}};
  Buffer memory = program.filled(std::vector<uint32_t>(count, 0));
  Buffer numbers = program.filled(std::vector<uint32_t>(count, 1));
};
using Counts = std::pair<int, int>;

TEST_F(Repeat, IsNotCheckedAgain) {
  EXPECT_EQ(launch(0, 2), "");
  EXPECT_EQ(launches(), Counts(1, 0));
  EXPECT_EQ(launch(0, 3), ""); // what doesn't decide may differ
  EXPECT_EQ(launches(), Counts(0, 1));
  EXPECT_EQ(program.read<uint32_t>(memory), std::vector<uint32_t>(count, 3));
}

TEST_F(Repeat, IsCheckedWhereItAccessesOtherMemory) {
  EXPECT_EQ(launch(0, 2), "");
  EXPECT_EQ(launch(1, 2), "");
  EXPECT_EQ(launches(), Counts(2, 0));
}

TEST_F(Repeat, IsCheckedWhereMemoryIsNotAsItWas) {
  EXPECT_EQ(launch(1, 1), "");
  const std::string found = launch(1, 1, /*forgets=*/true);
  EXPECT_TRUE(finds(found, "uninitialised read", "net.nn:1")) << found;
  EXPECT_EQ(launches(), Counts(2, 0));
}

TEST_F(Repeat, WritesCount) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(launch(0, 1, /*forgets=*/true), "");
    EXPECT_EQ(launch(1, 1), "");
  }
  EXPECT_EQ(launches(), Counts(2, 4));
}

TEST_F(Repeat, IsCheckedWhereMemoryHasGone) {
  EXPECT_EQ(launch(0, 2), "");
  {
    Buffer other = program.filled(std::vector<uint32_t>(count, 0));
  }
  EXPECT_EQ(launch(0, 2), "");
  EXPECT_EQ(launches(), Counts(2, 0));
}

TEST_F(Repeat, IsCheckedWhereMemoryDecides) {
  OneKernel other(transfer<true>, 4, {.threads = 32, .unchecked = transfer<false>});
  Buffer to = other.filled(std::vector<uint32_t>(count, 0));
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(other.run(2, {to.at(), to.at(), nullptr, nullptr}), "");
  EXPECT_EQ(launches(), Counts(2, 0));
}

TEST_F(Repeat, FaultsAreFoundEachTime) {
  for (int i = 0; i < 2; ++i) {
    OneKernel other(
        [](void *const *arguments) {
          store(argument<uint32_t *>(arguments, 0), threadIndex(), writeSite);
        },
        1, {.threads = 32, .unchecked = [](void *const *) {}, .decisive = decisive});
    Buffer to = other.filled(std::vector<uint32_t>(count, 0));
    EXPECT_TRUE(finds(other.run(1, {to.at()}), "race", "net.nn:2"));
  }
}

TEST_F(Repeat, OfBytesAmongNumbers) {
  OneKernel bytes(
      [](void *const *arguments) {
        store(argument<uint8_t *>(arguments, 0) + threadIndex(), uint8_t(1), writeSite);
      },
      1,
      {.threads = 32,
       .unchecked = [](void *const *) { ++uncheckedThreads; },
       .decisive = decisive});
  Buffer to = bytes.filled(std::vector<uint8_t>(count, 0));
  // The first divides the account's cells, so that the second is the first to be recorded.
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(bytes.run(1, {to.at()}), "");
  EXPECT_EQ(uncheckedThreads, 32);
}

TEST_F(Repeat, WithoutChecksNothingIsAnnounced) {
  OneKernel fast(transfer<true>, 4,
                 {.threads = 32, .unchecked = transfer<false>, .decisive = decisive},
                 /*checks=*/false);
  Buffer to = fast.filled(std::vector<uint32_t>(count, 0));
  EXPECT_EQ(fast.run(2, {to.at(), to.at(), nullptr, nullptr}), "");
  EXPECT_EQ(launches(), Counts(0, 1));
}

//===-- Lookups ------------------------------------------------------------------------------===//

constexpr nnrt_site indexSite = {"tested", "net.nn:3"}, tableSite = {"tested", "net.nn:4"};
constexpr uint32_t tableSize = 8;

/// What else than looking up the kernel does.
enum class Also { Nothing, WriteToTable, ReadBeyond };

/// (index, table, out): out[0] = table[index[0]], by thread 0.
template <Also also> void lookUp(void *const *arguments) {
  ++checkedThreads;
  auto *table = argument<uint32_t *>(arguments, 1);
  if (threadIndex())
    return;
  const uint32_t index = load(argument<const uint32_t *>(arguments, 0), indexSite);
  nnrt_emu_read(table + index, 4, 4, &tableSite);
  nnrt_emu_lookup(table, (tableSize + (also == Also::ReadBeyond)) * 4);
  store(argument<uint32_t *>(arguments, 2), table[index], writeSite);
  if (also == Also::WriteToTable)
    store(table + 5, 5u, writeSite);
}
void lookUpUnchecked(void *const *arguments) {
  ++uncheckedThreads;
  *argument<uint32_t *>(arguments, 2) =
      argument<uint32_t *>(arguments, 1)[*argument<uint32_t *>(arguments, 0)];
}

template <Also also> class Lookups {
public:
  Lookups() { checkedThreads = uncheckedThreads = 0; }
  std::string look(uint32_t index) {
    program.getDevice().upload(place.at(), std::as_bytes(std::span(&index, 1)));
    return program.run(1, {place.at(), table.at(), out.at()});
  }
  uint32_t found() { return program.read<uint32_t>(out).front(); }

  static constexpr uint8_t decisive[] = {1, 1, 1};
  OneKernel program{
      lookUp<also>, 3, {.threads = 32, .unchecked = lookUpUnchecked, .decisive = decisive}};
  Buffer place = program.filled(std::vector<uint32_t>{0});
  Buffer table = program.filled(std::vector<uint32_t>{10, 11, 12, 13, 14, 15, 16, 17});
  Buffer out = program.filled(std::vector<uint32_t>{0});
};

TEST(RepeatedLookup, IsCheckedForAllThatItMayRead) {
  Lookups<Also::Nothing> lookups;
  EXPECT_EQ(lookups.look(2), "");
  EXPECT_EQ(lookups.found(), 12u);
  EXPECT_EQ(lookups.look(7), "");
  EXPECT_EQ(lookups.found(), 17u);
  EXPECT_EQ(checkedThreads, 32);
  EXPECT_EQ(uncheckedThreads, 32);
}

TEST(RepeatedLookup, IsCheckedAgainWhereItMayMeetAWrite) {
  Lookups<Also::WriteToTable> lookups;
  for (uint32_t index : {2, 3})
    EXPECT_EQ(lookups.look(index), "");
  EXPECT_EQ(checkedThreads, 64);
}

TEST(RepeatedLookup, IsCheckedAgainWhereItMayReadBeyond) {
  Lookups<Also::ReadBeyond> lookups;
  for (uint32_t index : {2, 3})
    EXPECT_EQ(lookups.look(index), "");
  EXPECT_EQ(checkedThreads, 64);
  EXPECT_TRUE(finds(lookups.look(8), "out of bounds", "net.nn:4"));
}

} // namespace
