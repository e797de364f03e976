// The command `predict`.
#include "runtime/checkpoint/Checkpoint.h"
#include "runtime/cli/Commands.h"
#include "runtime/cli/PredictInputs.h"
#include "runtime/cli/PredictOutput.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Tensor.h"
#include "runtime/support/Text.h"

#include <algorithm>

namespace nnrt {

static constexpr OptionSpec predictOptions[] = {
    {"weights", "FILE", "the weights to use (.safetensors); required"},
    {"threads", "N", "the results don't depend on it (default: all processors)"},
    {"device", "NAME", "where to run: cpu"},
};

const CommandSpec predictCommand = {
    "predict", "Computes the model's outputs for inputs from files; prints JSON.", "INPUT...",
    predictOptions,
    "An INPUT is a .npy file with one example or a batch of them, or, where the model takes u8 "
    "images, a\n"
    ".png of the right size (colours become grey where the model has no colour channels).\n"
    "A model with several inputs takes each as NAME=FILE.\n"
    "Printed is an array with an object per example: \"file\", \"index\" in the file, each output "
    "by\n"
    "its name, and \"class\", the index of the largest value, where the output is a list.\n\n"
    "  predict --weights weights.safetensors digit.png digits.npy"};

// Large enough to fill the machine, small enough that the workspace stays small.
static constexpr uint64_t mostRows = 256;

static void predictGroup(Session &session, const InputGroup &group, std::span<const Memory> outputs,
                         PredictOutput &printer) {
  const nnrt_model &model = session.model();
  std::vector<void *> inputs(group.arrays.size()), results;
  for (const Memory &output : outputs)
    results.push_back(output.data());
  for (uint64_t first = 0; first < group.examples; first += mostRows) {
    uint64_t count = std::min(mostRows, group.examples - first);
    for (size_t i = 0; i < inputs.size(); ++i)
      inputs[i] =
          group.arrays[i].bytes.data() + first * rowBytes(model.inputs[i].tensor, session.dims());
    session.predict(inputs, results, count);
    for (uint64_t i = 0; i < count; ++i)
      printer.example(group.name, first + i, results, i);
  }
}

/// An example is a row of every input and output, so each must begin with the batch dimension and
/// have it nowhere else. A model without symbolic dimensions has one example, whole.
static void requireRows(const nnrt_model &model) {
  auto check = [&](const nnrt_tensor &tensor) {
    bool elsewhere = false;
    for (uint32_t i = 1; i < tensor.rank; ++i)
      elsewhere |= tensor.shape[i] == ~int64_t(0);
    if (model.num_dims && (!isBatched(tensor) || elsewhere))
      throw errors::notByRows(tensor.name, typeText(model, tensor), model.dims[0]);
  };
  for (uint32_t i = 0; i < model.num_inputs; ++i)
    check(model.inputs[i].tensor);
  std::for_each_n(model.outputs, model.num_outputs, check);
}

Status runPredict(const Program &program, const Arguments &arguments) {
  const nnrt_model &model = program.model;
  if (!arguments.has("weights"))
    throw errors::usage("predict needs --weights FILE");
  if (arguments.operands().empty())
    throw errors::usage("predict needs at least one input file", "see predict --help");
  requireRows(model);
  std::string device = arguments.has("device") ? arguments.text("device") : "cpu";
  std::unique_ptr<Device> place = makeDevice(device, model, threadsOption(arguments));

  // Everything is read and checked before anything is printed.
  std::vector<int64_t> dims(model.num_dims);
  std::vector<InputGroup> groups = readInputs(model, arguments.operands(), dims);
  for (uint32_t i = 1; i < model.num_dims; ++i)
    if (!dims[i])
      throw errors::unboundDimension(model.name, model.dims[i]);
  uint64_t largest = 0;
  for (const InputGroup &group : groups)
    largest = std::max(largest, group.examples);
  largest = std::min(largest, mostRows);

  Session session(model, *place, dims);
  loadWeights(arguments.text("weights"), session);
  session.prepare(0, 0, largest);
  std::vector<Memory> outputs;
  for (uint32_t i = 0; i < model.num_outputs; ++i)
    outputs.push_back(
        place->allocate(largest * rowBytes(model.outputs[i], session.dims()), "the outputs"));
  PredictOutput printer(model, session.dims());
  for (const InputGroup &group : groups)
    predictGroup(session, group, outputs, printer);
  printer.finish();
  return Status::Ok;
}

} // namespace nnrt
