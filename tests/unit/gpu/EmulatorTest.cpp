// Kernels on the emulator: right ones compute what they should and nothing is found; each planted
// fault is found, and named.
#include "tests/unit/gpu/Kernels.h"

#include <gtest/gtest.h>
#include <numeric>

using namespace nnrt;
using namespace nnrt::test;

namespace {

/// What may be wrong with a kernel.
enum class Planted {
  Nothing,
  NoBarrier,
  NoSecondBarrier,
  DivergentBarrier,
  EarlyEnd,
  OneSlot,
  EarlyWait,
  NoWait,
};

//===-- A sum --------------------------------------------------------------------------------===//

constexpr nnrt_site sumLoad = {"sum", "net.nn:1"}, sumStore = {"sum", "net.nn:2"},
                    sumBarrier = {"sum", "net.nn:3"}, sumRead = {"sum", "net.nn:4"},
                    sumOut = {"sum", "net.nn:5"}, sumShuffle = {"sum", "net.nn:6"};

float warpSum(float value) {
  for (uint32_t offset = 16; offset; offset /= 2)
    value += shuffleXor(value, offset, sumShuffle);
  return value;
}

/// out[block] is the sum of the block's numbers, in a fixed order.
template <Planted planted> void blockSum(void *const *arguments) {
  const auto *in = argument<const float *>(arguments, 0);
  auto *out = argument<float *>(arguments, 1);
  const uint32_t thread = threadIndex(), threads = nnrt_emu_threads(0), lane = thread % 32;
  if (planted == Planted::EarlyEnd && thread == threads - 1)
    return;
  float value = warpSum(load(in + blockIndex() * threads + thread, sumLoad));
  if (lane == 0) {
    store(shared<float>() + (planted == Planted::OneSlot ? 0 : thread / 32), value, sumStore);
    if (planted == Planted::DivergentBarrier)
      nnrt_emu_barrier(&sumBarrier);
  }
  if (planted != Planted::NoBarrier && planted != Planted::DivergentBarrier)
    nnrt_emu_barrier(&sumBarrier);
  if (thread / 32)
    return;
  value = warpSum(lane < threads / 32 ? load(shared<float>() + lane, sumRead) : 0);
  if (lane == 0)
    store(out + blockIndex(), value, sumOut);
}

template <Planted planted> std::string runSum(uint32_t sharedBytes = 16) {
  OneKernel program(blockSum<planted>, 2, {.threads = 128, .sharedBytes = sharedBytes});
  Buffer in = program.filled(std::vector<float>(512, 1));
  Buffer out = program.filled(std::vector<float>(4, 0));
  return program.run(4, {in.at(), out.at()});
}

//===-- A product of matrices ----------------------------------------------------------------===//

constexpr nnrt_site copyA = {"product", "net.nn:11"}, copyB = {"product", "net.nn:12"},
                    readTiles = {"product", "net.nn:13"}, arrived = {"product", "net.nn:14"},
                    used = {"product", "net.nn:15"}, writeOut = {"product", "net.nn:16"};
constexpr uint32_t tile = 16, depth = 8, inner = 40, stageFloats = 2 * tile * depth;

/// Copies tile k of both matrices to its stage: 64 threads, 16 bytes each.
void copyTiles(const float *a, const float *b, uint32_t k) {
  const uint32_t thread = threadIndex(), part = thread % 32;
  float *to = shared<float>() + k % 2 * stageFloats;
  if (thread < 32)
    nnrt_emu_async_copy(to + part * 4, a + part / 2 * inner + k * depth + part % 2 * 4, 16, 16,
                        &copyA);
  else
    nnrt_emu_async_copy(to + tile * depth + part * 4,
                        b + (k * depth + part / 4) * tile + part % 4 * 4, 16, 16, &copyB);
  nnrt_emu_async_commit();
}

/// c[16, 16] = a[16, 40] b[40, 16], in two stages.
template <Planted planted> void product(void *const *arguments) {
  const auto *a = argument<const float *>(arguments, 0), *b = argument<const float *>(arguments, 1);
  auto *c = argument<float *>(arguments, 2);
  const uint32_t thread = threadIndex(), row = thread / 4, column = thread % 4 * 4;
  float sums[4] = {};
  copyTiles(a, b, 0);
  for (uint32_t k = 0; k < inner / depth; ++k) {
    const bool isLast = k + 1 == inner / depth;
    if (!isLast)
      copyTiles(a, b, k + 1);
    if (planted != Planted::NoWait)
      nnrt_emu_async_wait((isLast ? 0 : 1) + (planted == Planted::EarlyWait ? 1 : 0));
    if (planted != Planted::NoBarrier)
      nnrt_emu_barrier(&arrived);
    const float *stage = shared<float>() + k % 2 * stageFloats;
    for (uint32_t i = 0; i < depth; ++i)
      for (uint32_t j = 0; j < 4; ++j)
        sums[j] += load(stage + row * depth + i, readTiles) *
                   load(stage + tile * depth + i * tile + column + j, readTiles);
    if (planted != Planted::NoSecondBarrier)
      nnrt_emu_barrier(&used);
  }
  for (uint32_t j = 0; j < 4; ++j)
    store(c + row * tile + column + j, sums[j], writeOut);
}

template <Planted planted>
std::string runProduct(std::vector<float> *result = nullptr, bool checks = true) {
  OneKernel program(product<planted>, 3,
                    {.threads = 64, .sharedBytes = 2 * stageFloats * sizeof(float)}, checks);
  std::vector<float> a(tile * inner), b(inner * tile);
  for (size_t i = 0; i < a.size(); ++i) {
    a[i] = float(i % 7) - 3;
    b[i] = float(i % 11) - 5;
  }
  Buffer bufferA = program.filled(a), bufferB = program.filled(b);
  Buffer c = program.filled(std::vector<float>(tile * tile, 0));
  std::string found = program.run(1, {bufferA.at(), bufferB.at(), c.at()});
  if (result)
    *result = program.read<float>(c);
  return found;
}

} // namespace

