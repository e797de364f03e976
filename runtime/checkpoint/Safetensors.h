// Reads and writes safetensors: 8 bytes of header length, a JSON header, the tensors' bytes.
#pragma once

#include "runtime/support/File.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace nnrt {

/// A tensor of a file; its bytes lie at `offset` from the start of the file.
struct StoredTensor {
  std::string name;
  std::string dtype; ///< "F32"
  std::vector<int64_t> shape;
  uint64_t offset = 0, bytes = 0;

  std::string typeText() const; ///< "F32[784, 64]"
};

/// An opened file whose header is read and verified: JSON of the right form, known element types,
/// sizes that fit shapes, tensors that cover the file without gap, overlap or trailing bytes.
class SafetensorsFile {
public:
  /// Throws Error: cannot be opened or read, not a valid safetensors file (with the offset).
  explicit SafetensorsFile(const std::string &path);

  const std::string &path() const { return file.path(); }
  const std::vector<StoredTensor> &tensors() const { return stored; } ///< by offset
  const std::map<std::string, std::string> &metadata() const { return meta; }
  const StoredTensor *find(std::string_view name) const;
  void read(const StoredTensor &tensor, std::span<std::byte> out) const;

private:
  void readHeader();
  void checkLayout(uint64_t dataStart);

  InputFile file;
  std::vector<StoredTensor> stored;
  std::map<std::string, std::string> meta;
};

/// A tensor to write.
struct TensorView {
  std::string name;
  std::string dtype;
  std::vector<int64_t> shape;
  uint64_t bytes = 0;
  /// Fills `out` with the bytes from `offset` on.
  std::function<void(uint64_t offset, std::span<std::byte> out)> read;
};

/// Writes the file atomically. Throws Error: cannot be written.
void writeSafetensors(const std::string &path, std::span<const TensorView> tensors,
                      const std::map<std::string, std::string> &metadata);

} // namespace nnrt
