// Fuzzes the reader of texts, plain and compressed.
#include "runtime/data/DataReader.h"
#include "tests/fuzz/FuzzFile.h"

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  return nnrt::fuzz::withFile(bytes, size, [&](const std::string &path) {
    static constexpr const char *units[] = {"character", "word", "byte"};
    nnrt::DataDescription data;
    nnrt::DataDescription::Options options;
    options.unit = units[size % 3];
    options.window = 3;
    options.stride = 1 + size % 4;
    data.sources.push_back({"", "text", {{"window", "t.txt"}}, options});
    data.columns = {{nnrt::DataDescription::Kind::Text, "window", "", "", false, 300}};
    nnrt::ReaderRequest request = {data, data.sources.front(), {path}, {}, false};
    std::unique_ptr<nnrt::DataReader> reader = nnrt::openReader(request);
    std::vector<std::string> names;
    for (const nnrt::ClassPlace &each : reader->classes(0)) {
      (void)reader->classPlace(0, each.first);
      names.push_back(each.name);
    }
    std::sort(names.begin(), names.end());
    reader->setClasses(0, names);
    std::vector<int32_t> windows(reader->examples() * 3);
    reader->read(0, 0, std::as_writable_bytes(std::span(windows)));
  });
}
