// The variables of a body.
#pragma once

#include "compiler/sema/Value.h"

#include "llvm/ADT/StringMap.h"

namespace nnc::sema {

struct OwnedTensor;

/// A name inside a body.
struct Variable {
  /// Input: a tensor that a callable is given; State: kept from step to step, or, with a slot, from
  /// pass to pass of a scan.
  enum class Kind { Argument, Input, Dim, Let, State, Parameter, Loop };
  Kind kind = Kind::Let;
  Value value;
  SourceRange declared;
  const ast::TypeExpr *type = nullptr; ///< as declared, where it was
  int slot = -1;                       ///< of a scan's state: which one; of an optimizer's: which
  OwnedTensor *owned = nullptr;        ///< of a layer's state
};

/// The names of a block, with those of the blocks around it.
class Scope {
public:
  /// `isScan`: the body of a scan, from which outer names can be read alone.
  explicit Scope(Scope *parent = nullptr, bool isScan = false) : parent(parent), isScan(isScan) {}

  /// False where the name exists in this very scope.
  bool declare(llvm::StringRef name, Variable variable) {
    return names.try_emplace(name, std::move(variable)).second;
  }
  /// Gives the name this meaning, whatever it had.
  void redeclare(llvm::StringRef name, Variable variable) {
    names.insert_or_assign(name, std::move(variable));
  }
  Variable *findHere(llvm::StringRef name) {
    auto it = names.find(name);
    return it == names.end() ? nullptr : &it->second;
  }
  /// `leavesScan`: set where the name lies outside of a scan around this place.
  Variable *find(llvm::StringRef name, bool *leavesScan = nullptr) {
    for (Scope *scope = this; scope; scope = scope->parent) {
      if (Variable *variable = scope->findHere(name))
        return variable;
      if (scope->isScan && leavesScan)
        *leavesScan = true;
    }
    return nullptr;
  }
  void collect(std::vector<std::string> &into) const {
    for (const Scope *scope = this; scope; scope = scope->parent)
      for (const auto &entry : scope->names)
        into.push_back(entry.getKey().str());
  }

private:
  Scope *parent;
  bool isScan;
  llvm::StringMap<Variable> names;
};

} // namespace nnc::sema
