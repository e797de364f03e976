// Elements of one type as elements of another, where nothing is lost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace nnrt {

/// Whether `from` may stand where `to` is asked for: each value of a narrower float or of a small
/// integer as a float, integers as other integers as long as they fit.
bool isConvertible(uint32_t from, uint32_t to);

/// An element that the other type cannot hold.
struct NotHeld {
  uint64_t element;
  int64_t value;
  int64_t low, high; ///< what can be held, [low, high)
};

/// Converts elements; both sides hold equally many. Nothing where all fit.
std::optional<NotHeld> convertElements(uint32_t from, std::span<const std::byte> in, uint32_t to,
                                       std::span<std::byte> out);

} // namespace nnrt
