// Weights and the state of training, from and to files.
#include "runtime/checkpoint/Checkpoint.h"

#include "runtime/checkpoint/Safetensors.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Tensor.h"
#include "runtime/support/Text.h"

#include <charconv>
#include <cmath>
#include <set>

namespace nnrt {

static constexpr std::string_view statePrefix = "optimizer/";

static TensorView viewOf(const nnrt_tensor &tensor, std::string name, const std::byte *bytes) {
  std::span<const int64_t> shape = shapeOf(tensor);
  return {std::move(name),
          safetensorsName(tensor.dtype),
          {shape.begin(), shape.end()},
          {bytes, tensorBytes(tensor)}};
}

/// The shortest decimal that reads back to the same bits.
static std::string exactText(double value) {
  char buffer[64];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
}

void saveCheckpoint(const std::string &path, const Session &session,
                    const TrainingPosition &position) {
  const nnrt_model &model = session.model();
  std::vector<TensorView> tensors;
  for (uint32_t i = 0; i < model.num_parameters; ++i)
    tensors.push_back(viewOf(model.parameters[i], model.parameters[i].name, session.parameter(i)));
  for (uint32_t i = 0; i < model.num_states; ++i)
    tensors.push_back(
        viewOf(model.states[i], cat(statePrefix, model.states[i].name), session.state(i)));
  writeSafetensors(path, tensors,
                   {{"format", "nnc"},
                    {"model", model.name},
                    {"compiler", model.compiler},
                    {"source_sha256", model.source_sha256},
                    {"step", std::to_string(position.step)},
                    {"seed", std::to_string(position.seed)},
                    {"batch", std::to_string(position.batch)},
                    {"epoch", std::to_string(position.epoch)},
                    {"consumed", std::to_string(position.consumed)},
                    {"examples", std::to_string(position.examples)},
                    {"shuffle", position.shuffle ? "true" : "false"},
                    {"loss_sum", exactText(position.lossSum)}});
}

/// The stored tensor for `tensor`, checked for type and shape.
static const StoredTensor &require(const SafetensorsFile &file, const nnrt_model &model,
                                   const nnrt_tensor &tensor, const std::string &name) {
  const StoredTensor *stored = file.find(name);
  if (!stored) {
    std::vector<std::string_view> names;
    for (const StoredTensor &other : file.tensors())
      names.push_back(other.name);
    throw errors::missingTensor(file.path(), name, typeText(model, tensor), closest(name, names));
  }
  std::span<const int64_t> shape = shapeOf(tensor);
  if (stored->dtype != safetensorsName(tensor.dtype) ||
      !std::equal(shape.begin(), shape.end(), stored->shape.begin(), stored->shape.end()))
    throw errors::tensorMismatch(
        file.path(), name, stored->typeText(),
        StoredTensor{{}, safetensorsName(tensor.dtype), {shape.begin(), shape.end()}}.typeText());
  return *stored;
}

static std::vector<const StoredTensor *> requireParameters(const SafetensorsFile &file,
                                                           const nnrt_model &model) {
  std::vector<const StoredTensor *> found;
  std::set<std::string_view> names;
  for (uint32_t i = 0; i < model.num_parameters; ++i) {
    const nnrt_tensor &tensor = model.parameters[i];
    found.push_back(&require(file, model, tensor, tensor.name));
    names.insert(tensor.name);
  }
  for (const StoredTensor &stored : file.tensors())
    if (!stored.name.starts_with(statePrefix) && !names.count(stored.name))
      throw errors::unknownTensor(file.path(), stored.name, model.name);
  return found;
}

static void readInto(const SafetensorsFile &file, const StoredTensor &stored, std::byte *to) {
  file.read(stored, {to, stored.bytes});
}

void loadWeights(const std::string &path, Session &session) {
  SafetensorsFile file(path);
  std::vector<const StoredTensor *> found = requireParameters(file, session.model());
  for (uint32_t i = 0; i < found.size(); ++i)
    readInto(file, *found[i], session.parameter(i));
}

namespace {
/// Reads the values of the metadata, each of which must be there and valid.
class Metadata {
public:
  explicit Metadata(const SafetensorsFile &file) : file(file) {}

  const std::string &text(const char *key) const {
    auto found = file.metadata().find(key);
    if (found == file.metadata().end())
      throw errors::notResumable(file.path(), cat("'", key, "' in its metadata"));
    return found->second;
  }
  uint64_t number(const char *key, uint64_t most) const {
    auto result = parse<uint64_t>(key);
    if (result > most)
      throw errors::badMetadata(file.path(), key, text(key));
    return result;
  }
  double finite(const char *key) const {
    auto result = parse<double>(key);
    if (!std::isfinite(result))
      throw errors::badMetadata(file.path(), key, text(key));
    return result;
  }
  bool truth(const char *key) const {
    const std::string &value = text(key);
    if (value != "true" && value != "false")
      throw errors::badMetadata(file.path(), key, value);
    return value == "true";
  }

private:
  template <typename T> T parse(const char *key) const {
    const std::string &value = text(key);
    T result = {};
    auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), result);
    if (error != std::errc() || end != value.data() + value.size())
      throw errors::badMetadata(file.path(), key, value);
    return result;
  }

  const SafetensorsFile &file;
};
} // namespace

static SavedPosition readPosition(const SafetensorsFile &file) {
  Metadata metadata(file);
  SavedPosition position;
  // The largest that the command line takes; beyond them, counting on could overflow.
  constexpr uint64_t mostSteps = INT64_MAX, mostExamples = UINT32_MAX;
  position.step = metadata.number("step", mostSteps);
  position.seed = metadata.number("seed", UINT64_MAX);
  position.batch = metadata.number("batch", mostExamples);
  position.epoch = metadata.number("epoch", mostSteps);
  position.consumed = metadata.number("consumed", mostSteps);
  position.examples = metadata.number("examples", mostSteps);
  position.shuffle = metadata.truth("shuffle");
  position.lossSum = metadata.finite("loss_sum");
  position.sourceHash = metadata.text("source_sha256");
  if (position.batch == 0)
    throw errors::badMetadata(file.path(), "batch", "0");
  return position;
}

SavedPosition loadCheckpoint(const std::string &path, Session &session) {
  const nnrt_model &model = session.model();
  SafetensorsFile file(path);
  std::vector<const StoredTensor *> found = requireParameters(file, model);
  SavedPosition position = readPosition(file);
  std::vector<const StoredTensor *> states;
  for (uint32_t i = 0; i < model.num_states; ++i)
    states.push_back(
        &require(file, model, model.states[i], cat(statePrefix, model.states[i].name)));
  for (uint32_t i = 0; i < found.size(); ++i)
    readInto(file, *found[i], session.parameter(i));
  for (uint32_t i = 0; i < states.size(); ++i)
    readInto(file, *states[i], session.state(i));
  return position;
}

} // namespace nnrt
