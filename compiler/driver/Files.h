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

/// Writes a file in one piece: whoever looks sees the old text or the new. "-" is standard output.
llvm::Error writeFile(llvm::StringRef path, llvm::StringRef content);

/// Writes what is left in outs(); a full disk or a closed pipe is an error.
llvm::Error flushOutput();

/// The SHA-256 of `bytes`, in hex.
std::string sha256(llvm::StringRef bytes);

/// Prints an error's text on standard error.
void printError(llvm::Error error);

} // namespace nnc::driver
