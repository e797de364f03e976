// One call under way: its names, its instance, and where it was called from.
#pragma once

#include "compiler/sema/Instance.h"
#include "compiler/sema/Scope.h"

#include "llvm/ADT/DenseMap.h"

namespace nnc::sema {

struct ScanState;
struct OptimizerState;

struct Frame {
  const ast::Declaration *decl = nullptr; ///< null in a recipe
  const ast::Callable *callable = nullptr;
  FileId file;
  Scope root;
  Instance *instance = nullptr; ///< who owns the layers, parameters and draws made here
  const CallSite *site = nullptr;
  const void *place = nullptr;   ///< the syntax of the call in the caller's body
  bool isRefused = false;        ///< a `require` of this body does not hold: the rest says nothing
  unsigned selects = 0;          ///< branches around the current place of which both are computed
  std::vector<uintptr_t> passes; ///< of the `for` and `repeat` around the current place
  ScanState *scan = nullptr;     ///< the innermost scan of this very body
  /// What each parameter of the signature was bound to at first.
  llvm::DenseMap<const ast::Parameter *, const Node *> inputNodes;
  OptimizerState *optimizer = nullptr; ///< in an optimizer's own body
  /// What `int`, `float` and `any` stand for in this signature, once an argument has settled it.
  std::optional<Element> intElement, floatElement, anyElement;
  Frame *caller = nullptr;
};

/// A type in a signature with the value that must fit it.
struct TypedValue {
  const ast::TypeExpr *type;
  Value *value;
  SourceRange range; ///< of the value
  std::string what;  ///< "argument 'x' of 'dense'"
  SourceRange declared;
  Code code = Code::ArgumentShape; ///< of a shape that does not fit
};

} // namespace nnc::sema
