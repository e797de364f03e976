// Other programs that nnc runs: a linker, an assembler.
#include "compiler/driver/Subprocess.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/Signals.h"

using namespace llvm;

namespace nnc::driver {

Temporary::~Temporary() {
  if (!path) {
    consumeError(path.takeError());
    return;
  }
  (void)sys::fs::remove(*path);
  sys::DontRemoveFileOnSignal(*path);
}

Expected<std::string> runQuietly(StringRef program, const std::vector<std::string> &arguments) {
  Temporary log("log");
  if (!log.path)
    return log.path.takeError();
  std::optional<StringRef> redirects[] = {StringRef(""), StringRef(*log.path),
                                          StringRef(*log.path)};
  std::string message;
  std::vector<StringRef> references(arguments.begin(), arguments.end());
  int status =
      sys::ExecuteAndWait(program, references, /*Env=*/std::nullopt, redirects, /*SecondsToWait=*/0,
                          /*MemoryLimit=*/0, &message);
  std::string said;
  if (auto text = MemoryBuffer::getFile(*log.path))
    said = (*text)->getBuffer().str();
  if (status == 0)
    return said;
  return createStringError(program + " ended with status " + Twine(status) + " " +
                           StringRef(message + "\n" + said).trim());
}

} // namespace nnc::driver
