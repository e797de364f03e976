// Data whose columns are arrays, each in a file of its own.
#include "runtime/data/ArrayReader.h"

#include "runtime/support/Errors.h"
#include "runtime/support/Tensor.h"
#include "runtime/support/Text.h"

#include <limits>

namespace nnrt {

ArrayFile::~ArrayFile() = default;

namespace {
class ArrayReader final : public DataReader {
public:
  ArrayReader(const ReaderRequest &request, std::vector<std::unique_ptr<ArrayFile>> opened);

  void read(uint32_t column, uint64_t first, std::span<std::byte> out) override {
    ArrayFile &file = *files[column];
    file.readBytes(first * (file.dataBytes() / count), out);
  }
  std::optional<FilePlace> rowsPlace(uint32_t column) const override {
    return files[column]->plainPlace();
  }
  std::string place(uint32_t column, uint64_t example, uint64_t element) const override {
    const ArrayFile &file = *files[column];
    uint64_t perExample = file.dataBytes() / elementSize(file.dtype()) / count;
    return cat(file.path(), ": at byte ", file.offsetOf(example * perExample + element),
               ": example ", example);
  }
  std::string example(uint64_t number) const override {
    return cat(files.front()->path(), ": example ", number);
  }

private:
  std::vector<std::unique_ptr<ArrayFile>> files; ///< one per column
};
} // namespace

ArrayReader::ArrayReader(const ReaderRequest &request,
                         std::vector<std::unique_ptr<ArrayFile>> opened) {
  for (const DataDescription::Column &column : request.data.columns) {
    std::unique_ptr<ArrayFile> file;
    for (size_t i = 0; i < opened.size(); ++i)
      if (opened[i] && request.source.files[i].column == column.name)
        file = std::move(opened[i]);
    if (!file)
      throw errors::fieldWithoutFile(request.data.name, request.source.part, column.name);
    if (file->shape().empty() || file->examples() == 0)
      throw errors::noExamples(file->path());
    // Orders of examples are kept as 32-bit numbers.
    if (file->examples() > std::numeric_limits<uint32_t>::max())
      throw errors::tooManyExamples(file->path(), file->examples(),
                                    std::numeric_limits<uint32_t>::max());
    if (!columns.empty() && file->examples() != count)
      throw errors::countMismatch(columns.front().file, columns.front().name, count, file->path(),
                                  column.name, file->examples());
    count = file->examples();
    columns.push_back({column.name,
                       file->dtype(),
                       {file->shape().begin() + 1, file->shape().end()},
                       file->path()});
    files.push_back(std::move(file));
  }
}

std::unique_ptr<DataReader> readArrays(const ReaderRequest &request,
                                       std::vector<std::unique_ptr<ArrayFile>> files) {
  return std::make_unique<ArrayReader>(request, std::move(files));
}

} // namespace nnrt
