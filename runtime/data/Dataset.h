// The data set that a recipe names: found, checked, prepared and held, in memory where that is
// enough.
#pragma once

#include "runtime/data/Column.h"
#include "runtime/model/Session.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nnrt {

/// "train", "valid" or "test": rows of a table.
struct Part {
  std::string name;
  uint64_t examples = 0;
  std::shared_ptr<const Table> table;
  std::vector<uint32_t> rows; ///< in the order of the file; empty: all of the table
};

struct Dataset {
  std::vector<Part> parts;
  /// Where the training part first holds what is not finite: "t.csv:9: 'x' holds a value that is
  /// not finite"; empty where all of it is.
  std::string badValue;
  const Part *find(std::string_view name) const;
};

/// Where to look for the files.
struct DataPlaces {
  std::string option;      ///< --data; nothing else is looked at where it is given
  std::string environment; ///< $NN_DATA
};

/// What the files of a training settle, apart from numbers: it travels with the weights. Both have
/// an entry per column of the data.
struct DataFacts {
  std::vector<std::vector<std::string>> classes; ///< of categories, sorted
  std::vector<std::vector<std::string>> names;   ///< of the header of a table
};

struct LoadRequest {
  Session &session; ///< runs the preparation, holds what it fits
  const DataDescription &data;
  DataPlaces places;
  /// Parts of these names are loaded where the data set has them; the first is one it must have.
  std::vector<std::string> parts;
  /// Whether preparation is fitted to the training part, which then is among `parts`; else
  /// `facts` and the session hold what was fitted.
  bool isFitted = false;
};

/// Loads a data set. Headers, shapes and counts of all files are checked before memory is asked
/// for; the examples are then read by one thread per column. Symbolic dimensions that the files
/// settle are written into `dims` (0 there: not known yet), what is found out about categories and
/// headers into `facts`. Throws Error.
Dataset loadDataset(const LoadRequest &request, std::vector<int64_t> &dims, DataFacts &facts);

} // namespace nnrt
