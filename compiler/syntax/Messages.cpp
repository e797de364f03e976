// Syntax errors in the words of the language.
#include "compiler/syntax/Messages.h"

#include "NnParser.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

using antlr4::misc::IntervalSet;

namespace nnc::syntax {

const std::vector<std::string> &declarationWords() {
  static const std::vector<std::string> words = {"import",    "fn",       "layer", "model",
                                                 "optimizer", "schedule", "data",  "train"};
  return words;
}

const std::vector<std::string> &statementWords() {
  static const std::vector<std::string> words = {"let", "param", "buffer", "state", "for", "if"};
  return words;
}

llvm::StringRef hintForWord(llvm::StringRef word) {
  return llvm::StringSwitch<llvm::StringRef>(word)
      .Case("return", "the last expression of a block is its value; there is no 'return'")
      .Cases({"def", "func", "function"}, "functions begin with 'fn'")
      .Cases({"class", "module"}, "layers begin with 'layer', models with 'model'")
      .Cases({"var", "const", "auto"}, "values are named with 'let'")
      .Cases({"elif", "elseif"}, "write 'else if'")
      .Case("and", "'and' is written '&&'")
      .Case("or", "'or' is written '||'")
      .Case("not", "'not' is written '!'")
      .Default("");
}

bool startsDeclaration(const TokenInfo &token) {
  return token.type >= NnParser::IMPORT && token.type <= NnParser::TRAIN && token.firstOnLine &&
         (token.atLineStart || token.brackets == 0);
}

std::string describe(const TokenInfo &token, const SourceManager &sources) {
  if (token.type == antlr4::Token::EOF)
    return "the end of the file";
  llvm::StringRef text = sources.text(token.range);
  if (text.size() > 40)
    return token.type == NnParser::STRING ? "a string" : "'" + text.take_front(20).str() + "...'";
  bool isKeyword = token.type >= NnParser::IMPORT && token.type <= NnParser::RESERVED;
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
  bool reportUnclosed();
  void reportOutsideDeclarations();
  std::string hint() const;
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
  case NnParser::CALL_PAREN:
    return NnParser::RPAREN;
  case NnParser::LBRACKET:
  case NnParser::INDEX_BRACKET:
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
  return (type >= NnParser::PLUS && type <= NnParser::OR && type != NnParser::NOT) ||
         type == NnParser::PIPE || type == NnParser::AS;
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
  case NnParser::PARAM:
  case NnParser::LPAREN:
  case NnParser::LBRACKET:
  case NnParser::IF:
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
  bool isType = context->getRuleIndex() == NnParser::RuleType ||
                context->getRuleIndex() == NnParser::RuleResults ||
                context->getRuleIndex() == NnParser::RuleResult;
  bool expression = expectsExpression(), anyOperator = false;
  if (expression)
    words.push_back(expects(NnParser::LET) ? "a statement" : "an expression");
  bool operand = expects(NnParser::STAR);
  for (ssize_t element : expected.toList()) {
    size_t type = element;
    if (type == antlr4::Token::EPSILON)
      continue;
    if (operand && (isBinaryOperator(type) || type == NnParser::CALL_PAREN ||
                    type == NnParser::INDEX_BRACKET)) {
      anyOperator = true;
      continue;
    }
    if (expression && (startsExpression(type) || (type >= NnParser::LET && type <= NnParser::FOR)))
      continue;
    if (type == NnParser::SEMICOLON || type == NnParser::EVERY)
      continue;
    if (type == antlr4::Token::EOF)
      words.push_back("the end of the file");
    else if (type == NnParser::NAME)
      words.push_back(isType ? "a type" : "a name");
    else if (type == NnParser::STRING)
      words.push_back("a string");
    else if (isType && type == NnParser::LPAREN)
      continue;
    else {
      std::string literal = NnParser::literalName(type);
      if (literal.empty()) // made by the scanner
        literal = type == NnParser::CALL_PAREN ? "'('" : "'['";
      if (!llvm::is_contained(words, literal))
        words.push_back(literal);
    }
  }
  if (words.empty() && anyOperator)
    words.push_back("an operator");
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
  case NnParser::RuleLetStatement:
  case NnParser::RuleBindings:
    return "a name";
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
  bool isEnd = found.type == antlr4::Token::EOF;
  bool startsStatement = found.firstOnLine && found.type >= NnParser::LET &&
                         found.type <= NnParser::FOR && found.type != NnParser::PARAM;
  if (!isEnd && !startsStatement && !startsDeclaration(found) && !isCloser(found.type))
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
  else if (isBinaryOperator(found.type) && followsPipe())
    hint = pipeHint.str();
  std::string near = nearest(text, declarationWords());
  if (hint.empty())
    hint = near.empty() ? "a file holds declarations: " + llvm::join(declarationWords(), ", ")
                        : "did you mean '" + near + "'?";
  diagnostics
      .error(Code::ExpectedDeclaration, found.range,
             "expected a declaration, found " + describe(found, sources))
      .suggest(hint);
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
  if (isAssign || isColon) {
    auto *setting = ancestor<NnParser::SettingContext>();
    if (setting && setting->start->getTokenIndex() + 1 == at)
      return "a setting is written without '" + sources.text(found.range).str() + "'";
    if (isColon && opener() && closerOf(opener()->type) == NnParser::RBRACKET)
      return "a range is written 'first..last'";
    if (isAssign && ancestor<NnParser::ArgumentsContext>())
      return "a named argument is written 'name: value'";
    if (isAssign && expects(NnParser::STAR))
      return "equality is written '=='";
  }
  if (at > 0 && found.type == NnParser::STAR && tokens.infos[at - 1].type == NnParser::STAR)
    return "a power is written '^'";
  if (isBinaryOperator(found.type) && found.type != NnParser::PIPE && followsPipe())
    return pipeHint.str();
  if (found.type == NnParser::NAME && expects(NnParser::COLON) &&
      ancestor<NnParser::ParameterListContext>())
    return "a type is written 'name: type'";
  if (found.type == NnParser::NAME && expects(NnParser::ARROW))
    return "a result is written '-> name: type'";
  if (expects(NnParser::COMMA) && startsExpression(found.type) && !found.firstOnLine)
    return "a ',' is missing before it";
  if (expects(NnParser::NAME) && !expectsExpression() && found.type >= NnParser::IMPORT &&
      found.type <= NnParser::AS)
    return "'" + sources.text(found.range).str() +
           "' is a word of the language and cannot be a name";
  return hintForWord(sources.text(found.range)).str();
}

void Report::run() {
  llvm::StringRef text = sources.text(found.range);
  if (found.type == NnParser::RESERVED || (found.type == NnParser::NAME && text == "with")) {
    diagnostics
        .error(Code::ReservedWord, found.range,
               "'" + text.str() + "' is reserved for a later version of the language")
        .suggest(text == "scan" || text == "while"
                     ? "'for i in 0..n { ... }' is there, unrolled at compile time"
                     : "");
    return;
  }
  if (reportUnclosed())
    return;
  if (context->getRuleIndex() == NnParser::RuleFile)
    return reportOutsideDeclarations();
  std::vector<std::string> words = expectedWords();
  // A comma that promised an element: the parser is still at the decision before it.
  bool afterComma =
      at > 0 && tokens.infos[at - 1].type == NnParser::COMMA && expects(NnParser::COMMA);
  if (afterComma)
    words = {elementWord(context->getRuleIndex())};
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
