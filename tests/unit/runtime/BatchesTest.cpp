// Philox, shuffling, and batches.
#include "runtime/data/Batches.h"
#include "runtime/metrics/Averages.h"
#include "runtime/support/Philox.h"

#include <algorithm>
#include <cstring>
#include <gtest/gtest.h>
#include <numeric>

using namespace nnrt;

// The known-answer vectors of Random123, file kat_vectors.
TEST(Philox, KnownAnswers) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (PhiloxCounter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}),
            (PhiloxCounter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (PhiloxCounter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

static std::vector<uint32_t> orderOf(size_t size, uint64_t seed, uint64_t epoch) {
  std::vector<uint32_t> order(size);
  shuffledOrder(order, seed, epoch);
  return order;
}

TEST(Shuffle, IsAPermutation) {
  for (size_t size : {0, 1, 2, 3, 10, 1001}) {
    std::vector<uint32_t> order = orderOf(size, 3, 1), expected(size);
    std::sort(order.begin(), order.end());
    std::iota(expected.begin(), expected.end(), 0u);
    EXPECT_EQ(order, expected);
  }
}

TEST(Shuffle, DependsOnSeedAndEpochAlone) {
  EXPECT_EQ(orderOf(1000, 1, 2), orderOf(1000, 1, 2));
  EXPECT_NE(orderOf(1000, 1, 2), orderOf(1000, 1, 3));
  EXPECT_NE(orderOf(1000, 1, 2), orderOf(1000, 2, 2));
  EXPECT_NE(orderOf(1000, 1, 2), orderOf(1000, 1ull << 32 | 1, 2));
  EXPECT_NE(orderOf(1000, 1, 2), orderOf(1000, 1, 1ull << 32 | 2));
}

// Each of the 24 orders of 4 examples comes up about equally often: chi-squared with 23 degrees of
// freedom, p = 1e-4.
TEST(Shuffle, IsUniform) {
  std::vector<int> counts(256);
  constexpr int trials = 24000;
  for (int epoch = 0; epoch < trials; ++epoch) {
    std::vector<uint32_t> order = orderOf(4, 9, uint64_t(epoch));
    ++counts[order[0] * 64 + order[1] * 16 + order[2] * 4 + order[3]];
  }
  double chiSquared = 0, expected = trials / 24.0;
  int seen = 0;
  for (int count : counts)
    if (count) {
      ++seen;
      chiSquared += (count - expected) * (count - expected) / expected;
    }
  EXPECT_EQ(seen, 24);
  EXPECT_LT(chiSquared, 56.0);
}

/// Rows of three bytes, and one byte, that hold the example's number.
static Split makeSplit(uint64_t examples) {
  Split split;
  split.examples = examples;
  for (uint64_t rowBytes : {3, 1}) {
    Column column{Memory(examples * rowBytes, "test"), rowBytes};
    for (uint64_t i = 0; i < examples * rowBytes; ++i)
      column.memory.data()[i] = std::byte(i / rowBytes);
    split.columns.push_back(std::move(column));
  }
  return split;
}

TEST(Batches, FileOrderCopiesNothing) {
  Split split = makeSplit(10);
  Batches batches(split, 4, /*shuffled=*/false);
  std::vector<void *> rows(2);
  batches.get(4, 4, rows);
  EXPECT_EQ(rows[0], split.columns[0].memory.data() + 12);
  EXPECT_EQ(rows[1], split.columns[1].memory.data() + 4);
}

TEST(Batches, ShuffledRowsAreThoseOfTheOrder) {
  Split split = makeSplit(100);
  Batches batches(split, 8, /*shuffled=*/true);
  batches.shuffle(5, 2);
  std::vector<uint32_t> order = orderOf(100, 5, 2);
  std::vector<void *> rows(2);
  for (uint64_t first = 0; first < 100; first += 8) {
    uint64_t count = std::min<uint64_t>(8, 100 - first);
    batches.prefetch(first + count, 8); // beyond the end, too
    batches.get(first, count, rows);
    for (uint64_t i = 0; i < count; ++i) {
      auto expected = uint8_t(order[first + i]);
      EXPECT_EQ(static_cast<uint8_t *>(rows[0])[3 * i + 2], expected);
      EXPECT_EQ(static_cast<uint8_t *>(rows[1])[i], expected);
    }
  }
}

TEST(Averages, WeighBatchesByExamples) {
  Averages averages(1);
  float metric = 1;
  averages.add(2, {&metric, 1}, 30);
  metric = 0;
  averages.add(8, {&metric, 1}, 10);
  EXPECT_EQ(averages.examples(), 40u);
  EXPECT_DOUBLE_EQ(averages.loss(), 3.5);
  EXPECT_DOUBLE_EQ(averages.metric(0), 0.75);
}
