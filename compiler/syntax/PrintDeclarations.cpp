// The printer: declarations, data sets and recipes.
#include "compiler/syntax/PrinterImpl.h"

using namespace nnc::ast;
using llvm::cast;

namespace nnc::syntax {

Doc PrinterImpl::declaration(const Declaration &node) {
  switch (node.kind) {
  case Declaration::Kind::Import:
    return Doc() << "import " << verbatim(node.name.range);
  case Declaration::Kind::Fn:
    return callable("fn", node, *cast<FnDeclaration>(&node), true, false);
  case Declaration::Kind::Layer: {
    auto &layer = *cast<LayerDeclaration>(&node);
    return callable("layer", node, layer, !layer.parameters.empty(), true);
  }
  case Declaration::Kind::Model: {
    auto &model = *cast<ModelDeclaration>(&node);
    return callable("model", node, model, model.hasParameterList, true);
  }
  case Declaration::Kind::Optimizer:
    return callable("optimizer", node, *cast<OptimizerDeclaration>(&node), true, false);
  case Declaration::Kind::Schedule:
    return callable("schedule", node, *cast<ScheduleDeclaration>(&node), true, false);
  case Declaration::Kind::Data:
    return data(*cast<DataDeclaration>(&node));
  case Declaration::Kind::Train:
    return train(*cast<TrainDeclaration>(&node));
  }
  return Doc();
}

Doc PrinterImpl::callable(llvm::StringRef keyword, const Declaration &node,
                          const Callable &callable, bool hasParameters, bool hasInputs) {
  Doc header;
  header << keyword << " " << name(node.name);
  if (hasParameters)
    header << parameters(callable.parameters);
  if (hasParameters && hasInputs)
    header << indent(Doc() << softLine() << parameters(callable.inputs), 4);
  else if (hasInputs)
    header << parameters(callable.inputs);
  header << results(callable);
  if (!callable.bodyIsExpr) {
    header << " ";
    Doc head = group(std::move(header));
    return Doc() << std::move(head) << block(*callable.body);
  }
  Doc head = group(std::move(header));
  Doc body;
  body << line() << expr(*callable.body->result);
  return group(Doc() << std::move(head) << " =" << indent(std::move(body)));
}

Doc PrinterImpl::parameters(const std::vector<Parameter> &list) {
  std::vector<Doc> elements;
  for (const Parameter &parameter : list) {
    Doc element = separated(parameter.name.range.begin);
    element << name(parameter.name);
    if (parameter.type)
      element << ": " << type(*parameter.type);
    if (parameter.defaultValue)
      element << " = " << expr(*parameter.defaultValue);
    elements.push_back(std::move(element));
  }
  return bracketed("(", std::move(elements), ")");
}

Doc PrinterImpl::results(const Callable &callable) {
  if (callable.results.empty())
    return Doc();
  std::vector<Doc> elements;
  for (const Result &result : callable.results) {
    Doc element = separated(result.name ? result.name->range.begin : result.type.range.begin);
    if (result.name)
      element << name(*result.name) << ": ";
    element << type(result.type);
    elements.push_back(std::move(element));
  }
  if (callable.resultsInParens)
    return Doc() << " -> " << bracketed("(", std::move(elements), ")");
  return Doc() << " -> " << std::move(elements.front());
}

Doc PrinterImpl::type(const TypeExpr &node) {
  Doc doc = name(node.element);
  if (!node.hasShape)
    return doc;
  std::vector<Doc> elements;
  for (const DimExpr &dim : node.dims) {
    Doc element = separated(dim.range.begin);
    if (dim.rest)
      element << "..." << name(*dim.rest);
    else
      element << expr(*dim.size);
    elements.push_back(std::move(element));
  }
  Doc close = closer(node.range, "]");
  doc << bracketed("[", std::move(elements), std::move(close));
  return doc;
}

//===-- Data sets ----------------------------------------------------------------------------===//

Doc PrinterImpl::dataField(const DataField &field) {
  Doc doc;
  doc << name(field.name) << ": " << type(field.type);
  if (field.low) {
    doc << " in " << expr(*field.low);
    doc << ".." << expr(*field.high);
  }
  return doc;
}

Doc PrinterImpl::dataSplit(const DataSplit &split, size_t width) {
  Doc doc = name(split.name);
  if (split.files.empty())
    return doc << " " << closer(split.range, "{}");
  doc << std::string(width - split.name.text.size(), ' ') << " {";
  Doc content;
  for (const DataFile &file : split.files) {
    content << line() << separated(file.field.range.begin) << name(file.field) << ": "
            << verbatim(file.path.range);
    if (&file != &split.files.back())
      content << ",";
  }
  doc << indent(std::move(content)) << line() << closer(split.range, "}");
  return group(std::move(doc));
}

Doc PrinterImpl::data(const DataDeclaration &node) {
  Doc head;
  head << "data " << name(node.name) << " = " << name(node.format) << " {";
  Doc items;
  finishItem(items, node.format.range.end);
  size_t width = 0;
  for (const DataSplit &split : node.splits)
    width = std::max(width, split.name.text.size());
  // Fields and splits, in the order of the source.
  auto field = node.fields.begin();
  auto split = node.splits.begin();
  bool isFirst = true;
  while (field != node.fields.end() || split != node.splits.end()) {
    bool isField = split == node.splits.end() ||
                   (field != node.fields.end() && field->range.begin < split->range.begin);
    SourceRange range = isField ? field->range : split->range;
    startItem(items, range.begin, isFirst);
    items << (isField ? dataField(*field++) : dataSplit(*split++, width));
    finishItem(items, range.end);
    isFirst = false;
  }
  itemComments(items, node.range.end - 1, isFirst);
  if (items.parts.empty())
    return head << "}";
  return head << indent(std::move(items)) << hardLine() << "}";
}

//===-- Recipes ------------------------------------------------------------------------------===//

Doc PrinterImpl::entry(const SettingEntry &entry, size_t nameWidth) {
  Doc doc;
  if (entry.name)
    doc << name(*entry.name) << std::string(nameWidth - entry.name->text.size(), ' ') << " = ";
  doc << expr(*entry.value);
  if (entry.selectorGlob)
    doc << " for " << verbatim(entry.selectorGlob->range);
  if (entry.selectsRest)
    doc << " for rest";
  return doc;
}

Doc PrinterImpl::setting(const Setting &setting, size_t keyWidth) {
  Doc doc = name(setting.key);
  doc << std::string(keyWidth - setting.key.text.size() + 1, ' ');
  if (setting.isEvery)
    doc << "every ";
  size_t nameWidth = 0;
  for (const SettingEntry &each : setting.entries)
    if (each.name)
      nameWidth = std::max(nameWidth, each.name->text.size());
  Doc entries;
  for (const SettingEntry &each : setting.entries) {
    if (&each != &setting.entries.front())
      entries << hardLine();
    entries << entry(each, nameWidth);
  }
  if (!setting.bindings.empty()) {
    std::vector<Doc> names;
    for (const Name &each : setting.bindings)
      names.push_back(name(each));
    entries << " as " << bracketed("(", std::move(names), ")");
  }
  return doc << indent(std::move(entries), keyWidth + 1);
}

Doc PrinterImpl::train(const TrainDeclaration &node) {
  Doc head;
  head << "train " << name(node.name) << " {";
  Doc items;
  finishItem(items, node.name.range.end);
  size_t width = 0;
  for (const Setting &each : node.settings)
    width = std::max(width, each.key.text.size());
  bool isFirst = true;
  for (const Setting &each : node.settings) {
    startItem(items, each.range.begin, isFirst);
    items << setting(each, width);
    finishItem(items, each.range.end);
    isFirst = false;
  }
  itemComments(items, node.range.end - 1, isFirst);
  if (items.parts.empty())
    return head << "}";
  return head << indent(std::move(items)) << hardLine() << "}";
}

} // namespace nnc::syntax
