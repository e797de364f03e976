// The subcommands of a compiled program.
#pragma once

#include "runtime/cli/Arguments.h"
#include "runtime/data/Dataset.h"
#include "runtime/device/Device.h"
#include "runtime/model/Recipe.h"
#include "runtime/support/Error.h"

#include "nnrt/abi.h"

#include <memory>

namespace nnrt {

/// What the commands of a program share.
struct Program {
  const nnrt_model &model;
  std::string name; ///< as it was called, for the help
};

extern const CommandSpec trainCommand, evalCommand, predictCommand, generateCommand, infoCommand;

Status runTrain(const Program &program, const Arguments &arguments);
Status runEval(const Program &program, const Arguments &arguments);
Status runPredict(const Program &program, const Arguments &arguments);
Status runGenerate(const Program &program, const Arguments &arguments);
Status runInfo(const Program &program, const Arguments &arguments);

/// Writes to standard output, all of it. Throws Error: cannot be written.
void print(std::string_view text);

/// The model's recipe; null where it has none. Throws Error: it cannot be read.
std::unique_ptr<const Recipe> recipeOf(const nnrt_model &model);

/// Where --data says that the data set is, else $NN_DATA.
DataPlaces dataPlaces(const Arguments &arguments);

/// The --device option.
std::unique_ptr<Device> deviceOption(const Program &program, const Arguments &arguments);

/// The --threads option: 0 where it is not given.
unsigned threadsOption(const Arguments &arguments);

/// Runs a whole command line and writes messages to standard error. Throws nothing.
int runProgram(const nnrt_model &model, int argc, const char *const *argv) noexcept;

} // namespace nnrt
