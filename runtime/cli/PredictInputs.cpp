// The inputs of `predict`, matched with what the model takes.
#include "runtime/cli/PredictInputs.h"

#include "runtime/data/Convert.h"
#include "runtime/support/Errors.h"
#include "runtime/support/File.h"
#include "runtime/support/Range.h"
#include "runtime/support/Tensor.h"
#include "runtime/support/Text.h"

#include <algorithm>

namespace nnrt {

/// Whether images were brought to one size when the model was trained.
static bool readsFolders(const Recipe *recipe) {
  if (!recipe || !recipe->data)
    return false;
  const std::vector<DataDescription::Source> &sources = recipe->data->sources;
  return std::any_of(sources.begin(), sources.end(),
                     [](const auto &source) { return source.reader == "folder"; });
}

static InputArray readImage(const InputContext &context, const nnrt_tensor &input,
                            const std::string &path) {
  const nnrt_model &model = context.session.model();
  uint32_t lead = isBatched(model, input) ? 1 : 0;
  uint32_t rank = input.rank - lead;
  bool channelDimension = rank == 3;
  int64_t channels = channelDimension ? input.shape[lead + 2] : 1;
  if (input.dtype != NNRT_U8)
    throw errors::imageNeedsBytes(path, input.name, typeText(model, input));
  if ((rank != 2 && rank != 3) || channels < 1 || channels > 4)
    throw errors::inputShape(path, "an image", input.name, typeText(model, input));
  if (readsFolders(context.recipe) && input.shape[lead] > 0 && input.shape[lead + 1] > 0)
    return readImageOfAnySize(path, {input.shape + lead, rank});
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

InputArray readFile(const InputContext &context, const nnrt_tensor &input,
                    const std::string &path) {
  const bool takesJpeg = readsFolders(context.recipe) && (endsWithIgnoringCase(path, ".jpg") ||
                                                          endsWithIgnoringCase(path, ".jpeg"));
  if (takesJpeg || endsWithIgnoringCase(path, ".png"))
    return readImage(context, input, path);
  if (endsWithIgnoringCase(path, ".npy"))
    return readNpy(path);
  throw errors::unknownInputFormat(
      path, ".npy, .png, where it was trained on folders of images .jpg, and on "
            "tables .csv");
}

/// Makes the array's elements those of the input.
static void convertInput(const nnrt_port &port, InputArray &array) {
  const uint32_t dtype = port.tensor.dtype;
  if (array.dtype == dtype)
    return;
  Memory converted(array.bytes.size() / elementSize(array.dtype) * elementSize(dtype), array.path);
  if (auto bad = convertElements(array.dtype, {array.bytes.data(), array.bytes.size()}, dtype,
                                 {converted.data(), converted.size()})) {
    bool isBounded = port.low < port.high;
    throw errors::inputValue(array.path, port.tensor.name, bad->value,
                             isBounded ? port.low : bad->low, isBounded ? port.high : bad->high,
                             bad->element);
  }
  array.bytes = std::move(converted);
  array.dtype = dtype;
}

uint64_t matchInput(const nnrt_model &model, const nnrt_port &port, InputArray &array,
                    std::vector<int64_t> &dims) {
  const nnrt_tensor &input = port.tensor;
  if (!isConvertible(array.dtype, input.dtype))
    throw errors::inputType(array.path, elementName(array.dtype), input.name,
                            typeText(model, input));
  bool batched = isBatched(model, input);
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
  convertInput(port, array);
  std::span data(array.bytes.data(), array.bytes.size());
  if (auto found = findOutOfRange(input.dtype, port.low, port.high, data))
    throw errors::inputValue(array.path, input.name, found->value, port.low, port.high,
                             found->element);
  return examples;
}

static bool isTable(std::string_view path) { return endsWithIgnoringCase(path, ".csv"); }

/// An array for each input, as NAME=FILE.
static InputGroup readSeveral(const InputContext &context, std::span<const std::string> operands) {
  const nnrt_model &model = context.session.model();
  std::string names;
  for (uint32_t i = 0; i < model.num_inputs; ++i)
    names += cat(i ? " " : "", model.inputs[i].tensor.name, "=FILE");
  std::vector<std::string> paths(model.num_inputs);
  for (const std::string &operand : operands) {
    size_t equals = operand.find('=');
    bool known = false;
    for (uint32_t i = 0; equals != std::string::npos && i < model.num_inputs; ++i)
      if (operand.substr(0, equals) == model.inputs[i].tensor.name) {
        if (!paths[i].empty())
          throw errors::inputTwice(operand, model.inputs[i].tensor.name);
        paths[i] = operand.substr(equals + 1);
        known = true;
      }
    if (!known)
      throw errors::inputNotNamed(operand, names);
  }
  InputGroup group;
  group.dims.resize(model.num_dims);
  std::optional<uint32_t> counted; ///< an input that says how many examples there are
  for (uint32_t i = 0; i < model.num_inputs; ++i) {
    if (paths[i].empty())
      throw errors::usage(cat("no file is given for input '", model.inputs[i].tensor.name, "'"),
                          cat("give ", names));
    group.arrays.push_back(readFile(context, model.inputs[i].tensor, paths[i]));
    uint64_t examples = matchInput(model, model.inputs[i], group.arrays.back(), group.dims);
    if (isBatched(model, model.inputs[i].tensor)) {
      if (counted && examples != group.examples)
        throw errors::inputCount(paths[i], examples, paths[*counted], group.examples);
      counted = i;
      group.examples = examples;
    }
    group.name += cat(i ? ", " : "", paths[i]);
  }
  return group;
}

/// One file has everything. Its input may be named, too.
static InputGroup readOne(const InputContext &context, const std::string &operand) {
  const nnrt_model &model = context.session.model();
  std::string path = operand;
  const std::string prefix = cat(model.inputs[0].tensor.name, "=");
  if (model.num_inputs == 1 && path.starts_with(prefix) && !fileExists(path))
    path.erase(0, prefix.size());
  if (isTable(path))
    return readTable(context, path);
  InputGroup group;
  group.name = path;
  group.dims.resize(model.num_dims);
  group.arrays.push_back(readFile(context, model.inputs[0].tensor, path));
  group.examples = matchInput(model, model.inputs[0], group.arrays[0], group.dims);
  return group;
}

std::vector<InputGroup> readInputs(const InputContext &context,
                                   std::span<const std::string> operands) {
  const nnrt_model &model = context.session.model();
  if (std::optional<std::vector<InputGroup>> raw = readRawArrays(context, operands))
    return std::move(*raw);
  const bool hasTables = std::all_of(operands.begin(), operands.end(), [](const std::string &each) {
    return isTable(each) && each.find('=') == std::string::npos;
  });
  std::vector<InputGroup> groups;
  if (model.num_inputs != 1 && !hasTables) {
    groups.push_back(readSeveral(context, operands));
    return groups;
  }
  for (const std::string &operand : operands)
    groups.push_back(readOne(context, operand));
  return groups;
}

} // namespace nnrt
