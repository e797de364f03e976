// What version 0.1 wrote otherwise, with the spelling that took its place.
#include "compiler/syntax/Messages.h"

#include "NnParser.h"

namespace nnc::syntax {

namespace {

/// Looks at a token that the parser could not take, and at those around it.
class OldSpelling {
public:
  OldSpelling(const Tokens &tokens, const SourceManager &sources, size_t at,
              const antlr4::ParserRuleContext *context)
      : tokens(tokens), sources(sources), at(at), context(context) {}

  /// Fills in what follows; false where the token is nothing that 0.1 had.
  bool find();

  SourceRange range;
  std::string message, hint;

private:
  size_t type(int offset) const {
    size_t index = at + offset;
    return index < tokens.infos.size() ? tokens.infos[index].type : antlr4::Token::EOF;
  }
  llvm::StringRef text(int offset) const {
    size_t index = at + offset;
    return index < tokens.infos.size() ? sources.text(tokens.infos[index].range)
                                       : llvm::StringRef();
  }
  bool is(int offset, llvm::StringRef word) const {
    return type(offset) == NnParser::NAME && text(offset) == word;
  }
  /// Whether the token that lies so far from the one at hand begins a statement or a line.
  bool begins(int offset) const {
    size_t before = type(offset - 1);
    return before == NnParser::SEP || before == NnParser::LBRACE;
  }
  template <typename T> bool isInside() const {
    for (antlr4::tree::ParseTree const *node = context; node; node = node->parent)
      if (dynamic_cast<const T *>(node))
        return true;
    return false;
  }
  bool found(int offset, std::string what, std::string instead) {
    range = tokens.infos[at + offset].range;
    message = std::move(what);
    hint = std::move(instead);
    return true;
  }
  bool findInSection();
  bool findInOptimizer();

  const Tokens &tokens;
  const SourceManager &sources;
  size_t at;
  const antlr4::ParserRuleContext *context;
};

} // namespace

bool OldSpelling::findInSection() {
  if (type(-1) == NnParser::FOR && type(0) == NnParser::NAME)
    return found(0, "expected a pattern in quotes behind 'for', found '" + text(0).str() + "'",
                 is(0, "rest") ? "a line without 'for', below the others, has the other parameters"
                               : "a pattern of parameter names is a string: \"*.w\"");
  if (type(-1) == NnParser::AS && type(0) == NnParser::LPAREN)
    return found(-1, "unexpected 'as'",
                 "a column is renamed where it is named: 'data text(token, target: next)'");
  if (is(-1, "every") && type(0) == NnParser::INTEGER)
    return found(0, "expected ':' behind 'every', found '" + text(0).str() + "'",
                 "write 'every: " + text(0).str() + "'");
  if (!isInside<NnParser::DataDeclarationContext>() || type(-1) != NnParser::NAME || !begins(-1))
    return false;
  if (type(0) == NnParser::LBRACE)
    return found(0, "unexpected '{' behind '" + text(-1).str() + "'",
                 "the files of a part are arguments of their reader: '" + text(-1).str() +
                     " idx(image: \"...\")'");
  if (type(0) == NnParser::COLON)
    return found(0, "unexpected ':' behind '" + text(-1).str() + "'",
                 "columns stand in the header: 'data mnist(" + text(-1).str() +
                     ": u8[28, 28]) {'; 'u8 in 0..10' is 'index(10)'");
  return false;
}

bool OldSpelling::findInOptimizer() {
  if (!isInside<NnParser::OptimizerDeclarationContext>())
    return false;
  const std::string inputs = "(w: float[...s], g: float[...s])";
  if (context->getRuleIndex() == NnParser::RuleParameterList && type(-1) == NnParser::RPAREN &&
      (type(0) == NnParser::LBRACE || type(0) == NnParser::ASSIGN))
    return found(0, "expected the inputs of the optimizer, found '" + text(0).str() + "'",
                 "a parameter and its gradient are inputs: 'optimizer NAME(...)" + inputs +
                     " {'; it returns the new value");
  if (type(0) == NnParser::PARAM || (type(-1) == NnParser::PARAM && type(0) != NnParser::NAME))
    return found(type(0) == NnParser::PARAM ? 0 : -1, "'param' is no value",
                 "the parameter is an input of the optimizer: " + inputs);
  if (type(0) == NnParser::ASSIGN && type(-1) == NnParser::NAME && type(-2) == NnParser::STATE)
    return found(0, "expected ':' and the type of '" + text(-1).str() + "', found '='",
                 "write 'state " + text(-1).str() + ": float[...s] = zeros()', one to a line");
  return false;
}

bool OldSpelling::find() {
  if (is(-1, "buffer") && begins(-1) && type(0) == NnParser::NAME)
    return found(-1, "expected a statement, found 'buffer'",
                 "what is remembered and not trained is a 'state'");
  if (is(0, "schedule") && type(1) == NnParser::NAME && tokens.infos[at].brackets == 0)
    return found(0, "expected a declaration, found 'schedule'",
                 "a schedule is a function that is given the step: 'fn " + text(1).str() +
                     "(step: float, ...)'");
  if (type(-2) == NnParser::DATA && type(0) == NnParser::ASSIGN)
    return found(0, "expected the columns of '" + text(-1).str() + "', found '='",
                 "write 'data " + text(-1).str() +
                     "(image: u8[28, 28], label: index(10)) { train idx(image: \"...\", ...) }'");
  return findInSection() || findInOptimizer();
}

bool reportOldSpelling(const Tokens &tokens, const SourceManager &sources, Diagnostics &diagnostics,
                       size_t at, const antlr4::ParserRuleContext *context) {
  OldSpelling spelling(tokens, sources, at, context);
  if (!spelling.find())
    return false;
  diagnostics.error(Code::OldSpelling, spelling.range, spelling.message).suggest(spelling.hint);
  return true;
}

} // namespace nnc::syntax
