// Pixels out of the bytes of an image. Every program decodes PNG; where the part of the runtime for
// images is linked, that decodes JPEG as well, and takes the place of this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nnrt {

/// Kinds of images that are decoded, for messages: "a PNG file".
std::string_view decodedKinds();

struct PixelFormat {
  int width = 0, height = 0;
  int channels = 0; ///< 1 grey, 2 grey and opacity, 3 colours, 4 colours and opacity
};

/// What the header says; none where it is of no kind that is decoded, or larger than 32768 pixels
/// in a direction or 1 GiB.
std::optional<PixelFormat> pixelFormat(std::span<const std::byte> file);

using Pixels = std::unique_ptr<uint8_t, void (*)(void *)>;

/// Rows of pixels with so many channels, whatever the file has; null where it is damaged.
Pixels decodePixels(std::span<const std::byte> file, int channels);

/// Where the file of a JPEG ends before its image does, and the decoder would make up the rest, or
/// has tables that it can't hold. None where it is whole, or not a JPEG. To be asked first.
std::optional<std::string> jpegFault(std::span<const std::byte> file);

} // namespace nnrt
