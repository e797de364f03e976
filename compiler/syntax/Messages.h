// Says what is wrong at a token, in the words of the language rather than those of the grammar.
#pragma once

#include "compiler/syntax/Lexing.h"

namespace nnc::syntax {

/// Reports that the parser, inside rule `context`, met token `at` where only `expected` could
/// follow.
void reportUnexpected(const Tokens &tokens, const SourceManager &sources, Diagnostics &diagnostics,
                      size_t at, const antlr4::misc::IntervalSet &expected,
                      const antlr4::ParserRuleContext *context);

/// The same where it is a construct of version 0.1: shows the new one. False where it is none.
bool reportOldSpelling(const Tokens &tokens, const SourceManager &sources, Diagnostics &diagnostics,
                       size_t at, const antlr4::ParserRuleContext *context);

/// A token as messages name it: `'x'`, `the keyword 'data'`, `the end of the file`.
std::string describe(const TokenInfo &token, const SourceManager &sources);

/// What to write in place of a word that other languages have: `return`, `def`, `&&`; or "".
llvm::StringRef hintForWord(llvm::StringRef word);

/// Whether a declaration begins at this token, judging by its place in its line.
bool startsDeclaration(const TokenInfo &token);

/// The keywords that begin a declaration, and those that begin a statement.
const std::vector<std::string> &declarationWords();
const std::vector<std::string> &statementWords();

} // namespace nnc::syntax
