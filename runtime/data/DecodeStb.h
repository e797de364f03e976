// stb_image, in one file of the code that decodes. STBI_ONLY_... say beforehand which kinds.
#pragma once

#include "runtime/data/Decode.h"

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_NO_STDIO
#define STBI_NO_FAILURE_STRINGS
#define STBI_MAX_DIMENSIONS (1 << 15)
#include <stb/stb_image.h>

namespace nnrt {

static const stbi_uc *bytesOf(std::span<const std::byte> file) {
  return reinterpret_cast<const stbi_uc *>(file.data());
}

std::optional<PixelFormat> pixelFormat(std::span<const std::byte> file) {
  PixelFormat format;
  if (!stbi_info_from_memory(bytesOf(file), int(file.size()), &format.width, &format.height,
                             &format.channels) ||
      format.width <= 0 || format.height <= 0 || format.width > STBI_MAX_DIMENSIONS ||
      format.height > STBI_MAX_DIMENSIONS)
    return std::nullopt;
  return format;
}

Pixels decodePixels(std::span<const std::byte> file, int channels) {
  int width = 0, height = 0, found = 0;
  return {stbi_load_from_memory(bytesOf(file), int(file.size()), &width, &height, &found, channels),
          stbi_image_free};
}

} // namespace nnrt
