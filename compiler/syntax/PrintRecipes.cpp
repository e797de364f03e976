// The printer: data sets and recipes, whose lines are columns: key, name, value.
#include "compiler/syntax/PrinterImpl.h"

#include "llvm/ADT/STLExtras.h"

using namespace nnc::ast;

namespace nnc::syntax {

/// A line: its key in a column of `keyWidth`, the name behind it in one of `nameWidth`.
Doc PrinterImpl::entry(const Entry &entry, size_t keyWidth, size_t nameWidth) {
  auto fill = [](llvm::StringRef text, size_t width) {
    return std::string(std::max<size_t>(width, columnsOf(text)) - columnsOf(text), ' ');
  };
  Doc doc;
  switch (entry.kind) {
  case Entry::Kind::Let:
    return let(*entry.let, nameWidth);
  case Entry::Kind::Column:
    doc << name(entry.key) << fill(entry.key.text, keyWidth);
    return doc << " = " << expr(*entry.value);
  case Entry::Kind::Named:
    doc << name(entry.key) << fill(entry.key.text, keyWidth) << " ";
    doc << name(entry.name) << fill(entry.name.text, nameWidth);
    return doc << " = " << expr(*entry.value);
  case Entry::Kind::Section: {
    doc << name(entry.key) << " " << name(entry.name);
    for (const Argument &each : entry.arguments)
      doc << (&each == &entry.arguments.front() ? " " : ", ") << argument(each);
    uint32_t begin =
        entry.arguments.empty() ? entry.name.range.end : entry.arguments.back().value->range.end;
    return Doc() << std::move(doc) << " " << section(entry.entries, begin, entry.range.end);
  }
  case Entry::Kind::Line:
    break;
  }
  doc << name(entry.key);
  if (entry.arguments.empty() && entry.selectors.empty())
    return doc;
  doc << fill(entry.key.text, keyWidth) << " ";
  Doc list;
  for (const Argument &each : entry.arguments) {
    if (&each != &entry.arguments.front())
      list << "," << line();
    list << separated(each.name ? each.name->range.begin : each.value->range.begin)
         << argument(each);
  }
  for (const auto &selector : entry.selectors) {
    if (&selector == &entry.selectors.front())
      list << (entry.arguments.empty() ? "for " : " for ");
    else
      list << "," << line();
    list << verbatim(selector->range);
  }
  return doc << group(indent(std::move(list), keyWidth + 1));
}

/// `{ ... }`, with the comments in it; `begin` is where what stands before it ends.
Doc PrinterImpl::section(const std::vector<Entry> &entries, uint32_t begin, uint32_t end) {
  Doc items;
  uint32_t brace = sources.text(ast.id).find('{', begin);
  // A comment in front of the brace goes behind it.
  while (nextComment < ast.comments.size() && ast.comments[nextComment].range.begin < brace) {
    brace = sources.text(ast.id).find('{', ast.comments[nextComment].range.end);
    items << commentsBefore(ast.comments[nextComment].range.end);
  }
  finishItem(items, brace + 1);
  size_t keyWidth = 0;
  std::vector<const Statement *> lets;
  for (const Entry &each : entries)
    if (each.kind != Entry::Kind::Let && each.kind != Entry::Kind::Section)
      keyWidth = std::max<size_t>(keyWidth, columnsOf(each.key.text));
  bool isFirst = true;
  for (size_t i = 0; i < entries.size();) {
    // Names under each other have one width.
    size_t last = i + 1;
    auto follows = [&](size_t index) {
      return entries[index].kind == entries[i].kind &&
             newlinesBetween(entries[index - 1].range.end, entries[index].range.begin) <= 1;
    };
    while (last < entries.size() && follows(last))
      ++last;
    std::vector<const Statement *> statements;
    size_t nameWidth = 0;
    for (size_t each = i; each < last; ++each) {
      if (entries[i].kind == Entry::Kind::Let)
        statements.push_back(entries[each].let.get());
      if (entries[i].kind == Entry::Kind::Named)
        nameWidth = std::max<size_t>(nameWidth, columnsOf(entries[each].name.text));
    }
    std::vector<unsigned> pads = padding(statements);
    for (size_t first = i; i < last; ++i) {
      startItem(items, entries[i].range.begin, isFirst);
      items << entry(entries[i], keyWidth, pads.empty() ? nameWidth : pads[i - first]);
      finishItem(items, entries[i].range.end);
      isFirst = false;
    }
  }
  itemComments(items, end - 1, isFirst);
  lastEnd = end;
  if (items.parts.empty())
    return Doc("{}");
  return Doc() << "{" << indent(std::move(items)) << hardLine() << "}";
}

Doc PrinterImpl::data(const DataDeclaration &node) {
  Doc head;
  head << "data " << name(node.name) << parameters(node.columns) << " ";
  Doc grouped = group(std::move(head));
  uint32_t begin = node.columns.empty() ? node.name.range.end : node.columns.back().range.end;
  return Doc() << std::move(grouped) << section(node.entries, begin, node.range.end);
}

Doc PrinterImpl::train(const TrainDeclaration &node) {
  Doc head;
  head << "train ";
  for (const TrainDeclaration::Model &model : node.models) {
    if (&model != &node.models.front())
      head << ", ";
    head << expr(*model.path);
    if (model.hasArguments)
      head << arguments(model.arguments, model.range);
  }
  Doc grouped = group(std::move(head));
  return Doc() << std::move(grouped) << " "
               << section(node.entries, node.models.back().range.end, node.range.end);
}

} // namespace nnc::syntax
