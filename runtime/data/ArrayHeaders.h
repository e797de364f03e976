// What the headers of IDX and .npy files say: http://yann.lecun.com/exdb/mnist, "the IDX file
// format", and https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
//
// The one place that knows: programs read whole arrays by them, the compiler types and sizes. No
// exception leaves it but those of `read`, since the compiler is built without.
#pragma once

#include "runtime/support/Error.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nnrt {

/// A file's next bytes, unpacked where it is packed: fills `out`, except at the end; returns how
/// much.
using ReadBytes = std::function<size_t(std::span<std::byte> out)>;

struct IdxHeader {
  static constexpr size_t mostRank = 8;

  uint32_t dtype = 0;
  std::vector<int64_t> sizes; ///< at least one; the first is the number of examples, and not 0

  uint64_t bytes() const { return 4 + 4 * sizes.size(); }
};

/// Reads the header from a file's front. The fault, where there is one: empty, cut short, wrong
/// magic number, an element type that the language has not, no examples.
std::optional<Error> readIdxHeader(std::string_view path, const ReadBytes &read, IdxHeader &header);

/// An element type of NumPy, and that of the language which holds all of its values.
struct NpyElement {
  std::string_view code; ///< without the byte order: "f4"
  unsigned size;
  uint32_t dtype;

  /// Whether elements are not as large in memory as in the file, or may not fit.
  bool isWidened() const;
};

struct NpyHeader {
  static constexpr uint64_t mostBytes = 12 + (1 << 20);

  const NpyElement *element = nullptr;
  bool isSwapped = false; ///< the highest byte comes first
  bool isFortran = false; ///< the first index runs fastest
  std::vector<int64_t> sizes;
  uint64_t bytes = 0; ///< where the elements begin
};

/// Reads the header (versions 1 to 3) from the front of a file of at most `mostBytes`. The fault,
/// where there is one: empty, not a .npy file, a damaged header, an element type that cannot be
/// read.
std::optional<Error> readNpyHeader(std::string_view path, uint64_t mostBytes, const ReadBytes &read,
                                   NpyHeader &header);

} // namespace nnrt
