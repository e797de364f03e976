// Integers in the byte order of files that have one of their own.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nnrt {

/// The four bytes at `bytes` as a big-endian number.
inline uint32_t bigEndian32(const std::byte *bytes) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i)
    value = value << 8 | std::to_integer<uint32_t>(bytes[i]);
  return value;
}

} // namespace nnrt
