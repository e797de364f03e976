// Reads .npy files: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include "runtime/data/ArrayHeaders.h"
#include "runtime/data/ArrayReader.h"
#include "runtime/data/ByteReader.h"
#include "runtime/support/Memory.h"

#include <optional>

namespace nnrt {

/// A .npy file (versions 1 to 3) whose header is read and checked. Elements come rows first and in
/// the machine's byte order, whatever the file's; integers of NumPy that the language has not come
/// as the next larger that it has.
class NpyFile final : public ArrayFile {
public:
  /// Throws Error: not a .npy file, an element type that cannot be read, not the size that it
  /// announces.
  explicit NpyFile(const std::string &path);

  void readBytes(uint64_t first, std::span<std::byte> out) override;
  std::optional<FilePlace> plainPlace() const override;
  uint64_t offsetOf(uint64_t element) const override;

private:
  void readHeader();
  void checkSize();
  void readStored(uint64_t first, std::span<std::byte> out);
  void transpose();
  bool convert(const std::byte *from, std::byte *to, uint64_t elements) const;

  std::optional<ByteReader> reader;
  const NpyElement *element = nullptr;
  bool isSwapped = false, isFortran = false;
  uint64_t dataStart = 0, storedBytes = 0;
  Memory rowsFirst; ///< all elements of a file in Fortran order, transposed
};

} // namespace nnrt
