// Sources beside each other: one data set whose columns come from several, row by row.
#pragma once

#include "runtime/data/DataReader.h"

namespace nnrt {

/// A part's sources, and what the data set wants of them; `paths` are those of each source's files.
struct PartRequest {
  const DataDescription &data;
  std::span<const DataDescription::Source *const> sources;
  std::span<const std::vector<std::string>> paths;
  std::span<const std::vector<std::string>> names; ///< as of a ReaderRequest
};

/// Opens all sources of a part. Throws Error: one cannot be opened, or holds another number of
/// examples than those before it.
std::unique_ptr<DataReader> openPart(const PartRequest &request);

/// What one source of a part gives of the data set: the description with its columns alone, and
/// their places in the whole.
struct SourceColumns {
  DataDescription data;
  std::vector<uint32_t> places;
};
SourceColumns columnsOf(const DataDescription &data, const DataDescription::Source &source);

/// A reader that gives the columns at these places of the whole.
struct JoinedPart {
  std::unique_ptr<SourceColumns> columns; ///< the reader may refer to it
  std::unique_ptr<DataReader> reader;
};
/// One reader of all columns of a data set. Throws Error: numbers of examples differ, no reader
/// gives a column.
std::unique_ptr<DataReader> joinReaders(const DataDescription &data, std::vector<JoinedPart> parts);

} // namespace nnrt
