// From text to tokens: checks the text, runs ANTLR's lexer, reports what is no token, and settles
// which ends of lines end a statement.
#pragma once

#include "compiler/diagnostics/Diagnostic.h"
#include "compiler/syntax/Ast.h"

#include "antlr4-runtime.h"

#include "llvm/ADT/STLExtras.h"

namespace nnc::syntax {

/// What is known of a token besides its text.
struct TokenInfo {
  SourceRange range; ///< in bytes; of the end of file: the empty range after the last token
  size_t type = 0;
  bool firstOnLine = false;
  bool atLineStart = false;   ///< and in the first column
  bool afterBadText = false;  ///< text before it was reported and dropped
  bool isLineEnd = false;     ///< a SEP that no `;` stands for: its range is empty
  bool closesNothing = false; ///< a closing bracket without one that it could close
  uint32_t brackets = 0;      ///< brackets of any kind open before it
  uint32_t braces = 0;        ///< `{` among them
  uint32_t opener = noToken;  ///< the innermost of them, or one that was forgotten right before
  static constexpr uint32_t noToken = UINT32_MAX;
};

/// The tokens of a file but its comments; the last one is the end of file.
struct Tokens {
  std::unique_ptr<antlr4::ANTLRInputStream> input;
  std::unique_ptr<antlr4::Lexer> lexer; ///< the tokens refer to it
  std::vector<std::unique_ptr<antlr4::Token>> tokens;
  std::vector<TokenInfo> infos; ///< by token index
  std::vector<ast::Comment> comments;
};

/// Size, NUL bytes, UTF-8. False after an error.
bool checkText(FileId file, const SourceManager &sources, Diagnostics &diagnostics);

/// The tokens of the text, as yet without ends of lines. Nothing where the file exceeds a limit (an
/// error was reported). Text that is no token is reported and left out; malformed strings and
/// numbers are reported and stay as tokens of their kind.
std::optional<Tokens> scan(FileId file, const SourceManager &sources, Diagnostics &diagnostics);

/// The same with ends of lines, as the parser takes them.
std::optional<Tokens> lex(FileId file, const SourceManager &sources, Diagnostics &diagnostics);

/// The second pass over the tokens (Lines.cpp): drops the ends of lines that end no statement, puts
/// a SEP for the others, gives the words that begin declarations their types, and fills in what
/// TokenInfo says of brackets. False where the file is nested too deep (an error was reported).
bool settleLines(Tokens &tokens, const SourceManager &sources, Diagnostics &diagnostics);

} // namespace nnc::syntax
