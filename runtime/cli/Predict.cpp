// The command `predict`.
#include "runtime/checkpoint/Checkpoint.h"
#include "runtime/cli/Commands.h"
#include "runtime/cli/PredictInputs.h"
#include "runtime/cli/PredictOutput.h"
#include "runtime/model/Sizes.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Memory.h"
#include "runtime/support/Range.h"
#include "runtime/support/Tensor.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <cstring>

namespace nnrt {

static constexpr OptionSpec predictOptions[] = {
    {"weights", "FILE", "the weights to use (.safetensors); required"},
    {"count", "N",
     "how many examples to make, of a model that draws and has no inputs\n(default: 1)"},
    {"seed", "N", "of what the model draws (default: that of the training)"},
    {"threads", "N",
     "the results don't depend on it (default: one for each\nprocessor that the process may use)"},
    {"device", "NAME",
     "where to run: auto (the default), cpu; built for GPUs: cuda, cuda:N, emulator"},
};

const CommandSpec predictCommand = {
    "predict", "Computes the model's outputs for inputs from files; prints JSON.", "INPUT...",
    predictOptions,
    "An INPUT is a .npy file with one example or a batch of them, or, where the model takes u8 "
    "images, a\n"
    ".png of the right size (colours become grey where the model has no colour channels). A model "
    "that\n"
    "was trained on folders of images takes .png and .jpg of any size.\n"
    "A model with several inputs takes each as NAME=FILE. A model that was trained on a table "
    "takes "
    "a .csv\n"
    "of its raw columns, in any order where it has a header; what only the labels need may be "
    "absent.\n"
    "Where the data set prepares arrays, a file without a name, and NAME=FILE with the name of "
    "such "
    "an\n"
    "array, are raw and prepared as in training; INPUT=FILE, by the input's name, is taken as it "
    "is.\n"
    "Printed is an array with an object per example: \"file\", \"index\" in the file, each output "
    "by\n"
    "its name, and \"class\", the index of the largest value, where the only output is a list, "
    "the\n"
    "data has a label of as many classes, and the model has inputs; \"class_name\" is what a\n"
    "table or a folder calls it.\n"
    "What a recipe predicts from draws alone, as a decoder does from noise, has no INPUT: --count "
    "says how many.\n\n"
    "  predict --weights weights.safetensors digit.png digits.npy\n"
    "  predict --weights decoder.safetensors --count 16"};

// Large enough to fill the machine, small enough that the workspace stays small.
static constexpr uint64_t mostRows = 256;

/// Whether a dimension stands in an input or output.
static bool isUsed(const nnrt_model &model, int64_t dim) {
  auto has = [&](const nnrt_tensor &tensor) {
    return std::find(tensor.shape, tensor.shape + tensor.rank, ~dim) != tensor.shape + tensor.rank;
  };
  return std::any_of(model.inputs, model.inputs + model.num_inputs,
                     [&](const nnrt_port &port) { return has(port.tensor); }) ||
         std::any_of(model.outputs, model.outputs + model.num_outputs, has);
}

static uint64_t mostRowsOf(const InputGroup &group) { return std::min(mostRows, group.examples); }

/// The dimensions of a call with so many examples of the group.
static std::vector<int64_t> dimsOf(const nnrt_model &model, const InputGroup &group,
                                   uint64_t count) {
  std::vector<int64_t> dims = group.dims;
  if (model.batch_dim >= 0)
    dims[size_t(model.batch_dim)] = int64_t(count);
  return dims;
}

/// Checks the indexes of one call whose bounds its dimensions tell.
static void checkLimits(const nnrt_model &model, const InputGroup &group, uint64_t first,
                        std::span<const int64_t> dims, uint64_t count) {
  for (uint32_t i = 0; i < model.num_inputs; ++i) {
    const nnrt_port &port = model.inputs[i];
    // What all examples share is checked with the first of them.
    if (!port.limit || (first && !isBatched(model, port.tensor)))
      continue;
    const InputArray &array = group.arrays[i];
    const uint64_t skipped = first * rowBytes(model, port.tensor, dims);
    const auto [low, high] = boundsOf(port, dims);
    if (auto found = findOutOfRange(
            port.tensor.dtype, low, high,
            {array.bytes.data() + skipped, batchBytes(model, port.tensor, dims, count)}))
      throw errors::inputValue(array.path, port.tensor.name, found->value, low, high,
                               skipped / elementSize(port.tensor.dtype) + found->element);
  }
}

/// Checks what only all sizes of a group tell. Throws Error.
static void checkGroup(const Session &session, const Entry &predict, const InputGroup &group) {
  const nnrt_model &model = session.model();
  for (size_t i = 0; i < group.dims.size(); ++i)
    if (!group.dims[i] && int32_t(i) != model.batch_dim && int32_t(i) != model.rows_dim &&
        isUsed(model, int64_t(i)))
      throw errors::unboundDimension(model.name, model.dims[i]);
  const uint64_t most = mostRowsOf(group);
  for (uint64_t first = 0; first < group.examples; first += most) {
    const uint64_t count = std::min(most, group.examples - first);
    const std::vector<int64_t> dims = dimsOf(model, group, count);
    session.requireSizes(predict, dims, group.name);
    checkLimits(model, group, first, dims, count);
  }
}

namespace {
/// Runs one group of examples and prints what comes out.
class GroupPrediction {
public:
  GroupPrediction(Session &session, Entry &predict, const InputGroup &group);
  void run(PredictOutput &printer);

private:
  Session &session;
  Entry &predict;
  const InputGroup &group;
  uint64_t most; ///< rows at a time
  std::vector<int64_t> dims;
  std::vector<Staging> inputs;
  std::vector<Buffer> outputs;
  std::vector<Memory> results;
  std::vector<void *> inputAddresses, outputAddresses;
};
} // namespace

GroupPrediction::GroupPrediction(Session &session, Entry &predict, const InputGroup &group)
    : session(session), predict(predict), group(group), most(mostRowsOf(group)),
      dims(dimsOf(session.model(), group, most)) {
  const nnrt_model &model = session.model();
  Device &device = session.device();
  for (uint32_t i = 0; i < model.num_inputs; ++i) {
    uint64_t bytes = batchBytes(model, model.inputs[i].tensor, dims, most);
    inputs.push_back(device.stage(std::max<uint64_t>(1, bytes), "the inputs"));
    inputAddresses.push_back(inputs.back().device);
  }
  for (uint32_t i = 0; i < model.num_outputs; ++i) {
    uint64_t bytes = batchBytes(model, model.outputs[i], dims, most);
    outputs.push_back(device.allocate(std::max<uint64_t>(1, bytes), "the outputs"));
    results.emplace_back(std::max<uint64_t>(1, bytes), "the outputs");
    outputAddresses.push_back(outputs.back().at());
  }
  session.reserve(predict, dims);
}

void GroupPrediction::run(PredictOutput &printer) {
  const nnrt_model &model = session.model();
  for (uint64_t first = 0; first < group.examples; first += most) {
    uint64_t count = std::min(most, group.examples - first);
    for (uint32_t i = 0; i < model.num_inputs; ++i) {
      const nnrt_tensor &tensor = model.inputs[i].tensor;
      // What all examples share stays where the first call brought it.
      if (first && !isBatched(model, tensor))
        continue;
      uint64_t bytes = batchBytes(model, tensor, dims, count);
      session.device().reuse(inputs[i]);
      memcpy(inputs[i].host, group.arrays[i].bytes.data() + first * rowBytes(model, tensor, dims),
             bytes);
      session.device().submit(inputs[i], bytes);
    }
    if (model.batch_dim >= 0)
      dims[size_t(model.batch_dim)] = int64_t(count);
    session.run(
        predict,
        {.dims = dims, .example = first, .inputs = inputAddresses, .outputs = outputAddresses});
    std::vector<const std::byte *> rows;
    for (uint32_t i = 0; i < model.num_outputs; ++i) {
      uint64_t bytes = batchBytes(model, model.outputs[i], dims, count);
      session.device().download({results[i].data(), bytes}, outputs[i].at());
      rows.push_back(results[i].data());
    }
    for (uint64_t i = 0; i < count; ++i)
      printer.example(group.name, first + i, dims, rows, i);
  }
}

/// An example is a row of every output, and of every input that has the batch dimension: it comes
/// first there, and nowhere else. All examples share the other inputs. A model without the
/// dimension has one example, whole.
static void requireRows(const nnrt_model &model) {
  if (model.batch_dim < 0)
    return;
  auto check = [&](const nnrt_tensor &tensor, bool isShareable) {
    std::span shape(tensor.shape, tensor.rank);
    auto count = std::count(shape.begin(), shape.end(), ~int64_t(model.batch_dim));
    if ((count || !isShareable) && !(count == 1 && isBatched(model, tensor)))
      throw errors::notByRows(tensor.name, typeText(model, tensor), model.dims[model.batch_dim]);
  };
  for (uint32_t i = 0; i < model.num_inputs; ++i)
    check(model.inputs[i].tensor, /*isShareable=*/true);
  for (uint32_t i = 0; i < model.num_outputs; ++i)
    check(model.outputs[i], /*isShareable=*/false);
}

/// The names of the classes that the only output tells apart: those of the only target of as many.
static std::span<const std::string> labelsOf(const nnrt_model &model, const Recipe *recipe,
                                             const WeightsInfo &info) {
  std::span<const std::string> labels;
  if (!recipe || model.num_outputs != 1 || model.outputs[0].rank != 2)
    return labels;
  for (uint64_t column : recipe->targets) {
    if (column >= info.facts.classes.size() ||
        int64_t(info.facts.classes[column].size()) != model.outputs[0].shape[1])
      continue;
    if (!labels.empty())
      return {};
    labels = info.facts.classes[column];
  }
  return labels;
}

Status runPredict(const Program &program, const Arguments &arguments) {
  const nnrt_model &model = program.model;
  if (!arguments.has("weights"))
    throw errors::usage("predict needs --weights FILE");
  const bool isDrawn = model.num_inputs == 0;
  const uint64_t count = arguments.number("count", 1, UINT32_MAX).value_or(1);
  if (!isDrawn && arguments.operands().empty())
    throw errors::usage("predict needs at least one input file", "see predict --help");
  if (!isDrawn && arguments.has("count"))
    throw errors::usage(
        cat("model '", model.name, "' predicts as many examples as its inputs have"),
        "'--count' is for a model without inputs");
  if (isDrawn && !arguments.operands().empty())
    throw errors::usage(model.recipe
                            ? std::string("this recipe predicts from draws alone, so there "
                                          "are no inputs to give")
                            : cat("model '", model.name, "' has no inputs"),
                        "'--count N' makes several examples");
  if (model.batch_dim < 0 && count != 1)
    throw errors::usage(cat("model '", model.name, "' makes one thing, not examples"),
                        "leave '--count' out");
  requireRows(model);
  std::unique_ptr<const Recipe> recipe = recipeOf(model);
  std::unique_ptr<Device> device = deviceOption(program, arguments);
  std::string weights = arguments.text("weights");
  Session session(model, *device, recipe.get(), /*isTraining=*/false);
  WeightsInfo info = loadWeights(weights, session, recipe.get(), WeightsFor::Use);
  if (std::optional<uint64_t> seed = arguments.number("seed", 0, UINT64_MAX))
    session.seed = *seed;
  else if (info.seed)
    session.seed = *info.seed;

  // Everything is read and checked before anything is printed.
  std::vector<InputGroup> groups;
  if (isDrawn) {
    InputGroup &group = groups.emplace_back();
    group.examples = count;
    group.dims.resize(model.num_dims);
  } else {
    groups = readInputs({session, recipe.get(), info, weights}, arguments.operands());
  }
  Entry predict = session.entry("predict");
  for (const InputGroup &group : groups)
    checkGroup(session, predict, group);
  PredictOutput printer(model, labelsOf(model, recipe.get(), info));
  for (const InputGroup &group : groups)
    GroupPrediction(session, predict, group).run(printer);
  printer.finish();
  return Status::Ok;
}

} // namespace nnrt
