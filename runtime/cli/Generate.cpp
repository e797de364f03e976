// The command `generate`: what a model of texts writes, unit by unit.
#include "runtime/checkpoint/Checkpoint.h"
#include "runtime/cli/Commands.h"
#include "runtime/cli/NextUnit.h"
#include "runtime/data/Preparation.h"
#include "runtime/data/Vocabulary.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Text.h"

#include <charconv>
#include <cmath>
#include <cstring>

namespace nnrt {

static double temperatureOption(const Arguments &arguments) {
  if (!arguments.has("temperature"))
    return 1;
  const std::string text = arguments.text("temperature");
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0) ||
      !std::isfinite(value))
    throw errors::usage(
        cat("--temperature is '", printable(text), "', expected a number that is at least 0"));
  return value;
}

/// The column of the recipe's data that is a text.
static size_t textColumn(const nnrt_model &model, const Recipe *recipe) {
  if (recipe && recipe->data)
    for (size_t i = 0; i < recipe->data->columns.size(); ++i)
      if (recipe->data->columns[i].kind == DataDescription::Kind::Text)
        return i;
  throw Error(cat("the model '", model.name, "' was not trained on a text, so it writes none"),
              "a data set 'from text(\"book.txt\", window: 65)' has windows of one as examples");
}

/// The model has to be given windows of the text as they are: what code over the rows makes of them
/// otherwise can't be made of a text that has no end yet.
static void requireWindows(Session &session, const DataDescription &data, size_t units) {
  const nnrt_model &model = session.model();
  if (!data.prepared)
    return;
  const uint64_t window = data.sources.front().options.window;
  std::vector<int32_t> numbers(window);
  for (uint64_t i = 0; i < window; ++i)
    numbers[i] = int32_t((i * i + i / 3) % units);
  Table columns;
  columns.examples = 1;
  columns.columns.push_back({.memory = Memory(window * sizeof(int32_t), "a window"),
                             .rowBytes = window * sizeof(int32_t)});
  memcpy(columns.columns.front().memory.data(), numbers.data(), window * sizeof(int32_t));
  const Table fields = prepareFields(session, columns, session.dimsFor(1));
  for (uint32_t i = 0; i < model.num_fields; ++i) {
    const nnrt_tensor &field = model.fields[i].tensor;
    const uint64_t bytes = fields.columns[i].rowBytes;
    if (field.dtype == NNRT_I32 && bytes <= window * sizeof(int32_t) &&
        memcmp(fields.columns[i].memory.data(), numbers.data(), bytes) == 0)
      return;
  }
  throw Error(cat("the data set '", data.name, "' gives the model something else than its windows"),
              "generate hands units to the model as they are: take a column such as "
              "'token = window[:, 0..64]'");
}

Status runGenerate(const Program &program, const Arguments &arguments) {
  const nnrt_model &model = program.model;
  for (const char *needed : {"weights", "prompt"})
    if (!arguments.has(needed))
      throw errors::usage(cat("generate needs --", needed,
                              std::string_view(needed) == "prompt" ? " TEXT" : " FILE"));
  const double temperature = temperatureOption(arguments);
  const uint64_t length = arguments.number("length", 0, uint64_t(1) << 40).value_or(200);
  const uint64_t seed = arguments.number("seed", 0, UINT64_MAX).value_or(0);
  std::unique_ptr<const Recipe> recipe = recipeOf(model);
  const size_t column = textColumn(model, recipe.get());
  const DataDescription &data = *recipe->data;

  std::unique_ptr<Device> device = deviceOption(program, arguments);
  Session session(model, *device, recipe.get(), /*isTraining=*/false);
  const std::string weights = arguments.text("weights");
  WeightsInfo info = loadWeights(weights, session, recipe.get(), WeightsFor::Use);
  if (!info.isComplete(data))
    throw Error(cat(weights, ": does not hold the vocabulary of the text that the model was "
                             "trained on"),
                "weights that 'train --save' has written do");
  Vocabulary vocabulary(
      textUnitNamed(data.sources.front().options.unit).value_or(TextUnit::Character),
      data.columns[column].hasClasses() ? info.facts.classes[column] : std::vector<std::string>());
  std::string text = arguments.text("prompt");
  std::vector<int32_t> numbers = vocabulary.encode(text);
  if (numbers.empty())
    throw errors::usage(cat("the prompt is empty; what follows depends on at least one ",
                            nameOf(vocabulary.unit())));

  requireWindows(session, data, vocabulary.size());
  NextUnit next(session, vocabulary.size(), nameOf(vocabulary.unit()));
  for (int32_t number : numbers)
    next.take(number);
  // The prompt is printed once something follows it: whatever is refused prints nothing.
  if (length == 0)
    print(text);
  for (uint64_t i = 0; i < length; ++i) {
    const int32_t number = next.draw(temperature, seed, i);
    next.take(number);
    const std::string added = vocabulary.decode(number, text);
    print(i == 0 ? text + added : added);
    text = added;
  }
  print("\n");
  return Status::Ok;
}

} // namespace nnrt
