// Chooses and runs the command.
#include "compiler/driver/Driver.h"

#include "compiler/driver/Commands.h"
#include "compiler/driver/Crash.h"
#include "compiler/driver/Files.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FileSystem.h"

using namespace llvm;

namespace nnc::driver {

const char *compilerName() { return "nnc " NNC_VERSION; }

const char *executablePath() {
  static const std::string path =
      sys::fs::getMainExecutable("nnc", reinterpret_cast<void *>(&executablePath));
  return path.c_str();
}

static Status dispatch(ArrayRef<const char *> arguments) {
  if (arguments.empty()) {
    printHelp(errs());
    return Status::UsageError;
  }
  StringRef name = arguments.front();
  if (name == "--version") {
    outs() << compilerName() << " (LLVM " << LLVM_VERSION_STRING << ")\n";
    return Status::Success;
  }
  bool help = name == "--help" || name == "-h" || name == "help";
  if (help && (name != "help" || arguments.size() == 1)) {
    printHelp(outs());
    return Status::Success;
  }
  if (help) // `nnc help build`
    name = arguments[1];
  if (name.starts_with("-"))
    return usageError(nullptr, "expected a command, found the option '" + name + "'");
  const Command *command = findCommand(name);
  if (!command) {
    std::vector<StringRef> names;
    for (const Command &known : commands())
      names.push_back(known.name);
    std::string hint = didYouMean(name, names);
    if (name.ends_with(".nn"))
      hint = "; did you mean 'nnc build " + name.str() + "'?";
    return usageError(nullptr, "unknown command '" + name + "'" + hint);
  }
  if (help) {
    printHelp(outs(), *command);
    return Status::Success;
  }
  Status status;
  std::optional<Arguments> parsed = parseArguments(*command, arguments.drop_front(), status);
  return parsed ? command->run(*parsed) : status;
}

int main(int argc, const char *const *argv) {
  installCrashHandlers();
  Status status = dispatch(ArrayRef(argv, argc).drop_front(argc ? 1 : 0));
  if (Error error = flushOutput()) {
    printError(std::move(error));
    status = status == Status::Success ? Status::InputError : status;
  }
  return static_cast<int>(status);
}

} // namespace nnc::driver
