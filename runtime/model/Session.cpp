// A model with its tensors on a device: what training, evaluation and prediction call.
#include "runtime/model/Session.h"

#include "runtime/support/Errors.h"
#include "runtime/support/Tensor.h"

#include <algorithm>

namespace nnrt {

void Call::setScalar(uint32_t source, uint32_t index, int64_t value) {
  for (uint32_t i = 0; i < entry->num_scalars; ++i)
    if (entry->scalars[i].source == source &&
        (source != NNRT_DIM || entry->scalars[i].index == index))
      scalars[i] = value;
}

void Call::setBuffer(uint32_t source, uint32_t index, void *buffer) {
  for (uint32_t i = 0; i < entry->num_buffers; ++i)
    if (entry->buffers[i].source == source && entry->buffers[i].index == index)
      buffers[i] = buffer;
}

Session::Session(const nnrt_model &model, Device &device, std::vector<int64_t> dims)
    : description(model), place(device), dimensions(std::move(dims)) {
  parameters = device.allocate(model.parameter_bytes, "the model's parameters");
  states = device.allocate(model.state_bytes, "the optimizer's state");
  results.resize(1 + (model.recipe ? model.recipe->num_metrics : 0));
  dimensions.resize(model.num_dims);
  for (const nnrt_entry &entry : std::span(model.entries, model.num_entries)) {
    calls.push_back(bind(entry));
    for (uint32_t i = 0; entry.kind == NNRT_ENTRY_STEP && i < entry.num_buffers; ++i)
      trainingMetrics |= entry.buffers[i].source == NNRT_METRIC;
  }
}

Call Session::bind(const nnrt_entry &entry) {
  Call call;
  call.entry = &entry;
  call.scalars.resize(entry.num_scalars);
  call.buffers.resize(entry.num_buffers);
  for (uint32_t i = 0; i < entry.num_scalars; ++i)
    if (entry.scalars[i].source == NNRT_DIM)
      call.scalars[i] = dimensions[entry.scalars[i].index];
  for (uint32_t i = 0; i < entry.num_buffers; ++i) {
    uint32_t index = entry.buffers[i].index;
    switch (entry.buffers[i].source) {
    case NNRT_PARAMETER:
      call.buffers[i] = parameter(index);
      break;
    case NNRT_STATE:
      call.buffers[i] = state(index);
      break;
    case NNRT_LOSS:
      call.buffers[i] = &results[0];
      break;
    case NNRT_METRIC:
      call.buffers[i] = &results[1 + index];
      break;
    default:
      break; // fields, inputs and outputs come with each call
    }
  }
  return call;
}

/// What messages call an entry.
static const char *nameOf(nnrt_entry_kind kind) {
  switch (kind) {
  case NNRT_ENTRY_INIT:
    return "init";
  case NNRT_ENTRY_STEP:
    return "step";
  case NNRT_ENTRY_EVAL:
    return "eval";
  case NNRT_ENTRY_PREDICT:
    return "predict";
  }
  return "unknown";
}

void Session::reserveWorkspace(nnrt_entry_kind kind, uint64_t batch) {
  for (Call &call : calls) {
    const nnrt_entry &entry = *call.entry;
    // Any batch up to this one may come.
    if (entry.kind != kind || !batch || (entry.batch && uint64_t(entry.batch) > batch))
      continue;
    call.setScalar(NNRT_DIM, 0, int64_t(entry.batch ? entry.batch : batch));
    uint64_t bytes = entry.workspace_bytes(call.scalars.data());
    if (bytes > workspace.size())
      workspace = place.allocate(bytes, "the results within the network");
  }
}

void Session::prepare(uint64_t trainBatch, uint64_t evalBatch, uint64_t predictBatch) {
  reserveWorkspace(NNRT_ENTRY_STEP, trainBatch);
  reserveWorkspace(NNRT_ENTRY_EVAL, evalBatch);
  reserveWorkspace(NNRT_ENTRY_PREDICT, predictBatch);
}

void Session::initialize(uint64_t seed) {
  Call &call = choose(NNRT_ENTRY_INIT, 0);
  call.setScalar(NNRT_SEED, 0, int64_t(seed));
  Memory scratch =
      place.allocate(call.entry->workspace_bytes(call.scalars.data()), "making the first weights");
  place.run(*call.entry, call.scalars.data(), call.buffers.data(), scratch.data());
}

Call &Session::choose(nnrt_entry_kind kind, uint64_t batch) {
  const nnrt_entry *entry = nnrt_find_entry(&description, kind, int64_t(batch));
  if (!entry)
    throw errors::noEntry(description.name, nameOf(kind));
  Call &call = calls[entry - description.entries];
  call.setScalar(NNRT_DIM, 0, int64_t(batch));
  return call;
}

void Session::run(Call &call) {
  place.run(*call.entry, call.scalars.data(), call.buffers.data(), workspace.data());
}

void Session::step(std::span<void *const> fields, uint64_t batch, uint64_t number, uint64_t seed) {
  Call &call = choose(NNRT_ENTRY_STEP, batch);
  call.setScalar(NNRT_STEP, 0, int64_t(number));
  call.setScalar(NNRT_SEED, 0, int64_t(seed));
  for (uint32_t i = 0; i < fields.size(); ++i)
    call.setBuffer(NNRT_FIELD, i, fields[i]);
  run(call);
}

void Session::evaluate(std::span<void *const> fields, uint64_t batch, uint64_t seed) {
  Call &call = choose(NNRT_ENTRY_EVAL, batch);
  call.setScalar(NNRT_SEED, 0, int64_t(seed));
  for (uint32_t i = 0; i < fields.size(); ++i)
    call.setBuffer(NNRT_FIELD, i, fields[i]);
  run(call);
}

void Session::predict(std::span<void *const> inputs, std::span<void *const> outputs,
                      uint64_t batch) {
  Call &call = choose(NNRT_ENTRY_PREDICT, batch);
  for (uint32_t i = 0; i < inputs.size(); ++i)
    call.setBuffer(NNRT_INPUT, i, inputs[i]);
  for (uint32_t i = 0; i < outputs.size(); ++i)
    call.setBuffer(NNRT_OUTPUT, i, outputs[i]);
  run(call);
}

/// Whether some element has all bits of its exponent set: a NaN or an infinity.
template <typename Bits>
static bool anyNotFinite(const std::byte *data, uint64_t bytes, Bits exponent) {
  const auto *bits = reinterpret_cast<const Bits *>(data);
  bool found = false;
  for (uint64_t i = 0, count = bytes / sizeof(Bits); i < count; ++i)
    found |= (bits[i] & exponent) == exponent;
  return found;
}

static bool isFinite(const nnrt_tensor &tensor, const std::byte *data) {
  uint64_t bytes = tensorBytes(tensor);
  switch (tensor.dtype) {
  case NNRT_F64:
    return !anyNotFinite<uint64_t>(data, bytes, 0x7ff0000000000000);
  case NNRT_F32:
    return !anyNotFinite<uint32_t>(data, bytes, 0x7f800000);
  case NNRT_F16:
    return !anyNotFinite<uint16_t>(data, bytes, 0x7c00);
  case NNRT_BF16:
    return !anyNotFinite<uint16_t>(data, bytes, 0x7f80);
  default:
    return true;
  }
}

const nnrt_tensor *Session::firstNotFinite() const {
  for (uint32_t i = 0; i < description.num_parameters; ++i)
    if (!isFinite(description.parameters[i], parameter(i)))
      return &description.parameters[i];
  for (uint32_t i = 0; i < description.num_states; ++i)
    if (!isFinite(description.states[i], state(i)))
      return &description.states[i];
  return nullptr;
}

} // namespace nnrt
