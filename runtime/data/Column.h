// The columns of a table: all rows of each, in memory or in a file.
#pragma once

#include "runtime/data/RowFile.h"
#include "runtime/support/Memory.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nnrt {

/// One field: all its examples, row by row, in the element type of the model.
struct Column {
  // -Wextra wants the initializers where a use leaves the members out.
  // NOLINTBEGIN(readability-redundant-member-init)
  Memory memory = {}; ///< the rows, unless they lie in a file
  uint64_t rowBytes = 0;
  std::unique_ptr<RowFile> file = {};
  // NOLINTEND(readability-redundant-member-init)
  bool isFinite = true; ///< whether no element is infinite or NaN

  /// Copies rows. Throws Error: their file cannot be read any more.
  void read(uint64_t first, uint64_t count, std::byte *out) const;
  /// Puts rows in their place. Throws Error: a temporary file cannot be written.
  void write(uint64_t first, std::span<const std::byte> rows);
  /// Hands over all rows in order: at once where they are in memory, else in pieces.
  void
  forEachPiece(uint64_t examples,
               const std::function<void(uint64_t first, std::span<const std::byte>)> &take) const;
};

/// All rows of a source, a column per field.
struct Table {
  uint64_t examples = 0;
  std::vector<Column> columns;
};

/// What a column is to hold.
struct ColumnNeed {
  std::string name;
  uint64_t rowBytes = 0, examples = 0;
  /// Where its rows lie as the model takes them, if they do anywhere.
  std::optional<FilePlace> place;
};

/// Makes columns. Where all would take more than half of the memory that the process may take, the
/// largest lie in files, until the rest does not; so does one that memory is refused for. Rows then
/// stay where they are, if they are there as the model takes them, or go to a temporary file, and
/// standard error says so of `what`. Throws Error: neither memory nor room for files.
std::vector<Column> makeColumns(std::span<const ColumnNeed> needs, std::string_view what);

} // namespace nnrt
