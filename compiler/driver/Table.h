// Plain-text tables.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdint>
#include <string>
#include <vector>

namespace nnc::driver {

/// Rows of cells in columns as wide as their widest cell, two spaces apart.
class Table {
public:
  enum class Align { Left, Right };

  explicit Table(std::vector<Align> columns) : columns(std::move(columns)) {}
  void row(std::vector<std::string> cells);
  /// A line across the table.
  void rule() { rows.emplace_back(); }
  void print(llvm::raw_ostream &os) const;

private:
  std::vector<Align> columns;
  std::vector<std::vector<std::string>> rows; ///< an empty one is a rule
};

/// 50890 -> "50,890"
std::string withSeparators(uint64_t number);
/// "12.3 %".
std::string percent(double share);

} // namespace nnc::driver
