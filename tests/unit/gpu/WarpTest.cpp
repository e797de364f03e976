// Operations that the lanes of a warp do together, held against what PTX says of them.
#include "tests/unit/gpu/Kernels.h"

#include <bit>
#include <cmath>
#include <gtest/gtest.h>

using namespace nnrt;
using namespace nnrt::test;

namespace {
constexpr nnrt_site site = {"tested", "net.nn:1"};

/// What each lane computes.
std::vector<uint32_t> perLane(void (*kernel)(void *const *)) {
  OneKernel program(kernel, 1, {});
  Buffer out = program.filled(std::vector<uint32_t>(32, 0));
  EXPECT_EQ(program.run(1, {out.at()}), "");
  return program.read<uint32_t>(out);
}
void give(void *const *arguments, uint32_t value) {
  store(argument<uint32_t *>(arguments, 0) + threadIndex(), value, site);
}

template <uint32_t mode, uint32_t offset, uint32_t clamp> std::vector<uint32_t> shuffled() {
  return perLane([](void *const *arguments) {
    give(arguments, nnrt_emu_shuffle(mode, UINT32_MAX, 100 + threadIndex(), offset, clamp, &site));
  });
}

TEST(Warp, Shuffles) {
  for (uint32_t lane = 0; lane < 32; ++lane) {
    EXPECT_EQ((shuffled<0, 3, 0>())[lane], 100 + (lane < 3 ? lane : lane - 3));
    EXPECT_EQ((shuffled<1, 3, 31>())[lane], 100 + (lane + 3 > 31 ? lane : lane + 3));
    EXPECT_EQ((shuffled<2, 5, 31>())[lane], 100 + (lane ^ 5));
    EXPECT_EQ((shuffled<3, 7, 31>())[lane], 107u);
    // Segments of 8 lanes: bits 8 to 12 of the clamp are ~7.
    EXPECT_EQ((shuffled<0, 3, 0x1800>())[lane], 100 + (lane % 8 < 3 ? lane : lane - 3));
    EXPECT_EQ((shuffled<1, 3, 0x181f>())[lane], 100 + (lane % 8 + 3 > 7 ? lane : lane + 3));
    EXPECT_EQ((shuffled<3, 2, 0x181f>())[lane], 100 + lane / 8 * 8 + 2);
  }
}

TEST(Warp, PartsOfAWarpShuffleByThemselves) {
  const std::vector<uint32_t> result = perLane([](void *const *arguments) {
    const uint32_t lane = threadIndex();
    give(arguments, lane < 8 ? nnrt_emu_shuffle(2, 0xff, lane, 1, 31, &site)
                             : nnrt_emu_ballot(0xffffff00, lane % 3 == 0, &site));
  });
  uint32_t votes = 0;
  for (uint32_t lane = 8; lane < 32; ++lane)
    votes |= uint32_t(lane % 3 == 0) << lane;
  for (uint32_t lane = 0; lane < 32; ++lane)
    EXPECT_EQ(result[lane], lane < 8 ? lane ^ 1 : votes);
}

TEST(Warp, LanesThatHaveEndedAreNotWaitedFor) {
  const std::vector<uint32_t> result = perLane([](void *const *arguments) {
    if (threadIndex() >= 16)
      return;
    give(arguments, nnrt_emu_shuffle(2, UINT32_MAX, threadIndex(), 1, 31, &site));
  });
  EXPECT_EQ(result[2], 3u);
}

//===-- Products -----------------------------------------------------------------------------===//

uint32_t bf16Of(float value) { return std::bit_cast<uint32_t>(value) >> 16; }
uint32_t f16Of(float value) { // small integers
  if (value == 0)
    return 0;
  const auto bits = std::bit_cast<uint32_t>(value);
  return (bits >> 16 & 0x8000) | ((bits >> 23 & 255) - 112) << 10 | (bits >> 13 & 0x3ff);
}

float elementA(uint32_t row, uint32_t k) { return float(int(row * 5 + k * 3) % 13 - 6); }
float elementB(uint32_t k, uint32_t column) { return float(int(k * 7 + column * 2) % 11 - 5); }
float elementC(uint32_t row, uint32_t column) { return float(row) - 2 * float(column); }

/// d = a b + c by one m16n8k16 of halves, with fragments loaded by ldmatrix from matrices that lie
/// row by row in shared memory: a as it is, b transposed. Arguments: d, kind.
void multiplyHalves(void *const *arguments) {
  auto *d = argument<float *>(arguments, 0);
  const auto kind = uint32_t(argument<uint64_t>(arguments, 1));
  const uint32_t lane = threadIndex();
  auto *a = shared<uint16_t>(), *b = shared<uint16_t>(512);
  auto bitsOf = [&](float value) { return uint16_t(kind == 1 ? bf16Of(value) : f16Of(value)); };
  for (uint32_t i = lane; i < 256; i += 32)
    store(a + i, bitsOf(elementA(i / 16, i % 16)), site);
  for (uint32_t i = lane; i < 128; i += 32)
    store(b + i, bitsOf(elementB(i / 8, i % 8)), site);
  nnrt_emu_barrier(&site);
  uint32_t wordsA[4], wordsB[2], words[4];
  float sums[4];
  nnrt_emu_load_matrix(wordsA, a + lane % 16 * 16 + lane / 16 * 8, 4, 0, &site);
  nnrt_emu_load_matrix(wordsB, b + lane % 16 * 8, 2, 1, &site);
  const uint32_t row = lane / 4, column = lane % 4 * 2;
  for (uint32_t i = 0; i < 4; ++i)
    words[i] = std::bit_cast<uint32_t>(elementC(row + i / 2 * 8, column + i % 2));
  nnrt_emu_mma(kind, words, wordsA, wordsB, words, &site);
  memcpy(sums, words, sizeof sums);
  for (uint32_t i = 0; i < 4; ++i)
    store(d + (row + i / 2 * 8) * 8 + column + i % 2, sums[i], site);
}

/// The same of m16n8k8 of tf32, whose fragments are gathered element by element.
void multiplyTf32(void *const *arguments) {
  auto *d = argument<float *>(arguments, 0);
  const uint32_t lane = threadIndex(), g = lane / 4, t = lane % 4;
  // The lower bits, which tensor cores don't read, hold anything.
  auto word = [](float value) { return std::bit_cast<uint32_t>(value) | 0x1abc; };
  const uint32_t a[4] = {word(elementA(g, t)), word(elementA(g + 8, t)), word(elementA(g, t + 4)),
                         word(elementA(g + 8, t + 4))};
  const uint32_t b[2] = {word(elementB(t, g)), word(elementB(t + 4, g))};
  uint32_t c[4], result[4];
  for (uint32_t i = 0; i < 4; ++i)
    c[i] = std::bit_cast<uint32_t>(elementC(g + i / 2 * 8, 2 * t + i % 2));
  nnrt_emu_mma(0, result, a, b, c, &site);
  for (uint32_t i = 0; i < 4; ++i)
    store(d + (g + i / 2 * 8) * 8 + 2 * t + i % 2, std::bit_cast<float>(result[i]), site);
}

void expectProduct(void (*kernel)(void *const *), uint64_t kind, uint32_t depth) {
  OneKernel program(kernel, 2, {.sharedBytes = 768});
  Buffer d = program.filled(std::vector<float>(128, 0));
  ASSERT_EQ(program.run(1, {d.at(), reinterpret_cast<const void *>(kind)}), "");
  const std::vector<float> result = program.read<float>(d);
  for (uint32_t row = 0; row < 16; ++row)
    for (uint32_t column = 0; column < 8; ++column) {
      float expected = elementC(row, column);
      for (uint32_t k = 0; k < depth; ++k)
        expected += elementA(row, k) * elementB(k, column);
      EXPECT_EQ(result[row * 8 + column], expected) << row << ", " << column;
    }
}

TEST(Warp, MultipliesBf16) { expectProduct(multiplyHalves, 1, 16); }
TEST(Warp, MultipliesF16) { expectProduct(multiplyHalves, 2, 16); }
TEST(Warp, MultipliesTf32) { expectProduct(multiplyTf32, 0, 8); }

TEST(Warp, AMatrixOfARowThatNobodyHasWritten) {
  OneKernel program(
      [](void *const *) {
        uint32_t word;
        nnrt_emu_load_matrix(&word, shared<uint16_t>() + threadIndex() * 8, 1, 0, &site);
      },
      0, {.sharedBytes = 128});
  EXPECT_TRUE(finds(program.run(1, {}), "uninitialised read", "net.nn:1"));
  OneKernel outside(
      [](void *const *) {
        uint32_t word;
        nnrt_emu_load_matrix(&word, shared<uint16_t>() + threadIndex() * 16, 1, 0, &site);
      },
      0, {.sharedBytes = 128});
  EXPECT_TRUE(finds(outside.run(1, {}), "out of bounds", "net.nn:1"));
}

TEST(Warp, CopiesAndMatricesAreOfSharedMemory) {
  OneKernel copies(
      [](void *const *arguments) {
        auto *global = argument<uint32_t *>(arguments, 0);
        nnrt_emu_async_copy(global, global + 4 * threadIndex(), 16, 16, &site);
      },
      1, {.sharedBytes = 16});
  Buffer numbers = copies.filled(std::vector<uint32_t>(128, 0));
  std::string found = copies.run(1, {numbers.at()});
  EXPECT_NE(found.find("needs 16 bytes of shared memory, and is given 16 bytes at byte 0 of the "
                       "numbers"),
            std::string::npos)
      << found;
  OneKernel matrices(
      [](void *const *arguments) {
        uint32_t word;
        nnrt_emu_load_matrix(&word, argument<uint32_t *>(arguments, 0), 1, 0, &site);
      },
      1, {});
  Buffer others = matrices.filled(std::vector<uint32_t>(128, 0));
  EXPECT_TRUE(finds(matrices.run(1, {others.at()}), "out of bounds", "net.nn:1"));
}

TEST(Warp, CopiesFillUpWithZeros) {
  OneKernel program(
      [](void *const *arguments) {
        const auto *in = argument<const uint32_t *>(arguments, 0);
        auto *out = argument<uint32_t *>(arguments, 1);
        if (threadIndex())
          return;
        nnrt_emu_async_copy(shared<uint32_t>(), in, 16, 8, &site);
        nnrt_emu_async_copy(shared<uint32_t>(16), in, 4, 0, &site);
        nnrt_emu_async_commit();
        nnrt_emu_async_wait(0);
        for (uint32_t i = 0; i < 5; ++i)
          store(out + i, load(shared<uint32_t>() + i, site), site);
      },
      2, {.sharedBytes = 32});
  // Only what is used need be there.
  Buffer in = program.filled(std::vector<uint32_t>{7, 8}),
         out = program.filled(std::vector<uint32_t>(5, 9));
  EXPECT_EQ(program.run(1, {in.at(), out.at()}), "");
  EXPECT_EQ(program.read<uint32_t>(out), (std::vector<uint32_t>{7, 8, 0, 0, 0}));
}

} // namespace
