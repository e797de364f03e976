// Images brought to another size.
#include "runtime/data/Resize.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace nnrt {

namespace {
/// The pixels that make up one of the new ones, along one direction.
struct Taps {
  int64_t first = 0;
  std::vector<float> weights;
};
} // namespace

/// For each of `to` pixels what it is made of; the weights of each add up to 1.
static std::vector<Taps> tapsOf(int64_t from, int64_t to) {
  const double scale = double(from) / double(to), reach = std::max(scale, 1.0);
  std::vector<Taps> all(static_cast<size_t>(to));
  for (int64_t i = 0; i < to; ++i) {
    const double centre = (double(i) + 0.5) * scale;
    // Pixels whose centre lies within reach.
    const int64_t first = std::max<int64_t>(0, int64_t(std::ceil(centre - reach - 0.5)));
    const int64_t last = std::min<int64_t>(from - 1, int64_t(std::floor(centre + reach - 0.5)));
    std::vector<double> weights;
    double sum = 0;
    for (int64_t j = first; j <= last; ++j) {
      weights.push_back(std::max(0.0, 1 - std::abs(double(j) + 0.5 - centre) / reach));
      sum += weights.back();
    }
    Taps &taps = all[size_t(i)];
    taps.first = first;
    for (double weight : weights)
      taps.weights.push_back(float(weight / sum));
  }
  return all;
}

void resizeImage(const ImageView &from, int64_t height, int64_t width, std::span<uint8_t> out) {
  if (from.height == height && from.width == width) {
    std::copy_n(from.pixels.begin(), out.size(), out.begin());
    return;
  }
  const std::vector<Taps> across = tapsOf(from.width, width), down = tapsOf(from.height, height);
  const size_t channels = size_t(from.channels), rowSize = size_t(width) * channels;
  // Row by row of the old image, which is gone through once: each goes to the new rows that it is
  // part of.
  std::vector<float> row(rowSize), sums(size_t(height) * rowSize);
  size_t begin = 0;
  for (int64_t y = 0; y < from.height; ++y) {
    const uint8_t *pixels = &from.pixels[size_t(y * from.width) * channels];
    for (size_t x = 0; x < size_t(width); ++x)
      for (size_t c = 0; c < channels; ++c) {
        float sum = 0;
        const uint8_t *pixel = pixels + size_t(across[x].first) * channels + c;
        for (float weight : across[x].weights) {
          sum += weight * float(*pixel);
          pixel += channels;
        }
        row[x * channels + c] = sum;
      }
    auto isOver = [&](const Taps &taps) { return taps.first + int64_t(taps.weights.size()) <= y; };
    while (begin < down.size() && isOver(down[begin]))
      ++begin;
    for (size_t i = begin; i < down.size() && down[i].first <= y; ++i) {
      if (isOver(down[i]))
        continue;
      const float weight = down[i].weights[size_t(y - down[i].first)];
      float *sum = &sums[i * rowSize];
      for (size_t k = 0; k < rowSize; ++k)
        sum[k] += weight * row[k];
    }
  }
  for (size_t i = 0; i < out.size(); ++i)
    out[i] = uint8_t(std::clamp(std::floor(sums[i] + 0.5F), 0.0F, 255.0F));
}

} // namespace nnrt
