// Which ends of lines end a statement, which words begin a declaration, and what is open around
// each token.
//
// The end of a line ends a statement as `;` does, but not inside ( ) and [ ], not where the line
// cannot be at an end (`x +`) and not where the next one cannot be at a beginning (`|> relu`). A
// `(`, `[` or `-` that opens a line begins something new.
//
// `fn`, `model`, `data` and their like may be names. They begin a declaration where one may stand:
// outside all brackets, behind the end of a statement.
#include "compiler/syntax/Lexing.h"

#include "compiler/syntax/Limits.h"
#include "compiler/syntax/Messages.h"
#include "compiler/syntax/Nesting.h"
#include "compiler/syntax/Tokens.h"

#include "NnParser.h"

#include "llvm/ADT/StringSwitch.h"

using antlr4::CommonToken;

namespace nnc::syntax {

/// The type of a word where it begins a declaration, or 0.
static size_t declarationWord(llvm::StringRef text) {
  return llvm::StringSwitch<size_t>(text)
      .Case("import", NnParser::IMPORT)
      .Case("fn", NnParser::FN)
      .Case("layer", NnParser::LAYER)
      .Case("model", NnParser::MODEL)
      .Case("optimizer", NnParser::OPTIMIZER)
      .Case("data", NnParser::DATA)
      .Case("train", NnParser::TRAIN)
      .Default(0);
}

/// Whether what ends with this token goes on in the next line.
static bool expectsMore(size_t type) {
  switch (type) {
  case NnParser::LPAREN:
  case NnParser::LBRACKET:
  case NnParser::LBRACE:
  case NnParser::COMMA:
  case NnParser::COLON:
  case NnParser::ASSIGN:
  case NnParser::ARROW:
  case NnParser::PIPE:
  case NnParser::AND:
  case NnParser::OR:
  case NnParser::NOT:
  case NnParser::AS:
  case NnParser::IN:
  case NnParser::ELSE:
    return true;
  default:
    return type >= NnParser::DOTDOT && type <= NnParser::GREATER_EQUAL; // the operators
  }
}

/// Whether a line that begins with this token goes on with the line above.
static bool continues(size_t type) {
  switch (type) {
  case NnParser::RPAREN:
  case NnParser::RBRACKET:
  case NnParser::LBRACE:
  case NnParser::RBRACE:
  case NnParser::COMMA:
  case NnParser::ARROW:
  case NnParser::PIPE:
  case NnParser::AND:
  case NnParser::OR:
  case NnParser::AS:
  case NnParser::ELSE:
    return true;
  case NnParser::DOT: // part of a number that lacks a digit
  case NnParser::MINUS:
    return false;
  default:
    return type >= NnParser::DOTDOT && type <= NnParser::GREATER_EQUAL;
  }
}

static bool isDeclarationWord(size_t type) {
  return type >= NnParser::IMPORT && type <= NnParser::TRAIN;
}

/// Whether a statement begins with this word, and nothing else contains it.
static bool isStatementWord(size_t type) {
  return type >= NnParser::LET && type <= NnParser::YIELD;
}

namespace {

class LineFilter {
public:
  /// `mends`: takes words at the beginning of lines for a sign of brackets that were forgotten.
  LineFilter(const Tokens &raw, const SourceManager &sources, bool mends)
      : raw(raw), sources(sources), mends(mends) {}

  /// False where a limit is exceeded: `status` and `at` say which, and where.
  bool run();
  bool isUnbalanced() const { return passesOver || hasStrayBrace || !openers.empty(); }

  std::vector<TokenInfo> infos;
  std::vector<size_t> origin;             ///< by index in `infos`: the token in `raw`, or noOrigin
  std::vector<SourceRange> missingBraces; ///< where a `{` was put that nobody wrote
  Nesting::Status status = Nesting::Status::Fine;
  static constexpr size_t noOrigin = SIZE_MAX;

private:
  bool add(TokenInfo info, size_t from);
  bool endsStatement(const TokenInfo &next) const;
  bool isSecondList(const TokenInfo &next) const;
  void classify(TokenInfo &info, size_t index) const;
  bool startsLikeDeclaration(size_t index) const;
  bool startsLikeLine(size_t index) const;
  size_t toBlock() const;
  size_t forgotten(size_t index) const;
  size_t matching(size_t closer) const;
  size_t openerType(size_t depth) const { return infos[openers[depth - 1]].type; }

