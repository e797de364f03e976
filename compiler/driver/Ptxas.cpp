// NVIDIA's assembler, where this machine has it.
#include "compiler/driver/Ptxas.h"

#include "compiler/driver/Files.h"
#include "compiler/driver/Subprocess.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

using namespace llvm;

namespace nnc::driver {

Expected<std::optional<std::string>> findPtxas() {
  if (const char *chosen = getenv("NNC_PTXAS")) {
    if (!*chosen)
      return std::nullopt;
    ErrorOr<std::string> path = sys::findProgramByName(chosen);
    if (path && sys::fs::can_execute(*path)) // a name with a slash comes back unchecked
      return *path;
    return createStringError(Twine("nnc: error: the assembler that NNC_PTXAS names, '") + chosen +
                             "', is not there");
  }
  if (ErrorOr<std::string> path = sys::findProgramByName("ptxas"))
    return *path;
  const char *home = getenv("CUDA_HOME");
  for (StringRef folder : {StringRef(home ? home : ""), StringRef("/usr/local/cuda")}) {
    SmallString<128> path(folder);
    sys::path::append(path, "bin", "ptxas");
    if (!folder.empty() && sys::fs::can_execute(path))
      return path.str().str();
  }
  return std::nullopt;
}

Expected<std::string> assemblePtx(StringRef ptxas, StringRef text, StringRef chip) {
  Temporary source("ptx"), result("cubin");
  for (Temporary *file : {&source, &result})
    if (!file->path)
      return file->path.takeError();
  if (Error error = writeFile(*source.path, text))
    return error;
  if (Error error = runQuietly(
          ptxas, {ptxas.str(), ("-arch=" + chip).str(), *source.path, "-o", *result.path}))
    return createStringError(
        "nnc: error: the kernels were not assembled for '" + chip +
        "': " + toString(std::move(error)) +
        "\nnnc: note: NNC_PTXAS= leaves that to the driver of the machine that runs the program");
  auto bytes = MemoryBuffer::getFile(*result.path);
  if (!bytes)
    return fileError(*result.path, bytes.getError().message());
  // A driver is given no length: it would read on behind an empty file.
  if (!(*bytes)->getBuffer().starts_with("\177ELF"))
    return createStringError("nnc: error: '" + ptxas + "' has written no code for '" + chip + "'");
  return (*bytes)->getBuffer().str();
}

} // namespace nnc::driver
