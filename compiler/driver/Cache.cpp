// The cache of built programs.
#include "compiler/driver/Cache.h"

#include "compiler/driver/Compilation.h"
#include "compiler/driver/Driver.h"
#include "compiler/driver/Files.h"
#include "compiler/driver/Link.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/TargetParser/Host.h"

#include <dlfcn.h>

using namespace llvm;

namespace nnc::driver {

/// A file's path, size and time: enough to tell one build of the compiler from the next without
/// reading it.
static void addIdentity(raw_ostream &os, StringRef path) {
  sys::fs::file_status status;
  if (sys::fs::status(path, status))
    return;
  os << path << '\0' << status.getSize() << '\0'
     << status.getLastModificationTime().time_since_epoch().count() << '\0';
}

/// What was read from files as constants.
static void addConstants(raw_ostream &os, const sema::Program &program) {
  for (const auto &node : program.nodes)
    for (const sema::Attribute &attribute : node->attributes)
      if (const auto *bytes = std::get_if<std::string>(&attribute.value);
          bytes && node->op == "constant")
        os << node->type.str() << '\0' << *bytes;
}

/// What the headers of data files may have settled.
static void addSizes(raw_ostream &os, const sema::Program &program) {
  for (const sema::Model &model : program.models) {
    for (const sema::Parameter &parameter : model.parameters)
      os << parameter.path << ": " << parameter.type.str() << '\0';
    if (!model.recipe || !model.recipe->data)
      continue;
    for (const sema::Port &field : model.recipe->data->fields)
      os << field.name << ": " << field.type.str() << '\0';
    for (const sema::Column &column : model.recipe->data->columns)
      os << column.first << ": " << column.type.str() << '\0';
  }
}

/// The library that has the function at `address`.
static void addLibrary(raw_ostream &os, void *address) {
  Dl_info library;
  if (dladdr(address, &library) && library.dli_fname)
    addIdentity(os, library.dli_fname);
}

std::string compilerIdentity() {
  std::string text;
  raw_string_ostream os(text);
  os << compilerName() << '\0';
  addIdentity(os, executablePath());
  // Updated without us, they make other code.
  addLibrary(os, reinterpret_cast<void *>(&sys::getHostCPUName));
  addLibrary(os, reinterpret_cast<void *>(&mlir::registerPassManagerCLOptions));
  return text;
}

std::string cacheKey(const Frontend &frontend, const Arguments &arguments) {
  std::string text;
  raw_string_ostream os(text);
  os << compilerIdentity();
  for (StringRef archive : {"libnnrt.a", "libnnrt_gpu.a", "libnnrt_text.a", "libnnrt_images.a",
                            "libnnrt_tables.a", "libnnrt_preparation.a", "libnnrt_metrics.a"}) {
    if (Expected<std::string> runtime = findRuntime(archive))
      addIdentity(os, *runtime);
    else
      consumeError(runtime.takeError());
  }
  for (const char *name : {"NNC_LINKER", "NNC_PTXAS"})
    if (const char *program = getenv(name))
      os << program << '\0';
  os << '\0' << makeTarget(arguments, arguments.target)->getCacheKey() << '\0' << arguments.model
     << '\0' << arguments.batch.value_or(0) << '\0';
  addSizes(os, *frontend.program);
  addConstants(os, *frontend.program);
  for (uint32_t index = 0; index < frontend.sources.size(); ++index) {
    FileId file{index};
    if (!frontend.sources.isStd(file)) // the library is part of the compiler
      os << frontend.sources.name(file) << '\0' << frontend.sources.text(file).size() << '\0'
         << frontend.sources.text(file);
  }
  return sha256(text).substr(0, 32);
}

Expected<std::string> cacheFolder(StringRef key) {
  SmallString<128> path;
  const char *own = getenv("NNC_CACHE"), *xdg = getenv("XDG_CACHE_HOME");
  if (own && *own) {
    path = own;
    if (std::error_code code = sys::fs::make_absolute(path))
      return fileError(path, code.message());
  } else if (xdg && sys::path::is_absolute(xdg)) {
    path = xdg;
    sys::path::append(path, "nnc");
  } else if (sys::path::home_directory(path)) {
    sys::path::append(path, ".cache", "nnc");
  } else {
    return createStringError(
        "nnc: error: there is no folder for built programs: set NNC_CACHE or HOME");
  }
  sys::path::append(path, key);
  if (std::error_code code = sys::fs::create_directories(path))
    return fileError(path, "cannot make the folder: " + code.message());
  return path.str().str();
}

/// Beside a program: the hash of its bytes.
static std::string sealOf(StringRef program) { return (program + ".sha256").str(); }

bool isWhole(StringRef program) {
  auto seal = MemoryBuffer::getFile(sealOf(program));
  auto bytes = MemoryBuffer::getFile(program, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  return seal && bytes && sys::fs::can_execute(program) &&
         (*seal)->getBuffer() == sha256((*bytes)->getBuffer());
}

void seal(StringRef program) {
  auto bytes = MemoryBuffer::getFile(program, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  std::error_code code;
  raw_fd_ostream os(sealOf(program), code);
  if (bytes && !code)
    os << sha256((*bytes)->getBuffer());
  os.close();
  if (os.has_error())
    os.clear_error(); // The program is then built anew next time.
}

void pruneCache(StringRef folder, size_t keep) {
  std::error_code code;
  std::vector<std::pair<sys::TimePoint<>, std::string>> others;
  for (sys::fs::directory_iterator it(sys::path::parent_path(folder), code), end;
       it != end && !code; it.increment(code)) {
    sys::fs::file_status status;
    if (it->path() != folder && sys::path::filename(it->path()) != kKernelFolder &&
        !sys::fs::status(it->path(), status) && sys::fs::is_directory(status))
      others.emplace_back(status.getLastModificationTime(), it->path());
  }
  if (others.size() <= keep)
    return;
  sort(others);
  for (const auto &[time, path] : ArrayRef(others).drop_back(keep))
    (void)sys::fs::remove_directories(path); // What stays is tried again next time.
}

} // namespace nnc::driver
