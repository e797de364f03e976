// The inputs of `predict`, matched with what the model takes.
#pragma once

#include "runtime/data/InputArray.h"

#include "nnrt/abi.h"

#include <span>

namespace nnrt {

/// One array per input of the model, all with the same number of examples.
struct InputGroup {
  std::string name; ///< the file's, or "a.npy, b.npy"
  std::vector<InputArray> arrays;
  uint64_t examples = 1;
};

/// Whether the leading dimension counts examples.
bool isBatched(const nnrt_tensor &tensor);

/// Bytes of one example.
uint64_t rowBytes(const nnrt_tensor &tensor, std::span<const int64_t> dims);

/// Reads files: one per group for a model with one input, NAME=FILE for each input of a model with
/// several. Settles the symbolic dimensions other than the batch in `dims`. Throws Error.
std::vector<InputGroup> readInputs(const nnrt_model &model, std::span<const std::string> operands,
                                   std::vector<int64_t> &dims);

} // namespace nnrt
