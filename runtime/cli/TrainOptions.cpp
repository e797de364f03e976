// Which options of `train` go together, and what they may write to.
#include "runtime/cli/TrainOptions.h"

#include "runtime/cli/Commands.h"
#include "runtime/data/Locate.h"
#include "runtime/loop/Watching.h"
#include "runtime/support/Errors.h"
#include "runtime/support/File.h"
#include "runtime/support/Text.h"

namespace nnrt {

/// What training writes must not destroy the examples that it learns from.
static void checkData(const Recipe &recipe, const Arguments &arguments) {
  if (!recipe.data)
    return;
  auto check = [&](const char *option, const std::string &file) {
    if (isOfData(file, *recipe.data, dataPlaces(arguments)))
      throw errors::usage(cat("--", option, " would write to ", file,
                              ", which is of the data set '", recipe.data->name, "'"),
                          "it would destroy the data; choose another name");
  };
  for (const char *option : {"save", "log", "plot"})
    if (arguments.has(option))
      check(option, arguments.text(option));
  if (arguments.has("save") && recipe.keep)
    check("save", bestFileOf(arguments.text("save")));
}

/// What training writes must not destroy what else it writes or reads.
static void checkOutputs(const Recipe &recipe, const Arguments &arguments) {
  if (arguments.text("plot") == "-")
    throw errors::usage("--plot writes a picture to a file, not to standard output",
                        "such as --plot curves.svg");
  for (const char *output : {"log", "plot"}) {
    if (!arguments.has(output))
      continue;
    const std::string file = arguments.text(output);
    for (const char *other : {"save", "weights", "resume", "log"})
      if (output != std::string_view(other) && arguments.has(other) &&
          sameFile(file, arguments.text(other)))
        throw errors::usage(
            cat("--", output, " and --", other, " name the same file, ", file),
            cat("the ", output, " would destroy it; choose another name for the ", output));
    if (arguments.has("save") && recipe.keep && sameFile(file, bestFileOf(arguments.text("save"))))
      throw errors::usage(cat("--", output, " names the file that the best weights go to, ", file),
                          cat("choose another name for the ", output));
  }
}

void checkTrainOptions(const Recipe &recipe, const Arguments &arguments) {
  auto needs = [&](const char *option, const char *other) {
    if (arguments.has(option) && !arguments.has(other))
      throw errors::usage(cat("--", option, " needs --", other));
  };
  needs("save-every", "save");
  if (arguments.has("log-every") && !arguments.has("log") && !arguments.has("plot") &&
      !arguments.has("tensorboard"))
    throw errors::usage("--log-every needs --log, --plot or --tensorboard");
  if (arguments.has("weights") && arguments.has("resume"))
    throw errors::usage("--weights and --resume exclude each other",
                        "--resume restores the weights, too; --weights starts a new training");
  checkOutputs(recipe, arguments);
  checkData(recipe, arguments);
  if (arguments.has("epochs") && !recipe.data)
    throw errors::usage("the recipe has no data, hence no epochs", "give --steps");
}

} // namespace nnrt
