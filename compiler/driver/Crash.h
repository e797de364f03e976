// What nnc says when it fails inside: a request to report, exit status 3, and no raw dump.
#pragma once

#include "llvm/ADT/StringRef.h"

namespace nnc::driver {

/// Installs handlers for crashes and for LLVM's fatal errors. Files that LLVM was told to remove on
/// a signal are removed. $NNC_BACKTRACE set: the stack is printed too.
void installCrashHandlers();

/// What is being done, for the message: "compiling 'mlp.nn'".
void setCurrentWork(llvm::StringRef work);

/// Prints the message of an internal error: what failed, and how to report it.
void printInternalError(llvm::StringRef what);

} // namespace nnc::driver
