// Runs ANTLR's lexer, and says of each token where it lies.
#include "compiler/syntax/Lexing.h"

#include "compiler/syntax/Limits.h"

#include "NnLexer.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

using antlr4::CommonToken;

namespace nnc::syntax {

namespace {

/// ANTLR counts code points; everybody else counts bytes.
class ByteOffsets {
public:
  explicit ByteOffsets(llvm::StringRef text, uint32_t base) : base(base) {
    bool ascii = llvm::all_of(text, [](char c) { return static_cast<signed char>(c) >= 0; });
    if (ascii)
      return;
    for (uint32_t i = 0; i < text.size(); ++i)
      if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80)
        offsets.push_back(i);
    offsets.push_back(text.size());
  }
  uint32_t operator[](size_t codePoint) const {
    return base + (offsets.empty() ? codePoint : offsets[codePoint]);
  }

private:
  uint32_t base;
  std::vector<uint32_t> offsets; ///< empty where the two are the same
};

class Scanner {
public:
  Scanner(FileId file, const SourceManager &sources, Diagnostics &diagnostics)
      : file(file), sources(sources), diagnostics(diagnostics), text(sources.text(file)),
        offsets(skipMark(text), sources.text(file).size() - text.size()) {}

  std::optional<Tokens> run();

private:
  /// Takes a byte order mark off.
  static llvm::StringRef &skipMark(llvm::StringRef &text) {
    text.consume_front("\xEF\xBB\xBF");
    return text;
  }
  void addToken(std::unique_ptr<CommonToken> token, SourceRange range);
  void addComment(SourceRange range, const CommonToken &token);
  void reportCharacter(SourceRange range);
  void reportNumber(SourceRange range);
  void replaceOldOperator(CommonToken &token, SourceRange range);

  FileId file;
  const SourceManager &sources;
  Diagnostics &diagnostics;
  llvm::StringRef text;
  ByteOffsets offsets;
  Tokens result;
  size_t lastLine = 0;  ///< of the token before
  uint32_t lastEnd = 0; ///< its end
  bool badText = false; ///< dropped since
  uint32_t badEnd = UINT32_MAX;
};

} // namespace

/// What to write in place of a character that the language doesn't have.
static llvm::StringRef hintFor(llvm::StringRef character) {
  return llvm::StringSwitch<llvm::StringRef>(character)
      .Case("&", "'and' is written 'and'")
      .Case("|", "'or' is written 'or', a pipe '|>'")
      .Case("'", "strings are written in double quotes")
      .Cases({"\u201C", "\u201D", "\u201E", "\u00AB", "\u00BB"},
             "strings are written in plain double quotes")
      .Case("#", "comments begin with '//'")
      .Case("\u00A0", "this is a no-break space; write a plain one")
      .Cases({"\u2212", "\u2013", "\u2014"}, "minus is written '-'")
      .Cases({"\u00D7", "\u00B7"}, "a product is written '*'")
      .Default("");
}

void Scanner::reportCharacter(SourceRange range) {
  // Several in a row are one mistake.
  if (badEnd == range.begin) {
    badEnd = range.end;
    return;
  }
  badEnd = range.end;
  llvm::StringRef character = sources.text(range);
  unsigned char byte = character.front();
  std::string shown = byte < 0x20 || byte == 0x7F
                          ? "control character 0x" + llvm::utohexstr(byte, false, 2)
                          : "character '" + character.str() + "'";
  diagnostics.error(Code::UnknownCharacter, range, "unexpected " + shown)
      .suggest(hintFor(character).str());
}

void Scanner::reportNumber(SourceRange range) {
  llvm::StringRef number = sources.text(range);
  size_t digits = std::min(number.find_first_not_of("0123456789._"), number.size());
  llvm::StringRef rest = number.drop_front(digits);
  std::string hint;
  if (rest.equals_insensitive("e"))
    hint = "an exponent needs digits: '" + number.str() + "3'";
  else if (rest.empty() || number.take_front(digits).contains('_'))
    hint = "one '_' may stand between two digits: 20_000";
  else if (!number.starts_with_insensitive("0x"))
    hint = "a product is written '" + number.take_front(digits).str() + " * " + rest.str() + "'";
  diagnostics.error(Code::InvalidNumber, range, "'" + number.str() + "' is not a number")
      .suggest(hint);
}

