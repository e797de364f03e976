// Inputs of predict, read from the files that people have.
#pragma once

#include "runtime/support/Memory.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace nnrt {

/// A dense row-major array.
struct InputArray {
  std::string path;
  uint32_t dtype = 0;
  std::vector<int64_t> shape;
  Memory bytes;
};

/// Reads a NumPy .npy file (versions 1 to 3), rows first. Throws Error.
InputArray readNpy(const std::string &path);

/// Reads an image as u8[height, width] (channels 1: colours become grey) or u8[height, width,
/// channels]. `height` and `width` are what the model takes, below 0 where it takes any; checked
/// before the image is decoded. Throws Error, too, where pixels are not opaque and the model takes
/// no alpha channel.
InputArray readPng(const std::string &path, int64_t height, int64_t width, int channels,
                   bool channelDimension);

/// Reads an image of any size and brings it to u8[height, width] or u8[height, width, channels], as
/// folders of images are read. Throws Error, too, where the program has no such folders.
InputArray readImageOfAnySize(const std::string &path, std::span<const int64_t> shape);

} // namespace nnrt
