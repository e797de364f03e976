// Whether integers lie in the bounds that the descriptor states.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace nnrt {

struct OutOfRange {
  uint64_t element; ///< its number in the data
  int64_t value;
};

/// The first element outside [low, high). Nothing where all lie inside, where low >= high (no
/// bounds), and for types that have none.
std::optional<OutOfRange> findOutOfRange(uint32_t dtype, int64_t low, int64_t high,
                                         std::span<const std::byte> data);

/// The first element that is NaN or infinite; nothing where all are finite, and
/// for types that are no floats.
std::optional<uint64_t> findNotFinite(uint32_t dtype, std::span<const std::byte> data);
/// The same for NaN alone.
std::optional<uint64_t> findNaN(uint32_t dtype, std::span<const std::byte> data);

} // namespace nnrt
