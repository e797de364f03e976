// A file that holds an image: checked as far as can be before memory for its pixels is asked for.
#include "runtime/data/ImageFile.h"

#include "runtime/support/Endian.h"
#include "runtime/support/Errors.h"
#include "runtime/support/File.h"
#include "runtime/support/Text.h"

#include <cstring>
#include <zlib.h>

namespace nnrt {

static constexpr uint64_t mostBytes = 256 << 20;
/// Of one image: 384 MiB of colours.
static constexpr uint64_t mostPixels = 1 << 27;

static constexpr unsigned char pngSignature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

/// Checks the lengths and checksums of all chunks of a PNG: the decoder asks for the memory that a
/// length announces, and ignores checksums.
static void checkChunks(const std::string &path, std::span<const std::byte> file) {
  constexpr size_t around = 12; // a chunk's length, type and checksum
  for (size_t at = sizeof pngSignature; at < file.size();) {
    size_t left = file.size() - at;
    uint64_t length = left >= around ? bigEndian32(&file[at]) : 0;
    if (left < around || length > left - around)
      throw errors::badImage(path, cat("the chunk at byte ", at, " is cut short"));
#ifndef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION // random bytes never have the right checksum
    auto *type = reinterpret_cast<const Bytef *>(&file[at + 4]);
    if (crc32(0, type, uInt(length + 4)) != bigEndian32(&file[at + 8 + length]))
      throw errors::badImage(path, cat("the chunk at byte ", at, " has a wrong checksum"));
#endif
    if (memcmp(&file[at + 4], "IEND", 4) == 0)
      return;
    at += around + length;
  }
  throw errors::badImage(path, cat("it ends at byte ", file.size(), ", before its last chunk"));
}

ImageFile::ImageFile(const std::string &path) : path(path) {
  InputFile file(path);
  if (file.size() == 0)
    throw errors::emptyFile(path, "an image");
  if (file.size() > mostBytes)
    throw errors::badImage(path, cat("it has ", byteCount(file.size()), "; at most ",
                                     byteCount(mostBytes), " are read"));
  content.resize(file.size());
  content.resize(file.readAt(0, std::as_writable_bytes(std::span(content))));
  // Before the decoder reads even the size: it trusts what its tables announce.
  if (std::optional<std::string> fault = jpegFault(bytes()))
    throw errors::badImage(path, *fault);
  std::optional<PixelFormat> format = pixelFormat(bytes());
  if (!format)
    throw errors::badImage(path, cat("it is not ", decodedKinds(), ", or damaged, or too large"));
  found = *format;
  if (uint64_t(found.width) * uint64_t(found.height) > mostPixels)
    throw errors::badImage(path, cat("it is ", found.width, " by ", found.height,
                                     " pixels (width by height); at most ", grouped(mostPixels),
                                     " are read"));
}

Pixels ImageFile::decode(int channels) const {
  if (content.size() >= sizeof pngSignature &&
      memcmp(content.data(), pngSignature, sizeof pngSignature) == 0)
    checkChunks(path, bytes());
  auto decoded = [&](int count) {
    Pixels pixels = decodePixels(bytes(), count);
    if (!pixels)
      throw errors::badImage(path, "it is damaged, or of a kind that is not supported");
    return pixels;
  };
  const auto isOpacity = [](int count) { return count == 2 || count == 4; };
  // What shows through a pixel is not in the file: dropping the opacity would be a guess.
  if (isOpacity(found.channels) && !isOpacity(channels)) {
    Pixels pixels = decoded(found.channels);
    const size_t width = size_t(found.width), count = width * size_t(found.height);
    for (size_t i = 0; i < count; ++i)
      if (pixels.get()[(i + 1) * size_t(found.channels) - 1] != 255)
        throw errors::transparentImage(path, i % width, i / width);
  }
  return decoded(channels);
}

} // namespace nnrt
