// A whole command line: which command, and what becomes of its errors.
#include "runtime/cli/Commands.h"
#include "runtime/support/Errors.h"
#include "runtime/support/File.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <unistd.h>

namespace nnrt {

void print(std::string_view text) {
  if (!writeFully(STDOUT_FILENO, std::as_bytes(std::span(text))))
    throw errors::cannotWrite("standard output", errno);
}

unsigned threadsOption(const Arguments &arguments) {
  return unsigned(arguments.number("threads", 1, 1024).value_or(0));
}

std::unique_ptr<const Recipe> recipeOf(const nnrt_model &model) {
  return model.recipe ? std::make_unique<const Recipe>(parseRecipe(model.recipe)) : nullptr;
}

DataPlaces dataPlaces(const Arguments &arguments) {
  const char *environment = getenv("NN_DATA");
  return {arguments.text("data"), environment ? environment : ""};
}

std::unique_ptr<Device> deviceOption(const Program &program, const Arguments &arguments) {
  std::string name = arguments.has("device") ? arguments.text("device") : "auto";
  return makeDevice(name, program.model, threadsOption(arguments));
}

static std::string overview(const Program &program, std::span<const CommandSpec> commands) {
  const nnrt_model &model = program.model;
  std::string out = cat("usage: ", program.name, " COMMAND [options]\n\nThe model '", model.name,
                        "', compiled to native code by ", model.compiler, ".\n\ncommands:\n");
  for (const CommandSpec &command : commands) {
    std::string left = cat("  ", command.name);
    left.resize(12, ' ');
    out += cat(left, command.summary, "\n");
  }
  out += cat("\n`", program.name, " COMMAND --help` says more; `", program.name,
             " --version` names the model, the compiler and the source's hash.\n");
  return out;
}

static std::string version(const nnrt_model &model) {
  return cat(model.name, ", compiled by ", model.compiler, " for ", model.cpu, ", source ",
             std::string_view(model.source_sha256).substr(0, 12), "\n");
}

static Status run(const Program &program, std::span<const char *const> words) {
  // In the same order.
  const std::array<CommandSpec, 5> commands = {trainCommand, evalCommand, predictCommand,
                                               generateCommand, infoCommand};
  constexpr Status (*functions[])(const Program &, const Arguments &) = {
      runTrain, runEval, runPredict, runGenerate, runInfo};
  const nnrt_model &model = program.model;
  if (model.abi_version != NNRT_ABI_VERSION)
    throw errors::abiMismatch(model.compiler, model.abi_version, NNRT_ABI_VERSION);
  if (words.empty())
    throw errors::usage("no command is given",
                        cat("the commands are train, eval, predict, generate and info; see ",
                            program.name, " --help"));
  std::string_view first = words.front();
  if (first == "--help" || first == "-h" || first == "help") {
    print(overview(program, commands));
    return Status::Ok;
  }
  if (first == "--version") {
    print(version(model));
    return Status::Ok;
  }
  const CommandSpec &command = findCommand(commands, first);
  Arguments arguments(command, words.subspan(1));
  if (arguments.wantsHelp()) {
    print(helpText(program.name, command));
    return Status::Ok;
  }
  return functions[&command - commands.data()](program, arguments);
}

static int report(const char *message, const std::string &hint, Status status) {
  // One call, so that messages of several processes don't mix.
  std::string text = cat("error: ", message, "\n");
  if (!hint.empty())
    text += cat("hint: ", hint, "\n");
  if (status == Status::Internal)
    text += "This is a fault of nnc, not of your input: please report it.\n";
  (void)writeFully(STDERR_FILENO, std::as_bytes(std::span(text)));
  return int(status);
}

int runProgram(const nnrt_model &model, int argc, const char *const *argv) noexcept {
  reserveStandardDescriptors();
  // A file that may not grow any more is an error to report, as is a pipe that nobody reads.
  signal(SIGXFSZ, SIG_IGN);
  try {
    std::string_view path = argc > 0 ? argv[0] : model.name;
    Program program = {model, std::string(path.substr(path.find_last_of('/') + 1))};
    std::span<const char *const> words(argv, size_t(std::max(argc, 0)));
    return int(run(program, words.subspan(words.empty() ? 0 : 1)));
  } catch (const Error &error) {
    return report(error.what(), error.getHint(), error.getStatus());
  } catch (const std::bad_alloc &) {
    return report("not enough memory", "", Status::BadInput);
  } catch (const std::exception &error) {
    return report(error.what(), "", Status::Internal);
  }
}

} // namespace nnrt
