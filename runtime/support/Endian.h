// Integers in the byte order of files that have one of their own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace nnrt {

/// The four bytes at `bytes` as a big-endian number.
inline uint32_t bigEndian32(const std::byte *bytes) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i)
    value = value << 8 | std::to_integer<uint32_t>(bytes[i]);
  return value;
}

/// Reverses the bytes of each element in place.
inline void swapBytes(std::span<std::byte> bytes, unsigned elementBytes) {
  auto swap = [&](auto value, auto reverse) {
    for (size_t i = 0; i + sizeof value <= bytes.size(); i += sizeof value) {
      memcpy(&value, &bytes[i], sizeof value);
      value = reverse(value);
      memcpy(&bytes[i], &value, sizeof value);
    }
  };
  if (elementBytes == 2)
    swap(uint16_t(), [](uint16_t value) { return __builtin_bswap16(value); });
  else if (elementBytes == 4)
    swap(uint32_t(), [](uint32_t value) { return __builtin_bswap32(value); });
  else if (elementBytes == 8)
    swap(uint64_t(), [](uint64_t value) { return __builtin_bswap64(value); });
}

} // namespace nnrt
