// Other programs that nnc runs: a linker, an assembler.
#pragma once

#include "compiler/driver/Files.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace nnc::driver {

/// Runs a program without a terminal, and returns what it said. Where it fails, the error tells
/// how, and that: "/usr/bin/c++ ended with status 1 ...".
llvm::Expected<std::string> runQuietly(llvm::StringRef program,
                                       const std::vector<std::string> &arguments);

/// A file that is gone at the end, whatever happens.
class Temporary {
public:
  explicit Temporary(llvm::StringRef ending) : path(makeTemporary("nnc", ending)) {}
  ~Temporary();
  Temporary(const Temporary &) = delete;
  Temporary &operator=(const Temporary &) = delete;

  llvm::Expected<std::string> path;
};

} // namespace nnc::driver
