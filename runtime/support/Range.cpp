// Whether integers lie in the bounds that the descriptor states.
#include "runtime/support/Range.h"

#include "nnrt/abi.h"

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

} // namespace nnrt
