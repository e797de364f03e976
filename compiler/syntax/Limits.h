// Limits of a source file. They lie far beyond any program, and keep every input from exhausting
// stack, memory or time: parser, AST and whatever walks the AST may be recursive.
#pragma once

#include <cstddef>

namespace nnc::syntax {

constexpr size_t maxFileSize = 4 << 20; ///< bytes
constexpr size_t maxTokens = 200'000;
constexpr size_t maxNesting = 128; ///< brackets of all kinds open at once
/// Operators, calls and brackets on the way from an expression's root to its deepest leaf; an upper
/// bound is counted (see Nesting.h). The AST is at most a small multiple as deep.
constexpr size_t maxDepth = 500;

} // namespace nnc::syntax
