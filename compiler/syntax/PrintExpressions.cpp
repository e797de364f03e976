// The printer: expressions.
#include "compiler/syntax/PrinterImpl.h"

#include "llvm/ADT/STLExtras.h"

using namespace nnc::ast;
using llvm::cast;
using llvm::dyn_cast;

namespace nnc::syntax {

/// `(a, b)`: one line, or a line for each element, the last with the bracket behind it.
Doc PrinterImpl::bracketed(llvm::StringRef open, std::vector<Doc> elements, Doc close) {
  Doc content;
  for (size_t i = 0; i < elements.size(); ++i) {
    content << (i == 0 ? softLine() : line()) << std::move(elements[i]);
    if (i + 1 < elements.size())
      content << ",";
  }
  Doc doc;
  doc << open << indent(std::move(content)) << std::move(close);
  return group(std::move(doc));
}

/// Where what is inside the parentheses begins, or a place before it with no comment between.
uint32_t PrinterImpl::contentBegin(const Expr &node) const {
  uint32_t begin = node.range.begin + 1;
  for (size_t i = nextComment; i < ast.comments.size(); ++i) {
    llvm::StringRef between = sources.text(SourceRange{ast.id, begin, ast.comments[i].range.begin});
    if (ast.comments[i].range.begin < begin ||
        between.find_first_not_of("( \t\r\n\f") != llvm::StringRef::npos)
      break;
    begin = ast.comments[i].range.end;
  }
  return begin;
}

Doc PrinterImpl::expr(const Expr &node) {
  if (!node.parenthesized)
    return bare(node);
  Doc before = commentsBefore(node.range.begin);
  std::vector<Doc> content;
  content.push_back(Doc() << separated(contentBegin(node)) << bare(node));
  Doc close = closer(node.range, ")");
  return Doc() << std::move(before) << bracketed("(", std::move(content), std::move(close));
}

/// An expression without the parentheses around it.
Doc PrinterImpl::bare(const Expr &node) {
  switch (node.kind) {
  case Expr::Kind::Integer:
    return Doc() << commentsBefore(node.range.begin) << cast<IntegerExpr>(&node)->spelling;
  case Expr::Kind::Float:
    return Doc() << commentsBefore(node.range.begin) << cast<FloatExpr>(&node)->spelling;
  case Expr::Kind::Bool:
    return Doc() << commentsBefore(node.range.begin)
                 << (cast<BoolExpr>(&node)->value ? "true" : "false");
  case Expr::Kind::Name: {
    auto &path = *cast<NameExpr>(&node);
    Doc doc;
    for (const Name &qualifier : path.qualifiers)
      doc << name(qualifier) << ".";
    return doc << name(path.name);
  }
  case Expr::Kind::String:
  case Expr::Kind::Error: {
    // The text as written; parentheses are the caller's.
    llvm::StringRef text = sources.text(node.range);
    while (node.parenthesized && text.consume_front("("))
      text = text.ltrim();
    while (node.parenthesized && text.consume_back(")"))
      text = text.rtrim();
    return Doc() << commentsBefore(node.range.begin) << text;
  }
  case Expr::Kind::Unary: {
    auto &unary = *cast<UnaryExpr>(&node);
    return Doc() << commentsBefore(node.range.begin) << spelling(unary.op)
                 << (unary.op == UnaryOp::Not ? " " : "") << expr(*unary.operand);
  }
  case Expr::Kind::Binary:
    return binary(*cast<BinaryExpr>(&node));
  case Expr::Kind::Cast: {
    auto &conversion = *cast<CastExpr>(&node);
    Doc operand = expr(*conversion.operand);
    return Doc() << std::move(operand) << " as " << type(conversion.type);
  }
  case Expr::Kind::Call: {
    auto &call = *cast<CallExpr>(&node);
    Doc callee = expr(*call.callee);
    return Doc() << std::move(callee) << arguments(call.arguments, call.argumentsRange);
  }
  case Expr::Kind::Index:
    return index(*cast<IndexExpr>(&node));
  case Expr::Kind::Pipe:
    return pipe(*cast<PipeExpr>(&node));
  case Expr::Kind::If:
    return conditional(*cast<IfExpr>(&node));
  case Expr::Kind::Scan:
    return scan(*cast<ScanExpr>(&node));
  case Expr::Kind::Repeat: {
    auto &repeat = *cast<RepeatExpr>(&node);
    Doc doc;
    doc << commentsBefore(node.range.begin) << "repeat(" << expr(*repeat.count) << ") ";
    return doc << expr(*repeat.stage);
  }
  case Expr::Kind::List:
  case Expr::Kind::Tuple: {
    bool isList = node.kind == Expr::Kind::List;
    Doc before = commentsBefore(node.range.begin);
    std::vector<Doc> elements;
    for (const ExprPtr &element :
         isList ? cast<ListExpr>(&node)->elements : cast<TupleExpr>(&node)->elements)
      elements.push_back(Doc() << separated(element->range.begin) << expr(*element));
    Doc close = closer(node.range, isList ? "]" : ")");
    return Doc() << std::move(before)
                 << bracketed(isList ? "[" : "(", std::move(elements), std::move(close));
  }
  case Expr::Kind::Range: {
    auto &range = *cast<RangeExpr>(&node);
    Doc first = expr(*range.first);
    return Doc() << std::move(first) << ".." << expr(*range.last);
  }
  }
  return Doc();
}

Doc PrinterImpl::argument(const Argument &argument) {
  Doc doc;
  if (argument.name)
    doc << name(*argument.name) << ": ";
  return doc << expr(*argument.value);
}

/// A list in parentheses; `range` ends with the last of them.
Doc PrinterImpl::arguments(const std::vector<Argument> &list, SourceRange range) {
  std::vector<Doc> elements;
  for (const Argument &each : list)
    elements.push_back(
        Doc() << separated(each.name ? each.name->range.begin : each.value->range.begin)
              << argument(each));
  Doc close = closer(range, ")");
  return bracketed("(", std::move(elements), std::move(close));
}

Doc PrinterImpl::index(const IndexExpr &node) {
  Doc base = expr(*node.base);
  std::vector<Doc> elements;
  for (const IndexItem &item : node.items) {
    Doc element = separated(item.range.begin);
    if (item.kind == IndexItem::Kind::Rest)
      element << "...";
    else if (item.kind == IndexItem::Kind::New)
      element << "new";
    if (item.first)
      element << expr(*item.first);
    if (item.kind == IndexItem::Kind::Range)
      element << (item.first || item.last ? ".." : ":");
    if (item.last)
      element << expr(*item.last);
    elements.push_back(std::move(element));
  }
  Doc close = closer(node.range, "]");
  return Doc() << std::move(base) << bracketed("[", std::move(elements), std::move(close));
}

/// Operators of one level of precedence: 0 the loosest.
static unsigned precedence(BinaryOp op) {
  switch (op) {
  case BinaryOp::Or:
    return 0;
  case BinaryOp::And:
    return 1;
  case BinaryOp::Equal:
  case BinaryOp::NotEqual:
  case BinaryOp::Less:
  case BinaryOp::LessEqual:
  case BinaryOp::Greater:
  case BinaryOp::GreaterEqual:
    return 2;
  case BinaryOp::Add:
  case BinaryOp::Subtract:
    return 3;
  case BinaryOp::Multiply:
  case BinaryOp::Divide:
  case BinaryOp::Modulo:
  case BinaryOp::MatMul:
    return 4;
  case BinaryOp::Power:
    return 5;
  }
  return 0;
}

/// A chain of operators of one level breaks behind each of them, or nowhere. (In front of a `-` the
/// end of a line would end the statement.)
Doc PrinterImpl::binary(const BinaryExpr &node) {
  std::vector<const BinaryExpr *> chain{&node};
  while (auto *left = dyn_cast<BinaryExpr>(chain.back()->lhs.get())) {
    if (left->parenthesized || precedence(left->op) != precedence(node.op) ||
        node.op == BinaryOp::Power)
      break;
    chain.push_back(left);
  }
  Doc first = expr(*chain.back()->lhs);
  Doc rest;
  for (const BinaryExpr *link : llvm::reverse(chain)) {
    rest << " " << separated(link->opRange.begin) << spelling(link->op) << line();
    rest << separated(link->rhs->range.begin) << expr(*link->rhs);
  }
  return group(Doc() << std::move(first) << indent(std::move(rest)));
}

/// Breaks before `|>` where the author did, and where a line between two such breaks is too long,
/// before each of its `|>`.
Doc PrinterImpl::pipe(const PipeExpr &node) {
  std::vector<const PipeExpr *> chain{&node};
  while (auto *inner = dyn_cast<PipeExpr>(chain.back()->input.get())) {
    if (inner->parenthesized)
      break;
    chain.push_back(inner);
  }
  Doc first = expr(*chain.back()->input);
  Doc lines, current;
  bool isFirstLine = true;
  auto finishLine = [&] {
    if (isFirstLine)
      lines << group(Doc() << std::move(first) << indent(std::move(current)));
    else
      lines << indent(Doc() << hardLine() << group(std::move(current)));
    current = Doc();
    isFirstLine = false;
  };
  for (const PipeExpr *link : llvm::reverse(chain)) {
    uint32_t begin = link->stage->range.begin;
    if (newlinesBetween(link->input->range.end, begin) > 0) {
      finishLine();
      lines << indent(commentsBefore(begin));
    } else {
      current << line() << separated(begin);
    }
    current << "|> " << expr(*link->stage);
  }
  finishLine();
  return lines;
}

bool PrinterImpl::mayBeOneLine(const IfExpr &node) const {
  if (!mayBeOneLine(*node.thenBlock))
    return false;
  if (!node.elseBlock)
    return true;
  // Comments between the branches are lines, too.
  llvm::StringRef between =
      sources.text(SourceRange{ast.id, node.thenBlock->range.end, node.elseBlock->range.begin});
  return mayBeOneLine(*node.elseBlock) && !between.contains("//");
}

/// The `if` that an `else` block consists of where it was written `else if`, or null.
static const IfExpr *elseIf(const IfExpr &node) {
  return node.elseBlock && node.elseBlock->isElseIf ? dyn_cast<IfExpr>(node.elseBlock->result.get())
                                                    : nullptr;
}

Doc PrinterImpl::conditional(const IfExpr &node) {
  bool oneLine = true;
  for (const IfExpr *link = &node; link && oneLine; link = elseIf(*link))
    oneLine = elseIf(*link) ? mayBeOneLine(*link->thenBlock) : mayBeOneLine(*link);
  return oneLine ? group(branches(node, true)) : branches(node, false);
}

Doc PrinterImpl::scan(const ScanExpr &node) {
  Doc doc = commentsBefore(node.range.begin);
  doc << "scan " << pattern(node.pattern);
  doc << " in " << expr(*node.sequence);
  if (node.axis)
    doc << " over " << name(*node.axis);
  return Doc() << std::move(doc) << " " << block(*node.body);
}

/// All branches on one line, or each block broken.
Doc PrinterImpl::branches(const IfExpr &node, bool oneLine) {
  auto print = [&](const Block &block) {
    return oneLine ? oneLineBlock(block) : brokenBlock(block);
  };
  Doc doc = commentsBefore(node.range.begin);
  for (const IfExpr *link = &node; link;) {
    doc << "if " << expr(*link->condition) << " ";
    doc << print(*link->thenBlock);
    if (!link->elseBlock)
      break;
    doc << commentsBefore(link->elseBlock->range.begin) << " else ";
    const IfExpr *next = elseIf(*link);
    if (!next)
      doc << print(*link->elseBlock);
    link = next;
  }
  return doc;
}

} // namespace nnc::syntax
