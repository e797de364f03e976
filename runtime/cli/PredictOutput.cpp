// The JSON that `predict` prints.
#include "runtime/cli/PredictOutput.h"

#include "runtime/cli/Commands.h"
#include "runtime/cli/PredictInputs.h"
#include "runtime/support/Tensor.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>

namespace nnrt {

template <typename T> static T load(const std::byte *bytes) {
  T value;
  memcpy(&value, bytes, sizeof value);
  return value;
}

static void writeElement(JsonWriter &json, uint32_t dtype, const std::byte *bytes, uint64_t index) {
  double value = numberAt(dtype, bytes, index);
  switch (dtype) {
  case NNRT_F64:
    json.value(value);
    return;
  case NNRT_I64:
    json.value(load<int64_t>(bytes + index * 8));
    return;
  case NNRT_I32:
  case NNRT_U8:
    json.value(int64_t(value));
    return;
  case NNRT_BOOL:
    json.value(value != 0);
    return;
  default:
    json.value(float(value));
  }
}

/// Whether a list of `count` numbers may be the scores of classes: where a recipe takes columns,
/// one that is no input must be of integers, below that where their range is known, and one for
/// each example where it isn't. A forecast of several numbers has no class.
static bool numbersClasses(const nnrt_model &model, int64_t count) {
  const std::span<const nnrt_port> fields(model.fields, model.num_fields),
      inputs(model.inputs, model.num_inputs);
  auto numbers = [&](const nnrt_port &field) {
    const uint32_t dtype = field.tensor.dtype;
    const bool isInteger = dtype == NNRT_U8 || dtype == NNRT_I32 || dtype == NNRT_I64;
    const bool fits =
        field.limit || (field.low < field.high ? field.high == count : field.tensor.rank == 1);
    return isInteger && fits &&
           std::none_of(inputs.begin(), inputs.end(), [&](const nnrt_port &input) {
             return std::string_view(input.tensor.name) == field.tensor.name;
           });
  };
  return fields.empty() || std::any_of(fields.begin(), fields.end(), numbers);
}

PredictOutput::PredictOutput(const nnrt_model &model, std::span<const std::string> classes)
    : model(model), classes(classes),
      hasClass(model.num_inputs > 0 && model.num_outputs == 1 &&
               isBatched(model, model.outputs[0]) && model.outputs[0].rank == 2 &&
               numbersClasses(model, model.outputs[0].shape[1]) &&
               std::string_view(model.outputs[0].name) != "class") {}

/// Nested arrays, the outermost dimension first.
void PredictOutput::tensor(JsonWriter &json, const nnrt_tensor &type, std::span<const int64_t> dims,
                           const std::byte *bytes) {
  uint32_t lead = isBatched(model, type) ? 1 : 0;
  uint64_t next = 0;
  auto write = [&](auto &self, uint32_t axis) -> void {
    if (axis == type.rank)
      return writeElement(json, type.dtype, bytes, next++);
    int64_t size = type.shape[axis] < 0 ? dims[size_t(~type.shape[axis])] : type.shape[axis];
    json.beginArray();
    for (int64_t i = 0; i < size; ++i)
      self(self, axis + 1);
    json.endArray();
  };
  write(write, lead);
}

void PredictOutput::example(std::string_view file, uint64_t index, std::span<const int64_t> dims,
                            std::span<const std::byte *const> outputs, uint64_t row) {
  pending += first ? "[\n  " : ",\n  ";
  first = false;
  JsonWriter json(pending);
  json.beginObject();
  if (!file.empty())
    json.field("file", file);
  json.field("index", index);
  for (uint32_t i = 0; i < outputs.size(); ++i) {
    const nnrt_tensor &type = model.outputs[i];
    const std::byte *bytes = outputs[i] + row * rowBytes(model, type, dims);
    json.key(type.name);
    tensor(json, type, dims, bytes);
    if (!hasClass)
      continue;
    uint64_t best = 0, count = rowBytes(model, type, dims) / elementSize(type.dtype);
    for (uint64_t j = 1; j < count; ++j)
      if (numberAt(type.dtype, bytes, j) > numberAt(type.dtype, bytes, best))
        best = j;
    json.field("class", best);
    if (best < classes.size())
      json.field("class_name", classes[best]);
  }
  json.endObject();
  if (pending.size() > 1 << 16) {
    print(pending);
    pending.clear();
  }
}

void PredictOutput::finish() {
  pending += first ? "[]\n" : "\n]\n";
  print(pending);
}

} // namespace nnrt
