// Fuzzes the reader of .png files.
#include "runtime/data/InputArray.h"
#include "tests/fuzz/FuzzFile.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  return nnrt::fuzz::withFile(bytes, size, [](const std::string &path) {
    (void)nnrt::readPng(path, /*height=*/28, /*width=*/28, /*channels=*/1,
                        /*channelDimension=*/false);
  });
}
