// Images brought to another size.
#pragma once

#include <cstdint>
#include <span>

namespace nnrt {

/// An image in memory, row by row, each pixel's channels side by side.
struct ImageView {
  std::span<const uint8_t> pixels;
  int64_t height, width, channels;
};

/// Brings an image to `height` by `width` pixels, without regard to its proportions, by bilinear
/// interpolation: the centre of pixel i lies at i + 1/2, so that the edges of both images meet, and
/// beyond its edges an image has no pixels. Where a direction shrinks by a factor s, pixels weigh
/// by a triangle that is s times as wide, so that each of them counts (as Pillow's `BILINEAR`, or
/// PyTorch's `antialias=True`). Sums are f32, rounded once at the end, halves upwards.
void resizeImage(const ImageView &from, int64_t height, int64_t width, std::span<uint8_t> out);

} // namespace nnrt
