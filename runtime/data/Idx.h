// Reads IDX files, the format of MNIST: http://yann.lecun.com/exdb/mnist, "the IDX file format".
#pragma once

#include "runtime/data/ArrayReader.h"
#include "runtime/data/ByteReader.h"

#include <optional>

namespace nnrt {

/// An IDX file whose header is read and checked. Elements are as they are in the file, in the
/// machine's byte order.
class IdxFile final : public ArrayFile {
public:
  /// Reads the header. Throws Error: empty, truncated, wrong magic number, an element type that is
  /// none of the language's, more announced than the file can hold.
  explicit IdxFile(const std::string &path);

  uint64_t headerBytes() const { return 4 + 4 * sizes.size(); }
  void readBytes(uint64_t first, std::span<std::byte> out) override;
  std::optional<FilePlace> plainPlace() const override;
  uint64_t offsetOf(uint64_t element) const override;

private:
  void readHeader();

  std::optional<ByteReader> reader;
};

} // namespace nnrt
