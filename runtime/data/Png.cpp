// Reads .png files through stb_image.
#include "runtime/data/InputArray.h"
#include "runtime/support/Endian.h"
#include "runtime/support/Errors.h"
#include "runtime/support/File.h"
#include "runtime/support/Text.h"

#include "nnrt/abi.h"

#include <cstring>
#include <memory>
#include <span>

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STBI_NO_FAILURE_STRINGS
#define STBI_MAX_DIMENSIONS (1 << 15)
#include <stb/stb_image.h>
#include <zlib.h>

namespace nnrt {

/// Checks the lengths and checksums of all chunks: the decoder asks for the memory that a length
/// announces, and ignores checksums.
static void checkChunks(const std::string &path, std::span<const std::byte> file) {
  constexpr size_t signature = 8, around = 12; // a chunk's length, type and checksum
  for (size_t at = signature; at < file.size();) {
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

using Pixels = std::unique_ptr<stbi_uc, void (*)(void *)>;

/// What shows through a pixel is not in the file: dropping the opacity would be a guess.
static void checkOpaque(const std::string &path, const stbi_uc *bytes, int size, int channels) {
  int w = 0, h = 0, found = 0;
  Pixels pixels(stbi_load_from_memory(bytes, size, &w, &h, &found, channels), stbi_image_free);
  if (!pixels)
    throw errors::badImage(path, "it is damaged, or of a kind that is not supported");
  for (size_t i = 0, count = size_t(w) * size_t(h); i < count; ++i)
    if (pixels.get()[(i + 1) * size_t(channels) - 1] != 255)
      throw errors::transparentImage(path, i % size_t(w), i / size_t(w));
}

InputArray readPng(const std::string &path, int64_t height, int64_t width, int channels,
                   bool channelDimension) {
  InputFile file(path);
  constexpr uint64_t mostBytes = 256 << 20;
  if (file.size() == 0)
    throw errors::emptyFile(path, "a .png image");
  if (file.size() > mostBytes)
    throw errors::badImage(path, cat("it has ", byteCount(file.size()), "; at most ",
                                     byteCount(mostBytes), " are read"));
  std::string text(file.size(), '\0');
  auto size = int(file.readAt(0, std::as_writable_bytes(std::span(text))));
  auto *bytes = reinterpret_cast<const stbi_uc *>(text.data());
  int w = 0, h = 0, found = 0;
  if (!stbi_info_from_memory(bytes, size, &w, &h, &found) || w <= 0 || h <= 0)
    throw errors::badImage(path, "it is not a PNG file, or damaged, or larger than 32768 pixels");
  if ((height >= 0 && h != height) || (width >= 0 && w != width))
    throw errors::badImage(path, cat("it is ", w, " by ", h,
                                     " pixels (width by height), but the model takes ",
                                     width < 0 ? "any" : std::to_string(width), " by ",
                                     height < 0 ? "any" : std::to_string(height)));
  checkChunks(path, std::as_bytes(std::span(text)));
  const bool hasAlpha = found == 2 || found == 4, takesAlpha = channels == 2 || channels == 4;
  if (hasAlpha && !takesAlpha)
    checkOpaque(path, bytes, size, found);
  Pixels pixels(stbi_load_from_memory(bytes, size, &w, &h, &found, channels), stbi_image_free);
  if (!pixels)
    throw errors::badImage(path, "it is damaged, or of a kind that is not supported");
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
