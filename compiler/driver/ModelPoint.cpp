// Draws a point and calls the entries of a compiled model there.
#include "compiler/driver/ModelPoint.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/ErrorHandling.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace nnc::driver {

static uint64_t elementBytes(uint32_t dtype) {
  switch (static_cast<nnrt_dtype>(dtype)) {
  case NNRT_F64:
  case NNRT_I64:
    return 8;
  case NNRT_F32:
  case NNRT_I32:
    return 4;
  case NNRT_F16:
  case NNRT_BF16:
    return 2;
  case NNRT_U8:
  case NNRT_BOOL:
    return 1;
  }
  llvm_unreachable("every type is listed");
}

ModelPoint::ModelPoint(const nnrt_model &model, unsigned number, const PointOptions &options)
    : model(model), options(options), seed(number + 1), random(20 + number),
      partials(model.num_totals) {
  for (uint32_t kind = 0; kind < NNRT_NUM_ARENAS; ++kind)
    arenas[kind] = Arena(model.arenas[kind].bytes);
  // The batch, and small sizes for whatever else only a caller knows.
  dims.assign(model.num_dims, 3);
  if (model.batch_dim >= 0)
    dims[model.batch_dim] = options.batch;
  for (uint32_t i = 0; i < model.num_entries; ++i)
    for (uint32_t k = 0; k < model.entries[i].num_buffers; ++k)
      if (model.entries[i].buffers[k].source == NNRT_LOSS)
        losses.resize(std::max<size_t>(losses.size(), model.entries[i].buffers[k].index + 1));
  for (uint32_t i = 0; i < model.num_fields; ++i) {
    const nnrt_tensor &tensor = model.fields[i].tensor;
    fields.emplace_back(count(tensor) * elementBytes(tensor.dtype));
    fill(model.fields[i], fields.back().data());
  }
  call(find("init"));
  // Away from the zeros that initial values often are, where gradients of other parameters vanish.
  std::normal_distribution<double> noise(0, 0.05);
  const nnrt_tensors &parameters = model.arenas[NNRT_PARAMETERS];
  for (uint32_t i = 0; i < parameters.count; ++i)
    if (parameters.tensors[i].dtype == NNRT_F64)
      for (uint64_t k = 0, end = count(parameters.tensors[i]); k < end; ++k)
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
    switch (static_cast<nnrt_dtype>(field.tensor.dtype)) {
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
    case NNRT_U8:
      store(static_cast<uint8_t>(integer(random)));
      break;
    case NNRT_F32:
    case NNRT_F16:
    case NNRT_BF16:
      llvm_unreachable("every float is f64 here");
    }
  }
}

const nnrt_entry &ModelPoint::find(llvm::StringRef name) const {
  const nnrt_entry *general = nullptr;
  for (uint32_t i = 0; i < model.num_entries; ++i) {
    const nnrt_entry &entry = model.entries[i];
    if (name != entry.name)
      continue;
    auto fits = [&](bool exactly) {
      for (uint32_t d = 0; d < model.num_dims; ++d)
        if (entry.dims[d] != 0 ? entry.dims[d] != dims[d]
                               : exactly && static_cast<int32_t>(d) == model.batch_dim)
          return false;
      return true;
    };
    if (fits(/*exactly=*/true))
      return entry;
    if (fits(/*exactly=*/false))
      general = &entry;
  }
  assert(general && "the model has no such entry");
  return *general;
}

int64_t ModelPoint::scalar(const nnrt_binding &binding) const {
  switch (static_cast<nnrt_source>(binding.source)) {
  case NNRT_DIM:
    return dims[binding.index];
  case NNRT_BATCH:
    return model.batch_dim < 0 ? 1 : dims[model.batch_dim];
  case NNRT_SEED:
    return seed;
  case NNRT_STEP:
  case NNRT_DRAW:
    return 1;
  case NNRT_STEPS:
    return 100;
  case NNRT_EXAMPLE:
  case NNRT_CLASS:
    return 0;
  case NNRT_NUMBER:
    return llvm::bit_cast<int64_t>(options.numbers[binding.index]);
  default:
    llvm_unreachable("not a scalar");
  }
}

void *ModelPoint::buffer(const nnrt_binding &binding) {
  auto inArena = [&](nnrt_arena arena) -> void * {
    return arenas[arena].data() + model.arenas[arena].tensors[binding.index].offset;
  };
  switch (static_cast<nnrt_source>(binding.source)) {
  case NNRT_PARAMETER:
    return inArena(NNRT_PARAMETERS);
  case NNRT_STATE:
    return inArena(NNRT_STATES);
  case NNRT_OPTIMIZER_STATE:
    return inArena(NNRT_OPTIMIZER);
  case NNRT_AVERAGE:
    return inArena(NNRT_AVERAGES);
  case NNRT_GRADIENT:
    return inArena(NNRT_GRADIENTS);
  case NNRT_FIT:
    return inArena(NNRT_FITTED);
  case NNRT_CACHE:
    return inArena(NNRT_CACHES);
  case NNRT_FIELD:
    return fields[binding.index].data();
  case NNRT_LOSS:
    return &losses[binding.index];
  case NNRT_TOTAL:
  case NNRT_PARTIAL:
    return &partials[binding.index];
  default:
    llvm_unreachable("no entry of a gradient takes this");
  }
}

void ModelPoint::call(const nnrt_entry &entry) {
  std::vector<int64_t> scalars;
  std::vector<void *> buffers;
  for (uint32_t i = 0; i < entry.num_scalars; ++i)
    scalars.push_back(scalar(entry.scalars[i]));
  for (uint32_t i = 0; i < entry.num_buffers; ++i)
    buffers.push_back(buffer(entry.buffers[i]));
  uint64_t bytes = entry.workspace_bytes(scalars.data());
  if (bytes > workspace.size())
    workspace = Arena(bytes);
  entry.function(nullptr, scalars.data(), buffers.data(), workspace.data());
}

double ModelPoint::loss(unsigned pass) {
  const nnrt_entry &entry = find("evaluate." + std::to_string(pass));
  call(entry);
  double sum = 0;
  for (uint32_t i = 0; i < entry.num_buffers; ++i)
    if (entry.buffers[i].source == NNRT_PARTIAL)
      sum += partials[entry.buffers[i].index];
  return sum;
}

void ModelPoint::computeGradients(llvm::StringRef block) {
  arenas[NNRT_GRADIENTS] = Arena(model.arenas[NNRT_GRADIENTS].bytes);
  // A step renews the states of layers, and so would change the losses that are compared with it.
  states = arenas[NNRT_STATES];
  call(find(block.empty() ? "gradient" : ("gradient." + block).str()));
  arenas[NNRT_STATES] = states;
}

} // namespace nnc::driver
