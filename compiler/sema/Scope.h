// Names and what they mean: the declarations of a file, and the variables of a body.
#pragma once

#include "compiler/sema/Value.h"

#include "llvm/ADT/StringMap.h"

namespace nnc::sema {

/// What the top level of a file sees: its own declarations, those of the files it imports, and the
/// standard library below them.
struct FileScope {
  llvm::StringMap<const ast::Declaration *> names;
};

/// A name inside a body.
struct Variable {
  enum class Kind { Argument, Dim, Let, State, Parameter, Buffer, Implicit, Loop };
  Kind kind = Kind::Let;
  Value value;
  SourceRange declared;
};

/// The names of a block, with those of the blocks around it.
class Scope {
public:
  explicit Scope(Scope *parent = nullptr) : parent(parent) {}

  /// False where the name exists in this very scope.
  bool declare(llvm::StringRef name, Variable variable) {
    return names.try_emplace(name, std::move(variable)).second;
  }
  Variable *findHere(llvm::StringRef name) {
    auto it = names.find(name);
    return it == names.end() ? nullptr : &it->second;
  }
  Variable *find(llvm::StringRef name) {
    for (Scope *scope = this; scope; scope = scope->parent)
      if (Variable *variable = scope->findHere(name))
        return variable;
    return nullptr;
  }
  void collect(std::vector<std::string> &into) const {
    for (const Scope *scope = this; scope; scope = scope->parent)
      for (const auto &entry : scope->names)
        into.push_back(entry.getKey().str());
  }

private:
  Scope *parent;
  llvm::StringMap<Variable> names;
};

} // namespace nnc::sema
