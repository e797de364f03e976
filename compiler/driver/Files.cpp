// Files in and out.
#include "compiler/driver/Files.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"

#include <filesystem>

using namespace llvm;

namespace nnc::driver {

Error fileError(StringRef path, const Twine &message) {
  return createStringError(path + ": error: " + message);
}

Expected<std::string> readSource(StringRef path) {
  if (path != "-") {
    sys::fs::file_status status;
    if (std::error_code code = sys::fs::status(path, status))
      return fileError(path, "cannot read the file: " + code.message());
    if (sys::fs::is_directory(status))
      return fileError(path, "this is a folder, not a source file");
    if (!sys::fs::is_regular_file(status) && status.type() != sys::fs::file_type::fifo_file)
      return fileError(path, "this is a device, not a source file");
  }
  auto buffer =
      MemoryBuffer::getFileOrSTDIN(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return fileError(path, "cannot read the file: " + buffer.getError().message());
  return (*buffer)->getBuffer().str();
}

static Error cannotWrite(StringRef path, std::error_code code) {
  return fileError(path, "cannot write the file: " + code.message());
}

/// Links that lead to others are followed this far, as the system does.
static constexpr unsigned maxLinks = 40;

std::string replacedFile(StringRef path) {
  SmallString<128> target(path);
  if (sys::fs::exists(path)) {
    (void)sys::fs::real_path(path, target); // A file that is there has a real path.
    return target.str().str();
  }
  // A link may point at what isn't there yet: that is made, and the link stays.
  for (unsigned links = 0; links < maxLinks && sys::fs::is_symlink_file(target); ++links) {
    std::error_code code;
    std::string next = std::filesystem::read_symlink(target.c_str(), code).string();
    if (code)
      break;
    if (sys::path::is_absolute(next))
      target.clear();
    else
      sys::path::remove_filename(target);
    sys::path::append(target, next);
  }
  return target.str().str();
}

Error checkWritable(StringRef path, bool program) {
  if (path == "-")
    return Error::success();
  sys::fs::file_status status;
  std::error_code missing = sys::fs::status(path, status);
  if (missing && missing != std::errc::no_such_file_or_directory)
    return cannotWrite(path, missing);
  if (!missing && sys::fs::is_directory(status))
    return fileError(path, "cannot write the file: there is a folder of that name");
  if (!missing && !sys::fs::is_regular_file(status))
    return program ? fileError(path, "cannot write the file: this is a device or a pipe, which "
                                     "cannot hold a program")
                   : Error::success();
  SmallString<128> temporary;
  if (std::error_code code =
          sys::fs::createUniqueFile(replacedFile(path) + ".%%%%%%.tmp", temporary))
    return cannotWrite(path, code);
  (void)sys::fs::remove(temporary);
  return Error::success();
}

Expected<std::string> makeTemporary(StringRef prefix, StringRef ending) {
  SmallString<128> path, folder;
  std::error_code code = sys::fs::createTemporaryFile(prefix, ending, path);
  if (!code) {
    sys::RemoveFileOnSignal(path);
    return path.str().str();
  }
  sys::path::system_temp_directory(/*ErasedOnReboot=*/true, folder);
  return createStringError("nnc: error: cannot make a temporary file in '" + folder +
                           "': " + code.message() + "; TMPDIR names the folder to use");
}

/// Writes and closes; a full disk is an error here, where raw_fd_ostream would end the process.
static std::error_code writeAndCheck(int descriptor, StringRef content, bool close) {
  raw_fd_ostream os(descriptor, close, /*unbuffered=*/true);
  os << content;
  std::error_code code = os.error();
  os.clear_error();
  return code;
}

Error writeFile(StringRef path, StringRef content) {
  auto failure = [&](std::error_code code) { return cannotWrite(path, code); };
  if (path == "-") {
    outs() << content;
    return flushOutput();
  }
  sys::fs::file_status status;
  std::error_code missing = sys::fs::status(path, status);
  if (!missing && sys::fs::is_directory(status))
    return fileError(path, "cannot write the file: there is a folder of that name");
  if (!missing && !sys::fs::is_regular_file(status)) { // a device or a pipe: nothing to replace
    int descriptor;
    if (std::error_code code =
            sys::fs::openFileForWrite(path, descriptor, sys::fs::CD_OpenExisting))
      return failure(code);
    std::error_code code = writeAndCheck(descriptor, content, /*close=*/true);
    return code ? failure(code) : Error::success();
  }

  std::string target = replacedFile(path); // and with the permissions that were there
  auto temporary = sys::fs::TempFile::create(target + ".%%%%%%.tmp");
  if (!temporary)
    return failure(errorToErrorCode(temporary.takeError()));
  std::error_code code = writeAndCheck(temporary->FD, content, /*close=*/false);
  if (!code && !missing)
    code = sys::fs::setPermissions(temporary->FD, status.permissions());
  if (code) {
    consumeError(temporary->discard());
    return failure(code);
  }
  if (Error error = temporary->keep(target))
    return failure(errorToErrorCode(std::move(error)));
  return Error::success();
}

Error flushOutput() {
  outs().flush();
  std::error_code code = outs().error();
  outs().clear_error();
  return code ? createStringError("nnc: error: cannot write to standard output: " + code.message())
              : Error::success();
}

std::string sha256(StringRef bytes) {
  return toHex(SHA256::hash(arrayRefFromStringRef(bytes)), /*LowerCase=*/true);
}

void printError(Error error) {
  handleAllErrors(std::move(error),
                  [](const ErrorInfoBase &info) { errs() << info.message() << "\n"; });
}

} // namespace nnc::driver
