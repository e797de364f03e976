// Syntax errors in the words of the language.
#include "compiler/syntax/Messages.h"

#include "NnParser.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

using antlr4::misc::IntervalSet;

namespace nnc::syntax {

const std::vector<std::string> &declarationWords() {
  static const std::vector<std::string> words = {"import", "let",       "fn",   "layer",
                                                 "model",  "optimizer", "data", "train"};
  return words;
}

const std::vector<std::string> &statementWords() {
  static const std::vector<std::string> words = {"let",   "param", "state", "for",
                                                 "yield", "scan",  "if"};
  return words;
}

llvm::StringRef hintForWord(llvm::StringRef word) {
  return llvm::StringSwitch<llvm::StringRef>(word)
      .Case("return", "the last expression of a block is its value; there is no 'return'")
      .Cases({"def", "func", "function"}, "functions begin with 'fn'")
      .Cases({"class", "module"}, "layers begin with 'layer', models with 'model'")
      .Cases({"var", "const", "auto"}, "values are named with 'let'")
      .Cases({"elif", "elseif"}, "write 'else if'")
      .Case("lambda", "a function is declared: 'fn f(x: float[...s]) = 2 * x'")
      .Case("while", "'scan i in 0..n { ... }' is a loop at run time; 'for' is unrolled")
      .Default("");
}

static bool isDeclarationWord(size_t type) {
  switch (type) {
  case NnParser::IMPORT:
  case NnParser::FN:
  case NnParser::LAYER:
  case NnParser::MODEL:
  case NnParser::OPTIMIZER:
  case NnParser::DATA:
  case NnParser::TRAIN:
    return true;
  default:
    return false;
  }
}

/// Whether the token is a reserved word.
static bool isReserved(size_t type) { return type >= NnParser::LET && type <= NnParser::NOT; }

bool startsDeclaration(const TokenInfo &token) {
  return isDeclarationWord(token.type) ||
         (token.type == NnParser::LET && token.brackets == 0 && token.atLineStart);
}

std::string describe(const TokenInfo &token, const SourceManager &sources) {
  if (token.type == antlr4::Token::EOF)
    return "the end of the file";
  if (token.isLineEnd)
    return "the end of the line";
  llvm::StringRef text = sources.text(token.range);
  if (text.size() > 40)
    return token.type == NnParser::STRING ? "a string" : "'" + text.take_front(20).str() + "...'";
  bool isKeyword = isReserved(token.type) || isDeclarationWord(token.type);
  return (isKeyword ? "the keyword '" : "'") + text.str() + "'";
}

namespace {

constexpr llvm::StringLiteral pipeHint =
    "'|>' binds less tightly than any operator: put the pipe in parentheses";

/// One syntax error, on its way to a message.
class Report {
public:
  Report(const Tokens &tokens, const SourceManager &sources, Diagnostics &diagnostics, size_t at,
         const IntervalSet &expected, const antlr4::ParserRuleContext *context)
      : tokens(tokens), sources(sources), diagnostics(diagnostics), at(at), found(tokens.infos[at]),
        expected(expected), context(context) {}

  void run();

private:
  bool expects(size_t type) const { return expected.contains(type); }
  bool expectsExpression() const { return expects(NnParser::INTEGER); }
  /// The innermost open bracket, or null.
  const TokenInfo *opener() const {
    return found.opener == TokenInfo::noToken ? nullptr : &tokens.infos[found.opener];
  }
  std::vector<std::string> expectedWords() const;
  bool reportKnown();
  bool reportUnclosed();
  void reportOutsideDeclarations();
  std::string hint() const;
  std::string lineHint() const;
  std::string separatorHint() const;
  bool followsPipe() const;
  template <typename T> const T *ancestor() const;

