// Reading and writing files, with errors that name the file.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

#include <string>

namespace nnc::driver {

/// An error about a file: "mlp.nn: error: No such file or directory".
llvm::Error fileError(llvm::StringRef path, const llvm::Twine &message);

/// The text of a source file; "-" is standard input. Refuses folders and devices.
llvm::Expected<std::string> readSource(llvm::StringRef path);

/// The file that writing to `path` replaces: what it points at, where it is a symbolic link.
std::string replacedFile(llvm::StringRef path);

/// Whether writeFile() could write there, or link() for `program`; tried without touching the file.
llvm::Error checkWritable(llvm::StringRef path, bool program);

/// A new file in the system's folder for such; signals remove it.
llvm::Expected<std::string> makeTemporary(llvm::StringRef prefix, llvm::StringRef ending);

/// Writes a file in one piece: whoever looks sees the old text or the new. "-" is standard output.
llvm::Error writeFile(llvm::StringRef path, llvm::StringRef content);

/// Writes what is left in outs(); a full disk or a closed pipe is an error.
llvm::Error flushOutput();

/// The SHA-256 of `bytes`, in hex.
std::string sha256(llvm::StringRef bytes);

/// Prints an error's text on standard error.
void printError(llvm::Error error);

} // namespace nnc::driver
