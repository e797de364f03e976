// Fuzzes what decodes and resizes images of folders: PNG and JPEG.
#include "runtime/data/ImageFile.h"
#include "runtime/data/InputArray.h"
#include "tests/fuzz/FuzzFile.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  return nnrt::fuzz::withFile(bytes, size, [size](const std::string &path) {
    // What is larger takes longer, and nothing else.
    const nnrt::PixelFormat format = nnrt::ImageFile(path).format();
    if (int64_t(format.width) * format.height > 1 << 20)
      return;
    const int64_t shape[] = {int64_t(1 + size % 9), 5, size % 2 ? 1 : 3};
    (void)nnrt::readImageOfAnySize(path, shape);
  });
}
