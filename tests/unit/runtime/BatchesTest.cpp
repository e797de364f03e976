// Philox, shuffling, and batches.
#include "runtime/data/Batches.h"
#include "runtime/data/Parts.h"
#include "runtime/device/Device.h"
#include "runtime/support/Error.h"
#include "runtime/support/Philox.h"
#include "tests/unit/runtime/Support.h"
#include "tests/unit/runtime/ToyModel.h"

#include <algorithm>
#include <cstring>
#include <gtest/gtest.h>
#include <numeric>

using namespace nnrt;
using namespace nnrt::test;

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

namespace {
class BatchesTest : public testing::Test {
protected:
  std::unique_ptr<Device> device = makeDevice("cpu", toy::model, 1);

  /// The rows that come, as numbers; on this device, memory is the host's.
  static std::vector<int> rowsOf(Batches &batches, uint64_t epoch, uint64_t size) {
    std::vector<int> rows;
    for (uint64_t first = 0; first < batches.examples(); first += size) {
      uint64_t count = std::min(size, batches.examples() - first);
      std::span<void *const> fields = batches.get(epoch, first, count).fields;
      batches.expect(epoch, first + count); // beyond the end, too
      for (uint64_t i = 0; i < count; ++i) {
        rows.push_back(static_cast<uint8_t *>(fields[1])[i]);
        EXPECT_EQ(static_cast<uint8_t *>(fields[0])[3 * i + 2], rows.back());
      }
    }
    return rows;
  }
};
} // namespace

TEST_F(BatchesTest, InTheOrderOfTheFile) {
  Part part = numberedRows(10);
  Batches batches(part, *device, 4, std::nullopt);
  EXPECT_EQ(rowsOf(batches, 3, 4), (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  Part some = numberedRows(10, {1, 4, 9});
  Batches few(some, *device, 2, std::nullopt);
  EXPECT_EQ(rowsOf(few, 0, 2), (std::vector<int>{1, 4, 9}));
}

TEST_F(BatchesTest, ShuffledByEpoch) {
  Part part = numberedRows(100);
  Batches batches(part, *device, 8, 5);
  for (uint64_t epoch : {2, 3, 2}) {
    std::vector<uint32_t> order = orderOf(100, 5, epoch);
    EXPECT_EQ(rowsOf(batches, epoch, 8), std::vector<int>(order.begin(), order.end()));
  }
  Part some = numberedRows(10, {1, 4, 9});
  Batches few(some, *device, 2, 5);
  std::vector<int> rows = rowsOf(few, 0, 2);
  std::sort(rows.begin(), rows.end());
  EXPECT_EQ(rows, (std::vector<int>{1, 4, 9}));
}

static DataDescription described(std::vector<DataDescription::Share> splits,
                                 std::optional<uint64_t> seed = {}, double valid = 0,
                                 std::optional<uint64_t> validSeed = {}) {
  DataDescription data;
  data.name = "d";
  data.splits = std::move(splits);
  data.splitSeed = seed;
  data.validShare = valid;
  data.validSeed = validSeed;
  return data;
}

TEST(Parts, SharesAreRoundedToTheNearestExample) {
  std::vector<PartRows> parts = divide(described({{"train", 0.8}, {"test", 0.2}}), "", 569);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].name, "train");
  EXPECT_EQ(parts[0].rows.size(), 455u); // 455.2
  EXPECT_EQ(parts[1].rows.size(), 114u);
  EXPECT_EQ(parts[0].rows.back(), 454u);
  EXPECT_EQ(parts[1].rows.front(), 455u);
  // Halves add up, too, and what no share has is left out.
  parts = divide(described({{"train", 0.25}, {"valid", 0.25}, {"test", 0.25}}), "", 10);
  EXPECT_EQ(parts[0].rows.size() + parts[1].rows.size() + parts[2].rows.size(), 8u);
}

TEST(Parts, ASeedShufflesFirst) {
  std::vector<PartRows> parts = divide(described({{"train", 0.5}, {"test", 0.5}}, 1), "", 1000);
  EXPECT_TRUE(std::is_sorted(parts[0].rows.begin(), parts[0].rows.end()));
  EXPECT_NE(parts[0].rows.back(), 499u);
  std::vector<uint32_t> all = parts[0].rows;
  all.insert(all.end(), parts[1].rows.begin(), parts[1].rows.end());
  std::sort(all.begin(), all.end());
  for (uint32_t i = 0; i < 1000; ++i)
    ASSERT_EQ(all[i], i);
  EXPECT_NE(divide(described({{"train", 0.5}, {"test", 0.5}}, 2), "", 1000)[0].rows, parts[0].rows);
}

TEST(Parts, ValidationComesOutOfTraining) {
  std::vector<PartRows> parts = divide(described({}, {}, 0.1), "train", 95);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].rows.size(), 85u);
  EXPECT_EQ(parts[1].name, "valid");
  EXPECT_EQ(parts[1].rows.size(), 10u); // 9.5
  EXPECT_EQ(parts[1].rows.front(), 85u);
  parts = divide(described({}, {}, 0.1, 3), "train", 95);
  EXPECT_EQ(parts[1].rows.size(), 10u);
  EXPECT_NE(parts[1].rows.front(), 85u);
  EXPECT_EQ(divide(described({}, {}, 0.1), "test", 95).size(), 1u);
}

TEST(Parts, NoneMayBeEmpty) {
  EXPECT_THROW(divide(described({{"train", 0.9}, {"test", 0.1}}), "", 4), Error);
  EXPECT_THROW(divide(described({}, {}, 0.01), "train", 10), Error);
}
