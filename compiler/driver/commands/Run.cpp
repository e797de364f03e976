// nnc run: builds into the cache, unless the program is there already, and becomes it.
#include "compiler/driver/Build.h"
#include "compiler/driver/Cache.h"
#include "compiler/driver/Commands.h"
#include "compiler/driver/Files.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <cstdlib>
#include <unistd.h>

using namespace llvm;

namespace nnc::driver {

/// Replaces this process by the program.
static Status execute(const std::string &program, const Arguments &arguments) {
  std::vector<char *> argv = {const_cast<char *>(program.c_str())};
  for (const std::string &argument : arguments.programArguments)
    argv.push_back(const_cast<char *>(argument.c_str()));
  argv.push_back(nullptr);
  // The program looks for its data where the compiler did, unless it is told another folder.
  if (!arguments.data.empty())
    setenv("NN_DATA", arguments.data.c_str(), /*overwrite=*/1);
  outs().flush();
  execv(program.c_str(), argv.data());
  printError(
      fileError(program, "cannot run the program: " + std::generic_category().message(errno)));
  return Status::InputError;
}

Status runRun(const Arguments &arguments) {
  Timing timing;
  Frontend frontend;
  if (!loadProgram(frontend, arguments, timing))
    return Status::InputError;
  Expected<std::string> folder = cacheFolder(cacheKey(frontend, arguments));
  if (!folder) {
    printError(folder.takeError());
    return Status::InputError;
  }
  StringRef input = arguments.inputs.front();
  SmallString<128> program(*folder);
  sys::path::append(program, input == "-" ? "program" : sys::path::stem(input));
  if (!isWhole(program)) {
    if (Status status = build(frontend, arguments, timing, program.str().str());
        status != Status::Success) {
      (void)sys::fs::remove(*folder); // only where it is empty
      return status;
    }
    seal(program);
    pruneCache(*folder);
  }
  timing.stop();
  if (arguments.time)
    timing.print(errs());
  return execute(program.str().str(), arguments);
}

} // namespace nnc::driver
