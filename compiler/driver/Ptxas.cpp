// NVIDIA's assembler, where this machine has it.
#include "compiler/driver/Ptxas.h"

#include "compiler/driver/Files.h"
#include "compiler/driver/Subprocess.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
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

/// From what `ptxas -v` says: "... Compiling entry function 'rows' for 'sm_90'", and some lines
/// later "... Used 40 registers, used 1 barriers".
static StringMap<uint32_t> findRegisters(StringRef said) {
  StringMap<uint32_t> registers;
  StringRef kernel;
  for (StringRef line : split(said, '\n')) {
    if (auto [before, name] = line.split("Compiling entry function '"); !name.empty())
      kernel = name.take_until([](char c) { return c == '\''; });
    auto [before, count] = line.split("Used ");
    uint32_t value = 0;
    if (!kernel.empty() && !count.consumeInteger(10, value) && count.starts_with(" registers"))
      registers[kernel] = value;
  }
  return registers;
}

Expected<Cubin> assemblePtx(const std::string &ptxas, const std::string &text,
                            const std::string &chip) {
  Temporary source("ptx"), result("cubin");
  for (Temporary *file : {&source, &result})
    if (!file->path)
      return file->path.takeError();
  if (Error error = writeFile(*source.path, text))
    return error;
  Expected<std::string> said =
      runQuietly(ptxas, {ptxas, "-v", "-arch=" + chip, *source.path, "-o", *result.path});
  if (!said)
    return createStringError(
        "nnc: error: the kernels were not assembled for '" + chip +
        "': " + toString(said.takeError()) +
        "\nnnc: note: NNC_PTXAS= leaves that to the driver of the machine that runs the program");
  auto bytes = MemoryBuffer::getFile(*result.path);
  if (!bytes)
    return fileError(*result.path, bytes.getError().message());
  // A driver is given no length: it would read on behind an empty file.
  if (!(*bytes)->getBuffer().starts_with("\177ELF"))
    return createStringError("nnc: error: '" + Twine(ptxas) + "' has written no code for '" + chip +
                             "'");
  return Cubin{(*bytes)->getBuffer().str(), findRegisters(*said)};
}

} // namespace nnc::driver
