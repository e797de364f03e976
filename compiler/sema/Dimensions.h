// The names in a shape as it is written; what is known of sizes.
#pragma once

#include "compiler/sema/Dim.h"
#include "compiler/syntax/Ast.h"

#include <vector>

namespace nnc::sema {

/// The names that a dimension reads, in order, callees left out: `h`, `stride` of `h / stride`.
std::vector<const ast::Name *> dimNames(const ast::Expr &dim);
/// Those of every dimension; of a rest `...s`, its name.
std::vector<const ast::Name *> dimNames(const ast::TypeExpr &type);

/// Whether `last` <= `size` follows from every symbolic dimension being at least 1.
bool isSurelyAtMost(const Dim &last, const Dim &size);

class Elaborator;
struct Value;
/// Whether a known number lies in 0..limit, whatever the sizes in them are. Reports: `what` says
/// whose number it is. In a check without a caller, what only a caller knows passes.
bool checkIndex(Elaborator &e, const Value &number, const Dim &limit, SourceRange range,
                const std::string &what);

} // namespace nnc::sema
