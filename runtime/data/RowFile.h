// Rows that lie in a file, since memory would not hold them.
#pragma once

#include "runtime/support/File.h"

#include <cstdint>
#include <span>
#include <string>

namespace nnrt {

/// A place in a file.
struct FilePlace {
  std::string path;
  uint64_t offset = 0;
};

/// The bytes of a column in a file, of the user's or a temporary one. Nothing is allocated by
/// reading.
class RowFile {
public:
  /// What lies in a file as it is, from `place` on. Throws Error: cannot be opened.
  explicit RowFile(const FilePlace &place);
  /// A temporary file for so many bytes, zeros at first. It has no name, so that nothing of it is
  /// left whatever happens. Throws Error: no room, cannot be written.
  static RowFile temporary(uint64_t bytes, std::string_view what);

  /// Throws Error: it ends early, since somebody has cut it short; cannot be read.
  void read(uint64_t at, std::span<std::byte> out) const;
  /// Only of a temporary one. Throws Error: cannot be written.
  void write(uint64_t at, std::span<const std::byte> bytes);
  /// Asks the system to read these bytes meanwhile, so that read() need not wait for them.
  void expect(uint64_t at, uint64_t bytes) const;

  bool isTemporary() const { return isOwn; }
  const std::string &path() const { return file.path(); }

private:
  RowFile(InputFile opened, uint64_t offset, bool isOwn)
      : file(std::move(opened)), offset(offset), isOwn(isOwn) {}

  InputFile file;
  uint64_t offset;
  bool isOwn;
};

/// Where temporary files go: $TMPDIR, else /var/tmp, which unlike /tmp is no memory in disguise.
std::string temporaryFolder();

} // namespace nnrt
