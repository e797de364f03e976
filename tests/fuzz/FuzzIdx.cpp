// Fuzzes the reader of IDX files, plain and compressed.
#include "runtime/data/Idx.h"
#include "runtime/support/Memory.h"
#include "tests/fuzz/FuzzFile.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  return nnrt::fuzz::withFile(bytes, size, [](const std::string &path) {
    nnrt::IdxFile reader(path);
    nnrt::Memory memory(reader.dataBytes(), "the examples");
    reader.readBytes(0, {memory.data(), memory.size()});
  });
}
