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
    doc << (next.ownLine ? comment(text) : lineComment(text));
  }
  return doc;
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
  return Doc() << separated(range.end - 1) << text;
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
  doc << lineComment(sources.text(next.range).rtrim());
  lastEnd = next.range.end;
  ++nextComment;
}

//===-- Files --------------------------------------------------------------------------------===//

static bool isOneLiner(const Declaration &node) {
  if (auto *fn = dyn_cast<FnDeclaration>(&node))
    return fn->bodyIsExpr;
  if (auto *schedule = dyn_cast<ScheduleDeclaration>(&node))
    return schedule->bodyIsExpr;
  return isa<ImportDeclaration>(node);
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

//===-- Blocks and statements ----------------------------------------------------------------===//

Doc PrinterImpl::let(const LetStatement &node) {
  Doc doc;
  doc << "let ";
  if (node.isTuple) {
    std::vector<Doc> names;
    for (const Name &each : node.names)
      names.push_back(name(each));
    doc << bracketed("(", std::move(names), ")");
  } else if (!node.names.empty()) {
    doc << name(node.names.front());
  }
  if (node.type)
    doc << ": " << type(*node.type);
  doc << " = " << expr(*node.value);
  return doc;
}

Doc PrinterImpl::statement(const Statement &node) {
  switch (node.kind) {
  case Statement::Kind::Let:
    return let(*cast<LetStatement>(&node));
  case Statement::Kind::Param: {
    auto &param = *cast<ParamStatement>(&node);
    Doc doc;
    doc << (param.isBuffer ? "buffer " : "param ") << name(param.name) << ": " << type(param.type)
        << " = " << expr(*param.init);
    return doc;
  }
  case Statement::Kind::State: {
    Doc entries;
    bool isFirst = true;
    for (const StateStatement::Entry &entry : cast<StateStatement>(&node)->entries) {
      if (!isFirst)
        entries << "," << line();
      entries << separated(entry.name.range.begin) << name(entry.name) << " = "
              << expr(*entry.init);
      isFirst = false;
    }
    return Doc() << "state " << group(indent(std::move(entries), 6));
  }
  case Statement::Kind::Assign: {
    auto &assign = *cast<AssignStatement>(&node);
    return Doc() << name(assign.name) << " = " << expr(*assign.value);
  }
  case Statement::Kind::For: {
    auto &loop = *cast<ForStatement>(&node);
    Doc doc;
    doc << "for " << name(loop.variable) << " in " << expr(*loop.first) << ".." << expr(*loop.last)
        << " " << block(*loop.body);
    return doc;
  }
  case Statement::Kind::If:
    return expr(*cast<IfStatement>(&node)->value);
  }
  return Doc();
}

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
  auto separate = [&](SourceRange next) {
    if (items.parts.empty())
      return;
    // On a line of its own, a minus would go on with the item before.
    bool isMinus = sources.text(next).starts_with("-");
    items << (isMinus ? Doc(";") : flatText(";")) << line();
  };
  for (const StatementPtr &child : node.statements) {
    separate(child->range);
    items << statement(*child);
  }
  if (node.result) {
    separate(node.result->range);
    items << expr(*node.result);
  }
  if (items.parts.empty())
    return Doc() << std::move(open) << "}";
  Doc content;
  content << line() << std::move(items);
  return Doc() << std::move(open) << indent(std::move(content)) << line() << "}";
}

/// Each item on a line of its own.
Doc PrinterImpl::brokenBlock(const Block &node) {
  Doc open = token(node.range, "{");
  Doc items;
  uint32_t inside = node.range.begin + 1;
  finishItem(items, inside);
  bool isFirst = true;
  auto start = [&](SourceRange next) {
    if (!isFirst && sources.text(next).starts_with("-"))
      items << ";";
    startItem(items, next.begin, isFirst);
    isFirst = false;
  };
  for (const StatementPtr &child : node.statements) {
    start(child->range);
    items << statement(*child);
    finishItem(items, child->range.end);
  }
  if (node.result) {
    start(node.result->range);
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
