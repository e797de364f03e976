// The standard library: .nn source, embedded at build time.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace nnc {

/// A file of the library: `layers.nn` and its whole text.
struct StdFile {
  llvm::StringRef name, text;
};
llvm::ArrayRef<StdFile> standardLibrary();

/// One declaration of the library, with the comment above it. One without a doc comment is the
/// library's own: no list and no reference has it.
struct StdDeclaration {
  llvm::StringRef name; ///< `dense`
  llvm::StringRef kind; ///< `layer`
  llvm::StringRef file; ///< `layers.nn`
  llvm::StringRef text; ///< from the comment to the end of the declaration, with its newline
  llvm::StringRef doc;  ///< the first line of the doc comment, without the slashes, or ""
  unsigned line;        ///< of the first line of `text`, from 1

  bool isPublic() const { return !doc.empty(); }
};
/// All declarations, in order of files and lines. Found by a scan for lines that begin with a
/// keyword.
llvm::ArrayRef<StdDeclaration> standardDeclarations();
/// The declaration called `name`, or null.
const StdDeclaration *findStd(llvm::StringRef name);

} // namespace nnc
