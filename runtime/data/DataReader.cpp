// The formats of data that there are.
#include "runtime/data/DataReader.h"

#include "runtime/support/Errors.h"
#include "runtime/support/Text.h"

namespace nnrt {

DataReader::~DataReader() = default;

std::optional<FilePlace> DataReader::rowsPlace(uint32_t) const { return std::nullopt; }
std::vector<std::string> DataReader::names(uint32_t) const { return {}; }
std::vector<ClassPlace> DataReader::classes(uint32_t) const { return {}; }
std::string DataReader::classPlace(uint32_t, uint64_t first) const { return example(first); }
void DataReader::setClasses(uint32_t, std::span<const std::string>) {}
const Error *DataReader::missing(uint32_t) const { return nullptr; }

namespace {
struct Format {
  std::string_view name;
  std::unique_ptr<DataReader> (*open)(const ReaderRequest &request);
};
} // namespace

static constexpr Format formats[] = {{"idx", openIdx},
                                     {"npy", openNpy},
                                     {"csv", openCsv},
                                     {"text", openText},
                                     {"folder", openFolder}};

std::unique_ptr<DataReader> openReader(const ReaderRequest &request) {
  std::string known;
  for (const Format &format : formats) {
    if (format.name == request.source.reader)
      return format.open(request);
    known += cat(known.empty() ? "" : ", ", format.name);
  }
  throw errors::unknownFormat(request.data.name, request.source.reader, known);
}

} // namespace nnrt
