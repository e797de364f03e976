// Which entries of a program a table of kernels or of lines is about.
#pragma once

#include "compiler/driver/Compilation.h"

namespace nnc::driver {

/// An entry that is looked at.
struct ChosenEntry {
  const EntryKernels *entry;
  uint64_t runs; ///< in one training step
};

struct EntryChoice {
  std::vector<ChosenEntry> entries;
  std::vector<std::string> others; ///< the names of those that --entry would choose
  std::string title;               ///< "a training step at batch 32", or the name of an entry
};

/// Those that training runs (those that predict, where it has no recipe), or that of
/// `arguments.entry`. None where there is no such entry; that has been said.
std::optional<EntryChoice> chooseEntries(const Compilation &compilation,
                                         const std::vector<EntryKernels> &entries,
                                         const Arguments &arguments);

/// "shares are estimates: ...", of a target that computes so much while it moves a byte.
std::string estimateNote(unsigned flopsOfByte);

/// What stands below a table of the choice: of unknown costs, if there are any, and of other
/// entries.
void printNotes(const EntryChoice &choice, bool hasUnknown, llvm::raw_ostream &os);

} // namespace nnc::driver
