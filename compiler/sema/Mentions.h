// Which names a piece of syntax mentions.
#pragma once

#include "compiler/syntax/Ast.h"

#include "llvm/ADT/STLExtras.h"

#include <set>
#include <string>

namespace nnc::sema {

/// Calls `visit` for every name in the expression; `isCalled` where it is what a call or a stage of
/// a pipe names. Names with a qualifier (`std.dense`) are left out.
void visitNames(const ast::Expr &expr,
                llvm::function_ref<void(const ast::NameExpr &, bool isCalled)> visit);
void visitNames(const ast::LetStatement &let,
                llvm::function_ref<void(const ast::NameExpr &, bool isCalled)> visit);

/// The names that an expression, or the value and type of a `let`, may read from the scope around
/// it.
std::set<std::string> mentionedNames(const ast::Expr &expr);
std::set<std::string> mentionedNames(const ast::LetStatement &let);

} // namespace nnc::sema
