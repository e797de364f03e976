// Operations that the lanes of a warp do together, as PTX defines them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace nnrt::emulator {

/// What a lane brings to an operation, and where its part of the result goes.
struct WarpOperation {
  enum class Kind : uint8_t { Barrier, Shuffle, Ballot, Multiply, LoadMatrix };
  Kind kind = Kind::Barrier;
  uint32_t mode = 0; ///< of a shuffle; the kind of a product; whether a matrix is transposed
  uint32_t mask = 0;
  uint32_t value = 0, offset = 0, clamp = 0, count = 0;
  uint32_t result = 0;
  bool readsAbsent = false; ///< a shuffle has read a lane that takes no part
  const uint32_t *a = nullptr, *b = nullptr, *c = nullptr;
  uint32_t *d = nullptr;
  const std::byte *row = nullptr;

  /// Whether two lanes wait in the same one.
  bool matches(const WarpOperation &other) const {
    return kind == other.kind && mode == other.mode && mask == other.mask && count == other.count;
  }
};

/// Computes all results; lanes that take no part are null. Of products and matrices all 32 do.
void complete(std::span<WarpOperation *const, 32> lanes);

} // namespace nnrt::emulator
