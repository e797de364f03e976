// Models written by hand whose entries go through several batches, which they find in tables.
#include "tests/unit/runtime/ToyModel.h"

#include "runtime/support/Tensor.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace toy {

namespace {

constexpr size_t mostEntries = 12;
nnrt_model original;

/// What an entry takes behind all that the original one does; the last two, and an order, where it
/// has fields.
enum More { Passes, Width, Place, Rows };

/// Runs the original entry for each batch, whose fields it puts together.
template <size_t index>
void repeat(nnrt_context *context, const int64_t *scalars, void *const *buffers, void *workspace) {
  const nnrt_entry &entry = original.entries[index];
  const int64_t *more = scalars + entry.num_scalars;
  std::vector<int64_t> own(scalars, scalars + entry.num_scalars);
  std::vector<void *> places(buffers, buffers + entry.num_buffers);
  std::vector<std::vector<std::byte>> fields(entry.num_buffers);
  for (int64_t pass = 0; pass < more[Passes]; ++pass) {
    int64_t batch = 1;
    for (uint32_t i = 0; i < entry.num_scalars; ++i)
      if (entry.scalars[i].source == NNRT_DIM)
        batch = scalars[i];
    for (uint32_t i = 0; i < entry.num_scalars; ++i) {
      const uint32_t source = entry.scalars[i].source;
      if (source == NNRT_EXAMPLE)
        own[i] = scalars[i] + pass * batch;
      else if ((source == NNRT_STEP || source == NNRT_DRAW) && scalars[i])
        own[i] = scalars[i] + pass;
    }
    for (uint32_t i = 0; i < entry.num_buffers; ++i) {
      const auto [source, number] = entry.buffers[i];
      if (source == NNRT_LOSS || source == NNRT_PARTIAL)
        places[i] = static_cast<double *>(buffers[i]) + pass * more[Width];
      if (source != NNRT_FIELD)
        continue;
      const auto *order = static_cast<const int32_t *>(buffers[entry.num_buffers]);
      const uint64_t bytes = nnrt::exampleBytes(original.fields[number].tensor, {});
      fields[i].resize(uint64_t(batch) * bytes);
      for (int64_t b = 0; b < batch; ++b) {
        const int32_t row = order[more[Place] + pass * batch + b];
        if (row < 0 || row >= more[Rows]) {
          fprintf(stderr, "row %d of a table of %lld\n", row, (long long)more[Rows]);
          abort();
        }
        memcpy(&fields[i][uint64_t(b) * bytes],
               static_cast<const std::byte *>(buffers[i]) + uint64_t(row) * bytes, bytes);
      }
      places[i] = fields[i].data();
    }
    entry.function(context, own.data(), places.data(), workspace);
  }
}

struct InTables {
  template <size_t... index> explicit InTables(std::index_sequence<index...>) {
    dimNames.assign(original.dims, original.dims + original.num_dims);
    if (original.rows_dim < 0)
      dimNames.push_back("rows");
    (add<index>(), ...);
  }
  int32_t rowsDim() const {
    return original.rows_dim < 0 ? int32_t(original.num_dims) : original.rows_dim;
  }
  template <size_t index> void add() {
    if (index >= original.num_entries)
      return;
    entries.push_back(original.entries[index]);
    nnrt_entry &entry = entries.back();
    dims.emplace_back(entry.dims, entry.dims + original.num_dims).push_back(0);
    entry.dims = dims.back().data();
    const std::string_view name = entry.name;
    if (!name.starts_with("step") && !name.starts_with("gradient") &&
        !name.starts_with("evaluate."))
      return;
    auto &scalars = bindings.emplace_back(entry.scalars, entry.scalars + entry.num_scalars);
    auto &buffers = bindings.emplace_back(entry.buffers, entry.buffers + entry.num_buffers);
    scalars.insert(scalars.end(), {{NNRT_PASSES, 0}, {NNRT_WIDTH, 0}});
    bool hasFields = false;
    for (nnrt_binding &each : buffers)
      if (each.source == NNRT_FIELD) {
        each.source = NNRT_TABLE;
        hasFields = true;
      }
    if (hasFields) {
      scalars.insert(scalars.end(), {{NNRT_PLACE, 0}, {NNRT_DIM, uint32_t(rowsDim())}});
      buffers.push_back({NNRT_ORDER, 0});
    }
    entry.function = repeat<index>;
    entry.scalars = scalars.data();
    entry.num_scalars = uint32_t(scalars.size());
    entry.buffers = buffers.data();
    entry.num_buffers = uint32_t(buffers.size());
  }
  std::vector<nnrt_entry> entries;
  std::deque<std::vector<nnrt_binding>> bindings;
  std::deque<std::vector<int64_t>> dims;
  std::vector<const char *> dimNames;
};

} // namespace

nnrt_model inTables(const nnrt_model &model) {
  static std::unique_ptr<InTables> kept;
  original = model;
  kept = std::make_unique<InTables>(std::make_index_sequence<mostEntries>());
  nnrt_model copy = model;
  copy.num_dims = uint32_t(kept->dimNames.size());
  copy.dims = kept->dimNames.data();
  copy.rows_dim = kept->rowsDim();
  copy.entries = kept->entries.data();
  return copy;
}

} // namespace toy
