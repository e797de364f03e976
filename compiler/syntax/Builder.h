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

  /// What becomes of a block's last expression: it is the value that the block must have; it is one
  /// if it is there; nobody takes it.
  enum class Value { Wanted, Possible, Unwanted };

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
  std::unique_ptr<ast::Declaration> import(NnParser::ImportDeclarationContext *context);
  std::unique_ptr<ast::Declaration> fn(NnParser::FnDeclarationContext *context);
  template <typename Node, typename RuleContext>
  std::unique_ptr<Node> callable(RuleContext *context,
                                 const std::vector<NnParser::ParameterListContext *> &lists,
                                 bool lastIsInputs, NnParser::ResultsContext *results);
  void fillResults(ast::Callable &callable, NnParser::ResultsContext *context);
  /// `owner`: whose body it is, in messages.
  std::unique_ptr<ast::Block> body(NnParser::BodyContext *context, SourceRange at,
                                   const std::string &owner);
  std::vector<ast::Parameter> parameters(NnParser::ParameterListContext *context);
  ast::Parameter parameter(NnParser::ParameterContext *context);
  ast::TypeExpr type(NnParser::TypeContext *context);
  ast::DimExpr dimension(NnParser::DimensionContext *context);
  std::string documentation(const TokenInfo &first, uint32_t after) const;

  // Data sets and recipes.
  std::unique_ptr<ast::Declaration> data(NnParser::DataDeclarationContext *context);
  std::unique_ptr<ast::Declaration> train(NnParser::TrainDeclarationContext *context);
  std::vector<ast::Entry> section(NnParser::SectionContext *context, bool isRecipe);
  ast::Entry entry(NnParser::EntryContext *context, bool isRecipe);

  // Statements.
  std::unique_ptr<ast::Block> block(NnParser::BlockContext *context, Value value,
                                    const std::string &what);
  void finishBlock(ast::Block &block, NnParser::BlockContext *context, size_t errorsBefore,
                   const std::string &what);
  void statement(ast::Block &block, NnParser::StatementContext *context, bool isLast, Value value);
  Terminal *closingBrace(NnParser::BlockContext *context) const;
  bool isInUnclosedBlock(const Context *context) const;
  bool hasErrorSince(uint32_t begin, uint32_t end) const;
  bool runsOn(NnParser::StatementContext *context) const;
  void reportUnused(const ast::Expr &value, NnParser::StatementContext *context);
  void fill(ast::LetStatement &let, NnParser::LetStatementContext *context);
  ast::StatementPtr param(NnParser::ParamStatementContext *context);
  ast::StatementPtr state(NnParser::StateStatementContext *context);
  ast::StatementPtr forLoop(NnParser::ForStatementContext *context);
  ast::StatementPtr yield(NnParser::YieldStatementContext *context);
  ast::StatementPtr assign(NnParser::AssignStatementContext *context);
  ast::Pattern pattern(NnParser::PatternContext *context);
  std::unique_ptr<ast::Block> emptyBlock(SourceRange range) const;

  // Expressions: never null. `at` is where a missing one is said to be. A range is an error where
  // it is not `mayBeRange`.
  ast::ExprPtr expression(NnParser::ExpressionContext *context, SourceRange at,
                          bool mayBeRange = false);
  ast::ExprPtr operation(NnParser::OperationContext *context, SourceRange at,
                         bool mayBeRange = false);
  ast::ExprPtr primary(NnParser::PrimaryContext *context, SourceRange at, bool mayBeRange);
  ast::ExprPtr path(NnParser::PathContext *context, SourceRange at);
  ast::ExprPtr stage(NnParser::StageContext *context);
  ast::ExprPtr binary(NnParser::BinaryContext *context);
  ast::ExprPtr unary(NnParser::UnaryContext *context);
  ast::ExprPtr span(NnParser::RangeContext *context, bool mayBeRange);
  ast::ExprPtr call(ast::ExprPtr callee, NnParser::ArgumentsContext *arguments);
  ast::ExprPtr indexing(NnParser::IndexingContext *context);
  ast::ExprPtr cast(NnParser::CastContext *context);
  ast::ExprPtr integer(Terminal *terminal);
  ast::ExprPtr floating(Terminal *terminal);
  ast::ExprPtr parenthesized(NnParser::PrimaryContext *context, bool mayBeRange);
  ast::ExprPtr list(NnParser::PrimaryContext *context);
  ast::ExprPtr scan(NnParser::ScanContext *context);
  void addArgument(std::vector<ast::Argument> &arguments, NnParser::ArgumentContext *context);
  void fillArguments(ast::CallExpr &call, NnParser::ArgumentsContext *context);
  ast::IndexItem indexItem(NnParser::IndexContext *context);
  /// As a value, it has an `else`, and its branches have values.
  std::unique_ptr<ast::IfExpr> conditional(NnParser::ConditionalContext *context, Value value);
  void checkNot(const ast::Expr &operand, llvm::StringRef op);
  ast::ExprPtr error(SourceRange range) const;

  FileId fileId;
  bool anyOrder = false; ///< names may stand before places: in the columns that a recipe takes
  const Tokens &tokens;
  const SourceManager &sources;
  Diagnostics &diagnostics;
};

/// The conditional that a statement is, or null: only such an expression may be a statement without
/// a value.
NnParser::ConditionalContext *asConditional(NnParser::ExpressionContext *context);

/// The context's i-th child of a kind, or null.
template <typename RuleContext>
RuleContext *orNull(const std::vector<RuleContext *> &contexts, size_t index) {
  return index < contexts.size() ? contexts[index] : nullptr;
}

} // namespace nnc::syntax