TEST(Emulator, SumsWithShufflesAndABarrier) {
  OneKernel program(blockSum<Planted::Nothing>, 2, {.threads = 128, .sharedBytes = 16});
  std::vector<float> numbers(512);
  std::iota(numbers.begin(), numbers.end(), 0.0f);
  Buffer in = program.filled(numbers), out = program.filled(std::vector<float>(4, 0));
  EXPECT_EQ(program.run(4, {in.at(), out.at()}), "");
  EXPECT_EQ(program.read<float>(out), (std::vector<float>{8128, 24512, 40896, 57280}));
}

TEST(Emulator, ABarrierIsMissing) {
  const std::string found = runSum<Planted::NoBarrier>();
  EXPECT_TRUE(finds(found, "uninitialised read", "net.nn:4")) << found;
  EXPECT_TRUE(finds(found, "race", "net.nn:2")) << found;
  EXPECT_NE(
      found.find("kernel 'sum': block 0, thread 32 writes byte 4 of 16 of shared memory, which "
                 "block 0, thread 1 has read at net.nn:4 with no barrier between"),
      std::string::npos)
      << found;
}

TEST(Emulator, ABarrierIsNotForAll) {
  std::string found = runSum<Planted::DivergentBarrier>();
  EXPECT_TRUE(finds(found, "divergent barrier", "net.nn:3")) << found;
  EXPECT_NE(found.find("block 0, thread 0 waits at a barrier, which block 0, thread 1 does not "
                       "reach: it waits for lanes of its warp at net.nn:6"),
            std::string::npos)
      << found;
  found = runSum<Planted::EarlyEnd>();
  EXPECT_TRUE(finds(found, "divergent barrier", "net.nn:3")) << found;
  EXPECT_TRUE(finds(found, "lane of a warp", "net.nn:6")) << found;
}

