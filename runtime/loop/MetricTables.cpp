// Metrics of several numbers, as text and as JSON.
#include "runtime/loop/MetricTables.h"

#include "runtime/support/Text.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace nnrt {

/// Counts as they are; of other numbers as many digits as of a metric alone.
static std::vector<std::string> cellsOf(std::span<const double> values) {
  constexpr double mostExact = 9007199254740992; // 2^53
  const bool areCounts = std::all_of(values.begin(), values.end(), [](double value) {
    return std::trunc(value) == value && std::abs(value) <= mostExact;
  });
  std::vector<std::string> cells;
  for (double value : values)
    cells.push_back(areCounts ? fixed(value, 0) : significant(value));
  return cells;
}

/// Characters of UTF-8 text.
static size_t widthOf(const std::string &text) {
  return size_t(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

static std::string padded(const std::string &text, size_t width) {
  return std::string(width - std::min(width, widthOf(text)), ' ') + text;
}

/// What rows or columns are called.
static std::vector<std::string> labelsOf(const MetricTable &table, uint64_t count,
                                         const DataFacts *facts) {
  std::vector<std::string> labels;
  const bool isKnown = facts && table.classes && *table.classes < facts->classes.size() &&
                       facts->classes[*table.classes].size() == count;
  for (uint64_t i = 0; i < count; ++i)
    labels.push_back(isKnown ? printable(facts->classes[*table.classes][i]) : std::to_string(i));
  return labels;
}

static size_t widest(const std::vector<std::string> &texts) {
  size_t width = 0;
  for (const std::string &text : texts)
    width = std::max(width, widthOf(text));
  return width;
}

static std::string asText(const MetricTable &table, std::span<const double> values,
                          const DataFacts *facts) {
  const uint64_t numRows = table.shape.front();
  const bool isMatrix = table.shape.size() == 2;
  const uint64_t numColumns = isMatrix ? table.shape.back() : 1;
  const std::vector<std::string> cells = cellsOf(values), rows = labelsOf(table, numRows, facts);
  const std::vector<std::string> columns =
      isMatrix ? labelsOf(table, numColumns, facts) : std::vector<std::string>(1);
  const size_t margin = widest(rows) + 2, width = std::max(widest(columns), widest(cells)) + 2;
  std::string text;
  if (isMatrix) {
    text += std::string(margin, ' ');
    for (const std::string &column : columns)
      text += padded(column, width);
    text += '\n';
  }
  for (uint64_t row = 0; row < numRows; ++row) {
    text += padded(rows[row], margin);
    for (uint64_t column = 0; column < numColumns; ++column)
      text += padded(cells[row * numColumns + column], width);
    text += '\n';
  }
  return text;
}

std::string tablesText(const Recipe &recipe, const Results &results, const DataFacts *facts) {
  constexpr size_t mostShown = 4096;
  std::string text;
  for (size_t i = 0; i < recipe.metrics.size(); ++i) {
    const MetricTable &table = recipe.tables[i];
    if (!table.isTable())
      continue;
    text += cat(recipe.metrics[i], " (", results.examples, " examples)");
    text += table.count() <= mostShown
                ? cat("\n", asText(table, results.ofMetric(recipe, i), facts))
                : cat(": ", table.count(), " numbers, which 'eval --json' and logs have\n");
  }
  return text;
}

void writeTables(JsonWriter &json, const Recipe &recipe, const Results &results) {
  for (size_t i = 0; i < recipe.metrics.size(); ++i) {
    const MetricTable &table = recipe.tables[i];
    if (!table.isTable())
      continue;
    const std::span<const double> values = results.ofMetric(recipe, i);
    const size_t perRow = table.shape.size() == 2 ? table.shape.back() : values.size();
    json.key(recipe.metrics[i]);
    if (table.shape.size() == 2)
      json.beginArray();
    for (size_t first = 0; first < values.size(); first += perRow) {
      json.beginArray();
      for (double value : values.subspan(first, perRow))
        json.value(value);
      json.endArray();
    }
    if (table.shape.size() == 2)
      json.endArray();
  }
}

} // namespace nnrt
