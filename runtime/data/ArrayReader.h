// Data whose columns are arrays, each in a file of its own.
#pragma once

#include "runtime/data/DataReader.h"

namespace nnrt {

/// A file that holds one dense array, the examples along its first dimension.
class ArrayFile {
public:
  virtual ~ArrayFile();

  const std::string &path() const { return name; }
  uint32_t dtype() const { return elementType; }
  const std::vector<int64_t> &shape() const { return sizes; }
  uint64_t examples() const { return sizes.empty() ? 0 : uint64_t(sizes.front()); }
  uint64_t dataBytes() const { return payload; } ///< of all elements, as readRows() gives them

  /// Fills `out` with elements, from byte `first` of all of them on, in the machine's order. Throws
  /// Error: the data ends early; it does not end, where `out` takes the last of it.
  virtual void readBytes(uint64_t first, std::span<std::byte> out) = 0;
  /// Where readBytes() finds the elements just as it gives them, if the file holds them so.
  virtual std::optional<FilePlace> plainPlace() const = 0;
  /// Where an element's bytes lie in the file.
  virtual uint64_t offsetOf(uint64_t element) const = 0;

protected:
  std::string name;
  uint32_t elementType = 0;
  std::vector<int64_t> sizes;
  uint64_t payload = 0;
};

/// A source that has such a file for each column. Throws Error: a column without a file, different
/// numbers of examples, none at all.
std::unique_ptr<DataReader> readArrays(const ReaderRequest &request,
                                       std::vector<std::unique_ptr<ArrayFile>> files);

} // namespace nnrt
