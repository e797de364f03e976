// Fetching and checking of data sets.
#include "compiler/driver/DataSets.h"

#include "compiler/driver/Driver.h"
#include "compiler/driver/Files.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/Signals.h"

#include <zlib.h>

using namespace llvm;

namespace nnc::driver {

Expected<std::string> unpackedSha256(StringRef path) {
  gzFile file = gzopen(path.str().c_str(), "rb");
  if (!file)
    return fileError(path, "cannot read the file: " + std::generic_category().message(errno));
  auto close = scope_exit([&] { gzclose(file); });
  SHA256 hash;
  std::vector<uint8_t> chunk(1 << 16);
  int count;
  while ((count = gzread(file, chunk.data(), chunk.size())) > 0)
    hash.update(ArrayRef(chunk).take_front(count));
  int code;
  const char *message = gzerror(file, &code);
  if (count < 0 || (code != Z_OK && code != Z_STREAM_END))
    return fileError(path, Twine("not a whole gzip file: ") + message);
  return toHex(hash.final(), /*LowerCase=*/true);
}

namespace {

/// Brings one file of a set into a folder.
class Fetcher {
public:
  Fetcher(const DataSet &set, const DataSetFile &file, StringRef folder)
      : set(set), file(file), target(folder) {
    sys::path::append(target, file.name);
  }

  /// Returns how the file came: "copied from ...".
  Expected<std::string> run();

private:
  /// Whether the file at `path` holds what it must; else `why` says what is wrong.
  bool isValid(StringRef path, std::string &why);
  /// A copy of the set beside the tool: installed, or in the source tree it was built in.
  bool copyLocal(StringRef temporary, std::string &from);
  bool download(StringRef address, StringRef temporary);
  Expected<std::string> fetchTo(StringRef temporary);

  const DataSet &set;
  const DataSetFile &file;
  SmallString<128> target;
  std::string attempts; ///< what was tried in vain, a line each
};

bool Fetcher::isValid(StringRef path, std::string &why) {
  Expected<std::string> found = unpackedSha256(path);
  if (!found) {
    why = toString(found.takeError());
    return false;
  }
  why = "its content is not that of the original (SHA-256 " + *found + ", expected " +
        file.sha256.str() + ")";
  return *found == file.sha256 || *found == file.alike;
}

bool Fetcher::copyLocal(StringRef temporary, std::string &from) {
  for (StringRef place : {"../share/nnc/data", "../../data"}) {
    SmallString<128> path(sys::path::parent_path(executablePath()));
    sys::path::append(path, place, set.name, file.name);
    sys::path::remove_dots(path, /*remove_dot_dot=*/true);
    std::string why;
    if (!sys::fs::exists(path) || !isValid(path, why) || sys::fs::copy_file(path, temporary))
      continue;
    from = sys::path::parent_path(path).str();
    return true;
  }
  return false;
}

bool Fetcher::download(StringRef address, StringRef temporary) {
  std::optional<StringRef> redirects[] = {StringRef(""), StringRef(""), StringRef("")};
  auto attempt = [&](StringRef tool, ArrayRef<StringRef> arguments) -> std::optional<bool> {
    ErrorOr<std::string> program = sys::findProgramByName(tool);
    if (!program)
      return std::nullopt;
    int status = sys::ExecuteAndWait(*program, arguments, /*Env=*/std::nullopt, redirects);
    if (status)
      attempts += ("\n  " + address + ": " + tool + " ended with status " + Twine(status)).str();
    return status == 0;
  };
  if (auto done = attempt("curl", {"curl", "--fail", "--location", "--silent", "--connect-timeout",
                                   "15", "--retry", "2", "--output", temporary, address}))
    return *done;
  if (auto done = attempt(
          "wget", {"wget", "--quiet", "--timeout=15", "--tries=3", "-O", temporary, address}))
    return *done;
  attempts += ("\n  " + address + ": neither curl nor wget is installed").str();
  return false;
}

Expected<std::string> Fetcher::fetchTo(StringRef temporary) {
  std::string from;
  if (copyLocal(temporary, from))
    return "copied from " + from;
  std::vector<std::string> addresses;
  if (const char *mirror = getenv("NNC_DATA_MIRROR"))
    addresses.push_back((StringRef(mirror).rtrim('/') + "/" + file.name).str());
  for (StringRef mirror : set.mirrors)
    addresses.push_back((mirror + (file.origin.empty() ? file.name : file.origin)).str());
  for (const std::string &address : addresses) {
    std::string why;
    if (!download(address, temporary))
      continue;
    if (isValid(temporary, why))
      return "fetched from " + address;
    attempts += "\n  " + address + ": " + why;
  }
  return fileError(target, "cannot get the file; tried" + attempts);
}

Expected<std::string> Fetcher::run() {
  std::string why;
  const bool isThere = sys::fs::exists(target);
  if (isThere && isValid(target, why))
    return "already there";
  SmallString<128> temporary;
  if (std::error_code code = sys::fs::createUniqueFile(target + ".%%%%%%.tmp", temporary))
    return fileError(target, "cannot write the file: " + code.message());
  sys::RemoveFileOnSignal(temporary);
  auto cleanUp = scope_exit([&] {
    (void)sys::fs::remove(temporary);
    sys::DontRemoveFileOnSignal(temporary);
  });
  Expected<std::string> how = fetchTo(temporary);
  if (!how)
    return how;
  if (std::error_code code = sys::fs::rename(temporary, target))
    return fileError(target, "cannot write the file: " + code.message());
  // It may have been somebody's own.
  if (isThere)
    *how += ", in place of another: " + why;
  return how;
}

} // namespace

Error fetch(const DataSet &set, StringRef folder, raw_ostream &os) {
  if (std::error_code code =
          sys::fs::create_directories(folder, /*IgnoreExisting=*/true, sys::fs::all_all))
    return fileError(folder, "cannot make the folder: " + code.message());
  for (const DataSetFile &file : set.files) {
    Expected<std::string> how = Fetcher(set, file, folder).run();
    if (!how)
      return how.takeError();
    os << file.name << ": " << *how << "\n";
    os.flush();
  }
  os << set.name << " is in " << folder << "\n";
  return Error::success();
}

} // namespace nnc::driver
