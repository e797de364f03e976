// Recovery from syntax errors.
#include "compiler/syntax/ErrorStrategy.h"

#include "compiler/syntax/Messages.h"

#include "NnParser.h"

using antlr4::misc::IntervalSet;

namespace nnc::syntax {

/// More than a person reads; Diagnostics shows fewer.
static constexpr size_t maxErrors = 100;

void ErrorStrategy::report(antlr4::Parser *parser, size_t at, IntervalSet expected,
                           const antlr4::ParserRuleContext *context) {
  // A `=` that opens a line is the trouble itself.
  size_t next = at + 1;
  if (tokens.infos[at].isLineEnd &&
      (tokens.infos[next].type == NnParser::ASSIGN || tokens.infos[next].type == NnParser::COLON))
    at = next;
  // A second trouble at one token follows from the first; so does one right behind text that was
  // dropped.
  if (at == lastReported)
    return;
  lastReported = at;
  if (tokens.infos[at].afterBadText)
    return;
  if (diagnostics.errorCount() >= maxErrors)
    throw TooManyErrors();
  if (decisionsAt == at)
    for (auto [state, ruleContext] : decisions)
      expected.addAll(parser->getATN().getExpectedTokens(state, ruleContext));
  reportUnexpected(tokens, sources, diagnostics, at, expected, context);
}

void ErrorStrategy::reportError(antlr4::Parser *parser, const antlr4::RecognitionException &error) {
  if (inErrorRecoveryMode(parser))
    return; // on its way up through the rules
  beginErrorCondition(parser);
  report(parser, error.getOffendingToken()->getTokenIndex(), error.getExpectedTokens(),
         parser->getContext());
}

/// The index of the token that closes the list at hand, if that is still to come; else noToken.
size_t ErrorStrategy::closerOfList(size_t at, size_t opener) const {
  for (; at < tokens.infos.size(); ++at) {
    const TokenInfo &token = tokens.infos[at];
    if (token.type == NnParser::RPAREN && token.opener == opener)
      return at;
    if (token.braces != tokens.infos[opener].braces || startsDeclaration(token) || token.isLineEnd)
      break;
  }
  return TokenInfo::noToken;
}

/// A missing comma is mended on the spot, by passing over the rest of its list, so that nothing
/// else is lost; so is a bracket that was not closed.
antlr4::Token *ErrorStrategy::recoverInline(antlr4::Parser *parser) {
  antlr4::ParserRuleContext *context = parser->getContext();
  antlr4::TokenStream *stream = parser->getTokenStream();
  const IntervalSet &wanted =
      parser->getATN().nextTokens(parser->getATN().states[parser->getState()]);
  size_t at = stream->index(), rule = context->getRuleIndex();
  bool isList = rule == NnParser::RuleArguments || rule == NnParser::RuleParameterList;
  if (isList && wanted.contains(static_cast<size_t>(NnParser::RPAREN))) {
    size_t closer = closerOfList(at, context->start->getTokenIndex());
    if (closer != TokenInfo::noToken) {
      report(parser, at, wanted, context);
      while (stream->index() < closer)
        stream->consume();
      antlr4::Token *token = parser->getCurrentToken();
      parser->consume();
      return token;
    }
  }
  bool isBlock = rule == NnParser::RuleBlock || rule == NnParser::RuleSection;
  if (isBlock && wanted.contains(static_cast<size_t>(NnParser::RBRACE)) &&
      (stream->LA(1) == antlr4::Token::EOF || startsDeclaration(tokens.infos[at]))) {
    report(parser, at, wanted, context);
    return getMissingSymbol(parser);
  }
  throw antlr4::InputMismatchException(parser);
}

void ErrorStrategy::recover(antlr4::Parser *parser, std::exception_ptr error) {
  antlr4::ParserRuleContext *context = parser->getContext();
  switch (context->getRuleIndex()) {
  case NnParser::RuleFile:
  case NnParser::RuleDeclaration:
  case NnParser::RuleStatement:
  case NnParser::RuleEntry:
  case NnParser::RuleParameter:
    skipRest(parser, context->getRuleIndex(), context->start->getTokenIndex());
    endErrorCondition(parser);
    return;
  case NnParser::RuleParameterList:
  case NnParser::RuleArguments: {
    // What comes behind the list can still be read.
    antlr4::TokenStream *stream = parser->getTokenStream();
    size_t opener = context->start->getTokenIndex(), closer = closerOfList(stream->index(), opener);
    if (tokens.infos[opener].type != NnParser::LPAREN || closer == TokenInfo::noToken)
      std::rethrow_exception(error);
    while (stream->index() <= closer)
      stream->consume();
    endErrorCondition(parser);
    return;
  }
  default:
    std::rethrow_exception(error);
  }
}

void ErrorStrategy::sync(antlr4::Parser *parser) {
  size_t at = parser->getTokenStream()->index();
  if (decisionsAt != at) {
    decisions.clear();
    decisionsAt = at;
  }
  antlr4::ParserRuleContext *context = parser->getContext();
  decisions.emplace_back(parser->getState(), context);

  size_t rule;
  switch (context->getRuleIndex()) {
  case NnParser::RuleFile:
    rule = NnParser::RuleDeclaration;
    break;
  case NnParser::RuleBlock:
    rule = NnParser::RuleStatement;
    break;
  case NnParser::RuleSection:
    rule = NnParser::RuleEntry;
    break;
  default:
    return;
  }
  antlr4::atn::ATNState *state = parser->getATN().states[parser->getState()];
  if (state->getStateType() != antlr4::atn::ATNState::STAR_LOOP_ENTRY &&
      state->getStateType() != antlr4::atn::ATNState::STAR_LOOP_BACK)
    return;
  // What is neither an item nor the end of the list is reported and skipped.
  const IntervalSet &wanted = parser->getATN().nextTokens(state);
  while (!wanted.contains(parser->getTokenStream()->LA(1))) {
    at = parser->getTokenStream()->index();
    const TokenInfo &token = tokens.infos[at];
    if (token.type == antlr4::Token::EOF ||
        (rule != NnParser::RuleDeclaration && startsDeclaration(token)))
      return;
    report(parser, at, wanted, context);
    skipRest(parser, rule, at);
  }
}

/// Whether skipping, in an item of kind `rule` that begins with `start`, ends before token `at`.
bool ErrorStrategy::endsSkipping(size_t rule, size_t at, const TokenInfo &start) const {
  const TokenInfo &token = tokens.infos[at];
  if (token.type == antlr4::Token::EOF || startsDeclaration(token))
    return true;
  if (rule == NnParser::RuleDeclaration || rule == NnParser::RuleFile)
    return false;
  if (token.type == NnParser::RBRACE && token.braces <= start.braces)
    return true;
  if (rule == NnParser::RuleParameter)
    return token.brackets <= start.brackets &&
           (token.type == NnParser::COMMA || token.type == NnParser::RPAREN ||
            token.type == NnParser::LBRACE || token.isLineEnd);
  return token.type == NnParser::SEP && token.brackets <= start.brackets;
}

void ErrorStrategy::skipRest(antlr4::Parser *parser, size_t rule, size_t start) {
  antlr4::TokenStream *stream = parser->getTokenStream();
  // At least one token goes: whatever reads on must not find itself where it was.
  while (stream->LA(1) != antlr4::Token::EOF &&
         (stream->index() == start || !endsSkipping(rule, stream->index(), tokens.infos[start])))
    stream->consume();
}

} // namespace nnc::syntax
