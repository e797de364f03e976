// Reports unknown names in every body, whether it is ever elaborated or not.
#pragma once

#include "compiler/sema/Modules.h"

namespace nnc::sema {

/// Walks the declaration with its scopes. Recipes are left to their elaboration: their names depend
/// on models and data sets.
void checkNames(const ast::Declaration &decl, Modules &modules, Diagnostics &diagnostics);

} // namespace nnc::sema
