// From object files to an executable or a shared library.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace nnc::driver {

/// The parts of the runtime that not every program needs.
struct RuntimeParts {
  bool gpu = false;         ///< runs kernels on GPUs
  bool text = false;        ///< reads texts and writes them
  bool images = false;      ///< reads folders of images
  bool tables = false;      ///< reads tables
  bool preparation = false; ///< takes inputs of predict as a data set does: tables, prepared rows
  bool metrics = false;     ///< has metrics of several numbers
};

struct LinkOptions {
  std::string soname; ///< makes a shared library of that name; empty: a program
  bool keepDebugInfo = false;
  RuntimeParts runtime;
};

/// The runtime's archives, beside the running nnc.
llvm::Expected<std::string> findRuntime(llvm::StringRef archive);

/// Whether there is what link() needs.
llvm::Error checkLinking(const RuntimeParts &parts);

/// Links object files and archives with the runtime into `output`, which is replaced in one piece.
llvm::Error link(llvm::ArrayRef<std::string> objects, llvm::StringRef output,
                 const LinkOptions &options);

} // namespace nnc::driver
