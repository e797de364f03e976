// The command `generate`: what a model of texts writes, unit by unit.
#include "runtime/checkpoint/Checkpoint.h"
#include "runtime/cli/Commands.h"
#include "runtime/cli/NextUnit.h"
#include "runtime/data/Vocabulary.h"
#include "runtime/support/Errors.h"
#include "runtime/support/Text.h"

#include <charconv>
#include <cmath>

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

  NextUnit next(session, vocabulary.size());
  for (int32_t number : numbers)
    next.take(number);
  print(text);
  for (uint64_t i = 0; i < length; ++i) {
    const int32_t number = next.draw(temperature, seed, i);
    next.take(number);
    text = vocabulary.decode(number, text);
    print(text);
  }
  print("\n");
  return Status::Ok;
}

} // namespace nnrt
