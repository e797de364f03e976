// Chooses and runs the command.
#include "compiler/driver/Driver.h"

#include "compiler/driver/Commands.h"
#include "compiler/driver/Crash.h"
#include "compiler/driver/Files.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FileSystem.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

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

/// Opens what the caller has closed of standard input, output and error, in such a way that using
/// it still fails: else the next file opened, perhaps the output, would get what is printed.
static void reserveStandardDescriptors() {
  for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
      (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int main(int argc, const char *const *argv) {
  reserveStandardDescriptors();
  installCrashHandlers();
  Status status = dispatch(ArrayRef(argv, argc).drop_front(argc ? 1 : 0));
  if (Error error = flushOutput()) {
    printError(std::move(error));
    status = status == Status::Success ? Status::InputError : status;
  }
  errs().clear_error(); // nowhere is left to say that a message could not be written
  return static_cast<int>(status);
}

} // namespace nnc::driver
