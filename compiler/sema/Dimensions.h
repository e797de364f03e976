// The names in a shape as it is written.
#pragma once

#include "compiler/syntax/Ast.h"

#include <vector>

namespace nnc::sema {

/// The names that a dimension reads, in order, callees left out: `h`, `stride` of `h / stride`.
std::vector<const ast::Name *> dimNames(const ast::Expr &dim);
/// Those of every dimension; of a rest `...s`, its name.
std::vector<const ast::Name *> dimNames(const ast::TypeExpr &type);

} // namespace nnc::sema
