// The command `info`.
#include "runtime/cli/Commands.h"
#include "runtime/cli/KernelList.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Json.h"
#include "runtime/support/Tensor.h"
#include "runtime/support/Text.h"

#include "nnrt/gpu.h"

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

/// The readers of a part: "idx", "csv, npy" where they lie beside each other.
static std::string formatText(const DataDescription &data) {
  std::string text;
  for (const DataDescription::Source &source : data.sources)
    if (source.part == data.sources.front().part)
      text += cat(text.empty() ? "" : ", ", source.reader);
  return text;
}

static void writeNames(JsonWriter &json, const char *key, const std::vector<std::string> &names) {
  json.key(key).beginArray();
  for (const std::string &name : names)
    json.value(std::string_view(name));
  json.endArray();
}

template <typename T>
static void writeOptional(JsonWriter &json, const char *key, const std::optional<T> &value) {
  if (value)
    json.field(key, *value);
}

static void writeGoal(JsonWriter &json, const char *key, const std::optional<Goal> &goal) {
  if (goal)
    json.key(key).beginObject().field(goal->isMax ? "max" : "min", goal->of).endObject();
}

static void writeBlocks(JsonWriter &json, const nnrt_model &model, const Recipe &recipe) {
  if (recipe.blocks.size() == 1 && recipe.blocks.front().name.empty())
    return;
  const nnrt_tensors &parameters = model.arenas[NNRT_PARAMETERS];
  json.key("steps_of").beginArray();
  for (const Recipe::Block &block : recipe.blocks) {
    json.beginObject().field("name", block.name).field("every", block.every);
    writeNames(json, "losses", block.losses);
    std::vector<std::string> trains;
    for (uint32_t index : block.trains)
      if (index < parameters.count)
        trains.emplace_back(parameters.tensors[index].name);
    writeNames(json, "trains", trains);
    json.endObject();
  }
  json.endArray();
}

static void writeRecipe(JsonWriter &json, const nnrt_model &model, const Recipe *recipe) {
  json.key("recipe");
  if (!recipe) {
    json.null();
    return;
  }
  json.beginObject();
  if (recipe->data) {
    json.field("data", recipe->data->name);
    if (!recipe->data->sources.empty())
      json.field("format", formatText(*recipe->data));
  }
  json.field("optimizer", recipe->optimizer);
  if (!recipe->clip.empty())
    json.field("clip", recipe->clip);
  if (!recipe->precision.empty())
    json.field("precision", recipe->precision);
  json.field("batch", recipe->batch);
  writeOptional(json, "epochs", recipe->epochs);
  writeOptional(json, "steps", recipe->steps);
  json.field("seed", recipe->seed).field("shuffle", recipe->shuffle);
  if (recipe->accumulate > 1)
    json.field("accumulate", recipe->accumulate);
  writeOptional(json, "ema", recipe->average);
  writeOptional(json, "evaluate_every", recipe->evaluateEvery);
  writeGoal(json, "keep", recipe->keep);
  writeGoal(json, "stop", recipe->stop);
  if (recipe->stop)
    json.field("patience", recipe->patience);
  writeOptional(json, "budget_bytes", recipe->budgetBytes);
  json.key("numbers").beginObject();
  for (const Recipe::Number &number : recipe->numbers)
    json.field(number.name, number.value);
  json.endObject();
  writeBlocks(json, model, *recipe);
  writeNames(json, "losses", recipe->losses);
  writeNames(json, "metrics", recipe->metrics);
  writeNames(json, "frozen", recipe->frozen);
  json.endObject();
}

namespace {
struct Tensors {
  explicit Tensors(const nnrt_model &model)
      : trained(of(model, NNRT_PARAMETERS)), buffers(of(model, NNRT_STATES)),
        outputs(model.outputs, model.num_outputs) {
    for (uint32_t i = 0; i < model.num_inputs; ++i)
      inputs.push_back(model.inputs[i].tensor);
  }
  static std::span<const nnrt_tensor> of(const nnrt_model &model, nnrt_arena arena) {
    return {model.arenas[arena].tensors, model.arenas[arena].count};
  }
  std::span<const nnrt_tensor> trained, buffers, outputs;
  std::vector<nnrt_tensor> inputs;
};

/// Bytes that training takes at the recipe's batch, without the data: on a GPU, where the program
/// was built for one.
struct MemoryUse {
  explicit MemoryUse(const nnrt_model &model)
      : activations(model.gpu ? model.gpu->activation_bytes : model.activation_bytes) {
    for (nnrt_arena arena : {NNRT_PARAMETERS, NNRT_STATES, NNRT_FITTED})
      parameters += model.arenas[arena].bytes;
    for (nnrt_arena arena : {NNRT_OPTIMIZER, NNRT_AVERAGES, NNRT_GRADIENTS})
      optimizer += model.arenas[arena].bytes;
  }
  uint64_t parameters = 0, optimizer = 0, activations;
  uint64_t total() const { return parameters + optimizer + activations; }
};
} // namespace

