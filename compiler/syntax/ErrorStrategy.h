// How the parser goes on after an error: one report per mistake, then on to the next item.
#pragma once

#include "compiler/syntax/Lexing.h"

namespace nnc::syntax {

/// ANTLR's own recovery patches up each rule in turn, and reports what its patches break. This one
/// leaves every rule up to the nearest that may be skipped as a whole (a statement, a line of a
/// section, a parameter, a declaration), and finds the token where the next of its kind begins, by
/// brackets and ends of lines.
class ErrorStrategy : public antlr4::DefaultErrorStrategy {
public:
  ErrorStrategy(const Tokens &tokens, const SourceManager &sources, Diagnostics &diagnostics)
      : tokens(tokens), sources(sources), diagnostics(diagnostics) {}

  void reportError(antlr4::Parser *parser, const antlr4::RecognitionException &error) override;
  void recover(antlr4::Parser *parser, std::exception_ptr error) override;
  antlr4::Token *recoverInline(antlr4::Parser *parser) override;
  void sync(antlr4::Parser *parser) override;

private:
  size_t closerOfList(size_t at, size_t opener) const;
  void report(antlr4::Parser *parser, size_t at, antlr4::misc::IntervalSet expected,
              const antlr4::ParserRuleContext *context);
  void skipRest(antlr4::Parser *parser, size_t rule, size_t start);
  bool endsSkipping(size_t rule, size_t at, const TokenInfo &start) const;

  const Tokens &tokens;
  const SourceManager &sources;
  Diagnostics &diagnostics;
  size_t lastReported = SIZE_MAX;
  /// The decisions taken at the current token, each of which could have gone another way: together
  /// they say what else might have stood there.
  size_t decisionsAt = SIZE_MAX;
  std::vector<std::pair<size_t, antlr4::ParserRuleContext *>> decisions;
};

/// Thrown where further errors would not be shown: there is no point in reading on.
struct TooManyErrors {};

} // namespace nnc::syntax
