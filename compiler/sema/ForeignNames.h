// What other tools and languages call things that have another name, or another form, here.
#pragma once

#include "compiler/sema/Modules.h"

#include <string>

namespace nnc::sema {

/// The way to say here what `name` says elsewhere ("BatchNorm2d", "len"): a hint, or "" where no
/// such name is known. Capitals do not matter.
std::string hintForForeign(llvm::StringRef name);

/// The same for the name of an argument (`learning_rate`, `dim`) of something that takes `known`.
std::string hintForArgument(llvm::StringRef name, const std::vector<std::string> &known);

/// The same for the type of an element: "float32".
llvm::StringRef elementForForeign(llvm::StringRef name);

/// The same for a line of a recipe: "learning_rate".
std::string hintForLine(llvm::StringRef key);

/// The same for `qualifier.name`, where the qualifier is a library that others import ("nn.Linear",
/// "np.exp"), or `self`.
std::string hintForForeign(llvm::StringRef qualifier, llvm::StringRef name);

/// The same for a part or method of a value: `x.shape`, `x.T`, `x.reshape(...)`. `value` is how the
/// user wrote it.
std::string hintForPart(llvm::StringRef value, llvm::StringRef part);

/// A `qualifier.name` that means nothing: what is wrong with it, where, and the way out.
struct UnknownPart {
  SourceRange range;
  std::string message, hint;
};
UnknownPart describeUnknownPart(Modules &modules, FileId file, const ast::NameExpr &expr);

} // namespace nnc::sema
