// Which declarations a file sees: its own, those it imports, and the standard library's, parsed
// when first named.
#pragma once

#include "compiler/diagnostics/Diagnostic.h"
#include "compiler/syntax/Ast.h"

#include "llvm/ADT/StringMap.h"

#include <map>

namespace nnc::sema {

class Modules {
public:
  Modules(SourceManager &sources, Diagnostics &diagnostics)
      : sources(sources), diagnostics(diagnostics) {}

  /// Loads what `main` imports and declares every name; reports duplicates, missing files and
  /// cycles.
  void load(const ast::File &main);

  /// What `name` means at the top level of `file`; null where it means nothing.
  const ast::Declaration *find(FileId file, llvm::StringRef name);
  /// What `qualifier.name` means in `file`: a declaration of the library (`std`), or of the file
  /// that is imported as `qualifier`.
  struct Found {
    bool isFile = false; ///< whether the qualifier names one
    const ast::Declaration *decl = nullptr;
  };
  Found findIn(FileId file, llvm::StringRef qualifier, llvm::StringRef name);
  /// The names that `qualifier` has; where it names no file, the qualifiers that there are.
  std::vector<std::string> namesIn(FileId file, llvm::StringRef qualifier) const;
  /// Every name visible at the top level of `file`.
  std::vector<std::string> names(FileId file) const;
  /// The user's files: main first, then the imported ones.
  const std::vector<const ast::File *> &userFiles() const { return files; }

private:
  /// What the top level of a file sees: its own declarations and those of the files that it
  /// imports, or these by their aliases.
  struct FileScope {
    llvm::StringMap<const ast::Declaration *> names;
    llvm::StringMap<const ast::File *> aliases;
  };

  void declareAll(const ast::File &file);
  void importInto(FileScope &scope, const ast::File &importer, const ast::ImportDeclaration &decl);
  const ast::File *open(const ast::File &importer, const ast::ImportDeclaration &decl);
  void declare(FileScope &scope, const ast::Declaration &decl, SourceRange where);
  void declareName(FileScope &scope, const ast::Name &name, const ast::Declaration &decl,
                   SourceRange where);
  const ast::Declaration *findStandard(llvm::StringRef name);

  SourceManager &sources;
  Diagnostics &diagnostics;
  std::vector<const ast::File *> files;
  std::vector<std::unique_ptr<ast::File>> owned;
  std::map<uint32_t, FileScope> scopes;                         ///< by file
  std::map<std::string, const ast::File *, std::less<>> byPath; ///< user files, by real path
  std::vector<std::string> loading;                             ///< paths being imported
  llvm::StringMap<const ast::Declaration *> standard; ///< parsed ones; null while not found
};

} // namespace nnc::sema
