// Reports unknown names in every body, whether it is ever elaborated or not, and finds unused ones.
#pragma once

#include "compiler/sema/Modules.h"

namespace nnc::sema {

/// The name that an unknown one may be is looked for among all names: not for each of thousands of
/// errors, few of which are shown.
inline constexpr size_t mostSuggestions = 50;

/// A name that is declared and never read.
struct UnusedName {
  std::string text, kind; ///< `w`, "parameter"
  SourceRange range;
};

/// Walks the declaration with its scopes; adds what it does not use to `unused`, but for names that
/// begin with `_`. Recipes are left to their elaboration: their names depend on models and data
/// sets.
void checkNames(const ast::Declaration &decl, Modules &modules, Diagnostics &diagnostics,
                std::vector<UnusedName> &unused);

/// Whether the parser stopped right behind a name: `return x`, `f(lr=1)`. What it said there is all
/// that is wrong.
bool precedesSyntaxError(const Diagnostics &diagnostics, SourceRange name);

} // namespace nnc::sema
