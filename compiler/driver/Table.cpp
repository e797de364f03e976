// Prints tables.
#include "compiler/driver/Table.h"

#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <cassert>

namespace nnc::driver {

void Table::row(std::vector<std::string> cells) {
  assert(cells.size() == columns.size() && "one cell for each column");
  rows.push_back(std::move(cells));
}

void Table::print(llvm::raw_ostream &os) const {
  std::vector<size_t> widths(columns.size());
  for (const auto &cells : rows)
    for (size_t i = 0; i < cells.size(); ++i)
      widths[i] = std::max(widths[i], cells[i].size());
  size_t total = 2 * (columns.size() - 1);
  for (size_t width : widths)
    total += width;

  for (const auto &cells : rows) {
    std::string line = cells.empty() ? std::string(total, '-') : "";
    for (size_t i = 0; i < cells.size(); ++i) {
      std::string padding(widths[i] - cells[i].size(), ' ');
      line +=
          (i ? "  " : "") + (columns[i] == Align::Left ? cells[i] + padding : padding + cells[i]);
    }
    os << llvm::StringRef(line).rtrim(' ') << "\n";
  }
}

std::string withSeparators(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t place = digits.size(); place > 3;)
    digits.insert(place -= 3, ",");
  return digits;
}

std::string percent(double share) { return llvm::formatv("{0:f1} %", 100 * share).str(); }

} // namespace nnc::driver