  const Tokens &tokens;
  const SourceManager &sources;
  Diagnostics &diagnostics;
  size_t at;
  const TokenInfo &found;
  const IntervalSet &expected;
  const antlr4::ParserRuleContext *context;
};

} // namespace

static size_t closerOf(size_t openerType) {
  switch (openerType) {
  case NnParser::LPAREN:
    return NnParser::RPAREN;
  case NnParser::LBRACKET:
    return NnParser::RBRACKET;
  default:
    return NnParser::RBRACE;
  }
}

/// `'('`
static std::string quoted(const TokenInfo &token, const SourceManager &sources) {
  return "'" + sources.text(token.range).str() + "'";
}

static bool isCloser(size_t type) {
  return type == NnParser::RPAREN || type == NnParser::RBRACKET || type == NnParser::RBRACE;
}

static bool isBinaryOperator(size_t type) {
  return (type >= NnParser::PLUS && type <= NnParser::GREATER_EQUAL) || type == NnParser::PIPE ||
         type == NnParser::AS || type == NnParser::AND || type == NnParser::OR ||
         type == NnParser::DOTDOT;
}

/// Whether an expression may begin with this token.
static bool startsExpression(size_t type) {
  switch (type) {
  case NnParser::INTEGER:
  case NnParser::FLOAT:
  case NnParser::STRING:
  case NnParser::TRUE:
  case NnParser::FALSE:
  case NnParser::NAME:
  case NnParser::LPAREN:
  case NnParser::LBRACKET:
  case NnParser::IF:
  case NnParser::SCAN:
  case NnParser::MINUS:
  case NnParser::NOT:
    return true;
  default:
    return false;
  }
}

template <typename T> const T *Report::ancestor() const {
  for (antlr4::tree::ParseTree const *node = context; node; node = node->parent)
    if (auto *found = dynamic_cast<const T *>(node))
      return found;
  return nullptr;
}

/// What could stand here, as nouns. Operators are left out where there is anything else: they could
/// stand behind every operand.
std::vector<std::string> Report::expectedWords() const {
  std::vector<std::string> words;
  size_t rule = context->getRuleIndex();
  bool isType =
      rule == NnParser::RuleType || rule == NnParser::RuleResults || rule == NnParser::RuleResult;
  bool expression = expectsExpression(), isEnd = expects(NnParser::SEP), anyOperator = false;
  if (expression)
    words.push_back(expects(NnParser::LET) ? "a statement" : "an expression");
  bool operand = expects(NnParser::STAR);
  for (ssize_t element : expected.toList()) {
    size_t type = element;
    if (type == antlr4::Token::EPSILON)
      continue;
    if (operand && (isBinaryOperator(type) || type == NnParser::LPAREN ||
                    type == NnParser::LBRACKET || type == NnParser::DOT)) {
      anyOperator = true;
      continue;
    }
    if (expression &&
        (startsExpression(type) || (type >= NnParser::LET && type <= NnParser::YIELD)))
      continue;
    if (isEnd && (type == NnParser::SEP || type == NnParser::RBRACE || isDeclarationWord(type) ||
                  type == antlr4::Token::EOF || type == NnParser::GRADIENT ||
                  (operand && (type == NnParser::NAME || type == NnParser::LET))))
      continue;
    if (type == antlr4::Token::EOF)
      words.push_back("the end of the file");
    else if (type == NnParser::NAME)
      words.push_back(isType ? "a type" : "a name");
    else if (type == NnParser::STRING)
      words.push_back("a string");
    else if (isType && (type == NnParser::LPAREN || type == NnParser::LBRACKET))
      continue;
    else if (std::string literal = NnParser::literalName(type); !literal.empty())
      words.push_back(literal);
  }
  if (anyOperator && (words.empty() || isEnd))
    words.insert(words.begin(), "an operator");
  if (isEnd && (operand || words.empty()))
    words.push_back(rule == NnParser::RuleBlock ? "the end of the statement"
                                                : "the end of the line");
  return words;
}

/// What the elements of a list are called, by the rule that holds the list.
static std::string elementWord(size_t rule) {
  switch (rule) {
  case NnParser::RuleParameterList:
    return "a parameter";
  case NnParser::RuleResults:
    return "a result";
  case NnParser::RuleType:
    return "a dimension";
  case NnParser::RulePattern:
    return "a name";
  case NnParser::RuleTrainDeclaration:
    return "a model";
  default:
    return "an expression";
  }
}

static std::string join(const std::vector<std::string> &words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  return text;
}

/// A bracket that should have been closed by now. False where that is not the trouble.
bool Report::reportUnclosed() {
  if (!opener() || !expects(closerOf(opener()->type)))
    return false;
  bool isEnd = found.type == antlr4::Token::EOF || found.isLineEnd;
  bool startsStatement =
      found.firstOnLine && found.type >= NnParser::LET && found.type <= NnParser::YIELD;
  bool opensBlock = found.type == NnParser::LBRACE && opener()->type != NnParser::LBRACE;
  if (!isEnd && !startsStatement && !startsDeclaration(found) && !isCloser(found.type) &&
      !opensBlock)
    return false;
  if (opener()->type == NnParser::LBRACE && (found.isLineEnd || found.closesNothing))
    return false;
  std::string closer = NnParser::literalName(closerOf(opener()->type));
  diagnostics
      .error(Code::UnclosedBracket, found.range,
             "expected " + closer + " before " + describe(found, sources))
      .note(opener()->range, "to close this " + quoted(*opener(), sources));
  return true;
}

void Report::reportOutsideDeclarations() {
  std::string text = sources.text(found.range).str();
  if (isCloser(found.type)) {
    diagnostics.error(Code::ExpectedDeclaration, found.range, "this '" + text + "' closes nothing");
    return;
  }
  std::string hint = hintForWord(text).str();
  if (found.type == NnParser::SLASH)
    hint = "comments begin with '//'";
  else if (hint.empty())
    hint = lineHint();
  std::string near = nearest(text, declarationWords());
  if (hint.empty())
    hint = near.empty() ? "a file holds declarations: " + llvm::join(declarationWords(), ", ")
                        : "did you mean '" + near + "'?";
  diagnostics
      .error(Code::ExpectedDeclaration, found.range,
             "expected a declaration, found " + describe(found, sources))
      .suggest(hint);
}

/// Where a token opens a line that cannot begin with it: how to go on with the line above.
std::string Report::lineHint() const {
  if (at == 0 || !tokens.infos[at - 1].isLineEnd)
    return "";
  std::string text = quoted(found, sources);
  switch (found.type) {
  case NnParser::MINUS:
  case NnParser::LPAREN:
  case NnParser::LBRACKET:
    return "a " + text +
           " that opens a line begins a new value; put it at the end of the line above "
           "to go on";
  case NnParser::ASSIGN:
  case NnParser::COLON:
    return "put the " + text + " at the end of the line above";
  default:
    return "";
  }
}

/// The statement before the token should have ended: what may be missing between them.
std::string Report::separatorHint() const {
  const TokenInfo &before = tokens.infos[at - 1];
  std::string hint = hintForWord(sources.text(before.range)).str();
  if (hint.empty())
    hint = hintForWord(sources.text(found.range)).str();
  if (!hint.empty() || context->getRuleIndex() != NnParser::RuleBlock)
    return hint;
  std::string near =
      before.type == NnParser::NAME ? nearest(sources.text(before.range), statementWords()) : "";
  if (!near.empty())
    return "did you mean '" + near + "'?";
  if (!startsExpression(found.type) && !isReserved(found.type))
    return "";
  return found.type == NnParser::NAME
             ? "is a '|>' missing before it? Statements on one line are separated by ';'"
             : "statements on one line are separated by ';'";
}

/// Whether the expression before the token ends with a stage of a pipe.
bool Report::followsPipe() const {
  for (antlr4::tree::ParseTree const *node = context; node && !node->children.empty();) {
    node = node->children.back();
    if (dynamic_cast<const NnParser::StageContext *>(node))
      return true;
  }
  return false;
}

std::string Report::hint() const {
  bool isAssign = found.type == NnParser::ASSIGN, isColon = found.type == NnParser::COLON;
  if (std::string hint = lineHint(); !hint.empty())
    return hint;
  if (isColon && opener() && closerOf(opener()->type) == NnParser::RBRACKET)
    return "a range is written 'first..last'";
  if (isAssign && at > 1 && expects(NnParser::COLON) &&
      (tokens.infos[at - 2].type == NnParser::PARAM ||
       tokens.infos[at - 2].type == NnParser::STATE))
    return "it says its type: '" + sources.text(tokens.infos[at - 1].range).str() +
           ": f32[n] = zeros()'";
  if (isAssign && ancestor<NnParser::ArgumentsContext>())
    return "a named argument is written 'name: value'";
  if (isColon && expects(NnParser::ARROW))
    return "a result is written '-> name: type'";
  if (isColon && expects(NnParser::LBRACE))
    return "a body stands in braces: '{ ... }'";
  if (isAssign && at > 1 && isBinaryOperator(tokens.infos[at - 1].type) &&
      tokens.infos[at - 2].type == NnParser::NAME) {
    std::string name = sources.text(tokens.infos[at - 2].range).str();
    return "it is written out: '" + name + " = " + name + " " +
           sources.text(tokens.infos[at - 1].range).str() + " ...'";
  }
  if (found.type == NnParser::IF && !found.firstOnLine && expects(NnParser::STAR))
    return "a choice is written 'if condition { a } else { b }'";
  if (at > 0 && tokens.infos[at - 1].type == NnParser::IMPORT)
    return "an import names a file: 'import \"blocks.nn\"'; the library is there without one";
  if (at > 0 && tokens.infos[at - 1].type == NnParser::TRAIN && found.type == NnParser::LBRACE)
    return "it says which model it trains: 'train net { ... }'";
  if (isAssign && expects(NnParser::STAR))
    return "equality is written '=='";
  if (found.type == NnParser::RBRACKET && at > 0 && tokens.infos[at - 1].type == NnParser::DOTDOT)
    return "all of an axis is written ':'";
  if (at > 0 && found.type == NnParser::STAR && tokens.infos[at - 1].type == NnParser::STAR)
    return "a power is written '^'";
  if (found.type == NnParser::DOT ||
      (at > 0 && tokens.infos[at - 1].type == NnParser::DOT && found.type != NnParser::NAME))
    return "a number needs digits on both sides of its point: 0.5";
  if (isBinaryOperator(found.type) && found.type != NnParser::PIPE && followsPipe())
    return pipeHint.str();
  if (found.type == NnParser::NAME && expects(NnParser::COLON) &&
      ancestor<NnParser::ParameterListContext>())
    return "a type is written 'name: type'";
  if (found.type == NnParser::NAME && expects(NnParser::ARROW))
    return "a result is written '-> name: type'";
  if (expects(NnParser::SEP) && at > 0)
    return separatorHint();
  if (expects(NnParser::COMMA) && startsExpression(found.type) && !found.firstOnLine)
    return "a ',' is missing before it";
  return hintForWord(sources.text(found.range)).str();
}

/// Troubles that have a message of their own.
bool Report::reportKnown() {
  if (reportOldSpelling(tokens, sources, diagnostics, at, context) || reportUnclosed())
    return true;
  bool isSign = found.type == NnParser::ASSIGN || found.type == NnParser::COLON;
  if (isSign && at > 0 && tokens.infos[at - 1].isLineEnd) {
    diagnostics.error(Code::UnexpectedToken, found.range, "unexpected " + quoted(found, sources))
        .suggest(lineHint());
    return true;
  }
  if (isSign && at > 1 && ancestor<NnParser::SectionContext>() &&
      tokens.infos[at - 1].type == NnParser::NAME &&
      (tokens.infos[at - 2].type == NnParser::SEP ||
       tokens.infos[at - 2].type == NnParser::LBRACE)) {
    std::string key = sources.text(tokens.infos[at - 1].range).str();
    diagnostics
        .error(Code::UnexpectedToken, found.range,
               "unexpected " + quoted(found, sources) + " behind '" + key + "'")
        .suggest("a setting is written '" + key + " VALUE'");
    return true;
  }
  if (found.closesNothing && expects(NnParser::SEP) &&
      context->getRuleIndex() != NnParser::RuleFile) {
    diagnostics.error(Code::UnexpectedToken, found.range,
                      "this " + quoted(found, sources) + " closes nothing");
    return true;
  }
  return false;
}

void Report::run() {
  if (reportKnown())
    return;
  llvm::StringRef text = sources.text(found.range);
  // A comma that promised an element: the parser is still at the decision before it.
  size_t rule = context->getRuleIndex();
  bool afterComma =
      at > 0 && tokens.infos[at - 1].type == NnParser::COMMA && expects(NnParser::COMMA);
  bool wantsName = afterComma ? rule == NnParser::RuleParameterList || rule == NnParser::RulePattern
                              : expects(NnParser::NAME) && !expectsExpression();
  if (wantsName && isReserved(found.type) && !found.firstOnLine) {
    diagnostics.error(Code::ReservedWord, found.range,
                      "'" + text.str() + "' is a word of the language and cannot be a name");
    return;
  }
  bool begins = at == 0 || tokens.infos[at - 1].type == NnParser::SEP;
  if (rule == NnParser::RuleFile && (begins || isCloser(found.type)))
    return reportOutsideDeclarations();
  std::vector<std::string> words = expectedWords();
  if (afterComma)
    words = {elementWord(rule)};
  bool onlyExpression = words.size() == 1 && words.front() == "an expression";
  // Of a long list nobody learns what is wrong.
  std::string message =
      words.empty() || words.size() > 4 ? "unexpected " : "expected " + join(words) + ", found ";
  Diagnostic &error =
      diagnostics.error(onlyExpression ? Code::ExpectedExpression : Code::UnexpectedToken,
                        found.range, message + describe(found, sources));
  if (opener() && found.type == antlr4::Token::EOF)
    error.note(opener()->range, "inside this " + quoted(*opener(), sources));
  error.suggest(hint());
}

void reportUnexpected(const Tokens &tokens, const SourceManager &sources, Diagnostics &diagnostics,
                      size_t at, const IntervalSet &expected,
                      const antlr4::ParserRuleContext *context) {
  Report(tokens, sources, diagnostics, at, expected, context).run();
}

} // namespace nnc::syntax
