// Reads images that have just the size that a model takes.
#include "runtime/data/ImageFile.h"
#include "runtime/data/InputArray.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Text.h"

#include "nnrt/abi.h"

#include <cstring>

namespace nnrt {

InputArray readPng(const std::string &path, int64_t height, int64_t width, int channels,
                   bool channelDimension) {
  ImageFile file(path);
  const auto [w, h, found] = file.format();
  if ((height >= 0 && h != height) || (width >= 0 && w != width))
    throw errors::badImage(path, cat("it is ", w, " by ", h,
                                     " pixels (width by height), but the model takes ",
                                     width < 0 ? "any" : std::to_string(width), " by ",
                                     height < 0 ? "any" : std::to_string(height)));
  Pixels pixels = file.decode(channels);
  InputArray array;
  array.path = path;
  array.dtype = NNRT_U8;
  array.shape = {h, w};
  if (channelDimension)
    array.shape.push_back(channels);
  array.bytes = Memory(uint64_t(h) * uint64_t(w) * uint64_t(channels), path);
  memcpy(array.bytes.data(), pixels.get(), array.bytes.size());
  return array;
}

} // namespace nnrt
