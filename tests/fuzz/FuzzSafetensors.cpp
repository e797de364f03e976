// Fuzzes the reader of safetensors files.
#include "runtime/checkpoint/Safetensors.h"
#include "tests/fuzz/FuzzFile.h"

#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  return nnrt::fuzz::withFile(bytes, size, [](const std::string &path) {
    nnrt::SafetensorsFile file(path);
    // Whatever is accepted can be read.
    for (const nnrt::StoredTensor &tensor : file.tensors()) {
      std::vector<std::byte> content(tensor.bytes);
      file.read(tensor, content);
      if (!file.find(tensor.name))
        abort();
    }
  });
}