/// `&&`, `||`, `!`: words since 0.2.
void Scanner::replaceOldOperator(CommonToken &token, SourceRange range) {
  size_t type = token.getType();
  bool isAnd = type == NnLexer::OLD_AND, isOr = type == NnLexer::OLD_OR;
  token.setType(isAnd ? NnLexer::AND : isOr ? NnLexer::OR : NnLexer::NOT);
  std::string word = isAnd ? "and" : isOr ? "or" : "not";
  diagnostics.error(Code::OldSpelling, range, "'" + sources.text(range).str() + "' is no operator")
      .suggest("write '" + word + "'");
}

void Scanner::addComment(SourceRange range, const CommonToken &token) {
  ast::Comment comment;
  comment.range = range;
  llvm::StringRef written = sources.text(range);
  comment.ownLine = token.getLine() != lastLine || result.tokens.empty();
  // `////` is a rule across the page, not documentation.
  comment.isDoc = written.starts_with("///") && !written.starts_with("////") && comment.ownLine;
  result.comments.push_back(comment);
}

void Scanner::addToken(std::unique_ptr<CommonToken> token, SourceRange range) {
  TokenInfo info;
  info.range = range;
  info.type = token->getType();
  info.firstOnLine = result.tokens.empty() || token->getLine() != lastLine;
  info.atLineStart = info.firstOnLine && token->getCharPositionInLine() == 0;
  info.afterBadText = badText;
  lastLine = token->getLine();
  lastEnd = range.end;
  badText = false;
  result.tokens.push_back(std::move(token));
  result.infos.push_back(info);
}

std::optional<Tokens> Scanner::run() {
  result.input = std::make_unique<antlr4::ANTLRInputStream>(text.str());
  result.lexer = std::make_unique<NnLexer>(result.input.get());
  result.lexer->removeErrorListeners();
  while (true) {
    std::unique_ptr<CommonToken> token(
        static_cast<CommonToken *>(result.lexer->nextToken().release()));
    size_t type = token->getType();
    SourceRange range{file, lastEnd, lastEnd};
    if (type != antlr4::Token::EOF)
      range = {file, offsets[token->getStartIndex()], offsets[token->getStopIndex() + 1]};
    switch (type) {
    case NnLexer::COMMENT:
      addComment(range, *token);
      continue;
    case NnLexer::BAD_CHARACTER:
      reportCharacter(range);
      badText = true;
      continue;
    case NnLexer::BAD_NUMBER:
      reportNumber(range);
      token->setType(NnLexer::INTEGER);
      break;
    case NnLexer::BAD_STRING:
      diagnostics.error(Code::UnterminatedString, range, "this string is not closed on its line")
          .suggest("end it with '\"'");
      token->setType(NnLexer::STRING);
      break;
    case NnLexer::OLD_AND:
    case NnLexer::OLD_OR:
    case NnLexer::OLD_NOT:
      replaceOldOperator(*token, range);
      break;
    default:
      break;
    }
    if (result.tokens.size() >= maxTokens) {
      diagnostics.error(Code::FileTooLarge, range,
                        "the file has more than " + std::to_string(maxTokens) + " tokens");
      return std::nullopt;
    }
    addToken(std::move(token), range);
    if (type == antlr4::Token::EOF)
      return std::move(result);
  }
}

std::optional<Tokens> scan(FileId file, const SourceManager &sources, Diagnostics &diagnostics) {
  return Scanner(file, sources, diagnostics).run();
}

std::optional<Tokens> lex(FileId file, const SourceManager &sources, Diagnostics &diagnostics) {
  std::optional<Tokens> tokens = scan(file, sources, diagnostics);
  if (tokens && !settleLines(*tokens, sources, diagnostics))
    return std::nullopt;
  return tokens;
}

} // namespace nnc::syntax
