// Reads a file front to back, decompressing it where it is gzip.
#pragma once

#include "runtime/support/File.h"

#include <memory>

namespace nnrt {

/// The bytes of a plain or gzip file in order. gzip is recognised by its magic number, not by the
/// name.
class ByteReader {
public:
  /// Throws Error: cannot be opened, not a regular file, cannot be read.
  explicit ByteReader(const std::string &path);
  ~ByteReader();
  ByteReader(ByteReader &&) noexcept;

  /// Fills `out`, except at the end of the file; returns how much. At the end of gzip data, its
  /// checksum is verified. Throws Error: corrupt or truncated gzip data, cannot be read.
  size_t read(std::span<std::byte> out);

  /// Goes on at an offset that is not before offset(); no further than the end of the file.
  void skipTo(uint64_t offset);

  const std::string &path() const { return file.path(); }
  bool isCompressed() const { return inflater != nullptr; }
  uint64_t offset() const { return produced; } ///< bytes read so far, decompressed
  uint64_t fileSize() const { return file.size(); }
  /// No file of this size decompresses to more.
  uint64_t mostBytes() const;

private:
  struct Inflater;
  bool refill();
  void skipPadding();

  InputFile file;
  std::unique_ptr<Inflater> inflater;
  uint64_t consumed = 0, produced = 0;
};

/// All that is left of a file.
std::string readText(ByteReader &reader);

} // namespace nnrt
