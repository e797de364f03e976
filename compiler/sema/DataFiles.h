// What the files of a data set say of themselves, asked while a program is checked.
#pragma once

#include "compiler/sema/Program.h"

#include "llvm/Support/Error.h"

namespace nnc::sema {

/// Whether a program takes these elements of a file for a column of that type: where nothing is
/// lost, and integers for integers, whose values are checked. As `nnrt::isConvertible`.
bool isLoadable(Element stored, Element declared);

/// Sema reads no files: whoever runs it hands this in, or nothing where no file may be looked at.
class DataFiles {
public:
  virtual ~DataFiles() = default;

  /// The header of an idx or npy file: the first size is the number of examples.
  struct Array {
    Element element;
    std::vector<int64_t> sizes;
  };
  /// The first line of a table. Without a header the columns have no names.
  struct Table {
    std::vector<std::string> names;
    size_t columns = 0;
  };

  /// The path of a file that a data set names, or "" where it is not at hand; adds the folders
  /// where it was looked for to `looked`.
  virtual std::string find(llvm::StringRef file, std::vector<std::string> &looked) const = 0;
  /// `reader` is "idx" or "npy".
  virtual llvm::Expected<Array> readArray(llvm::StringRef reader, llvm::StringRef path) const = 0;
  /// All of an array: its elements row by row, as they lie in memory.
  struct Values {
    Array array;
    std::string bytes;
  };
  /// As `find`, but first beside the source file.
  virtual std::string findBeside(llvm::StringRef source, llvm::StringRef file,
                                 std::vector<std::string> &looked) const = 0;
  /// What an npy file holds, up to `most` bytes.
  virtual llvm::Expected<Values> readValues(llvm::StringRef path, uint64_t most) const = 0;
  /// The different units of a text; `unit` is "character" or "word".
  virtual llvm::Expected<std::vector<std::string>> readUnits(llvm::StringRef path,
                                                             llvm::StringRef unit) const = 0;
  /// As `find`, but a folder.
  virtual std::string findFolder(llvm::StringRef folder,
                                 std::vector<std::string> &looked) const = 0;
  /// The names of the classes in a folder of images.
  virtual llvm::Expected<std::vector<std::string>> readClasses(llvm::StringRef path) const = 0;
  virtual llvm::Expected<Table> readTable(llvm::StringRef path, char separator,
                                          bool hasHeader) const = 0;
};

} // namespace nnc::sema
