// What a call's dimensions must be for an entry to be run, and what is computed from them.
#include "runtime/model/Sizes.h"

#include "runtime/support/Errors.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace nnrt {

using Limits = std::numeric_limits<int64_t>;

static int64_t saturatingProduct(int64_t a, int64_t b) {
  int64_t product;
  if (__builtin_mul_overflow(a, b, &product))
    return (a < 0) == (b < 0) ? Limits::max() : Limits::min();
  return product;
}

static int64_t saturatingSum(int64_t a, int64_t b) {
  int64_t sum;
  if (__builtin_add_overflow(a, b, &sum))
    return a < 0 ? Limits::min() : Limits::max();
  return sum;
}

int64_t sizeOf(const nnrt_size &size, std::span<const int64_t> dims) {
  int64_t sum = 0;
  const uint32_t *powers = size.powers;
  for (uint32_t term = 0; term < size.num_terms; ++term, powers += dims.size()) {
    int64_t product = size.factors[term];
    for (size_t i = 0; i < dims.size(); ++i)
      for (uint32_t power = powers[i]; power > 0; --power)
        product = saturatingProduct(product, dims[i]);
    sum = saturatingSum(sum, product);
  }
  return sum;
}

const nnrt_need *findUnmet(const nnrt_model &model, const nnrt_entry &entry,
                           std::span<const int64_t> dims) {
  std::span needs(entry.needs, entry.num_needs);
  auto unmet = std::find_if(needs.begin(), needs.end(), [&](const nnrt_need &need) {
    return sizeOf(need.size, dims.first(model.num_dims)) < need.least;
  });
  return unmet == needs.end() ? nullptr : &*unmet;
}

/// The numbers of the dimensions that the size is computed from.
static std::vector<uint32_t> dimsOf(const nnrt_model &model, const nnrt_size &size) {
  std::vector<uint32_t> found;
  for (uint32_t dim = 0; dim < model.num_dims; ++dim)
    for (uint32_t term = 0; term < size.num_terms; ++term)
      if (size.powers[term * model.num_dims + dim]) {
        found.push_back(dim);
        break;
      }
  return found;
}

/// What the entry takes that has the dimension: "input 'x'"; empty where nothing has.
static std::string ownerOf(const nnrt_model &model, const nnrt_entry &entry, uint32_t dim) {
  for (const nnrt_binding &binding : std::span(entry.buffers, entry.num_buffers)) {
    const nnrt_port *port = nullptr;
    const char *kind = "";
    if (binding.source == NNRT_INPUT)
      port = &model.inputs[binding.index], kind = "input";
    else if (binding.source == NNRT_FIELD || binding.source == NNRT_TABLE)
      port = &model.fields[binding.index], kind = "field";
    else if (binding.source == NNRT_COLUMN)
      port = &model.columns[binding.index], kind = "column";
    if (!port)
      continue;
    std::span shape(port->tensor.shape, port->tensor.rank);
    if (std::find(shape.begin(), shape.end(), ~int64_t(dim)) != shape.end())
      return cat(kind, " '", port->tensor.name, "'");
  }
  return {};
}

/// "at least 3"; of a size that is more than one dimension, "'n - m' to be at least 3".
static std::string neededText(const nnrt_need &need, std::span<const uint32_t> used) {
  if (used.size() == 1 && need.size.num_terms == 1 && need.size.powers[used[0]] == 1) {
    if (need.size.factors[0] == 1)
      return cat("at least ", need.least);
    if (need.size.factors[0] == -1)
      return cat("at most ", -need.least);
  }
  return cat("'", need.size.text, "' to be at least ", need.least);
}

std::string lastBatchOf(uint64_t examples, uint64_t batch) {
  return cat("the last batch of ", examples, " examples, ", batch, " at a time");
}

Error sizeTooSmall(const nnrt_model &model, const nnrt_entry &entry, const nnrt_need &need,
                   std::span<const int64_t> dims, std::string_view source) {
  std::string found;
  const std::vector<uint32_t> used = dimsOf(model, need.size);
  for (uint32_t dim : used) {
    std::string owner = ownerOf(model, entry, dim);
    found += cat(found.empty() ? "" : " and ", "'", model.dims[dim], "'",
                 owner.empty() ? "" : " of ", owner, " is ", dims[dim]);
  }
  return errors::sizeNotEnough(source, found, neededText(need, used), need.place);
}

// There is at least one element to choose: the call's sizes have been checked.
std::pair<int64_t, int64_t> boundsOf(const nnrt_port &port, std::span<const int64_t> dims) {
  if (port.limit)
    return {0, std::max<int64_t>(1, sizeOf(*port.limit, dims))};
  return {port.low, port.high};
}

} // namespace nnrt
