// Columns of a data source, matched with what the model takes and read.
#pragma once

#include "runtime/data/DataReader.h"
#include "runtime/data/Dataset.h"

#include "nnrt/abi.h"

namespace nnrt {

/// The ports that the columns of a model's data fill: columns, or fields where nothing is prepared.
std::span<const nnrt_port> portsOf(const nnrt_model &model, const DataDescription &data);

/// Checks types and sizes of all columns and settles symbolic dimensions in `dims`. Throws Error.
void checkColumns(const nnrt_model &model, const DataDescription &data, const DataReader &reader,
                  std::vector<int64_t> &dims);

/// Room for the columns of all sources, a table for each.
std::vector<Table> makeTables(const nnrt_model &model, const DataDescription &data,
                              std::span<const std::unique_ptr<DataReader>> readers,
                              std::span<const int64_t> dims);

/// Reads all examples of a column, converts them and checks their bounds. Throws Error.
void readColumn(DataReader &reader, uint32_t index, const nnrt_port &port, Column &column);

/// Numbers the classes of all categories: as `facts` say where they say so, else sorted from all
/// readers and written there. Sets the numbers that the session's entries ask for. Throws Error:
/// another number of classes than stated, a class that the data set asks for and that is not there.
void numberClasses(Session &session, const DataDescription &data,
                   std::span<const std::unique_ptr<DataReader>> readers, bool isFitted,
                   DataFacts &facts);

} // namespace nnrt
