// Operations that the lanes of a warp do together, as PTX defines them.
#include "runtime/device/emulator/WarpOperation.h"

#include <bit>
#include <cstring>

namespace nnrt::emulator {

namespace {
using Lanes = std::span<WarpOperation *const, 32>;

/// The lane that `lane` reads, by the pseudocode of shfl.sync; itself where it would be out of its
/// segment.
uint32_t sourceOf(const WarpOperation &own, uint32_t lane) {
  const uint32_t offset = own.offset & 31, clamp = own.clamp & 31, segment = own.clamp >> 8 & 31;
  const auto last = int32_t((lane & segment) | (clamp & ~segment));
  const uint32_t first = lane & segment;
  int32_t source = 0;
  bool isWithin = false;
  switch (own.mode) {
  case 0:
    source = int32_t(lane) - int32_t(offset);
    isWithin = source >= last;
    break;
  case 1:
    source = int32_t(lane + offset);
    isWithin = source <= last;
    break;
  case 2:
    source = int32_t(lane ^ offset);
    isWithin = source <= last;
    break;
  default:
    source = int32_t(first | (offset & ~segment));
    isWithin = source <= last;
    break;
  }
  return isWithin ? uint32_t(source) : lane;
}

void shuffle(Lanes lanes) {
  for (uint32_t lane = 0; lane < lanes.size(); ++lane)
    if (WarpOperation *own = lanes[lane]) {
      const uint32_t source = sourceOf(*own, lane);
      own->readsAbsent = !lanes[source];
      own->result = lanes[source] ? lanes[source]->value : 0;
    }
}

void ballot(Lanes lanes) {
  uint32_t votes = 0;
  for (uint32_t lane = 0; lane < lanes.size(); ++lane)
    if (lanes[lane] && lanes[lane]->value)
      votes |= 1u << lane;
  for (WarpOperation *own : lanes)
    if (own)
      own->result = votes;
}

/// Tensor cores read the 19 upper bits of an f32.
float fromTf32(uint32_t word) { return std::bit_cast<float>(word & 0xffffe000); }

float fromBf16(uint32_t bits) { return std::bit_cast<float>(bits << 16); }

float fromF16(uint32_t bits) {
  const uint32_t sign = (bits & 0x8000) << 16, exponent = bits >> 10 & 31, fraction = bits & 0x3ff;
  if (exponent == 31)
    return std::bit_cast<float>(sign | 0x7f800000 | fraction << 13);
  if (exponent)
    return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  const float small = float(fraction) * 0x1p-24f;
  return sign ? -small : small;
}

/// Half of a word: the lower one holds the element of the even column, or row.
float halfOf(uint32_t word, uint32_t half, bool isBf16) {
  const uint32_t bits = half ? word >> 16 : word & 0xffff;
  return isBf16 ? fromBf16(bits) : fromF16(bits);
}

struct Product {
  std::array<std::array<float, 16>, 16> a; ///< row, k
  std::array<std::array<float, 8>, 16> b;  ///< k, column
};

/// m16n8k8: of A, words 0 to 3 are (g, t), (g + 8, t), (g, t + 4), (g + 8, t + 4), with g = lane /
/// 4 and t = lane % 4; of B, words 0 and 1 are (t, g), (t + 4, g).
void gatherTf32(Lanes lanes, Product &product) {
  for (uint32_t lane = 0; lane < lanes.size(); ++lane) {
    const uint32_t g = lane / 4, t = lane % 4;
    for (uint32_t word = 0; word < 4; ++word)
      product.a[g + 8 * (word % 2)][t + 4 * (word / 2)] = fromTf32(lanes[lane]->a[word]);
    for (uint32_t word = 0; word < 2; ++word)
      product.b[t + 4 * word][g] = fromTf32(lanes[lane]->b[word]);
  }
}

/// m16n8k16: as above with pairs along k: columns 2 t and 2 t + 1, and 8 further.
void gatherHalves(Lanes lanes, Product &product, bool isBf16) {
  for (uint32_t lane = 0; lane < lanes.size(); ++lane) {
    const uint32_t g = lane / 4, t = lane % 4;
    for (uint32_t half = 0; half < 2; ++half) {
      for (uint32_t word = 0; word < 4; ++word)
        product.a[g + 8 * (word % 2)][2 * t + half + 8 * (word / 2)] =
            halfOf(lanes[lane]->a[word], half, isBf16);
      for (uint32_t word = 0; word < 2; ++word)
        product.b[2 * t + half + 8 * word][g] = halfOf(lanes[lane]->b[word], half, isBf16);
    }
  }
}

/// C and D: words 0 to 3 are (g, 2 t), (g, 2 t + 1), (g + 8, 2 t), (g + 8, 2 t + 1). Products are
/// exact in f32; hardware doesn't say in which order it adds them, here it is k's.
void multiply(Lanes lanes) {
  Product product = {};
  const uint32_t kind = lanes[0]->mode, depth = kind == 0 ? 8 : 16;
  if (kind == 0)
    gatherTf32(lanes, product);
  else
    gatherHalves(lanes, product, kind == 1);
  for (uint32_t lane = 0; lane < lanes.size(); ++lane) {
    const uint32_t g = lane / 4, t = lane % 4;
    for (uint32_t word = 0; word < 4; ++word) {
      const uint32_t row = g + 8 * (word / 2), column = 2 * t + word % 2;
      auto sum = std::bit_cast<float>(lanes[lane]->c[word]);
      for (uint32_t k = 0; k < depth; ++k)
        sum += product.a[row][k] * product.b[k][column];
      lanes[lane]->d[word] = std::bit_cast<uint32_t>(sum);
    }
  }
}

/// Matrix i has its rows from lanes 8 i to 8 i + 7. Lane 4 r + c gets elements 2 c and 2 c + 1 of
/// row r; transposed, those of column r.
void loadMatrix(Lanes lanes) {
  for (uint32_t matrix = 0; matrix < lanes[0]->count; ++matrix) {
    std::array<std::array<uint16_t, 8>, 8> rows;
    for (uint32_t row = 0; row < 8; ++row)
      memcpy(rows[row].data(), lanes[8 * matrix + row]->row, sizeof rows[row]);
    for (uint32_t lane = 0; lane < lanes.size(); ++lane) {
      const uint32_t r = lane / 4, c = lane % 4 * 2;
      const bool isTransposed = lanes[lane]->mode;
      const uint32_t low = isTransposed ? rows[c][r] : rows[r][c];
      const uint32_t high = isTransposed ? rows[c + 1][r] : rows[r][c + 1];
      lanes[lane]->d[matrix] = low | high << 16;
    }
  }
}
} // namespace

void complete(Lanes lanes) {
  for (WarpOperation *own : lanes) {
    if (!own)
      continue;
    switch (own->kind) {
    case WarpOperation::Kind::Barrier:
      return;
    case WarpOperation::Kind::Shuffle:
      return shuffle(lanes);
    case WarpOperation::Kind::Ballot:
      return ballot(lanes);
    case WarpOperation::Kind::Multiply:
      return multiply(lanes);
    case WarpOperation::Kind::LoadMatrix:
      return loadMatrix(lanes);
    }
  }
}

} // namespace nnrt::emulator
