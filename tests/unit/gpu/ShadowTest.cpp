// What cells remember is enough: random accesses and barriers, held against all accesses kept with
// vector clocks.
#include "runtime/device/emulator/Shadow.h"

#include <deque>
#include <gtest/gtest.h>
#include <random>
#include <vector>

using namespace nnrt::emulator;

namespace {

constexpr uint32_t numBlocks = 2, warpsOfBlock = 2, lanes = 3,
                   threadsOfBlock = warpsOfBlock * lanesOfWarp;
constexpr uint32_t numThreads = numBlocks * warpsOfBlock * lanes, numCells = 2;

enum class Access { Read, Write, Atomic };

/// Every access is kept, and compared with all before.
class Exact {
public:
  /// Whether the access races with one before it.
  bool access(uint32_t thread, uint32_t cell, Access kind) {
    bool isRace = false;
    for (const Past &past : history[cell]) {
      const bool isHarmless = kind == past.kind && kind != Access::Write;
      isRace |= !isHarmless && clocks[thread][past.thread] < past.clock;
    }
    history[cell].push_back({thread, clocks[thread][thread], kind});
    return isRace;
  }
  void meet(const std::vector<uint32_t> &threads) {
    std::array<uint32_t, numThreads> joined = {};
    for (uint32_t each : threads)
      for (uint32_t i = 0; i < numThreads; ++i)
        joined[i] = std::max(joined[i], clocks[each][i]);
    for (uint32_t each : threads) {
      clocks[each] = joined;
      ++clocks[each][each];
    }
  }
  Exact() {
    for (uint32_t i = 0; i < numThreads; ++i)
      clocks[i][i] = 1;
  }

private:
  struct Past {
    uint32_t thread, clock;
    Access kind;
  };
  std::array<std::array<uint32_t, numThreads>, numThreads> clocks = {};
  std::vector<Past> history[numCells];
};

/// The emulator's account of the same.
class Tested {
public:
  Tested() : region(reinterpret_cast<std::byte *>(memory), sizeof memory, false, true) {
    region.markInitialised(0, sizeof memory);
    clock.threadsOfBlock = threadsOfBlock;
    clock.grid = ++clock.now;
    for (uint32_t i = 0; i < numThreads; ++i) {
      const uint32_t warp = i / lanes, block = warp / warpsOfBlock;
      views.push_back(
          {.clock = &clock,
           .blockTick = &blockTicks[block],
           .thread = block * threadsOfBlock + warp % warpsOfBlock * lanesOfWarp + i % lanes,
           .warp = warp,
           .block = block,
           .lane = i % lanes,
           .inBlock = warp % warpsOfBlock * lanesOfWarp + i % lanes});
    }
  }
  bool access(uint32_t thread, uint32_t cell, Access kind) {
    auto check = kind == Access::Read    ? &Region::read
                 : kind == Access::Write ? &Region::write
                                         : &Region::atomic;
    // Every other time by the short way, where that is open.
    auto plainly = kind == Access::Read ? &Region::readPlainly : &Region::writePlainly;
    if (kind != Access::Atomic && (++numAccesses & 1) &&
        (region.*plainly)(views[thread], cell * sizeof(uint32_t), sizeof(uint32_t), 0))
      return false;
    return (region.*check)(views[thread], cell * sizeof(uint32_t), sizeof(uint32_t), 0).has_value();
  }
  void meetLanes(const std::vector<uint32_t> &threads) {
    std::vector<Viewpoint *> meeting;
    for (uint32_t each : threads)
      meeting.push_back(&views[each]);
    meet(meeting, ++clock.now);
  }
  void meetBlock(uint32_t block) { blockTicks[block] = ++clock.now; }
  void meetAll() {
    clock.grid = ++clock.now;
    blockTicks = {clock.now, clock.now};
  }

private:
  alignas(64) uint32_t memory[numCells] = {};
  Region region;
  unsigned numAccesses = 0;
  Clock clock;
  std::array<uint32_t, numBlocks> blockTicks = {};
  std::deque<Viewpoint> views;
};

/// What chance makes happen, in both accounts.
class Story {
public:
  explicit Story(uint32_t seed, bool hasParts) : random(seed), hasParts(hasParts) {}

  /// The number of the access that each finds the first race at, or -1.
  std::pair<int, int> run() {
    std::pair<int, int> first = {-1, -1};
    for (int number = 0; number < 60 && first.first < 0 && first.second < 0; ++number) {
      const uint32_t choice = random() % 16;
      if (choice == 0) {
        synchronizeAll();
      } else if (choice < 3) {
        synchronizeBlock(random() % numBlocks);
      } else if (choice < 7) {
        synchronizeLanes(random() % (numBlocks * warpsOfBlock));
      } else {
        const uint32_t thread = random() % numThreads, cell = random() % numCells;
        const uint32_t what = random() % 8;
        const Access kind = what < 5 ? Access::Read : what < 7 ? Access::Write : Access::Atomic;
        if (exact.access(thread, cell, kind))
          first.first = number;
        if (tested.access(thread, cell, kind))
          first.second = number;
      }
    }
    return first;
  }

private:
  void synchronizeAll() {
    std::vector<uint32_t> all;
    for (uint32_t i = 0; i < numThreads; ++i)
      all.push_back(i);
    exact.meet(all);
    tested.meetAll();
  }
  void synchronizeBlock(uint32_t block) {
    std::vector<uint32_t> threads;
    for (uint32_t i = 0; i < warpsOfBlock * lanes; ++i)
      threads.push_back(block * warpsOfBlock * lanes + i);
    exact.meet(threads);
    tested.meetBlock(block);
  }
  void synchronizeLanes(uint32_t warp) {
    std::vector<uint32_t> threads;
    const uint32_t mask = hasParts ? random() % 8 : 7;
    for (uint32_t i = 0; i < lanes; ++i)
      if (mask >> i & 1)
        threads.push_back(warp * lanes + i);
    exact.meet(threads);
    tested.meetLanes(threads);
  }

  std::mt19937 random;
  bool hasParts;
  Exact exact;
  Tested tested;
};

TEST(Shadow, FindsTheFirstRaceWhereItIs) {
  int races = 0;
  for (uint32_t seed = 0; seed < 20000; ++seed) {
    const auto [expected, found] = Story(seed, /*hasParts=*/false).run();
    ASSERT_EQ(found, expected) << "seed " << seed;
    races += expected >= 0;
  }
  EXPECT_GT(races, 10000);
}

/// Where barriers take parts of warps, too.
TEST(Shadow, MissesNoRaceBetweenPartsOfWarps) {
  int early = 0;
  for (uint32_t seed = 0; seed < 20000; ++seed) {
    const auto [expected, found] = Story(seed, /*hasParts=*/true).run();
    if (found != expected) {
      ASSERT_TRUE(found >= 0 && (expected < 0 || found < expected)) << "seed " << seed;
      ++early;
    }
  }
  EXPECT_EQ(early, 0);
}

} // namespace