static std::string asJson(const nnrt_model &model, const Recipe *recipe) {
  Tensors tensors(model);
  MemoryUse memory(model);
  std::string text;
  JsonWriter json(text);
  json.beginObject().field("model", model.name).field("compiler", model.compiler);
  json.field("target", model.target).field("cpu", model.cpu);
  json.field("source_sha256", model.source_sha256);
  writeTensors(json, model, "params", tensors.trained);
  writeTensors(json, model, "buffers", tensors.buffers);
  writeTensors(json, model, "inputs", tensors.inputs);
  writeTensors(json, model, "outputs", tensors.outputs);
  writeRecipe(json, model, recipe);
  json.key("memory").beginObject().field("parameters", memory.parameters);
  json.field("optimizer", memory.optimizer).field("activations", memory.activations);
  json.field("total", memory.total());
  json.endObject();
  writeKernels(json, model, recipe);
  json.endObject();
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

/// "  data       mnist (idx)"
static std::string line(std::string_view key, std::string_view value) {
  std::string left = cat("  ", key);
  left.resize(std::max<size_t>(13, left.size() + 1), ' ');
  return cat(left, value, "\n");
}

/// The line of what may be empty: none, then.
static std::string optional(std::string_view key, std::string_view value) {
  return value.empty() ? std::string() : line(key, value);
}

static std::string recipeText(const Recipe &recipe) {
  std::string out = "recipe\n";
  if (recipe.data)
    out += line("data", recipe.data->sources.empty()
                            ? recipe.data->name
                            : cat(recipe.data->name, " (", formatText(*recipe.data), ")"));
  out += line("optimizer", recipe.optimizer) + optional("clip", recipe.clip);
  out += optional("precision", recipe.precision) + optional("freeze", joined(recipe.frozen));
  for (const Recipe::Load &load : recipe.loads)
    out += line("load", cat(load.file, load.under.empty() ? "" : ", under ", load.under));
  out += line("batch", std::to_string(recipe.batch));
  if (recipe.accumulate > 1)
    out += line("accumulate", cat(recipe.accumulate, " batches a step"));
  if (recipe.epochs)
    out += line("epochs", std::to_string(*recipe.epochs));
  if (recipe.steps)
    out += line("steps", std::to_string(*recipe.steps));
  if (recipe.average)
    out += line("ema", cat(*recipe.average));
  if (recipe.evaluateEvery)
    out += line("evaluate", cat("every ", *recipe.evaluateEvery, " steps"));
  if (recipe.keep)
    out += line("keep", cat(recipe.keep->isMax ? "max " : "min ", recipe.keep->of));
  if (recipe.stop)
    out += line("stop", cat("after ", recipe.patience, " evaluations without a better ",
                            recipe.stop->isMax ? "max " : "min ", recipe.stop->of));
  out += line("seed", std::to_string(recipe.seed));
  if (!recipe.shuffle)
    out += line("shuffle", "false");
  for (const Recipe::Number &number : recipe.numbers)
    out += line("let", cat(number.name, " = ", number.value));
  for (const Recipe::Block &block : recipe.blocks)
    if (!block.name.empty())
      out += line("step", cat(block.name, ", every ", block.every));
  if (recipe.hasNamedLosses())
    for (const std::string &loss : recipe.losses)
      out += line("loss", loss);
  for (const std::string &metric : recipe.metrics)
    out += line("metric", metric);
  return out;
}

static std::string asText(const nnrt_model &model, const Recipe *recipe) {
  Tensors tensors(model);
  MemoryUse memory(model);
  uint64_t count = 0;
  for (const nnrt_tensor &tensor : tensors.trained)
    count += tensorBytes(tensor) / elementSize(tensor.dtype);
  std::string out = cat("model     ", model.name, "\ncompiler  ", model.compiler, ", for ",
                        model.cpu, "\nsource    sha256 ", model.source_sha256, "\n\n");
  out += listing(model, "inputs", tensors.inputs);
  out += listing(model, "outputs", tensors.outputs);
  out += listing(model, cat("parameters (", grouped(count), " numbers)"), tensors.trained);
  out += listing(model, "states of layers", tensors.buffers);
  if (recipe)
    out += recipeText(*recipe);
  out += cat("memory of a training step\n  parameters   ", byteCount(memory.parameters),
             "\n  optimizer    ", byteCount(memory.optimizer), "\n  activations  ",
             byteCount(memory.activations), "\n");
  return out + kernelsText(model, recipe);
}

Status runInfo(const Program &program, const Arguments &arguments) {
  if (arguments.has("json") && arguments.has("source"))
    throw errors::usage("--json and --source exclude each other");
  if (arguments.has("source")) {
    print(program.model.source);
    return Status::Ok;
  }
  std::unique_ptr<const Recipe> recipe = recipeOf(program.model);
  print(arguments.has("json") ? asJson(program.model, recipe.get())
                              : asText(program.model, recipe.get()));
  return Status::Ok;
}

} // namespace nnrt
