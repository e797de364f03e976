// Philox4x32-10, the counter-based generator that compiled code uses too (Salmon et al., SC'11,
// section 4.3).
#pragma once

#include <array>
#include <cstdint>

namespace nnrt {

using PhiloxCounter = std::array<uint32_t, 4>;
using PhiloxKey = std::array<uint32_t, 2>;

/// Four random words for a counter; a pure function, so that any element can be drawn alone and in
/// any order.
inline PhiloxCounter philox4x32(PhiloxCounter counter, PhiloxKey key) {
  for (int round = 0; round < 10; ++round) {
    uint64_t product0 = uint64_t(0xD2511F53) * counter[0];
    uint64_t product1 = uint64_t(0xCD9E8D57) * counter[2];
    counter = {uint32_t(product1 >> 32) ^ counter[1] ^ key[0], uint32_t(product1),
               uint32_t(product0 >> 32) ^ counter[3] ^ key[1], uint32_t(product0)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

inline PhiloxKey philoxKey(uint64_t seed) { return {uint32_t(seed), uint32_t(seed >> 32)}; }

} // namespace nnrt
