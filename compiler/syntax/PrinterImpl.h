// The printer's state and its functions per kind of node.
#pragma once

#include "compiler/syntax/Ast.h"
#include "compiler/syntax/Doc.h"

#include "llvm/ADT/ArrayRef.h"

namespace nnc::syntax {

constexpr unsigned lineWidth = 100;

/// Makes a document of an AST, from the first token to the last: comments are taken up on the way,
/// in front of the token that they precede.
class PrinterImpl {
public:
  PrinterImpl(const ast::File &ast, const SourceManager &sources) : ast(ast), sources(sources) {}

  Doc file();

private:
  // Comments and what the source says between nodes.
  Doc commentsBefore(uint32_t offset);
  Doc separated(uint32_t offset);
  Doc token(SourceRange range, llvm::StringRef text) {
    return Doc() << commentsBefore(range.begin) << text;
  }
  Doc name(const ast::Name &name) { return token(name.range, name.text); }
  Doc verbatim(SourceRange range) { return token(range, sources.text(range)); }
  Doc closer(SourceRange range, llvm::StringRef text);
  Doc trailing(const ast::Comment &comment) const;
  unsigned newlinesBetween(uint32_t begin, uint32_t end) const;
  void itemComments(Doc &doc, uint32_t begin, bool isFirst);
  void startItem(Doc &doc, uint32_t begin, bool isFirst);
  void finishItem(Doc &doc, uint32_t end);

  // Declarations.
  Doc declaration(const ast::Declaration &node);
  Doc callable(llvm::StringRef keyword, const ast::Declaration &node, const ast::Callable &callable,
               bool hasParameters, bool hasInputs);
  bool putsResultsBelow(unsigned column, const ast::Declaration &node,
                        const ast::Callable &callable,
                        const std::vector<ast::Parameter> &list) const;
  Doc fn(const ast::FnDeclaration &node);
  Doc parameters(const std::vector<ast::Parameter> &list);
  Doc results(const ast::Callable &callable);
  Doc type(const ast::TypeExpr &node);

  // Data sets and recipes.
  Doc data(const ast::DataDeclaration &node);
  Doc train(const ast::TrainDeclaration &node);
  Doc section(const std::vector<ast::Entry> &entries, uint32_t begin, uint32_t end);
  Doc entry(const ast::Entry &entry, size_t keyWidth, size_t nameWidth);

  // Statements. `pad`: columns in front of the `=`.
  Doc statement(const ast::Statement &node, unsigned pad = 0);
  Doc let(const ast::LetStatement &node, unsigned pad = 0);
  Doc head(const ast::Statement &node);
  std::optional<uint32_t> assignColumn(const ast::Statement &node, bool *isPadded) const;
  std::vector<unsigned> padding(llvm::ArrayRef<const ast::Statement *> statements) const;
  Doc pattern(const ast::Pattern &node);
  Doc block(const ast::Block &node);
  Doc oneLineBlock(const ast::Block &node);
  Doc brokenBlock(const ast::Block &node);
  bool mayBeOneLine(const ast::Block &node) const;
  bool mayBeOneLine(const ast::IfExpr &node) const;

  // Expressions.
  Doc expr(const ast::Expr &node);
  Doc bare(const ast::Expr &node);
  uint32_t contentBegin(const ast::Expr &node) const;
  Doc binary(const ast::BinaryExpr &node);
  Doc pipe(const ast::PipeExpr &node);
  Doc conditional(const ast::IfExpr &node);
  Doc branches(const ast::IfExpr &node, bool oneLine);
  Doc scan(const ast::ScanExpr &node);
  Doc argument(const ast::Argument &argument);
  Doc arguments(const std::vector<ast::Argument> &list, SourceRange range);
  Doc index(const ast::IndexExpr &node);
  Doc bracketed(llvm::StringRef open, std::vector<Doc> elements, Doc close);

  const ast::File &ast;
  const SourceManager &sources;
  size_t nextComment = 0;
  uint32_t lastEnd = 0; ///< end of the item or comment that was last written
};

} // namespace nnc::syntax
