// Element types, sizes and shapes of the descriptor's tensors.
#pragma once

#include "nnrt/abi.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace nnrt {

/// Bytes of an element; 0 for an unknown type.
unsigned elementSize(uint32_t dtype);

/// "f32", as in the language.
const char *elementName(uint32_t dtype);

/// "F32", as in safetensors.
const char *safetensorsName(uint32_t dtype);

/// The product of the dimensions times the element size; nothing where it does not fit into 63
/// bits.
std::optional<uint64_t> denseBytes(uint32_t dtype, std::span<const int64_t> shape);

/// The shape with symbolic dimensions replaced by their values; empty dims leave them negative.
std::span<const int64_t> shapeOf(const nnrt_tensor &tensor);

/// Bytes of one example: the shape without its leading (batch) dimension, which may hold other
/// symbolic dimensions, looked up in `dims`. This and those below throw Error where memory has no
/// room for as many.
uint64_t exampleBytes(const nnrt_tensor &tensor, std::span<const int64_t> dims);

/// Whether the leading dimension counts examples (or rows).
bool isBatched(const nnrt_model &model, const nnrt_tensor &tensor);

/// Bytes of one example of an input, field or output; of all of it where it is not batched.
uint64_t rowBytes(const nnrt_model &model, const nnrt_tensor &tensor,
                  std::span<const int64_t> dims);

/// Bytes that a call with so many examples takes or gives; the whole tensor where it has none.
uint64_t batchBytes(const nnrt_model &model, const nnrt_tensor &tensor,
                    std::span<const int64_t> dims, uint64_t examples);

/// Bytes of a tensor without symbolic dimensions (a parameter or state).
uint64_t tensorBytes(const nnrt_tensor &tensor);

/// "f32[batch, 28, 28]"; symbolic dimensions by their names.
std::string typeText(const nnrt_model &model, const nnrt_tensor &tensor);

/// "f32[60000, 28, 28]".
std::string typeText(uint32_t dtype, std::span<const int64_t> shape);

/// An element of a tensor whose bytes begin there.
double numberAt(uint32_t dtype, const std::byte *bytes, uint64_t index);

} // namespace nnrt
