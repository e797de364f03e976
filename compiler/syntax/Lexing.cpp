// Runs ANTLR's lexer, and says of each token where it lies and what is open around it.
#include "compiler/syntax/Lexing.h"

#include "compiler/syntax/Limits.h"
#include "compiler/syntax/Nesting.h"

#include "NnLexer.h"
#include "NnParser.h"

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
  bool addToken(std::unique_ptr<CommonToken> token, SourceRange range);
  size_t matching(size_t closer) const;
  bool afterOperand() const;
  bool amongSettings() const;
  void classify(TokenInfo &info);
  void setType(size_t index, size_t type);
  void addComment(SourceRange range, const CommonToken &token);
  void reportCharacter(SourceRange range);
  void reportNumber(SourceRange range);
  bool reportLimit(Nesting::Status status, const TokenInfo &info);

  FileId file;
  const SourceManager &sources;
  Diagnostics &diagnostics;
  llvm::StringRef text;
  ByteOffsets offsets;
  Tokens result;
  Nesting nesting;
  std::vector<uint32_t> openers; ///< indexes of the open brackets
  uint32_t lastOpener = 0;       ///< of the bracket closed last
  uint32_t openBraces = 0;
  size_t lastLine = 0;  ///< of the token before
  uint32_t lastEnd = 0; ///< its end
  bool badText = false; ///< dropped since
  uint32_t badEnd = UINT32_MAX;
};

} // namespace

/// What to write in place of a character that the language doesn't have.
static llvm::StringRef hintFor(llvm::StringRef character) {
  return llvm::StringSwitch<llvm::StringRef>(character)
      .Case("&", "'and' is written '&&'")
      .Case("|", "'or' is written '||', a pipe '|>'")
      .Case("'", "strings are written in double quotes")
      .Cases({"\u201C", "\u201D", "\u201E", "\u00AB", "\u00BB"},
             "strings are written in plain double quotes")
      .Case("#", "comments begin with '//'")
      .Case(".", "a number needs digits on both sides of its point: 0.5")
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
  size_t digits = std::min(number.find_first_not_of("0123456789."), number.size());
  llvm::StringRef rest = number.drop_front(digits);
  std::string hint;
  if (rest.equals_insensitive("e"))
    hint = "an exponent needs digits: '" + number.str() + "3'";
  else if (rest.starts_with("_"))
    hint = "digits are written without separators";
  else if (!number.starts_with_insensitive("0x"))
    hint = "a product is written '" + number.take_front(digits).str() + " * " + rest.str() + "'";
  diagnostics.error(Code::InvalidNumber, range, "'" + number.str() + "' is not a number")
      .suggest(hint);
}

