// Runs the parser: first in ANTLR's fast SLL mode, and again in LL mode, with reports, where that
// fails.
#include "compiler/syntax/Parser.h"

#include "compiler/syntax/Builder.h"
#include "compiler/syntax/ErrorStrategy.h"

namespace nnc {

using namespace syntax;

static std::unique_ptr<ast::File>
parseTokens(FileId file, Tokens &tokens, const SourceManager &sources, Diagnostics &diagnostics) {
  antlr4::ListTokenSource source(std::move(tokens.tokens));
  antlr4::CommonTokenStream stream(&source);
  NnParser parser(&stream);
  parser.removeErrorListeners();
  parser.getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(
      antlr4::atn::PredictionMode::SLL);
  parser.setErrorHandler(std::make_shared<antlr4::BailErrorStrategy>());
  NnParser::FileContext *tree;
  try {
    tree = parser.file();
  } catch (antlr4::ParseCancellationException &) {
    stream.seek(0);
    parser.reset();
    parser.getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(
        antlr4::atn::PredictionMode::LL);
    parser.setErrorHandler(std::make_shared<ErrorStrategy>(tokens, sources, diagnostics));
    tree = parser.file();
  }
  return Builder(file, tokens, sources, diagnostics).file(tree);
}

std::unique_ptr<ast::File> parse(FileId file, const SourceManager &sources,
                                 Diagnostics &diagnostics) {
  auto empty = std::make_unique<ast::File>();
  empty->id = file;
  if (!checkText(file, sources, diagnostics))
    return empty;
  std::optional<Tokens> tokens = lex(file, sources, diagnostics);
  if (!tokens)
    return empty;
  try {
    return parseTokens(file, *tokens, sources, diagnostics);
  } catch (TooManyErrors &) {
    return empty;
  }
}

} // namespace nnc
