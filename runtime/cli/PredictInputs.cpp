// The inputs of `predict`, matched with what the model takes.
#include "runtime/cli/PredictInputs.h"

#include "runtime/support/Errors.h"
#include "runtime/support/Range.h"
#include "runtime/support/Tensor.h"
#include "runtime/support/Text.h"

namespace nnrt {

bool isBatched(const nnrt_tensor &tensor) { return tensor.rank && tensor.shape[0] == ~int64_t(0); }

uint64_t rowBytes(const nnrt_tensor &tensor, std::span<const int64_t> dims) {
  uint64_t rest = exampleBytes(tensor, dims);
  return isBatched(tensor) || !tensor.rank ? rest : rest * uint64_t(tensor.shape[0]);
}

static InputArray readImage(const nnrt_model &model, const nnrt_tensor &input,
                            const std::string &path) {
  uint32_t lead = isBatched(input) ? 1 : 0;
  uint32_t rank = input.rank - lead;
  bool channelDimension = rank == 3;
  int64_t channels = channelDimension ? input.shape[lead + 2] : 1;
  if (input.dtype != NNRT_U8)
    throw errors::imageNeedsBytes(path, input.name, typeText(model, input));
  if ((rank != 2 && rank != 3) || channels < 1 || channels > 4)
    throw errors::inputShape(path, "an image", input.name, typeText(model, input));
  return readPng(path, input.shape[lead], input.shape[lead + 1], int(channels), channelDimension);
}

static bool endsWithIgnoringCase(std::string_view text, std::string_view end) {
  if (text.size() < end.size())
    return false;
  text.remove_prefix(text.size() - end.size());
  for (size_t i = 0; i < end.size(); ++i)
    if ((text[i] | 0x20) != (end[i] | 0x20))
      return false;
  return true;
}

static InputArray readFile(const nnrt_model &model, const nnrt_tensor &input,
                           const std::string &path) {
  if (endsWithIgnoringCase(path, ".png"))
    return readImage(model, input, path);
  if (endsWithIgnoringCase(path, ".npy"))
    return readNpy(path);
  throw errors::unknownInputFormat(path, ".npy or .png");
}

/// Checks type, shape and values, settles dimensions; returns the number of examples. A file may
/// hold one example without a batch dimension.
static uint64_t match(const nnrt_model &model, const nnrt_port &port, const InputArray &array,
                      std::vector<int64_t> &dims) {
  const nnrt_tensor &input = port.tensor;
  if (array.dtype != input.dtype)
    throw errors::inputType(array.path, elementName(array.dtype), input.name,
                            typeText(model, input));
  bool batched = isBatched(input);
  bool single = batched && array.shape.size() + 1 == input.rank;
  bool fits = single || array.shape.size() == input.rank;
  for (uint32_t i = batched ? 1 : 0; fits && i < input.rank; ++i) {
    int64_t found = array.shape[single ? i - 1 : i], expected = input.shape[i];
    if (expected >= 0) {
      fits = found == expected;
      continue;
    }
    int64_t &value = dims[size_t(~expected)];
    if (value && value != found)
      throw errors::dimensionMismatch(array.path, input.name, model.dims[~expected], found, value);
    value = found;
    fits = found > 0;
  }
  uint64_t examples = batched && !single && fits ? uint64_t(array.shape[0]) : 1;
  if (!fits || examples == 0)
    throw errors::inputShape(array.path, typeText(array.dtype, array.shape), input.name,
                             typeText(model, input));
  std::span data(array.bytes.data(), array.bytes.size());
  if (auto found = findOutOfRange(input.dtype, port.low, port.high, data))
    throw errors::inputValue(array.path, input.name, found->value, port.low, port.high,
                             found->element);
  return examples;
}

static std::vector<InputGroup> readSeveral(const nnrt_model &model,
                                           std::span<const std::string> operands,
                                           std::vector<int64_t> &dims) {
  std::string names;
  for (uint32_t i = 0; i < model.num_inputs; ++i)
    names += cat(i ? " " : "", model.inputs[i].tensor.name, "=FILE");
  std::vector<std::string> paths(model.num_inputs);
  for (const std::string &operand : operands) {
    size_t equals = operand.find('=');
    bool known = false;
    for (uint32_t i = 0; equals != std::string::npos && i < model.num_inputs; ++i)
      if (operand.substr(0, equals) == model.inputs[i].tensor.name && paths[i].empty()) {
        paths[i] = operand.substr(equals + 1);
        known = true;
      }
    if (!known)
      throw errors::inputNotNamed(operand, names);
  }
  InputGroup group;
  for (uint32_t i = 0; i < model.num_inputs; ++i) {
    if (paths[i].empty())
      throw errors::usage(cat("no file is given for input '", model.inputs[i].tensor.name, "'"),
                          cat("give ", names));
    group.arrays.push_back(readFile(model, model.inputs[i].tensor, paths[i]));
    uint64_t examples = match(model, model.inputs[i], group.arrays.back(), dims);
    if (i && examples != group.examples)
      throw errors::inputCount(paths[i], examples, paths[0], group.examples);
    group.examples = examples;
    group.name += cat(i ? ", " : "", paths[i]);
  }
  std::vector<InputGroup> groups;
  groups.push_back(std::move(group));
  return groups;
}

std::vector<InputGroup> readInputs(const nnrt_model &model, std::span<const std::string> operands,
                                   std::vector<int64_t> &dims) {
  if (model.num_inputs != 1)
    return readSeveral(model, operands, dims);
  std::vector<InputGroup> groups;
  for (const std::string &path : operands) {
    InputGroup group;
    group.name = path;
    group.arrays.push_back(readFile(model, model.inputs[0].tensor, path));
    group.examples = match(model, model.inputs[0], group.arrays[0], dims);
    groups.push_back(std::move(group));
  }
  return groups;
}

} // namespace nnrt
