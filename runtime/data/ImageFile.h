// A file that holds an image: checked as far as can be before memory for its pixels is asked for.
#pragma once

#include "runtime/data/Decode.h"

#include <string>

namespace nnrt {

class ImageFile {
public:
  /// Throws Error: cannot be read, is empty or too large, is no image that is decoded, has too many
  /// pixels, is cut short.
  explicit ImageFile(const std::string &path);

  const PixelFormat &format() const { return found; }
  /// Rows of pixels; with 1 channel colours become grey, with 3 grey is repeated. Throws Error:
  /// damaged, or not opaque where `channels` has no place for opacity.
  Pixels decode(int channels) const;

private:
  std::span<const std::byte> bytes() const { return std::as_bytes(std::span(content)); }

  std::string path, content;
  PixelFormat found;
};

} // namespace nnrt
