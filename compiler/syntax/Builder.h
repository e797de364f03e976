// Turns ANTLR's parse tree into the AST, and checks what the grammar leaves open.
#pragma once

#include "compiler/syntax/Lexing.h"

#include "NnParser.h"

namespace nnc::syntax {

/// Trees with errors are as good as any: contexts may be null, or lack children. What is missing
/// becomes an ErrorExpr or an empty name, and is not reported again.
class Builder {
public:
  Builder(FileId file, const Tokens &tokens, const SourceManager &sources, Diagnostics &diagnostics)
      : fileId(file), tokens(tokens), sources(sources), diagnostics(diagnostics) {}

  std::unique_ptr<ast::File> file(NnParser::FileContext *context);

private:
  using Context = antlr4::ParserRuleContext;
  using Terminal = antlr4::tree::TerminalNode;

  // Ranges and names.
  const TokenInfo &info(const antlr4::Token *token) const {
    return tokens.infos[token->getTokenIndex()];
  }
  SourceRange range(const Context *context) const;
  SourceRange range(Terminal *terminal) const { return info(terminal->getSymbol()).range; }
  SourceRange between(SourceRange first, SourceRange last) const {
    return {fileId, first.begin, last.end};
  }
  ast::Name name(Terminal *terminal) const;
  std::vector<ast::Name> names(const std::vector<Terminal *> &terminals) const;
  ast::StringExpr string(Terminal *terminal);

  // Declarations.
  std::unique_ptr<ast::Declaration> declaration(NnParser::DeclarationContext *context);
  template <typename Node, typename RuleContext>
  std::unique_ptr<Node> callable(RuleContext *context);
  void fillSignature(ast::Callable &callable,
                     const std::vector<NnParser::ParameterListContext *> &lists, bool lastIsInputs);
  void fillResults(ast::Callable &callable, NnParser::ResultsContext *context);
  void fillBody(ast::Callable &callable, NnParser::BodyContext *context, const ast::Name &name);
  ast::Parameter parameter(NnParser::ParameterContext *context);
  ast::TypeExpr type(NnParser::TypeContext *context);
  ast::DimExpr dimension(NnParser::DimensionContext *context);
  std::string documentation(const TokenInfo &first, uint32_t after) const;

  // Data sets and recipes.
  std::unique_ptr<ast::Declaration> data(NnParser::DataDeclarationContext *context);
  ast::DataField dataField(NnParser::DataFieldContext *context);
  ast::DataSplit dataSplit(NnParser::DataSplitContext *context);
  std::unique_ptr<ast::Declaration> train(NnParser::TrainDeclarationContext *context);
  ast::Setting setting(NnParser::SettingContext *context);
  ast::SettingEntry furtherEntry(NnParser::FurtherEntryContext *context);
  void select(ast::SettingEntry &entry, NnParser::SelectorContext *context);

  // Statements. `wantsValue`: whether the block must end with its value.
  std::unique_ptr<ast::Block> block(NnParser::BlockContext *context, bool wantsValue,
                                    llvm::StringRef what);
  void item(ast::Block &block, NnParser::ItemContext *context, bool isLast, bool wantsValue);
  bool hasErrorSince(uint32_t begin, uint32_t end) const;
  bool checkSeparated(NnParser::ItemContext *context);
  bool runsOn(NnParser::ItemContext *context) const;
  void reportUnused(const ast::Expr &value);
  ast::StatementPtr let(NnParser::LetStatementContext *context);
  ast::StatementPtr param(NnParser::ParamStatementContext *context);
  ast::StatementPtr state(NnParser::StateStatementContext *context);
  ast::StatementPtr forLoop(NnParser::ForStatementContext *context);
  ast::StatementPtr assign(NnParser::AssignStatementContext *context);
  std::unique_ptr<ast::Block> emptyBlock(SourceRange range) const;

  // Expressions: never null. `at` is where a missing one is said to be.
  ast::ExprPtr expression(NnParser::ExpressionContext *context, SourceRange at);
  ast::ExprPtr operation(NnParser::OperationContext *context, SourceRange at);
  ast::ExprPtr primary(NnParser::PrimaryContext *context, SourceRange at);
  ast::ExprPtr stage(NnParser::StageContext *context, ast::ExprPtr input);
  ast::ExprPtr binary(NnParser::BinaryContext *context);
  ast::ExprPtr unary(NnParser::UnaryContext *context);
  ast::ExprPtr call(NnParser::CallContext *context);
  ast::ExprPtr indexing(NnParser::IndexingContext *context);
  ast::ExprPtr cast(NnParser::CastContext *context);
  ast::ExprPtr integer(Terminal *terminal);
  ast::ExprPtr floating(Terminal *terminal);
  ast::ExprPtr parenthesized(NnParser::PrimaryContext *context);
  ast::ExprPtr list(NnParser::PrimaryContext *context);
  /// `f` or `f(...)`
  ast::ExprPtr named(Terminal *terminal, NnParser::ArgumentsContext *arguments);
  void fillArguments(ast::CallExpr &call, NnParser::ArgumentsContext *context);
  ast::IndexItem indexItem(NnParser::IndexContext *context);
  /// `isStatement`: its branches have no value.
  std::unique_ptr<ast::IfExpr> conditional(NnParser::ConditionalContext *context, bool isStatement);
  ast::ExprPtr error(SourceRange range) const;

  FileId fileId;
  const Tokens &tokens;
  const SourceManager &sources;
  Diagnostics &diagnostics;
};

/// The conditional that an item is, or null: only such an item may be a statement without a value.
NnParser::ConditionalContext *asConditional(NnParser::ExpressionContext *context);

/// The context's i-th child of a kind, or null.
template <typename RuleContext>
RuleContext *orNull(const std::vector<RuleContext *> &contexts, size_t index) {
  return index < contexts.size() ? contexts[index] : nullptr;
}

} // namespace nnc::syntax
