// Whether integers lie in the bounds that the descriptor states.
#include "runtime/support/Range.h"

#include "nnrt/abi.h"

#include <cmath>

namespace nnrt {

template <typename T>
static std::optional<OutOfRange> find(int64_t low, int64_t high, std::span<const std::byte> data) {
  auto *values = reinterpret_cast<const T *>(data.data());
  const uint64_t count = data.size() / sizeof(T);
  // Two passes: the first vectorises, and the second hardly ever runs.
  bool outside = false;
  for (uint64_t i = 0; i < count; ++i)
    outside |= (values[i] < low) | (values[i] >= high);
  for (uint64_t i = 0; outside && i < count; ++i)
    if (values[i] < low || values[i] >= high)
      return OutOfRange{i, int64_t(values[i])};
  return std::nullopt;
}

std::optional<OutOfRange> findOutOfRange(uint32_t dtype, int64_t low, int64_t high,
                                         std::span<const std::byte> data) {
  if (low >= high)
    return std::nullopt;
  switch (dtype) {
  case NNRT_U8:
    return find<uint8_t>(low, high, data);
  case NNRT_I32:
    return find<int32_t>(low, high, data);
  case NNRT_I64:
    return find<int64_t>(low, high, data);
  default:
    return std::nullopt;
  }
}

template <typename T, typename Test>
static std::optional<uint64_t> findFloat(std::span<const std::byte> data, Test isWanted) {
  auto *values = reinterpret_cast<const T *>(data.data());
  for (uint64_t i = 0, count = data.size() / sizeof(T); i < count; ++i)
    if (isWanted(values[i]))
      return i;
  return std::nullopt;
}

template <typename Test>
static std::optional<uint64_t> findFloat(uint32_t dtype, std::span<const std::byte> data,
                                         Test isWanted) {
  switch (dtype) {
  case NNRT_F32:
    return findFloat<float>(data, isWanted);
  case NNRT_F64:
    return findFloat<double>(data, isWanted);
  default:
    return std::nullopt;
  }
}

std::optional<uint64_t> findNotFinite(uint32_t dtype, std::span<const std::byte> data) {
  return findFloat(dtype, data, [](auto value) { return !std::isfinite(value); });
}

std::optional<uint64_t> findNaN(uint32_t dtype, std::span<const std::byte> data) {
  return findFloat(dtype, data, [](auto value) { return std::isnan(value); });
}

} // namespace nnrt
