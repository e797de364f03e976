// The command `eval`.
#include "runtime/checkpoint/Checkpoint.h"
#include "runtime/cli/Commands.h"
#include "runtime/loop/Evaluate.h"
#include "runtime/loop/Interrupt.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Json.h"
#include "runtime/support/Text.h"

#include <cstdlib>

namespace nnrt {

static constexpr OptionSpec evalOptions[] = {
    {"weights", "FILE", "the weights to evaluate (.safetensors); required"},
    {"data", "DIR", "folder with the data set's files\n(default: $NN_DATA, ./data/NAME, ./data)"},
    {"split", "NAME", "train or test (default: test)"},
    {"threads", "N", "the results don't depend on it (default: all processors)"},
    {"device", "NAME", "where to run: cpu"},
    {"json", "", "one JSON object in place of lines"},
};

const CommandSpec evalCommand = {
    "eval", "Computes loss and metrics of saved weights over the test data.", "", evalOptions,
    "  eval --weights weights.safetensors --data data/mnist"};

static std::string asText(const nnrt_recipe &recipe, const std::string &split,
                          const Averages &results) {
  std::string examples = cat(" (", results.examples(), " examples)\n");
  std::string text = cat(split, "_loss ", fixed(results.loss(), 6), examples);
  for (uint32_t i = 0; i < recipe.num_metrics; ++i)
    text += cat(recipe.metrics[i], " ", fixed(results.metric(i), 4), examples);
  return text;
}

static std::string asJson(const nnrt_recipe &recipe, const std::string &split,
                          const Averages &results) {
  std::string text;
  JsonWriter json(text);
  json.beginObject().field("examples", results.examples());
  json.field(cat(split, "_loss"), results.loss());
  for (uint32_t i = 0; i < recipe.num_metrics; ++i)
    json.field(recipe.metrics[i], results.metric(i));
  json.endObject();
  return text + "\n";
}

Status runEval(const Program &program, const Arguments &arguments) {
  const nnrt_model &model = program.model;
  if (!model.recipe)
    throw errors::noRecipe(model.name);
  if (!arguments.has("weights"))
    throw errors::usage("eval needs --weights FILE");
  std::string device = arguments.has("device") ? arguments.text("device") : "cpu";
  std::unique_ptr<Device> place = makeDevice(device, model, threadsOption(arguments));
  std::string split = arguments.has("split") ? arguments.text("split") : "test";
  if (split != "test" && split != "train")
    throw errors::usage(cat("the value of --split is not known: '", printable(split), "'"),
                        "the splits are train and test");

  std::vector<int64_t> dims(model.num_dims);
  const char *data = getenv("NN_DATA");
  Dataset dataset = loadDataset(model, {arguments.text("data"), data ? data : ""}, {split}, dims);
  Session session(model, *place, dims);
  loadWeights(arguments.text("weights"), session);
  const Split &examples = dataset.splits.front();
  session.prepare(0, evaluationBatch(model, examples), 0);
  InterruptScope scope;
  Averages results = evaluateSplit(session, examples, model.recipe->seed);
  if (!results.examples())
    return Status::Interrupted;
  print(arguments.has("json") ? asJson(*model.recipe, split, results)
                              : asText(*model.recipe, split, results));
  return Status::Ok;
}

} // namespace nnrt
