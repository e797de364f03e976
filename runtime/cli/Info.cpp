// The command `info`.
#include "runtime/cli/Commands.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Json.h"
#include "runtime/support/Tensor.h"
#include "runtime/support/Text.h"

#include <algorithm>

namespace nnrt {

static constexpr OptionSpec infoOptions[] = {
    {"json", "", "one JSON object in place of text"},
    {"source", "", "print the .nn file that the program was built from"},
};

const CommandSpec infoCommand = {
    "info", "Says what the program holds: parameters, inputs, outputs, recipe, memory.", "",
    infoOptions, ""};

static void writeTensor(JsonWriter &json, const nnrt_model &model, const nnrt_tensor &tensor) {
  json.beginObject().field("name", tensor.name).field("dtype", elementName(tensor.dtype));
  json.key("shape").beginArray();
  for (int64_t size : shapeOf(tensor))
    if (size < 0)
      json.value(uint64_t(~size) < model.num_dims ? model.dims[~size] : "?");
    else
      json.value(size);
  json.endArray().endObject();
}

static void writeTensors(JsonWriter &json, const nnrt_model &model, const char *key,
                         std::span<const nnrt_tensor> tensors) {
  json.key(key).beginArray();
  for (const nnrt_tensor &tensor : tensors)
    writeTensor(json, model, tensor);
  json.endArray();
}

static void writeRecipe(JsonWriter &json, const nnrt_model &model) {
  json.key("recipe");
  if (!model.recipe) {
    json.null();
    return;
  }
  const nnrt_recipe &recipe = *model.recipe;
  json.beginObject().field("data", recipe.data).field("format", recipe.format);
  json.field("optimizer", recipe.optimizer).field("batch", recipe.batch);
  if (recipe.epochs > 0)
    json.field("epochs", recipe.epochs);
  if (recipe.steps > 0)
    json.field("steps", recipe.steps);
  json.field("seed", recipe.seed).key("metrics").beginArray();
  for (uint32_t i = 0; i < recipe.num_metrics; ++i)
    json.value(recipe.metrics[i]);
  json.endArray().endObject();
}

namespace {
struct Tensors {
  explicit Tensors(const nnrt_model &model)
      : all(model.parameters, model.num_parameters),
        trained(all.first(model.num_parameters - model.num_buffers)),
        buffers(all.last(model.num_buffers)), outputs(model.outputs, model.num_outputs) {
    for (uint32_t i = 0; i < model.num_inputs; ++i)
      inputs.push_back(model.inputs[i].tensor);
  }
  std::span<const nnrt_tensor> all, trained, buffers, outputs;
  std::vector<nnrt_tensor> inputs;
};
} // namespace

static std::string asJson(const nnrt_model &model) {
  Tensors tensors(model);
  std::string text;
  JsonWriter json(text);
  json.beginObject().field("model", model.name).field("compiler", model.compiler);
  json.field("cpu", model.cpu).field("source_sha256", model.source_sha256);
  writeTensors(json, model, "params", tensors.trained);
  writeTensors(json, model, "buffers", tensors.buffers);
  writeTensors(json, model, "inputs", tensors.inputs);
  writeTensors(json, model, "outputs", tensors.outputs);
  writeRecipe(json, model);
  json.key("memory").beginObject().field("parameters", model.parameter_bytes);
  json.field("optimizer", model.state_bytes).field("activations", model.activation_bytes);
  json.field("total", model.parameter_bytes + model.state_bytes + model.activation_bytes);
  json.endObject().key("kernels").beginArray().endArray().endObject();
  return text + "\n";
}

static std::string listing(const nnrt_model &model, std::string_view title,
                           std::span<const nnrt_tensor> tensors) {
  if (tensors.empty())
    return {};
  size_t width = 0;
  for (const nnrt_tensor &tensor : tensors)
    width = std::max(width, std::string_view(tensor.name).size());
  std::string out = cat(title, "\n");
  for (const nnrt_tensor &tensor : tensors) {
    std::string name = cat("  ", tensor.name);
    name.resize(width + 4, ' ');
    out += cat(name, typeText(model, tensor), "\n");
  }
  return out;
}

static std::string asText(const nnrt_model &model) {
  Tensors tensors(model);
  uint64_t count = 0;
  for (const nnrt_tensor &tensor : tensors.trained)
    count += tensorBytes(tensor) / elementSize(tensor.dtype);
  std::string out = cat("model     ", model.name, "\ncompiler  ", model.compiler, ", for ",
                        model.cpu, "\nsource    sha256 ", model.source_sha256, "\n\n");
  out += listing(model, "inputs", tensors.inputs);
  out += listing(model, "outputs", tensors.outputs);
  out += listing(model, cat("parameters (", grouped(count), " numbers)"), tensors.trained);
  out += listing(model, "buffers", tensors.buffers);
  if (const nnrt_recipe *recipe = model.recipe) {
    out += cat("recipe\n  data       ", recipe->data, " (", recipe->format, ")\n  optimizer  ",
               recipe->optimizer, "\n  batch      ", recipe->batch, "\n");
    if (recipe->epochs > 0)
      out += cat("  epochs     ", recipe->epochs, "\n");
    if (recipe->steps > 0)
      out += cat("  steps      ", recipe->steps, "\n");
    out += cat("  seed       ", recipe->seed, "\n");
    for (uint32_t i = 0; i < recipe->num_metrics; ++i)
      out += cat("  metric     ", recipe->metrics[i], "\n");
  }
  out += cat("memory of a training step\n  parameters   ", byteCount(model.parameter_bytes),
             "\n  optimizer    ", byteCount(model.state_bytes), "\n  activations  ",
             byteCount(model.activation_bytes), "\n");
  return out;
}

Status runInfo(const Program &program, const Arguments &arguments) {
  if (arguments.has("json") && arguments.has("source"))
    throw errors::usage("--json and --source exclude each other");
  if (arguments.has("source"))
    print(program.model.source);
  else
    print(arguments.has("json") ? asJson(program.model) : asText(program.model));
  return Status::Ok;
}

} // namespace nnrt
