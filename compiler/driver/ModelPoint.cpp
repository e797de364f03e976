// Draws a point and calls the entries of a compiled model there.
#include "compiler/driver/ModelPoint.h"

#include "compiler/driver/GradientProgram.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace nnc::driver {

static uint64_t elementBytes(uint32_t dtype) {
  switch (dtype) {
  case NNRT_F64:
  case NNRT_I64:
    return 8;
  case NNRT_F32:
  case NNRT_I32:
    return 4;
  case NNRT_F16:
  case NNRT_BF16:
    return 2;
  default:
    return 1;
  }
}

ModelPoint::ModelPoint(const nnrt_model &model, unsigned number)
    : model(model), seed(number + 1), random(20 + number), parameters(model.parameter_bytes),
      gradients(model.parameter_bytes), states(model.state_bytes), metrics(lossParts) {
  // The batch, and small sizes for whatever else only a caller knows.
  dims.assign(std::max(model.num_dims, 1u), 3);
  dims.front() = model.recipe->batch;
  for (uint32_t i = 0; i < model.num_fields; ++i) {
    const nnrt_tensor &tensor = model.fields[i].tensor;
    fields.push_back(std::make_unique<Arena>(count(tensor) * elementBytes(tensor.dtype)));
    fill(model.fields[i], fields.back()->data());
  }
  call(*nnrt_find_entry(&model, NNRT_ENTRY_INIT, 0), parameters.data());
  // Away from the zeros that initial values often are, where gradients of other parameters vanish.
  std::normal_distribution<double> noise(0, 0.05);
  for (uint32_t i = 0; i < model.num_parameters - model.num_buffers; ++i)
    for (uint64_t k = 0, end = count(model.parameters[i]); k < end; ++k)
      parameter(i)[k] += noise(random);
}

uint64_t ModelPoint::count(const nnrt_tensor &tensor) const {
  uint64_t elements = 1;
  for (uint32_t i = 0; i < tensor.rank; ++i)
    elements *= tensor.shape[i] < 0 ? dims[~tensor.shape[i]] : tensor.shape[i];
  return elements;
}

void ModelPoint::fill(const nnrt_port &field, char *data) {
  bool bounded = field.low < field.high;
  std::uniform_int_distribution<int64_t> integer(bounded ? field.low : 0,
                                                 bounded ? field.high - 1 : 255);
  std::normal_distribution<double> normal;
  for (uint64_t i = 0, end = count(field.tensor); i < end; ++i) {
    auto store = [&](auto value) { memcpy(data + i * sizeof(value), &value, sizeof(value)); };
    switch (field.tensor.dtype) {
    case NNRT_F64:
      store(normal(random));
      break;
    case NNRT_I64:
      store(integer(random));
      break;
    case NNRT_I32:
      store(static_cast<int32_t>(integer(random)));
      break;
    case NNRT_BOOL:
      store(static_cast<uint8_t>(integer(random) & 1));
      break;
    default:
      store(static_cast<uint8_t>(integer(random)));
    }
  }
}

void ModelPoint::call(const nnrt_entry &entry, char *parameterData) {
  std::vector<int64_t> scalars;
  std::vector<void *> buffers;
  for (uint32_t i = 0; i < entry.num_scalars; ++i) {
    const nnrt_binding &scalar = entry.scalars[i];
    scalars.push_back(scalar.source == NNRT_DIM    ? dims[scalar.index]
                      : scalar.source == NNRT_SEED ? seed
                                                   : 1);
  }
  for (uint32_t i = 0; i < entry.num_buffers; ++i) {
    uint32_t index = entry.buffers[i].index;
    switch (entry.buffers[i].source) {
    case NNRT_FIELD:
      buffers.push_back(fields[index]->data());
      break;
    case NNRT_PARAMETER:
      buffers.push_back(parameterData + model.parameters[index].offset);
      break;
    case NNRT_STATE:
      buffers.push_back(states.data() + model.states[index].offset);
      break;
    case NNRT_METRIC:
      buffers.push_back(&metrics[index]);
      break;
    default:
      buffers.push_back(&coarseLoss);
    }
  }
  uint64_t bytes = entry.workspace_bytes(scalars.data());
  if (bytes > workspace.size())
    workspace = Arena(bytes);
  entry.function(nullptr, scalars.data(), buffers.data(), workspace.data());
}

double ModelPoint::loss() {
  call(*nnrt_find_entry(&model, NNRT_ENTRY_EVAL, dims.front()), parameters.data());
  return std::accumulate(metrics.begin(), metrics.end(), 0.0);
}

void ModelPoint::computeGradients() {
  memcpy(gradients.data(), parameters.data(), model.parameter_bytes);
  call(*nnrt_find_entry(&model, NNRT_ENTRY_STEP, dims.front()), gradients.data());
}

} // namespace nnc::driver
