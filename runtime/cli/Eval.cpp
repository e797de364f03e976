// The command `eval`.
#include "runtime/checkpoint/Checkpoint.h"
#include "runtime/cli/Commands.h"
#include "runtime/loop/Evaluate.h"
#include "runtime/loop/Interrupt.h"
#include "runtime/loop/MetricTables.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Json.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace nnrt {

static constexpr OptionSpec evalOptions[] = {
    {"weights", "FILE", "the weights to evaluate (.safetensors); required"},
    {"data", "DIR", "folder with the data set's files\n(default: $NN_DATA, ./data/NAME, ./data)"},
    {"split", "NAME", "train, valid or test (default: test)"},
    {"batch", "N",
     "examples at a time; the results don't depend on it, unless\na loss is one of a whole batch "
     "(default: the recipe's)"},
    {"threads", "N",
     "the results don't depend on it (default: one for each\nprocessor that the process may use)"},
    {"device", "NAME",
     "where to run: auto (the default), cpu; built for GPUs: cuda, cuda:N, emulator"},
    {"json", "", "one JSON object in place of lines"},
};

const CommandSpec evalCommand = {
    "eval", "Computes losses and metrics of saved weights over the test data.", "", evalOptions,
    "A line per loss and metric, by the recipe's names, a table below it where it has several\n"
    "numbers. A recipe without data draws 16 batches.\n\n"
    "  eval --weights weights.safetensors --data data/mnist"};

static std::string asText(const Recipe &recipe, const std::string &split, const Results &results,
                          const DataFacts &facts) {
  std::string text;
  for (const auto &[key, value] : results.listed(recipe, cat(split, "_loss")))
    text += cat(key, " ", significant(value), " (", results.examples, " examples)\n");
  return text + tablesText(recipe, results, &facts);
}

static std::string asJson(const Recipe &recipe, const std::string &split, const Results &results) {
  std::string text;
  JsonWriter json(text);
  json.beginObject().field("examples", results.examples);
  for (const auto &[key, value] : results.listed(recipe, cat(split, "_loss")))
    json.field(key, value);
  writeTables(json, recipe, results);
  json.endObject();
  return text + "\n";
}

static void checkSplit(const std::string &split) {
  static constexpr std::string_view known[] = {"train", "valid", "test"};
  if (std::find(std::begin(known), std::end(known), split) == std::end(known))
    throw errors::usage(cat("the value of --split is not known: '", printable(split), "'"),
                        "the splits are train, valid and test");
}

/// A result that is no number may be the weights' fault; then it is said.
static void explainNotFinite(const Session &session, const std::string &weights,
                             const Results &results) {
  if (std::all_of(results.values.begin(), results.values.end(),
                  [](double value) { return std::isfinite(value); }))
    return;
  if (const nnrt_tensor *tensor = session.firstNotFinite())
    fprintf(stderr, "warning: %s: tensor '%s' holds values that are not finite (NaN or infinity)\n",
            weights.c_str(), tensor->name);
}

Status runEval(const Program &program, const Arguments &arguments) {
  const nnrt_model &model = program.model;
  std::unique_ptr<const Recipe> recipe = recipeOf(model);
  if (!recipe)
    throw errors::noRecipe(model.name);
  if (!arguments.has("weights"))
    throw errors::usage("eval needs --weights FILE");
  std::string split = arguments.has("split") ? arguments.text("split") : "test";
  checkSplit(split);
  uint64_t batch = arguments.number("batch", 1, UINT32_MAX).value_or(recipe->batch);
  std::unique_ptr<Device> device = deviceOption(program, arguments);
  std::string weights = arguments.text("weights");

  Session session(model, *device, recipe.get(), /*isTraining=*/false);
  WeightsInfo info = loadWeights(weights, session, recipe.get(), WeightsFor::Use);
  session.seed = info.seed.value_or(recipe->seed);
  std::vector<int64_t> dims(model.num_dims);
  Dataset dataset;
  if (recipe->data) {
    if (recipe->data->prepared && !info.isComplete(*recipe->data))
      throw errors::notFitted(weights);
    dataset = loadDataset({session,
                           *recipe->data,
                           dataPlaces(arguments),
                           {split},
                           /*isFitted=*/info.isComplete(*recipe->data)},
                          dims, info.facts);
  }
  InterruptScope scope;
  Evaluator evaluator(session, *recipe, dataset.find(split), dims, batch);
  const Results &results = evaluator.run();
  if (!results)
    return Status::Interrupted;
  print(arguments.has("json") ? asJson(*recipe, split, results)
                              : asText(*recipe, split, results, info.facts));
  explainNotFinite(session, weights, results);
  return Status::Ok;
}

} // namespace nnrt
