// How the rows of a data set are divided into parts.
#include "runtime/data/Parts.h"

#include "runtime/support/Errors.h"
#include "runtime/support/Philox.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nnrt {

void shuffledOrder(std::span<uint32_t> order, uint64_t seed, uint64_t epoch, Shuffle purpose) {
  std::iota(order.begin(), order.end(), 0u);
  // The last counter word keeps this stream apart from those of the model, whose last word is the
  // hash of a parameter's path.
  PhiloxCounter words = {};
  for (size_t i = order.size(), draw = 0; i > 1; --i, ++draw) {
    if (draw % 2 == 0)
      words = philox4x32(
          {uint32_t(draw / 2), uint32_t(epoch), uint32_t(epoch >> 32), uint32_t(purpose)},
          philoxKey(seed));
    size_t pair = draw % 2 * 2;
    uint64_t random = uint64_t(words[pair]) << 32 | words[pair + 1];
    // The high half of a 64-bit product: uniform to within i / 2^64, no division.
    auto other = size_t((unsigned __int128)random * i >> 64);
    std::swap(order[i - 1], order[other]);
  }
}

/// The rows in the order from which parts are taken.
static std::vector<uint32_t> ordered(uint32_t examples, const std::optional<uint64_t> &seed,
                                     Shuffle purpose) {
  std::vector<uint32_t> order(examples);
  if (seed)
    shuffledOrder(order, *seed, 0, purpose);
  else
    std::iota(order.begin(), order.end(), 0u);
  return order;
}

static std::vector<PartRows> bySplits(const DataDescription &data, uint32_t examples) {
  std::vector<uint32_t> order = ordered(examples, data.splitSeed, Shuffle::Splits);
  std::vector<PartRows> parts;
  double sum = 0;
  size_t begin = 0;
  for (const DataDescription::Share &share : data.splits) {
    sum += share.share;
    auto end = size_t(std::clamp<double>(std::round(sum * examples), double(begin), examples));
    parts.push_back(
        {share.part, {order.begin() + ptrdiff_t(begin), order.begin() + ptrdiff_t(end)}});
    begin = end;
  }
  return parts;
}

/// Takes the validation part out of the training part.
static PartRows takeValid(const DataDescription &data, PartRows &train) {
  auto examples = uint32_t(train.rows.size());
  auto count = size_t(std::clamp<double>(std::round(data.validShare * examples), 0, examples));
  std::sort(train.rows.begin(), train.rows.end());
  std::vector<uint32_t> order = ordered(examples, data.validSeed, Shuffle::Valid);
  PartRows valid = {"valid", {}};
  std::vector<uint32_t> rest;
  for (size_t i = 0; i < order.size(); ++i)
    (i < order.size() - count ? rest : valid.rows).push_back(train.rows[order[i]]);
  train.rows = std::move(rest);
  return valid;
}

std::vector<PartRows> divide(const DataDescription &data, const std::string &part,
                             uint32_t examples) {
  std::vector<PartRows> parts;
  if (part.empty() && !data.splits.empty())
    parts = bySplits(data, examples);
  else
    parts.push_back({part.empty() ? "train" : part, ordered(examples, {}, Shuffle::Splits)});
  if (data.validShare > 0)
    for (size_t i = 0; i < parts.size(); ++i)
      if (parts[i].name == "train") {
        PartRows valid = takeValid(data, parts[i]);
        parts.push_back(std::move(valid));
        break;
      }
  for (PartRows &each : parts) {
    if (each.rows.empty())
      throw errors::emptyPart(data.name, each.name, examples);
    std::sort(each.rows.begin(), each.rows.end());
  }
  return parts;
}

} // namespace nnrt
