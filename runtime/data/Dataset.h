// The data set that a recipe names: found, checked and held in memory.
#pragma once

#include "runtime/support/Memory.h"

#include "nnrt/abi.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nnrt {

/// One field of a split: all its examples, row by row, in the element type of the file.
struct Column {
  Memory memory;
  uint64_t rowBytes = 0;
};

/// "train" or "test": one column per field of the model, all with the same number of examples.
struct Split {
  std::string name;
  uint64_t examples = 0;
  std::vector<Column> columns;
};

struct Dataset {
  std::vector<Split> splits;
  const Split *find(std::string_view name) const;
};

/// Where to look for the files.
struct DataPlaces {
  std::string option;      ///< --data; nothing else is looked at where it is given
  std::string environment; ///< $NN_DATA
};

/// Loads those of the named splits that the model's data set has. Headers, shapes and counts of all
/// files are checked before memory is asked for; the examples are then read by one thread per file.
/// Symbolic dimensions that the files settle are written into `dims` (0 there: not known yet).
/// Throws Error.
Dataset loadDataset(const nnrt_model &model, const DataPlaces &places,
                    const std::vector<std::string> &splits, std::vector<int64_t> &dims);

/// Throws Error (value out of range), naming the first example whose value lies outside [low,
/// high).
void checkRange(const nnrt_port &field, const Column &column, uint64_t examples,
                const std::string &file, uint64_t headerBytes);

} // namespace nnrt