  const Tokens &raw;
  const SourceManager &sources;
  bool mends;
  Nesting nesting;
  std::vector<uint32_t> openers; ///< indexes of the open brackets
  uint32_t braces = 0;           ///< `{` among them
  bool passesOver = false;       ///< a bracket was closed before one inside it
  bool hasStrayBrace = false;    ///< a `}` closes nothing
  size_t declared = 0;           ///< the word of the declaration at hand, until its body begins
  uint32_t lastOpener = TokenInfo::noToken; ///< of the bracket closed last
};

} // namespace

/// The number of open brackets down to the one that a closer of this type closes: brackets inside
/// that one were forgotten. 0 where it closes nothing. A brace is not forgotten as easily as other
/// brackets.
size_t LineFilter::matching(size_t closer) const {
  if (!isCloser(closer))
    return 0;
  for (size_t depth = openers.size(); depth > 0; --depth) {
    size_t opener = openerType(depth);
    bool isBrace = opener == NnParser::LBRACE;
    if (closer == (opener == NnParser::LPAREN ? NnParser::RPAREN
                   : isBrace                  ? NnParser::RBRACE
                                              : NnParser::RBRACKET))
      return depth;
    if (isBrace)
      return 0;
  }
  return 0;
}

/// `fn name`, in the first column.
bool LineFilter::startsLikeDeclaration(size_t index) const {
  const TokenInfo &token = raw.infos[index];
  if (!token.atLineStart || token.type != NnParser::NAME)
    return false;
  size_t word = declarationWord(sources.text(token.range));
  size_t next = raw.infos[index + 1].type;
  return word && next == (word == NnParser::IMPORT ? NnParser::STRING : NnParser::NAME);
}

/// `name = `, `batch 32`: what begins a statement or a setting, and stands in no brackets.
bool LineFilter::startsLikeLine(size_t index) const {
  if (raw.infos[index].type != NnParser::NAME)
    return false;
  const TokenInfo &next = raw.infos[index + 1];
  switch (next.type) {
  case NnParser::NAME:
    return !next.firstOnLine && sources.text(next.range) != "over";
  case NnParser::ASSIGN:
  case NnParser::INTEGER:
  case NnParser::FLOAT:
  case NnParser::STRING:
  case NnParser::TRUE:
  case NnParser::FALSE:
    return !next.firstOnLine;
  default:
    return false;
  }
}

/// The number of brackets that are open inside the innermost block.
size_t LineFilter::toBlock() const {
  size_t count = 0;
  while (count < openers.size() && openerType(openers.size() - count) != NnParser::LBRACE)
    ++count;
  return count;
}

/// How many brackets seem to be open by mistake before this token: those inside its block before a
/// statement, and all before a declaration.
size_t LineFilter::forgotten(size_t index) const {
  const TokenInfo &token = raw.infos[index];
  if (!mends || !token.firstOnLine || openers.empty())
    return 0;
  if (isStatementWord(token.type))
    return toBlock();
  if (startsLikeDeclaration(index))
    return openers.size();
  return startsLikeLine(index) ? toBlock() : 0;
}

/// The `(` of a layer's inputs, under its settings.
bool LineFilter::isSecondList(const TokenInfo &next) const {
  if (next.type != NnParser::LPAREN || !openers.empty() || infos.back().type != NnParser::RPAREN ||
      lastOpener == TokenInfo::noToken || lastOpener < 2)
    return false;
  size_t word = infos[lastOpener - 2].type;
  return word == NnParser::LAYER || word == NnParser::MODEL || word == NnParser::OPTIMIZER;
}

/// Whether the end of the line before `next` ends a statement.
bool LineFilter::endsStatement(const TokenInfo &next) const {
  if (!next.firstOnLine || infos.empty() || next.type == antlr4::Token::EOF)
    return false;
  if (!openers.empty() && openerType(openers.size()) != NnParser::LBRACE)
    return false;
  size_t last = infos.back().type;
  if (last == NnParser::SEP || continues(next.type) || isSecondList(next))
    return false;
  // Where more was to come, these show that it is missing.
  if (isStatementWord(next.type) || startsDeclaration(next))
    return last != NnParser::LBRACE;
  return !expectsMore(last) && next.type != NnParser::GRADIENT;
}

/// Gives a word outside all brackets its type.
void LineFilter::classify(TokenInfo &info, size_t index) const {
  if (info.type != NnParser::NAME || !openers.empty())
    return;
  llvm::StringRef text = sources.text(info.range);
  bool afterOperand = !infos.empty() && endsOperand(infos.back().type);
  // `fn f(x) = sign(x) gradient(dy) = ...`: there it can be nothing else.
  if (text == "gradient" && afterOperand)
    info.type = NnParser::GRADIENT;
  // Where the line above lacks an end, two names in a row can be nothing else.
  else if (infos.empty() || infos.back().type == NnParser::SEP ||
           (info.firstOnLine && (!expectsMore(infos.back().type) || startsLikeDeclaration(index))))
    if (size_t word = declarationWord(text))
      info.type = word;
}

bool LineFilter::add(TokenInfo info, size_t from) {
  if (info.opener == TokenInfo::noToken && !openers.empty())
    info.opener = openers.back();
  info.braces = braces;
  info.brackets = openers.size();
  size_t closes = matching(info.type);
  if (closes)
    info.brackets = closes;
  info.closesNothing = !closes && isCloser(info.type);
  hasStrayBrace |= info.closesNothing && info.type == NnParser::RBRACE;
  if (openers.empty()) {
    if (isDeclarationWord(info.type))
      declared = info.type;
    else if (info.type == NnParser::LBRACE || info.type == NnParser::ASSIGN ||
             info.type == NnParser::SEP)
      declared = 0;
  }
  passesOver |= closes != 0 && closes != openers.size();
  status = nesting.add(info.type);
  if (info.type == NnParser::LPAREN || info.type == NnParser::LBRACKET ||
      info.type == NnParser::LBRACE) {
    openers.push_back(infos.size());
    braces += info.type == NnParser::LBRACE;
  } else if (closes) {
    lastOpener = openers[closes - 1];
    braces -= info.type == NnParser::RBRACE;
    openers.resize(closes - 1);
  }
  infos.push_back(info);
  origin.push_back(from);
  return status == Nesting::Status::Fine;
}

bool LineFilter::run() {
  for (size_t i = 0; i < raw.infos.size(); ++i) {
    TokenInfo info = raw.infos[i];
    if (size_t count = forgotten(i)) {
      info.opener = openers.back();
      for (; count > 0; --count) {
        braces -= openerType(openers.size()) == NnParser::LBRACE;
        openers.pop_back();
        nesting.close();
      }
    }
    classify(info, i);
    if (endsStatement(info)) {
      TokenInfo sep;
      bool lacksBrace = mends && declared && declared != NnParser::IMPORT && openers.empty() &&
                        !info.atLineStart && info.type != NnParser::ASSIGN;
      sep.type = lacksBrace ? NnParser::LBRACE : NnParser::SEP;
      sep.isLineEnd = !lacksBrace;
      sep.afterBadText = info.afterBadText;
      uint32_t end = infos.back().range.end;
      sep.range = {info.range.file, end, end};
      sep.opener = info.opener;
      if (lacksBrace) {
        missingBraces.push_back(sep.range);
        info.type = raw.infos[i].type; // inside, it is a name
      }
      if (!add(sep, noOrigin))
        return false;
    }
    if (!add(info, i))
      return false;
  }
  return true;
}

static void reportLimit(Nesting::Status status, SourceRange range, Diagnostics &diagnostics) {
  bool brackets = status == Nesting::Status::TooManyBrackets;
  std::string message =
      brackets ? "brackets are nested more than " + std::to_string(maxNesting) + " deep"
               : "this expression is more than " + std::to_string(maxDepth) + " operators deep";
  diagnostics.error(Code::NestingTooDeep, range, message)
      .suggest(brackets ? "" : "name a part of it with 'let'");
}

bool settleLines(Tokens &tokens, const SourceManager &sources, Diagnostics &diagnostics) {
  // Where all brackets are closed, nothing is guessed.
  LineFilter strict(tokens, sources, /*mends=*/false);
  LineFilter mending(tokens, sources, /*mends=*/true);
  bool fine = strict.run();
  LineFilter &filter = fine && !strict.isUnbalanced() ? strict : mending;
  if (&filter == &mending && !mending.run()) {
    reportLimit(mending.status, mending.infos.back().range, diagnostics);
    return false;
  }
  for (SourceRange brace : filter.missingBraces)
    diagnostics.error(Code::UnexpectedToken, brace, "expected '{', found the end of the line");
  std::vector<std::unique_ptr<antlr4::Token>> settled;
  for (size_t i = 0; i < filter.infos.size(); ++i) {
    std::unique_ptr<antlr4::Token> token;
    if (filter.origin[i] == LineFilter::noOrigin)
      token = std::make_unique<CommonToken>(static_cast<size_t>(NnParser::SEP));
    else
      token = std::move(tokens.tokens[filter.origin[i]]);
    auto &common = static_cast<CommonToken &>(*token);
    bool isCast = i > 1 && filter.infos[i].type == NnParser::LPAREN &&
                  filter.infos[i - 1].type == NnParser::NAME &&
                  filter.infos[i - 2].type == NnParser::AS;
    common.setType(isCast ? NnParser::CAST_PAREN : filter.infos[i].type);
    common.setTokenIndex(i);
    settled.push_back(std::move(token));
  }
  tokens.tokens = std::move(settled);
  tokens.infos = std::move(filter.infos);
  return true;
}

} // namespace nnc::syntax
