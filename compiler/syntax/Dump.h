// The AST as text, for tests and `nnc build --emit mlir --stage parse`.
#pragma once

#include "compiler/syntax/Ast.h"

namespace nnc {

/// One line per declaration, statement and setting, expressions as S-expressions: `(+ x (call f
/// 1))`. Two files with the same dump have the same AST but for ranges and comments.
std::string dump(const ast::File &file);
std::string dump(const ast::Expr &expr);

} // namespace nnc
