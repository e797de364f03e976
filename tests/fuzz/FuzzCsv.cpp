// Fuzzes the reader of tables, plain and compressed.
#include "runtime/data/DataReader.h"
#include "tests/fuzz/FuzzFile.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  using Kind = nnrt::DataDescription::Kind;
  return nnrt::fuzz::withFile(bytes, size, [&](const std::string &path) {
    nnrt::DataDescription::Options options;
    options.missing = {""};
    options.header = size % 2 == 0;
    nnrt::DataDescription data;
    data.sources.push_back({"", "csv", {{"", "t.csv"}}, options});
    data.columns = {{Kind::Numbers, "", "0", "1", true, 0},
                    {Kind::Category, "", "2", "2", true, 2}};
    nnrt::ReaderRequest request = {data, data.sources.front(), {path}, {}, size % 3 == 0};
    std::unique_ptr<nnrt::DataReader> reader = nnrt::openReader(request);
    std::vector<float> numbers(reader->examples() * 2);
    if (!reader->missing(0))
      reader->read(0, 0, std::as_writable_bytes(std::span(numbers)));
    const std::vector<std::string> names = {"a", "b"};
    reader->setClasses(2 - 1, names);
  });
}
