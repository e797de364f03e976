// Sources beside each other: one data set whose columns come from several, row by row.
#include "runtime/data/JoinedReader.h"

#include "runtime/support/Errors.h"

#include <algorithm>

namespace nnrt {

namespace {
class JoinedReader final : public DataReader {
public:
  JoinedReader(const DataDescription &data, std::vector<JoinedPart> joined);

  void read(uint32_t column, uint64_t first, std::span<std::byte> out) override {
    of(column).read(places[column].index, first, out);
  }
  std::optional<FilePlace> rowsPlace(uint32_t column) const override {
    return of(column).rowsPlace(places[column].index);
  }
  std::string place(uint32_t column, uint64_t example, uint64_t element) const override {
    return of(column).place(places[column].index, example, element);
  }
  std::string example(uint64_t number) const override {
    return parts.front().reader->example(number);
  }
  std::vector<std::string> names(uint32_t column) const override {
    return of(column).names(places[column].index);
  }
  std::vector<ClassPlace> classes(uint32_t column) const override {
    return of(column).classes(places[column].index);
  }
  std::string classPlace(uint32_t column, uint64_t first) const override {
    return of(column).classPlace(places[column].index, first);
  }
  void setClasses(uint32_t column, std::span<const std::string> names) override {
    of(column).setClasses(places[column].index, names);
  }
  const Error *missing(uint32_t column) const override {
    return of(column).missing(places[column].index);
  }

private:
  struct Place {
    size_t part = SIZE_MAX;
    uint32_t index = 0; ///< among the part's columns
  };
  DataReader &of(uint32_t column) const { return *parts[places[column].part].reader; }

  std::vector<JoinedPart> parts;
  std::vector<Place> places; ///< of each column
};
} // namespace

JoinedReader::JoinedReader(const DataDescription &data, std::vector<JoinedPart> joined)
    : parts(std::move(joined)), places(data.columns.size()) {
  const DataReader &first = *parts.front().reader;
  count = first.examples();
  columns.resize(data.columns.size());
  for (size_t part = 0; part < parts.size(); ++part) {
    const DataReader &reader = *parts[part].reader;
    if (reader.examples() != count)
      throw errors::sourcesMismatch(first.fields().front().file, count,
                                    reader.fields().front().file, reader.examples());
    for (uint32_t i = 0; i < parts[part].columns->places.size(); ++i) {
      const uint32_t column = parts[part].columns->places[i];
      places[column] = {part, i};
      columns[column] = reader.fields()[i];
    }
  }
  for (size_t i = 0; i < places.size(); ++i)
    if (places[i].part == SIZE_MAX)
      throw errors::fieldWithoutFile(data.name, {}, data.columns[i].name);
}

std::unique_ptr<DataReader> joinReaders(const DataDescription &data,
                                        std::vector<JoinedPart> parts) {
  return std::make_unique<JoinedReader>(data, std::move(parts));
}

SourceColumns columnsOf(const DataDescription &data, const DataDescription::Source &source) {
  SourceColumns result = {data, {}};
  result.data.columns.clear();
  for (uint32_t i = 0; i < data.columns.size(); ++i) {
    const DataDescription::Column &column = data.columns[i];
    const bool isItsOwn =
        source.reader == "csv"
            ? column.isOfTable()
            : std::any_of(source.files.begin(), source.files.end(),
                          [&](const DataDescription::File &file) {
                            return !column.isOfTable() && file.column == column.name;
                          });
    if (!isItsOwn)
      continue;
    result.data.columns.push_back(column);
    result.places.push_back(i);
  }
  return result;
}

std::unique_ptr<DataReader> openPart(const PartRequest &request) {
  if (request.sources.size() == 1)
    return openReader({request.data, *request.sources[0], request.paths[0], request.names});
  std::vector<JoinedPart> parts;
  for (size_t i = 0; i < request.sources.size(); ++i) {
    JoinedPart part;
    part.columns = std::make_unique<SourceColumns>(columnsOf(request.data, *request.sources[i]));
    if (part.columns->places.empty())
      continue; // nothing reads it
    std::vector<std::vector<std::string>> names;
    for (uint32_t place : part.columns->places)
      names.push_back(place < request.names.size() ? request.names[place]
                                                   : std::vector<std::string>());
    part.reader = openReader({part.columns->data, *request.sources[i], request.paths[i], names});
    parts.push_back(std::move(part));
  }
  return joinReaders(request.data, std::move(parts));
}

} // namespace nnrt
