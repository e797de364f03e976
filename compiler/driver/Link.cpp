// Linking, by the C++ compiler's driver: it knows where this system keeps its start-up files and
// libraries, which lld alone does not.
#include "compiler/driver/Link.h"

#include "compiler/driver/Driver.h"
#include "compiler/driver/Files.h"
#include "compiler/driver/Subprocess.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/Signals.h"

using namespace llvm;

namespace nnc::driver {

static std::string joined(StringRef folder, StringRef name) {
  SmallString<128> path(folder);
  sys::path::append(path, name);
  sys::path::remove_dots(path, /*remove_dot_dot=*/true);
  return path.str().str();
}

Expected<std::string> findRuntime(StringRef archive) {
  StringRef bin = sys::path::parent_path(executablePath());
  std::string tried;
  for (StringRef place : {"../lib", "../lib/nnc"}) {
    std::string path = joined(joined(bin, place), archive);
    if (sys::fs::exists(path))
      return path;
    tried += (tried.empty() ? "" : " or ") + path;
  }
  return createStringError("nnc: error: the runtime is missing: no " + tried);
}

/// $NNC_LINKER, the compiler that nnc was built with, or any C++ compiler there is.
static Expected<std::string> findLinker() {
  if (const char *chosen = getenv("NNC_LINKER"); chosen && *chosen) {
    ErrorOr<std::string> path = sys::findProgramByName(chosen);
    if (!path || !sys::fs::can_execute(*path)) // a name with a slash comes back unchecked
      return createStringError(Twine("nnc: error: the linker that NNC_LINKER names, '") + chosen +
                               "', is not there");
    return *path;
  }
  if (sys::fs::can_execute(NNC_DEFAULT_LINKER))
    return std::string(NNC_DEFAULT_LINKER);
  for (StringRef name : {"clang++", "c++", "g++"})
    if (ErrorOr<std::string> path = sys::findProgramByName(name))
      return *path;
  return createStringError(
      "nnc: error: no C++ compiler to link with was found; install one, or name it in NNC_LINKER");
}

/// A generous bound on a linked program without its weights, which it doesn't hold.
static constexpr uint64_t mostProgramBytes = 8 << 20;

static std::vector<std::string> linkerArguments(StringRef linker, ArrayRef<std::string> objects,
                                                StringRef output, ArrayRef<std::string> runtime,
                                                const LinkOptions &options) {
  std::vector<std::string> arguments = {linker.str(), "-o", output.str()};
  // lld where the driver can be told its path; another driver uses the linker it has.
  if (sys::path::filename(linker).contains("clang") && sys::fs::can_execute(NNC_DEFAULT_LLD))
    // It also keeps one copy of functions that are the same, as those of containers often are.
    for (StringRef flag : {"--ld-path=" NNC_DEFAULT_LLD, "-Wl,--icf=safe"})
      arguments.push_back(flag.str());
  if (!options.soname.empty()) {
    // Only the model's own functions are to be seen, not the runtime's nor zlib's.
    for (StringRef flag : {"-shared", "-Wl,--exclude-libs,ALL", "-Wl,-z,defs"})
      arguments.push_back(flag.str());
    arguments.push_back("-Wl,-soname," + options.soname);
  } else {
    arguments.push_back("-pie");
  }
  for (StringRef flag : {"-Wl,--gc-sections", "-Wl,-O1", "-Wl,--as-needed", "-Wl,-z,relro,-z,now",
                         "-Wl,-z,noexecstack"})
    arguments.push_back(flag.str());
  if (!options.keepDebugInfo)
    arguments.push_back("-Wl,--strip-debug");
  arguments.insert(arguments.end(), objects.begin(), objects.end());
  arguments.insert(arguments.end(), runtime.begin(), runtime.end());
  arguments.push_back("-lm");
  arguments.push_back("-ldl"); // Of older C libraries.
  arguments.push_back("-pthread");
  return arguments;
}

/// What the linker is told, in the order in which archives need one another.
static Expected<std::vector<std::string>> findRuntimes(const RuntimeParts &parts) {
  std::vector<std::string> words;
  auto add = [&](StringRef archive) {
    Expected<std::string> path = findRuntime(archive);
    if (path)
      words.push_back(*path);
    return path.takeError();
  };
  if (parts.gpu)
    if (Error error = add("libnnrt_gpu.a"))
      return error;
  const std::pair<bool, StringRef> others[] = {{parts.text, "libnnrt_text.a"},
                                               {parts.images, "libnnrt_images.a"},
                                               {parts.tables, "libnnrt_tables.a"},
                                               {parts.preparation, "libnnrt_preparation.a"},
                                               {parts.metrics, "libnnrt_metrics.a"}};
  for (auto [isNeeded, archive] : others) {
    if (!isNeeded)
      continue;
    // All of it, so that it is there before what stands for it in other programs is looked at.
    words.push_back("-Wl,--whole-archive");
    if (Error error = add(archive))
      return error;
    words.push_back("-Wl,--no-whole-archive");
  }
  if (Error error = add("libnnrt.a"))
    return error;
  return words;
}

Error checkLinking(const RuntimeParts &parts) {
  Expected<std::vector<std::string>> runtime = findRuntimes(parts);
  if (!runtime)
    return runtime.takeError();
  return findLinker().takeError();
}

Error link(ArrayRef<std::string> objects, StringRef output, const LinkOptions &options) {
  Expected<std::vector<std::string>> runtime = findRuntimes(options.runtime);
  if (!runtime)
    return runtime.takeError();
  Expected<std::string> linker = findLinker();
  if (!linker)
    return linker.takeError();
  if (Error error = checkWritable(output, /*program=*/true))
    return error;

  // The linker writes beside the output, which is then replaced: a program that runs keeps its
  // file.
  std::string target = replacedFile(output);
  SmallString<128> temporary;
  if (std::error_code code = sys::fs::createUniqueFile(target + ".%%%%%%.tmp", temporary))
    return fileError(output, "cannot write the file: " + code.message());
  sys::RemoveFileOnSignal(temporary);
  auto cleanUp = scope_exit([&] {
    (void)sys::fs::remove(temporary);
    sys::DontRemoveFileOnSignal(temporary);
  });
  Expected<std::string> said =
      runQuietly(*linker, linkerArguments(*linker, objects, temporary, *runtime, options));
  if (!said) {
    Error error = createStringError("nnc: error: linking failed: " + toString(said.takeError()));
    // On a full disk the linker dies of a bus error, and says nothing of the disk.
    StringRef folder = sys::path::parent_path(target);
    ErrorOr<sys::fs::space_info> space = sys::fs::disk_space(folder.empty() ? "." : folder);
    if (!space || space->available > mostProgramBytes)
      return error;
    consumeError(std::move(error));
    return fileError(output, "cannot write the file: only " + Twine(space->available >> 10) +
                                 " KiB are free on its disk");
  }
  if (std::error_code code = sys::fs::rename(temporary, target))
    return fileError(output, "cannot write the file: " + code.message());
  return Error::success();
}

} // namespace nnc::driver
