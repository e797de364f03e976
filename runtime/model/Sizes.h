// What a call's dimensions must be for an entry to be run, and what is computed from them.
#pragma once

#include "nnrt/abi.h"

#include "runtime/support/Error.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace nnrt {

/// The size for a value of each dimension of the model; what 64 bits don't hold is the nearest that
/// they do.
int64_t sizeOf(const nnrt_size &size, std::span<const int64_t> dims);

/// The first need of the entry that the dimensions don't meet; null where they meet all.
const nnrt_need *findUnmet(const nnrt_model &model, const nnrt_entry &entry,
                           std::span<const int64_t> dims);

/// Where the sizes come from of what so many examples leave for their last batch, for messages.
std::string lastBatchOf(uint64_t examples, uint64_t batch);

/// Says which of what the entry takes is too small, in which dimension, and where it is needed.
/// `source` is where it comes from, such as a file, or empty.
Error sizeTooSmall(const nnrt_model &model, const nnrt_entry &entry, const nnrt_need &need,
                   std::span<const int64_t> dims, std::string_view source);

/// The bounds [low, high) of a port's integers in a call with these dimensions; low >= high where
/// it has none.
std::pair<int64_t, int64_t> boundsOf(const nnrt_port &port, std::span<const int64_t> dims);

} // namespace nnrt
