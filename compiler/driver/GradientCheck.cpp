// Runs a compiled model on random data and differentiates its loss by central differences.
#include "compiler/driver/GradientCheck.h"

#include "compiler/driver/GradientProgram.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <random>

namespace nnc::driver {

namespace {

/// Zeroed memory, aligned as the C ABI of entries asks.
class Arena {
public:
  explicit Arena(uint64_t bytes) : words(bytes / sizeof(Word) + 1) {}
  char *data() { return words.front().bytes; }

private:
  struct alignas(64) Word {
    char bytes[64] = {};
  };
  std::vector<Word> words;
};

uint64_t elementBytes(uint32_t dtype) {
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

class GradientChecker {
public:
  explicit GradientChecker(const nnrt_model &model);
  std::vector<GradientError> run(size_t elements);

private:
  uint64_t count(const nnrt_tensor &tensor) const;
  void fill(const nnrt_field &field, char *data);
  void call(const nnrt_entry &entry, char *parameters);
  double loss();
  /// The element's derivative by central differences with several steps: the one nearest to
  /// `expected`. A kink between two points spoils one step, a wrong gradient disagrees with all.
  double difference(double &element, double expected);
  double *values(const nnrt_tensor &tensor, Arena &arena) {
    return reinterpret_cast<double *>(arena.data() + tensor.offset);
  }

  const nnrt_model &model;
  std::mt19937_64 random{20};
  std::vector<int64_t> dims;
  std::vector<std::unique_ptr<Arena>> fields;
  Arena parameters, gradients, states;
  float coarseLoss = 0, metrics[lossParts] = {};
};

} // namespace

GradientChecker::GradientChecker(const nnrt_model &model)
    : model(model), parameters(model.parameter_bytes), gradients(model.parameter_bytes),
      states(model.state_bytes) {
  // The batch, and small sizes for whatever else only a caller knows.
  dims.assign(std::max(model.num_dims, 1u), 3);
  dims.front() = model.recipe->batch;
  for (uint32_t i = 0; i < model.num_fields; ++i) {
    const nnrt_tensor &tensor = model.fields[i].tensor;
    fields.push_back(std::make_unique<Arena>(count(tensor) * elementBytes(tensor.dtype)));
    fill(model.fields[i], fields.back()->data());
  }
}

uint64_t GradientChecker::count(const nnrt_tensor &tensor) const {
  uint64_t elements = 1;
  for (uint32_t i = 0; i < tensor.rank; ++i)
    elements *= tensor.shape[i] < 0 ? dims[~tensor.shape[i]] : tensor.shape[i];
  return elements;
}

void GradientChecker::fill(const nnrt_field &field, char *data) {
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

void GradientChecker::call(const nnrt_entry &entry, char *parameterData) {
  std::vector<int64_t> scalars;
  std::vector<void *> buffers;
  for (uint32_t i = 0; i < entry.num_scalars; ++i)
    scalars.push_back(entry.scalars[i].source == NNRT_DIM ? dims[entry.scalars[i].index] : 1);
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
  Arena workspace(entry.workspace_bytes(scalars.data()));
  entry.function(nullptr, scalars.data(), buffers.data(), workspace.data());
}

double GradientChecker::loss() {
  call(model.eval.function ? model.eval : model.eval_any, parameters.data());
  double sum = 0;
  for (float part : metrics)
    sum += part;
  return sum;
}

double GradientChecker::difference(double &element, double expected) {
  double original = element, best = NAN;
  auto slope = [&](double h) {
    element = original + h;
    double above = loss(), width = element;
    element = original - h;
    width -= element; // what the rounding of the two points left of 2 h
    double below = loss();
    element = original;
    return (above - below) / width;
  };
  auto consider = [&](double value) {
    if (std::isnan(best) || std::abs(value - expected) < std::abs(best - expected))
      best = value;
  };
  for (double h : {1e-3, 1e-4, 1e-5}) {
    double coarse = slope(h), fine = slope(h / 2);
    consider(fine);
    consider((4 * fine - coarse) / 3); // Richardson: the h^2 term cancels
  }
  return best;
}

std::vector<GradientError> GradientChecker::run(size_t elements) {
  call(model.init, parameters.data());
  uint32_t trained = model.num_parameters - model.num_buffers;
  // Away from the zeros that initial values often are, where gradients of other parameters vanish.
  std::normal_distribution<double> noise(0, 0.05);
  for (uint32_t i = 0; i < trained; ++i)
    for (uint64_t k = 0, end = count(model.parameters[i]); k < end; ++k)
      values(model.parameters[i], parameters)[k] += noise(random);
  memcpy(gradients.data(), parameters.data(), model.parameter_bytes);
  call(model.step.function ? model.step : model.step_any, gradients.data());

  std::vector<GradientError> errors;
  for (uint32_t i = 0; i < trained; ++i) {
    const nnrt_tensor &tensor = model.parameters[i];
    double *gradient = values(tensor, gradients), *value = values(tensor, parameters);
    uint64_t size = count(tensor);
    double scale = 0;
    for (uint64_t k = 0; k < size; ++k)
      scale = std::max(scale, std::abs(gradient[k]));
    GradientError error{tensor.name, 0, std::min<size_t>(size, elements)};
    for (size_t n = 0; n < error.elements; ++n) {
      uint64_t k = size <= elements ? n : random() % size;
      double measured = difference(value[k], gradient[k]);
      // Elements far smaller than the largest are judged by it: rounding of the loss hides them.
      double against = std::max({std::abs(measured), std::abs(gradient[k]), scale * 1e-3, 1e-9});
      double relative = std::abs(measured - gradient[k]) / against;
      if (!(relative <= error.maxRelativeError)) // a NaN comes through, and stays
        error.maxRelativeError = relative;
    }
    errors.push_back(error);
  }
  return errors;
}

std::vector<GradientError> checkGradients(const nnrt_model &model, size_t elements) {
  return GradientChecker(model).run(elements);
}

} // namespace nnc::driver
