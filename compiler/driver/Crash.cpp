// Crash handling, on top of LLVM's signal handlers: they clean up temporary files and give us a
// stack of our own.
#include "compiler/driver/Crash.h"

#include "compiler/driver/Status.h"

#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

namespace nnc::driver {

namespace {

constexpr int internalErrorStatus = static_cast<int>(Status::InternalError);

/// A crash handler may not allocate, so the text lies in a fixed buffer.
char currentWork[512] = "";

void writeText(const char *text) {
  // Nothing can be done about a failure to report a failure.
  [[maybe_unused]] ssize_t written = write(STDERR_FILENO, text, strlen(text));
}

void writeReport(const char *what) {
  writeText("nnc: internal error: ");
  writeText(what);
  if (currentWork[0]) {
    writeText(", while ");
    writeText(currentWork);
  }
  writeText("\nThis is a mistake in nnc, not in your program. Please report it, with the source "
            "file and\n"
            "the command line; set NNC_BACKTRACE=1 and run again for a stack trace to add.\n");
}

bool wantsBacktrace() { return getenv("NNC_BACKTRACE") != nullptr; }

void onCrash(void *) {
  writeReport("it crashed");
  if (wantsBacktrace())
    llvm::sys::PrintStackTrace(llvm::errs());
  _exit(internalErrorStatus);
}

void onFatalError(void *, const char *reason, bool) {
  llvm::sys::RunInterruptHandlers();
  writeReport(reason);
  if (wantsBacktrace())
    llvm::sys::PrintStackTrace(llvm::errs());
  _exit(internalErrorStatus);
}

void onOutOfMemory(void *, const char *, bool) {
  llvm::sys::RunInterruptHandlers();
  writeText("nnc: error: out of memory\n");
  _exit(static_cast<int>(Status::InputError));
}

} // namespace

void installCrashHandlers() {
  llvm::sys::AddSignalHandler(onCrash, nullptr);
  llvm::install_fatal_error_handler(onFatalError);
  llvm::install_bad_alloc_error_handler(onOutOfMemory);
}

void setCurrentWork(llvm::StringRef work) {
  size_t length = std::min(work.size(), sizeof(currentWork) - 1);
  memcpy(currentWork, work.data(), length);
  currentWork[length] = 0;
}

void printInternalError(llvm::StringRef what) {
  llvm::errs().flush();
  writeReport(what.str().c_str());
}

} // namespace nnc::driver
