// Zeroed, page-aligned memory straight from the system.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace nnrt {

/// Owns zeroed memory whose pages cost nothing until they are touched. Aligned to a page, hence to
/// 64 bytes.
class Memory {
public:
  Memory() = default;
  /// Throws Error (not enough memory), naming `what`.
  Memory(uint64_t bytes, std::string_view what);
  /// Nothing where there is not enough.
  static std::optional<Memory> ifThereIs(uint64_t bytes);
  Memory(Memory &&other) noexcept
      : base(std::exchange(other.base, nullptr)), bytes(std::exchange(other.bytes, 0)) {}
  Memory &operator=(Memory &&other) noexcept {
    std::swap(base, other.base);
    std::swap(bytes, other.bytes);
    return *this;
  }
  ~Memory();

  std::byte *data() const { return base; }
  uint64_t size() const { return bytes; }

private:
  std::byte *base = nullptr;
  uint64_t bytes = 0;
};

} // namespace nnrt