TEST(Emulator, SharedMemoryIsTooSmall) {
  const std::string found = runSum<Planted::Nothing>(12);
  EXPECT_TRUE(finds(found, "out of bounds", "net.nn:2")) << found;
  EXPECT_TRUE(finds(found, "out of bounds", "net.nn:4")) << found;
  EXPECT_NE(found.find("thread 96 writes 4 bytes at byte 12 of shared memory, which has 12"),
            std::string::npos)
      << found;
  EXPECT_EQ(found.find("divergent"), std::string::npos) << found;
}

TEST(Emulator, TwoWarpsUseOneSlot) {
  const std::string found = runSum<Planted::OneSlot>();
  EXPECT_TRUE(finds(found, "race", "net.nn:2")) << found;
  EXPECT_NE(
      found.find("thread 32 writes byte 0 of 16 of shared memory, which block 0, thread 0 has "
                 "written at net.nn:2 with no barrier between"),
      std::string::npos)
      << found;
}

TEST(Emulator, MultipliesInStages) {
  std::vector<float> checked, fast;
  EXPECT_EQ(runProduct<Planted::Nothing>(&checked), "");
  EXPECT_EQ(runProduct<Planted::Nothing>(&fast, /*checks=*/false), "");
  EXPECT_EQ(checked, fast);
  float expected = 0;
  for (uint32_t k = 0; k < inner; ++k)
    expected += (float((3 * inner + k) % 7) - 3) * (float((k * tile + 5) % 11) - 5);
  EXPECT_EQ(checked[3 * tile + 5], expected);
}

TEST(Emulator, AWaitCoversTooLittle) {
  std::string found = runProduct<Planted::EarlyWait>();
  EXPECT_TRUE(finds(found, "asynchronous copy not waited for", "net.nn:13")) << found;
  EXPECT_NE(
      found.find("a copy that block 0, thread 0 has begun at net.nn:11 may still be under way"),
      std::string::npos)
      << found;
  found = runProduct<Planted::NoWait>();
  EXPECT_TRUE(finds(found, "asynchronous copy not waited for", "net.nn:13")) << found;
}

TEST(Emulator, AStageIsReadTooEarlyOrWrittenTooEarly) {
  std::string found = runProduct<Planted::NoBarrier>();
  EXPECT_TRUE(finds(found, "asynchronous copy not waited for", "net.nn:13") ||
              finds(found, "race", "net.nn:13"))
      << found;
  found = runProduct<Planted::NoSecondBarrier>();
  EXPECT_TRUE(finds(found, "race", "net.nn:11") || finds(found, "race", "net.nn:12")) << found;
}

TEST(Emulator, DenormalNumbersAreZero) {
  OneKernel program(
      [](void *const *arguments) {
        auto *x = argument<float *>(arguments, 0) + threadIndex();
        const float value = load(x, sumLoad);
        nnrt_emu_barrier(&sumBarrier);
        store(x, value * 1e-30f, sumOut);
      },
      1, {});
  Buffer numbers = program.filled(std::vector<float>(32, 1e-10f));
  EXPECT_EQ(program.run(1, {numbers.at()}), "");
  EXPECT_EQ(program.read<float>(numbers), std::vector<float>(32, 0.0f));
  volatile float mine = 1e-10f;
  EXPECT_GT(mine * 1e-30f, 0.0f); // the host's own arithmetic is not touched
}

TEST(Emulator, SaysTheSameEachTime) {
  EXPECT_EQ(runProduct<Planted::NoSecondBarrier>(), runProduct<Planted::NoSecondBarrier>());
  EXPECT_EQ(runSum<Planted::NoBarrier>(), runSum<Planted::NoBarrier>());
}

TEST(Emulator, TheFastOneLooksForNothing) {
  std::vector<float> result;
  EXPECT_EQ(runProduct<Planted::NoSecondBarrier>(&result, /*checks=*/false), "");
}