bool Scanner::reportLimit(Nesting::Status status, const TokenInfo &info) {
  if (status == Nesting::Status::Fine)
    return true;
  bool brackets = status == Nesting::Status::TooManyBrackets;
  std::string message =
      brackets ? "brackets are nested more than " + std::to_string(maxNesting) + " deep"
               : "this expression is more than " + std::to_string(maxDepth) + " operators deep";
  diagnostics.error(Code::NestingTooDeep, info.range, message)
      .suggest(brackets ? "" : "name a part of it with 'let'");
  return false;
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

/// The number of open brackets down to the one that a closer of this type closes: brackets inside
/// that one were forgotten. 0 where it closes nothing. A brace is not forgotten as easily as other
/// brackets.
size_t Scanner::matching(size_t closer) const {
  if (closer != NnParser::RPAREN && closer != NnParser::RBRACKET && closer != NnParser::RBRACE)
    return 0;
  for (size_t depth = openers.size(); depth > 0; --depth) {
    size_t opener = result.infos[openers[depth - 1]].type;
    bool isParen = opener == NnParser::LPAREN || opener == NnParser::CALL_PAREN;
    bool isBrace = opener == NnParser::LBRACE;
    if (closer == (isParen ? NnParser::RPAREN : isBrace ? NnParser::RBRACE : NnParser::RBRACKET))
      return depth;
    if (isBrace)
      return 0;
  }
  return 0;
}

/// Whether the token before may end an operand, so that a bracket on its line goes on with it.
bool Scanner::afterOperand() const {
  if (result.infos.empty())
    return false;
  switch (result.infos.back().type) {
  case NnParser::NAME:
  case NnParser::PARAM:
  case NnParser::INTEGER:
  case NnParser::FLOAT:
  case NnParser::STRING:
  case NnParser::TRUE:
  case NnParser::FALSE:
  case NnParser::RPAREN:
  case NnParser::RBRACKET:
    return true;
  default:
    return false;
  }
}

/// In the braces of a recipe, but in no bracket inside them.
bool Scanner::amongSettings() const {
  if (openers.size() != 1 || openers.back() < 2)
    return false;
  return result.infos[openers.back()].type == NnParser::LBRACE &&
         result.infos[openers.back() - 2].type == NnParser::TRAIN;
}

/// Settles what the token is from those before it, where its text alone doesn't tell.
void Scanner::classify(TokenInfo &info) {
  const TokenInfo *before = result.infos.empty() ? nullptr : &result.infos.back();
  bool settings = amongSettings();
  switch (info.type) {
  case NnParser::LPAREN:
    if (afterOperand() && !info.firstOnLine && !before->isKey)
      info.type = NnParser::CALL_PAREN;
    break;
  case NnParser::LBRACKET:
    if (afterOperand() && !info.firstOnLine && !before->isKey)
      info.type = NnParser::INDEX_BRACKET;
    break;
  case NnParser::NAME:
    if (settings && before->isKey && sources.text(info.range) == "every")
      info.type = NnParser::EVERY;
    else
      info.isKey =
          settings && !before->isKey && (afterOperand() || before->type == NnParser::LBRACE);
    break;
  case NnParser::FOR:
    // `adam(...) for` is a call: what looked like a key is an entry of the setting before.
    if (settings && before->type == NnParser::RPAREN && lastOpener > 0 &&
        result.infos[lastOpener - 1].isKey)
      setType(lastOpener, NnParser::CALL_PAREN);
    break;
  default:
    break;
  }
}

void Scanner::setType(size_t index, size_t type) {
  static_cast<CommonToken &>(*result.tokens[index]).setType(type);
  result.infos[index].type = type;
}

bool Scanner::addToken(std::unique_ptr<CommonToken> token, SourceRange range) {
  size_t type = token->getType();
  bool isEnd = type == antlr4::Token::EOF;
  TokenInfo info;
  info.range = isEnd ? SourceRange{file, lastEnd, lastEnd} : range;
  info.type = type;
  info.firstOnLine = result.tokens.empty() || token->getLine() != lastLine;
  info.atLineStart = info.firstOnLine && token->getCharPositionInLine() == 0;
  info.afterBadText = badText;
  info.braces = openBraces;
  info.brackets = openers.size();
  info.opener = openers.empty() ? TokenInfo::noToken : openers.back();
  lastLine = token->getLine();
  lastEnd = range.end;
  badText = false;
  if (size_t depth = matching(type))
    info.brackets = depth;
  classify(info);
  token->setType(info.type);
  if (!isEnd && !reportLimit(nesting.add(info.type), info))
    return false;
  if (type == NnParser::LPAREN || type == NnParser::LBRACKET || type == NnParser::LBRACE) {
    openers.push_back(result.tokens.size());
    openBraces += type == NnParser::LBRACE;
  } else if (size_t depth = matching(type)) {
    lastOpener = openers[depth - 1];
    openBraces -= type == NnParser::RBRACE;
    openers.resize(depth - 1);
  }
  token->setTokenIndex(result.tokens.size());
  result.tokens.push_back(std::move(token));
  result.infos.push_back(info);
  return true;
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
    default:
      break;
    }
    if (result.tokens.size() >= maxTokens) {
      diagnostics.error(Code::FileTooLarge, range,
                        "the file has more than " + std::to_string(maxTokens) + " tokens");
      return std::nullopt;
    }
    if (!addToken(std::move(token), range))
      return std::nullopt;
    if (type == antlr4::Token::EOF)
      return std::move(result);
  }
}

std::optional<Tokens> lex(FileId file, const SourceManager &sources, Diagnostics &diagnostics) {
  return Scanner(file, sources, diagnostics).run();
}

} // namespace nnc::syntax
