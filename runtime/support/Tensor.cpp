// Element types, sizes and shapes of the descriptor's tensors.
#include "runtime/support/Tensor.h"

#include "runtime/support/Errors.h"
#include "runtime/support/Text.h"

#include <bit>
#include <cstring>

namespace nnrt {

namespace {
struct ElementType {
  unsigned size;
  const char *name, *safetensors;
};
} // namespace

// In the order of nnrt_dtype.
static constexpr ElementType elementTypes[] = {
    {8, "f64", "F64"}, {4, "f32", "F32"}, {2, "f16", "F16"}, {2, "bf16", "BF16"},
    {8, "i64", "I64"}, {4, "i32", "I32"}, {1, "u8", "U8"},   {1, "bool", "BOOL"},
};

static ElementType elementType(uint32_t dtype) {
  return dtype < std::size(elementTypes) ? elementTypes[dtype] : ElementType{0, "?", "?"};
}

unsigned elementSize(uint32_t dtype) { return elementType(dtype).size; }
const char *elementName(uint32_t dtype) { return elementType(dtype).name; }
const char *safetensorsName(uint32_t dtype) { return elementType(dtype).safetensors; }

std::optional<uint64_t> denseBytes(uint32_t dtype, std::span<const int64_t> shape) {
  int64_t bytes = elementSize(dtype);
  // A zero anywhere makes the product zero; the others must still be valid.
  for (int64_t size : shape)
    if (size < 0)
      return std::nullopt;
  for (int64_t size : shape)
    if (size == 0)
      return 0;
  for (int64_t size : shape)
    if (__builtin_mul_overflow(bytes, size, &bytes))
      return std::nullopt;
  return uint64_t(bytes);
}

std::span<const int64_t> shapeOf(const nnrt_tensor &tensor) { return {tensor.shape, tensor.rank}; }

/// Throws Error where memory has no room for as many bytes.
static uint64_t times(uint64_t bytes, int64_t count, const nnrt_tensor &tensor) {
  int64_t product = 0;
  if (__builtin_mul_overflow(bytes, count, &product))
    throw errors::outOfMemory(UINT64_MAX, cat("'", tensor.name, "'"));
  return uint64_t(product);
}

static int64_t sizeOf(int64_t size, std::span<const int64_t> dims) {
  return size >= 0 ? size : size_t(~size) < dims.size() ? dims[size_t(~size)] : 0;
}

uint64_t exampleBytes(const nnrt_tensor &tensor, std::span<const int64_t> dims) {
  uint64_t bytes = elementSize(tensor.dtype);
  for (uint32_t i = 1; i < tensor.rank; ++i)
    bytes = times(bytes, sizeOf(tensor.shape[i], dims), tensor);
  return bytes;
}

bool isBatched(const nnrt_model &model, const nnrt_tensor &tensor) {
  auto leads = [&](int32_t dim) { return dim >= 0 && tensor.shape[0] == ~int64_t(dim); };
  return tensor.rank && (leads(model.batch_dim) || leads(model.rows_dim));
}

uint64_t rowBytes(const nnrt_model &model, const nnrt_tensor &tensor,
                  std::span<const int64_t> dims) {
  uint64_t rest = exampleBytes(tensor, dims);
  if (isBatched(model, tensor) || !tensor.rank)
    return rest;
  return times(rest, sizeOf(tensor.shape[0], dims), tensor);
}

uint64_t batchBytes(const nnrt_model &model, const nnrt_tensor &tensor,
                    std::span<const int64_t> dims, uint64_t examples) {
  uint64_t row = rowBytes(model, tensor, dims);
  return isBatched(model, tensor) ? times(row, int64_t(examples), tensor) : row;
}

uint64_t tensorBytes(const nnrt_tensor &tensor) {
  return denseBytes(tensor.dtype, shapeOf(tensor)).value_or(0);
}

std::string typeText(const nnrt_model &model, const nnrt_tensor &tensor) {
  std::string out = elementName(tensor.dtype);
  if (!tensor.rank)
    return out;
  for (uint32_t i = 0; i < tensor.rank; ++i) {
    int64_t size = tensor.shape[i];
    out += i ? ", " : "[";
    if (size >= 0)
      out += std::to_string(size);
    else
      out += uint64_t(~size) < model.num_dims ? model.dims[~size] : "?";
  }
  return out + "]";
}

std::string typeText(uint32_t dtype, std::span<const int64_t> shape) {
  std::string out = elementName(dtype);
  for (size_t i = 0; i < shape.size(); ++i)
    out += (i ? ", " : "[") + std::to_string(shape[i]);
  return shape.empty() ? out : out + "]";
}

template <typename T> static T load(const std::byte *bytes) {
  T value;
  memcpy(&value, bytes, sizeof value);
  return value;
}

double numberAt(uint32_t dtype, const std::byte *bytes, uint64_t index) {
  bytes += index * elementSize(dtype);
  switch (dtype) {
  case NNRT_F64:
    return load<double>(bytes);
  case NNRT_F32:
    return load<float>(bytes);
  case NNRT_F16:
    return float(load<_Float16>(bytes));
  case NNRT_BF16:
    return std::bit_cast<float>(uint32_t(load<uint16_t>(bytes)) << 16);
  case NNRT_I64:
    return double(load<int64_t>(bytes));
  case NNRT_I32:
    return load<int32_t>(bytes);
  default:
    return load<uint8_t>(bytes);
  }
}

} // namespace nnrt
