// Reads IDX files, the format of MNIST: http://yann.lecun.com/exdb/mnist, "the IDX file format".
#pragma once

#include "runtime/data/ByteReader.h"

#include <cstdint>
#include <vector>

namespace nnrt {

/// An IDX file whose header is read and checked; the examples come with readExamples(). Elements
/// are stored as they are in the file, in the machine's byte order.
class IdxReader {
public:
  /// Reads the header. Throws Error: empty, truncated, wrong magic number, an element type that is
  /// none of the language's, more announced than the file can hold.
  explicit IdxReader(const std::string &path);

  const std::string &path() const { return reader.path(); }
  uint32_t dtype() const { return elementType; }
  const std::vector<int64_t> &shape() const { return sizes; } ///< examples first
  uint64_t examples() const { return uint64_t(sizes.front()); }
  uint64_t headerBytes() const { return 4 + 4 * sizes.size(); }
  uint64_t dataBytes() const { return payload; }

  /// Fills `out`, of dataBytes() bytes. Throws Error: the data ends early or does not end.
  void readExamples(std::span<std::byte> out);

private:
  void readHeader();

  ByteReader reader;
  uint32_t elementType = 0;
  std::vector<int64_t> sizes;
  uint64_t payload = 0;
};

} // namespace nnrt
