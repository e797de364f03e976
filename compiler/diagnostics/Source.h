// Source files and places in them. Knows text alone.
#pragma once

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace nnc {

/// Names a file of a SourceManager.
struct FileId {
  uint32_t index = UINT32_MAX;
  bool isValid() const { return index != UINT32_MAX; }
  bool operator==(const FileId &) const = default;
};

/// Bytes [begin, end) of a file.
struct SourceRange {
  FileId file;
  uint32_t begin = 0, end = 0;
  bool isValid() const { return file.isValid(); }
  bool operator==(const SourceRange &) const = default;
};

/// A line and column, both from 1; columns count UTF-8 code points, as editors do.
struct LineColumn {
  uint32_t line = 1, column = 1;
};

/// Owns the text of every file of a compilation: the user's, the imported, the standard library's.
class SourceManager {
public:
  enum class Origin { User, Std };

  FileId add(std::string name, std::string text, Origin origin = Origin::User);
  llvm::StringRef name(FileId file) const;
  llvm::StringRef text(FileId file) const;
  llvm::StringRef text(SourceRange range) const;
  bool isStd(FileId file) const;
  LineColumn position(FileId file, uint32_t offset) const;
  /// The text of a line (from 1), without its newline.
  llvm::StringRef line(FileId file, uint32_t line) const;
  size_t size() const { return files.size(); }

private:
  struct File {
    std::string name, text;
    Origin origin;
    std::vector<uint32_t> lineStarts;
  };
  std::vector<std::unique_ptr<File>> files;
};

} // namespace nnc
