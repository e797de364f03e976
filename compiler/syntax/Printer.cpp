// The printer: files, comments, statements and blocks.
#include "compiler/syntax/Printer.h"

#include "compiler/syntax/PrinterImpl.h"

#include "llvm/ADT/STLExtras.h"

using namespace nnc::ast;
using llvm::cast;
using llvm::dyn_cast;
using llvm::isa;

namespace nnc {

using namespace syntax;

static constexpr unsigned lineWidth = 100;

/// The comments in front of the token at `offset` that were not written yet.
Doc PrinterImpl::commentsBefore(uint32_t offset) {
  Doc doc;
  for (; nextComment < ast.comments.size(); ++nextComment) {
    const Comment &next = ast.comments[nextComment];
    if (next.range.begin >= offset)
      break;
    llvm::StringRef text = sources.text(next.range).rtrim();
    doc << (next.ownLine ? comment(text) : trailing(next));
  }
  return doc;
}

/// A comment behind what it comments on: as far from it as it was, or, where the author has put it
/// into a column, there if there is room.
Doc PrinterImpl::trailing(const Comment &comment) const {
  llvm::StringRef line = sources.text(ast.id).take_front(comment.range.begin);
  line = line.drop_front(line.rfind('\n') + 1);
  unsigned gap = line.size() - line.rtrim().size();
  llvm::StringRef text = sources.text(comment.range).rtrim();
  return gap <= 2 ? lineComment(text, std::max(gap, 1u), 0) : lineComment(text, 2, columnsOf(line));
}

/// The same where the token begins what may stand on a line of its own: with comments, it does. A
/// comment elsewhere goes to the end of its line, where it stays however often the text is printed.
Doc PrinterImpl::separated(uint32_t offset) {
  Doc doc = commentsBefore(offset);
  doc.breaks = !doc.parts.empty();
  return doc;
}

/// The bracket that ends `range`.
Doc PrinterImpl::closer(SourceRange range, llvm::StringRef text) {
  return Doc() << commentsBefore(range.end - 1) << text;
}

unsigned PrinterImpl::newlinesBetween(uint32_t begin, uint32_t end) const {
  if (begin >= end)
    return 0;
  return sources.text(SourceRange{ast.id, begin, end}).count('\n');
}

/// The comments on lines of their own before an item that begins at `begin`, with at most one blank
/// line between them, as written.
void PrinterImpl::itemComments(Doc &doc, uint32_t begin, bool isFirst) {
  for (; nextComment < ast.comments.size(); ++nextComment) {
    const Comment &next = ast.comments[nextComment];
    if (next.range.begin >= begin)
      return;
    bool separate = !isFirst && newlinesBetween(lastEnd, next.range.begin) > 1;
    if (separate)
      doc << blankLine();
    doc << comment(sources.text(next.range).rtrim());
    lastEnd = next.range.end;
    isFirst = false;
  }
}

/// Begins a line for an item of a list, after the comments and the blank line before it.
void PrinterImpl::startItem(Doc &doc, uint32_t begin, bool isFirst) {
  size_t before = nextComment;
  itemComments(doc, begin, isFirst);
  isFirst = isFirst && nextComment == before;
  doc << (!isFirst && newlinesBetween(lastEnd, begin) > 1 ? blankLine() : hardLine());
}

/// Takes the comment behind an item on its line.
void PrinterImpl::finishItem(Doc &doc, uint32_t end) {
  lastEnd = end;
  if (nextComment == ast.comments.size())
    return;
  const Comment &next = ast.comments[nextComment];
  if (next.ownLine || next.range.begin < end || newlinesBetween(end, next.range.begin) != 0)
    return;
  // Between the two there may be a `;` or `,` at most; other tokens belong to the next item.
  llvm::StringRef between = sources.text(SourceRange{ast.id, end, next.range.begin});
  if (!between.trim(" \t;,").empty())
    return;
  doc << trailing(next);
  lastEnd = next.range.end;
  ++nextComment;
}

//===-- Files --------------------------------------------------------------------------------===//

static bool isOneLiner(const Declaration &node) {
  if (auto *fn = dyn_cast<FnDeclaration>(&node))
    return fn->bodyIsExpr && !fn->gradient;
  if (auto *model = dyn_cast<ModelDeclaration>(&node))
    return model->bodyIsExpr;
  if (auto *layer = dyn_cast<LayerDeclaration>(&node))
    return layer->bodyIsExpr;
  return isa<ImportDeclaration, LetDeclaration>(node);
}

Doc PrinterImpl::file() {
  Doc doc;
  const Declaration *before = nullptr;
  for (const auto &node : ast.declarations) {
    // Declarations stand apart, but for groups of imports and one-liners.
    bool together =
        before && before->kind == node->kind && isOneLiner(*before) && isOneLiner(*node);
    if (before && !together) {
      doc << blankLine();
      size_t first = nextComment;
      itemComments(doc, node->range.begin, /*isFirst=*/true);
      if (nextComment != first && newlinesBetween(lastEnd, node->range.begin) > 1)
        doc << blankLine();
    } else {
      startItem(doc, node->range.begin, /*isFirst=*/!before);
    }
    doc << declaration(*node);
    finishItem(doc, node->range.end);
    before = node.get();
  }
  itemComments(doc, UINT32_MAX, /*isFirst=*/ast.declarations.empty());
  return doc;
}

//===-- Statements ---------------------------------------------------------------------------===//

Doc PrinterImpl::pattern(const Pattern &node) {
  if (!node.isTuple)
    return node.names.empty() ? Doc() : name(node.names.front());
  Doc doc;
  doc << "(";
  for (const Name &each : node.names)
    doc << (&each == &node.names.front() ? "" : ", ") << name(each);
  return doc << ")";
}

/// What stands in front of the `=` of a statement.
Doc PrinterImpl::head(const Statement &node) {
  Doc doc;
  switch (node.kind) {
  case Statement::Kind::Let: {
    auto &let = *cast<LetStatement>(&node);
    doc << "let " << pattern(let.pattern);
    if (let.type)
      doc << ": " << type(*let.type);
    return doc;
  }
  case Statement::Kind::Param: {
    auto &param = *cast<ParamStatement>(&node);
    return doc << "param " << name(param.name) << ": " << type(param.type);
  }
  case Statement::Kind::State: {
    auto &state = *cast<StateStatement>(&node);
    return doc << "state " << name(state.name) << ": " << type(state.type);
  }
  case Statement::Kind::Assign:
    return doc << name(cast<AssignStatement>(&node)->name);
  default:
    return doc;
  }
}

/// The value behind the `=`, or null where there is none.
static const Expr *assigned(const Statement &node) {
  switch (node.kind) {
  case Statement::Kind::Let:
    return cast<LetStatement>(&node)->value.get();
  case Statement::Kind::Param:
    return cast<ParamStatement>(&node)->init.get();
  case Statement::Kind::State:
    return cast<StateStatement>(&node)->init.get();
  case Statement::Kind::Assign:
    return cast<AssignStatement>(&node)->value.get();
  default:
    return nullptr;
  }
}

static uint32_t headEnd(const Statement &node) {
  switch (node.kind) {
  case Statement::Kind::Let: {
    auto &let = *cast<LetStatement>(&node);
    return let.type ? let.type->range.end : let.pattern.range.end;
  }
  case Statement::Kind::Param:
    return cast<ParamStatement>(&node)->type.range.end;
  case Statement::Kind::State:
    return cast<StateStatement>(&node)->type.range.end;
  case Statement::Kind::Assign:
    return cast<AssignStatement>(&node)->name.range.end;
  default:
    return node.range.begin;
  }
}

/// The column of a statement's `=`, as written; nothing where it has none, or not in its first
/// line.
std::optional<uint32_t> PrinterImpl::assignColumn(const Statement &node, bool *isPadded) const {
  if (!assigned(node))
    return std::nullopt;
  llvm::StringRef text = sources.text(ast.id);
  uint32_t end = headEnd(node);
  size_t sign = text.find_first_not_of(' ', end);
  if (sign == llvm::StringRef::npos || text[sign] != '=')
    return std::nullopt;
  llvm::StringRef line = text.take_front(sign);
  line = line.drop_front(line.rfind('\n') + 1);
  if (sign - line.size() > node.range.begin)
    return std::nullopt;
  *isPadded |= sign - end > 1;
  return columnsOf(line);
}

/// Spaces for the `=` of each statement, so that those that the author has put under each other
/// stay there.
std::vector<unsigned> PrinterImpl::padding(llvm::ArrayRef<const Statement *> statements) const {
  std::vector<unsigned> result(statements.size(), 0);
  for (size_t first = 0; first < statements.size();) {
    bool isPadded = false;
    std::optional<uint32_t> column = assignColumn(*statements[first], &isPadded);
    size_t end = first + 1;
    for (; column && end < statements.size(); ++end) {
      bool next = isPadded;
      if (newlinesBetween(statements[end - 1]->range.end, statements[end]->range.begin) != 1 ||
          assignColumn(*statements[end], &next) != column)
        break;
      isPadded = next;
    }
    if (column && isPadded && end - first > 1) {
      // Written once more, without comments, to learn how wide they are.
      PrinterImpl probe(ast, sources);
      probe.nextComment = ast.comments.size();
      std::vector<unsigned> widths;
      for (size_t i = first; i < end; ++i)
        widths.push_back(columnsOf(layout(probe.head(*statements[i]), UINT16_MAX)) - 1);
      unsigned widest = *llvm::max_element(widths);
      for (size_t i = first; i < end; ++i)
        result[i] = widest - widths[i - first];
    }
    first = end;
  }
  return result;
}

Doc PrinterImpl::let(const LetStatement &node, unsigned pad) { return statement(node, pad); }

Doc PrinterImpl::statement(const Statement &node, unsigned pad) {
  if (const Expr *value = assigned(node)) {
    Doc doc = head(node);
    return Doc() << std::move(doc) << std::string(pad, ' ') << " = " << expr(*value);
  }
  Doc doc;
  switch (node.kind) {
  case Statement::Kind::Yield:
    return doc << "yield " << expr(*cast<YieldStatement>(&node)->value);
  case Statement::Kind::For: {
    auto &loop = *cast<ForStatement>(&node);
    doc << "for " << pattern(loop.pattern);
    doc << " in " << expr(*loop.sequence) << " ";
    return doc << block(*loop.body);
  }
  case Statement::Kind::Expr:
    return expr(*cast<ExprStatement>(&node)->value);
  default:
    return doc;
  }
}

//===-- Blocks -------------------------------------------------------------------------------===//

/// Whether the author wrote the block on one line, and it may stay there if it fits.
bool PrinterImpl::mayBeOneLine(const Block &node) const {
  return !sources.text(node.range).contains('\n');
}

Doc PrinterImpl::block(const Block &node) {
  if (node.statements.empty() && !node.result && mayBeOneLine(node))
    return token(node.range, "{}");
  return mayBeOneLine(node) ? group(oneLineBlock(node)) : brokenBlock(node);
}

/// `{ a; b }`, without a group around it: the caller decides what breaks with it.
Doc PrinterImpl::oneLineBlock(const Block &node) {
  Doc open = token(node.range, "{");
  Doc items;
  auto separate = [&] {
    if (!items.parts.empty())
      items << flatText(";") << line();
  };
  for (const StatementPtr &child : node.statements) {
    separate();
    items << statement(*child);
  }
  if (node.result) {
    separate();
    items << expr(*node.result);
  }
  if (items.parts.empty())
    return Doc() << std::move(open) << "}";
  Doc content;
  content << line() << std::move(items);
  return Doc() << std::move(open) << indent(std::move(content)) << line() << "}";
}

/// Each statement on a line of its own.
Doc PrinterImpl::brokenBlock(const Block &node) {
  Doc open = token(node.range, "{");
  Doc items;
  uint32_t inside = node.range.begin + 1;
  finishItem(items, inside);
  std::vector<const Statement *> statements;
  for (const StatementPtr &child : node.statements)
    statements.push_back(child.get());
  std::vector<unsigned> pads = padding(statements);
  bool isFirst = true;
  for (size_t i = 0; i < statements.size(); ++i) {
    startItem(items, statements[i]->range.begin, isFirst);
    isFirst = false;
    items << statement(*statements[i], pads[i]);
    finishItem(items, statements[i]->range.end);
  }
  if (node.result) {
    startItem(items, node.result->range.begin, isFirst);
    isFirst = false;
    items << expr(*node.result);
    finishItem(items, node.result->range.end);
  }
  itemComments(items, node.range.end - 1, isFirst);
  lastEnd = node.range.end;
  return Doc() << std::move(open) << indent(std::move(items)) << hardLine() << "}";
}

std::string print(const File &file, const SourceManager &sources) {
  return layout(PrinterImpl(file, sources).file(), lineWidth);
}

} // namespace nnc
