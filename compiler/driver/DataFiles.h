// Finds the files of data sets while a program is compiled, and reads their headers.
#pragma once

#include "compiler/sema/DataFiles.h"

#include <string>
#include <vector>

namespace nnc::driver {

/// Where the files of data sets lie: in `folder` (--data) where it is not empty, else in $NN_DATA,
/// else in the nearest folder `data` at or above the source's; there, or in a folder in it. A file
/// may be there with or without ".gz".
class DataFiles : public sema::DataFiles {
public:
  DataFiles(llvm::StringRef source, llvm::StringRef folder);

  std::string find(llvm::StringRef file, std::vector<std::string> &looked) const override;
  llvm::Expected<Array> readArray(llvm::StringRef reader, llvm::StringRef path) const override;
  std::string findBeside(llvm::StringRef source, llvm::StringRef file,
                         std::vector<std::string> &looked) const override;
  llvm::Expected<Values> readValues(llvm::StringRef path, uint64_t most) const override;
  llvm::Expected<std::vector<std::string>> readUnits(llvm::StringRef path,
                                                     llvm::StringRef unit) const override;
  std::string findFolder(llvm::StringRef folder, std::vector<std::string> &looked) const override;
  /// What lies where files are looked for under a name that is nearly `file`'s, and is none of
  /// `others`: what may have been meant; "" where nothing is.
  std::string findSimilar(llvm::StringRef file, llvm::ArrayRef<std::string> others) const;
  llvm::Expected<std::vector<std::string>> readClasses(llvm::StringRef path) const override;
  llvm::Expected<Table> readTable(llvm::StringRef path, char separator,
                                  bool hasHeader) const override;

private:
  using Look = llvm::function_ref<std::string(llvm::StringRef folder)>;
  std::string lookFor(Look look, std::vector<std::string> &looked) const;

  std::vector<std::string> folders;
};

} // namespace nnc::driver
