// Elements of one type as elements of another, where nothing is lost.
#include "runtime/data/Convert.h"

#include "runtime/support/Tensor.h"

#include "nnrt/abi.h"

#include <bit>
#include <cstring>
#include <limits>
#include <type_traits>

namespace nnrt {

static bool isInteger(uint32_t dtype) {
  return dtype == NNRT_I64 || dtype == NNRT_I32 || dtype == NNRT_U8 || dtype == NNRT_BOOL;
}

bool isConvertible(uint32_t from, uint32_t to) {
  if (from == to)
    return true;
  if (isInteger(from) && isInteger(to))
    return true;
  switch (to) {
  case NNRT_F64:
    return from == NNRT_F32 || from == NNRT_F16 || from == NNRT_BF16 || from == NNRT_I32 ||
           from == NNRT_U8 || from == NNRT_BOOL;
  case NNRT_F32:
    return from == NNRT_F16 || from == NNRT_BF16 || from == NNRT_U8 || from == NNRT_BOOL;
  default:
    return false;
  }
}

namespace {
struct Half {
  uint16_t bits;
};
struct BrainFloat {
  uint16_t bits;
};
} // namespace

template <typename T> static T numberOf(T value) { return value; }
static float numberOf(Half value) { return float(std::bit_cast<_Float16>(value.bits)); }
static float numberOf(BrainFloat value) { return std::bit_cast<float>(uint32_t(value.bits) << 16); }

template <typename From, typename To>
static std::optional<NotHeld> convertAll(std::span<const std::byte> in, std::span<std::byte> out,
                                         bool isBool) {
  for (uint64_t i = 0, count = in.size() / sizeof(From); i < count; ++i) {
    From from;
    memcpy(&from, &in[i * sizeof from], sizeof from);
    auto number = numberOf(from);
    if constexpr (std::is_integral_v<decltype(number)> && std::is_integral_v<To>) {
      const int64_t low = isBool ? 0 : int64_t(std::numeric_limits<To>::min());
      const int64_t last = isBool ? 1 : int64_t(std::numeric_limits<To>::max());
      if (int64_t(number) < low || int64_t(number) > last)
        return NotHeld{i, int64_t(number), low, last == INT64_MAX ? last : last + 1};
    }
    To to = To(number);
    memcpy(&out[i * sizeof to], &to, sizeof to);
  }
  return std::nullopt;
}

template <typename From>
static std::optional<NotHeld> convertFrom(std::span<const std::byte> in, uint32_t to,
                                          std::span<std::byte> out) {
  switch (to) {
  case NNRT_F64:
    return convertAll<From, double>(in, out, false);
  case NNRT_F32:
    return convertAll<From, float>(in, out, false);
  case NNRT_I64:
    return convertAll<From, int64_t>(in, out, false);
  case NNRT_I32:
    return convertAll<From, int32_t>(in, out, false);
  default:
    return convertAll<From, uint8_t>(in, out, to == NNRT_BOOL);
  }
}

std::optional<NotHeld> convertElements(uint32_t from, std::span<const std::byte> in, uint32_t to,
                                       std::span<std::byte> out) {
  if (from == to && !in.empty()) {
    memcpy(out.data(), in.data(), in.size());
    return std::nullopt;
  }
  switch (from) {
  case NNRT_F64:
    return convertFrom<double>(in, to, out);
  case NNRT_F32:
    return convertFrom<float>(in, to, out);
  case NNRT_F16:
    return convertFrom<Half>(in, to, out);
  case NNRT_BF16:
    return convertFrom<BrainFloat>(in, to, out);
  case NNRT_I64:
    return convertFrom<int64_t>(in, to, out);
  case NNRT_I32:
    return convertFrom<int32_t>(in, to, out);
  default:
    return convertFrom<uint8_t>(in, to, out);
  }
}

} // namespace nnrt
