// A model with its tensors on a device: what training, evaluation and prediction call.
#include "runtime/model/Session.h"

#include "runtime/model/Sizes.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Tensor.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

namespace nnrt {

/// What is said where there is no memory for an arena.
static const char *purposeOf(int arena) {
  static constexpr const char *purposes[] = {
      "the model's parameters",      "the states of the model's layers",
      "the optimizer's state",       "the averages of the parameters",
      "the sums of their gradients", "what data preparation fits",
      "what is kept of a text"};
  return purposes[arena];
}

Session::Session(const nnrt_model &model, Device &device, const Recipe *recipe, bool isTraining)
    : description(model), unit(device) {
  for (int arena = 0; arena < NNRT_NUM_ARENAS; ++arena) {
    bool isForTraining =
        arena == NNRT_OPTIMIZER || arena == NNRT_AVERAGES || arena == NNRT_GRADIENTS;
    const nnrt_tensors &tensors = model.arenas[arena];
    if (tensors.count && (isTraining || !isForTraining) && arena != NNRT_CACHES)
      // One byte more than none: an arena of empty tensors has an address, too.
      arenas[arena] = device.allocate(std::max<uint64_t>(tensors.bytes, 1), purposeOf(arena));
  }
  if (recipe) {
    seed = recipe->seed;
    for (const Recipe::Number &number : recipe->numbers)
      numbers.push_back(number.value);
    if (recipe->data)
      classes.resize(recipe->data->classes.size());
  }
  auto results = [&](uint64_t count) {
    return device.allocate(std::max<uint64_t>(count, 1) * sizeof(double), "losses and metrics");
  };
  totals = results(model.num_totals);
  finished = results(model.num_results);
}

void Session::clearCaches() {
  const nnrt_tensors &tensors = description.arenas[NNRT_CACHES];
  Buffer &caches = arenas[NNRT_CACHES];
  if (caches)
    unit.clear(caches.at(), tensors.bytes);
  else if (tensors.count)
    caches = unit.allocate(tensors.bytes, purposeOf(NNRT_CACHES));
}

//===-- Entries ------------------------------------------------------------------------------===//

static bool isCalled(const nnrt_entry &entry, std::string_view name) { return entry.name == name; }

bool Session::has(std::string_view name) const {
  const std::span<const nnrt_entry> entries = unit.entries(description);
  return std::any_of(entries.begin(), entries.end(),
                     [&](const nnrt_entry &entry) { return isCalled(entry, name); });
}

void *Session::bufferOf(const nnrt_binding &binding, bool isEvaluation) const {
  auto result = [&](const Buffer &buffer) {
    return buffer.at(uint64_t(binding.index) * sizeof(double));
  };
  switch (binding.source) {
  case NNRT_PARAMETER:
    return tensor(isEvaluation && hasAverages() ? NNRT_AVERAGES : NNRT_PARAMETERS, binding.index);
  case NNRT_STATE:
    return tensor(NNRT_STATES, binding.index);
  case NNRT_OPTIMIZER_STATE:
    return tensor(NNRT_OPTIMIZER, binding.index);
  case NNRT_AVERAGE:
    return tensor(NNRT_AVERAGES, binding.index);
  case NNRT_GRADIENT:
    return tensor(NNRT_GRADIENTS, binding.index);
  case NNRT_FIT:
    return tensor(NNRT_FITTED, binding.index);
  case NNRT_CACHE:
    return tensor(NNRT_CACHES, binding.index);
  case NNRT_TOTAL:
    return result(totals);
  case NNRT_RESULT:
    return result(finished);
  default:
    return nullptr; // comes with each call
  }
}

static bool isVarying(uint32_t source) {
  return source == NNRT_INPUT || source == NNRT_OUTPUT || source == NNRT_FIELD ||
         source == NNRT_COLUMN || source == NNRT_LOSS || source == NNRT_PARTIAL ||
         source == NNRT_TABLE || source == NNRT_ORDER || source == NNRT_COLLECTED;
}

/// The buffer that a call brings; null where it brings none.
static void *broughtBuffer(const nnrt_binding &binding, const CallArguments &arguments) {
  auto of = [&](std::span<void *const> given) {
    return binding.index < given.size() ? given[binding.index] : nullptr;
  };
  auto in = [&](void *slot) -> void * {
    return slot ? static_cast<double *>(slot) + binding.index : nullptr;
  };
  switch (binding.source) {
  case NNRT_INPUT:
    return of(arguments.inputs);
  case NNRT_OUTPUT:
    return of(arguments.outputs);
  case NNRT_FIELD:
  case NNRT_TABLE:
    return of(arguments.fields);
  case NNRT_ORDER:
    return arguments.order;
  case NNRT_COLUMN:
    return of(arguments.columns);
  case NNRT_COLLECTED:
    return of(arguments.collected);
  case NNRT_LOSS:
    return in(arguments.losses);
  default:
    return in(arguments.partials);
  }
}

static bool isBoundTo(const nnrt_binding *bindings, uint32_t count, nnrt_source source) {
  return std::any_of(bindings, bindings + count,
                     [&](const nnrt_binding &each) { return each.source == source; });
}

bool Session::asksForSteps() const {
  const std::span<const nnrt_entry> entries = unit.entries(description);
  return std::any_of(entries.begin(), entries.end(), [](const nnrt_entry &entry) {
    return isBoundTo(entry.scalars, entry.num_scalars, NNRT_STEPS);
  });
}

Entry Session::entry(std::string_view name) {
  Entry result;
  const bool isEvaluation =
      name == "predict" || name == "next" || name == "finish" || name.starts_with("evaluate.");
  for (const nnrt_entry &entry : unit.entries(description)) {
    if (!isCalled(entry, name))
      continue;
    Entry::Version version;
    version.entry = &entry;
    version.scalars.resize(entry.num_scalars);
    version.takesTables = isBoundTo(entry.buffers, entry.num_buffers, NNRT_TABLE);
    version.takesOrder = isBoundTo(entry.buffers, entry.num_buffers, NNRT_ORDER);
    const bool takesPasses = isBoundTo(entry.scalars, entry.num_scalars, NNRT_PASSES);
    result.isBoundToPasses = takesPasses && (result.versions.empty() || result.isBoundToPasses);
    result.isBoundToFields |= isBoundTo(entry.buffers, entry.num_buffers, NNRT_FIELD);
    for (uint32_t i = 0; i < entry.num_buffers; ++i) {
      const nnrt_binding &binding = entry.buffers[i];
      version.buffers.push_back(bufferOf(binding, isEvaluation));
      if (isVarying(binding.source))
        version.varying.push_back(i);
      else if (!version.buffers.back())
        throw errors::badBinding(description.name, name, binding.source);
    }
    result.versions.push_back(std::move(version));
  }
  if (result.versions.empty())
    throw errors::noEntry(description.name, name);
  // The most specific first.
  auto settled = [&](const Entry::Version &version) {
    return std::count_if(version.entry->dims, version.entry->dims + description.num_dims,
                         [](int64_t size) { return size != 0; });
  };
  std::sort(result.versions.begin(), result.versions.end(),
            [&](const auto &a, const auto &b) { return settled(a) > settled(b); });
  return result;
}

uint64_t Session::rowsOf(const CallArguments &arguments) const {
  if (arguments.rows || description.batch_dim < 0)
    return std::max<uint64_t>(arguments.rows, 1);
  return uint64_t(arguments.dims[size_t(description.batch_dim)]);
}

void Session::requireRowsAsTheyAre(uint64_t rows) {
  if (rows * sizeof(int32_t) <= rowsAsTheyAre.size())
    return;
  std::vector<int32_t> numbers(rows);
  std::iota(numbers.begin(), numbers.end(), 0);
  rowsAsTheyAre = unit.allocate(rows * sizeof(int32_t), "the order of examples");
  unit.upload(rowsAsTheyAre.at(), std::as_bytes(std::span(numbers)));
}

void Session::fillScalars(Entry::Version &version, const CallArguments &arguments) const {
  for (uint32_t i = 0; i < version.entry->num_scalars; ++i) {
    const nnrt_binding &binding = version.entry->scalars[i];
    int64_t &value = version.scalars[i];
    switch (binding.source) {
    case NNRT_DIM:
      // Tables have rows of their own, however many the part has whose columns were prepared.
      value = version.takesTables && int32_t(binding.index) == description.rows_dim
                  ? int64_t(rowsOf(arguments))
                  : arguments.dims[binding.index];
      break;
    case NNRT_STEP:
      value = int64_t(arguments.step);
      break;
    case NNRT_STEPS:
      value = int64_t(arguments.steps);
      break;
    case NNRT_BATCH:
      value = int64_t(arguments.batch);
      break;
    case NNRT_SEED:
      value = int64_t(seed);
      break;
    case NNRT_DRAW:
      value = int64_t(arguments.draw);
      break;
    case NNRT_EXAMPLE:
      value = int64_t(arguments.example);
      break;
    case NNRT_PASSES:
      value = int64_t(arguments.passes);
      break;
    case NNRT_PLACE:
      value = int64_t(arguments.place);
      break;
    case NNRT_WIDTH:
      value = int64_t(arguments.width);
      break;
    case NNRT_NUMBER:
      value = std::bit_cast<int64_t>(numbers.at(binding.index));
      break;
    case NNRT_CLASS:
      value = classes.at(binding.index);
      break;
    default:
      throw errors::badBinding(description.name, version.entry->name, binding.source);
    }
  }
}

void Session::requireSizes(const Entry &entry, std::span<const int64_t> dims,
                           std::string_view source) const {
  // All versions are of one function, and so need the same.
  const nnrt_entry &any = *entry.versions.front().entry;
  if (const nnrt_need *need = findUnmet(description, any, dims))
    throw sizeTooSmall(description, any, *need, dims, source);
}

void Session::reserve(const Entry &entry, std::span<const int64_t> dims) {
  for (const Entry::Version &version : entry.versions) {
    std::vector<int64_t> sizes(dims.begin(), dims.end());
    bool fits = true;
    for (size_t i = 0; i < sizes.size(); ++i) {
      int64_t only = version.entry->dims[i];
      if (!only)
        continue;
      // Any number of examples up to the one asked for may come.
      bool isExamples = int32_t(i) == description.batch_dim || int32_t(i) == description.rows_dim;
      fits &= isExamples ? only <= sizes[i] : only == sizes[i];
      sizes[i] = only;
    }
    if (fits)
      reserveVersion(version, sizes);
  }
}

size_t Entry::versionFor(std::span<const int64_t> dims) const {
  for (size_t at = 0; at < versions.size(); ++at) {
    bool fits = true;
    for (size_t i = 0; i < dims.size(); ++i)
      fits &= !versions[at].entry->dims[i] || versions[at].entry->dims[i] == dims[i];
    if (fits)
      return at;
  }
  return versions.size();
}

void Session::reserveExactly(const Entry &entry, std::span<const int64_t> dims) {
  const size_t at = entry.versionFor(dims);
  if (at < entry.versions.size())
    reserveVersion(entry.versions[at], {dims.begin(), dims.end()});
}

void Session::reserveVersion(const Entry::Version &version, const std::vector<int64_t> &sizes) {
  // What sizes are computed from too small ones means nothing.
  if (findUnmet(description, *version.entry, sizes))
    return;
  Entry::Version probe;
  probe.entry = version.entry;
  probe.scalars.resize(version.scalars.size());
  probe.takesTables = version.takesTables;
  fillScalars(probe, {.dims = sizes});
  uint64_t bytes = version.entry->workspace_bytes(probe.scalars.data());
  if (bytes > workspace.size())
    workspace = unit.allocate(bytes, "the results within the network");
  if (version.takesOrder)
    requireRowsAsTheyAre(rowsOf({.dims = sizes}));
}

void Session::run(Entry &entry, const CallArguments &arguments) {
  requireSizes(entry, arguments.dims);
  const size_t at = entry.versionFor(arguments.dims);
  if (at == entry.versions.size())
    throw errors::noEntry(description.name, entry.versions.front().entry->name);
  Entry::Version *chosen = &entry.versions[at];
  fillScalars(*chosen, arguments);
  if (chosen->takesOrder && !arguments.order)
    requireRowsAsTheyAre(rowsOf(arguments));
  for (uint32_t i : chosen->varying) {
    const nnrt_binding &binding = chosen->entry->buffers[i];
    chosen->buffers[i] = broughtBuffer(binding, arguments);
    if (binding.source == NNRT_ORDER && !arguments.order)
      chosen->buffers[i] = rowsAsTheyAre.at();
    if (!chosen->buffers[i])
      throw errors::badBinding(description.name, chosen->entry->name, binding.source);
  }
  uint64_t bytes = chosen->entry->workspace_bytes(chosen->scalars.data());
  if (bytes > workspace.size()) [[unlikely]]
    workspace = unit.allocate(bytes, "the results within the network");
  unit.run(*chosen->entry, chosen->scalars.data(), chosen->buffers.data(), workspace.at());
}

std::vector<int64_t> Session::dimsFor(uint64_t batch) const {
  std::vector<int64_t> dims(description.num_dims);
  if (description.batch_dim >= 0)
    dims[size_t(description.batch_dim)] = int64_t(batch);
  return dims;
}

void Session::initialize() {
  Entry init = entry("init");
  std::vector<int64_t> dims = dimsFor(1);
  run(init, {.dims = dims});
}

void Session::initializeTraining() {
  if (!has("init_training"))
    return;
  Entry init = entry("init_training");
  std::vector<int64_t> dims = dimsFor(1);
  run(init, {.dims = dims});
}

//===-- Tensors ------------------------------------------------------------------------------===//

std::span<const nnrt_tensor> Session::tensors(nnrt_arena arena) const {
  if (!arenas[arena])
    return {};
  return {description.arenas[arena].tensors, description.arenas[arena].count};
}

void *Session::tensor(nnrt_arena arena, uint32_t index) const {
  std::span<const nnrt_tensor> all = tensors(arena);
  return index < all.size() ? arenas[arena].at(all[index].offset) : nullptr;
}

void Session::read(nnrt_arena arena, uint32_t index, uint64_t offset,
                   std::span<std::byte> out) const {
  unit.download(out, static_cast<std::byte *>(tensor(arena, index)) + offset);
}

void Session::write(nnrt_arena arena, uint32_t index, std::span<const std::byte> bytes) {
  unit.upload(tensor(arena, index), bytes);
}

void Session::clearGradients() {
  if (arenas[NNRT_GRADIENTS])
    unit.clear(arenas[NNRT_GRADIENTS].at(), description.arenas[NNRT_GRADIENTS].bytes);
}

void Session::readFinished(std::span<double> out) const {
  unit.download(std::as_writable_bytes(out), finished.at());
}

void Session::writeTotals(std::span<const double> values) {
  unit.upload(totals.at(), std::as_bytes(values));
}

/// Whether some element has all bits of its exponent set: a NaN or an infinity.
template <typename Bits> static bool anyNotFinite(std::span<const std::byte> data, Bits exponent) {
  bool found = false;
  for (size_t i = 0; i + sizeof(Bits) <= data.size(); i += sizeof(Bits)) {
    Bits bits;
    memcpy(&bits, &data[i], sizeof bits);
    found |= (bits & exponent) == exponent;
  }
  return found;
}

static bool isFinite(uint32_t dtype, std::span<const std::byte> data) {
  switch (dtype) {
  case NNRT_F64:
    return !anyNotFinite<uint64_t>(data, 0x7ff0000000000000);
  case NNRT_F32:
    return !anyNotFinite<uint32_t>(data, 0x7f800000);
  case NNRT_F16:
    return !anyNotFinite<uint16_t>(data, 0x7c00);
  case NNRT_BF16:
    return !anyNotFinite<uint16_t>(data, 0x7f80);
  default:
    return true;
  }
}

const nnrt_tensor *Session::firstNotFinite() const {
  std::vector<std::byte> piece(1 << 16);
  for (nnrt_arena arena : {NNRT_PARAMETERS, NNRT_STATES, NNRT_OPTIMIZER, NNRT_AVERAGES}) {
    std::span<const nnrt_tensor> all = tensors(arena);
    for (uint32_t i = 0; i < all.size(); ++i)
      for (uint64_t at = 0, size = tensorBytes(all[i]); at < size; at += piece.size()) {
        auto part = std::span(piece).first(std::min<uint64_t>(piece.size(), size - at));
        read(arena, i, at, part);
        if (!isFinite(all[i].dtype, part))
          return &all[i];
      }
  }
  return nullptr;
}

} // namespace nnrt
