// The printer: declarations, their signatures and types.
#include "compiler/syntax/PrinterImpl.h"

#include "llvm/ADT/STLExtras.h"

using namespace nnc::ast;
using llvm::cast;

namespace nnc::syntax {

Doc PrinterImpl::declaration(const Declaration &node) {
  switch (node.kind) {
  case Declaration::Kind::Import: {
    auto &import = *cast<ImportDeclaration>(&node);
    Doc doc;
    doc << "import " << verbatim(node.name.range);
    if (import.alias)
      doc << " as " << name(*import.alias);
    return doc;
  }
  case Declaration::Kind::Let:
    return let(cast<LetDeclaration>(&node)->let);
  case Declaration::Kind::Fn:
    return fn(*cast<FnDeclaration>(&node));
  case Declaration::Kind::Layer: {
    auto &layer = *cast<LayerDeclaration>(&node);
    return callable("layer", node, layer, !layer.parameters.empty(), true);
  }
  case Declaration::Kind::Model: {
    auto &model = *cast<ModelDeclaration>(&node);
    return callable("model", node, model, !model.parameters.empty(), true);
  }
  case Declaration::Kind::Optimizer:
    return callable("optimizer", node, *cast<OptimizerDeclaration>(&node), true, true);
  case Declaration::Kind::Data:
    return data(*cast<DataDeclaration>(&node));
  case Declaration::Kind::Train:
    return train(*cast<TrainDeclaration>(&node));
  }
  return Doc();
}

/// Whether the results of a signature go below its last list, which begins behind `column` columns:
/// where the list fits on the line, and the results behind it don't.
bool PrinterImpl::putsResultsBelow(unsigned column, const Declaration &node,
                                   const Callable &callable,
                                   const std::vector<Parameter> &list) const {
  if (callable.results.empty())
    return false;
  uint32_t end = callable.results.back().type.range.end;
  auto isInside = [&](const Comment &comment) {
    return comment.range.begin > node.range.begin && comment.range.begin < end;
  };
  if (llvm::any_of(ast.comments, isInside))
    return false;
  // Written once more, on one line, to learn how wide they are.
  PrinterImpl probe(ast, sources);
  probe.nextComment = ast.comments.size();
  Doc doc;
  doc << probe.parameters(list);
  unsigned first = column + columnsOf(layout(doc, UINT16_MAX)) - 1;
  unsigned second = columnsOf(layout(probe.results(callable), UINT16_MAX)) - 1;
  return first <= lineWidth && first + second + 2 > lineWidth && second + 4 <= lineWidth;
}

Doc PrinterImpl::callable(llvm::StringRef keyword, const Declaration &node,
                          const Callable &callable, bool hasParameters, bool hasInputs) {
  Doc header;
  header << keyword << " " << name(node.name);
  if (hasParameters)
    header << parameters(callable.parameters);
  // The second list stands under the first.
  unsigned column = keyword.size() + 1 + columnsOf(node.name.text);
  if (hasParameters && hasInputs)
    header << indent(Doc() << softLine() << parameters(callable.inputs), column);
  else if (hasInputs)
    header << parameters(callable.inputs);
  bool isBelow =
      putsResultsBelow(column, node, callable, hasInputs ? callable.inputs : callable.parameters);
  if (isBelow) {
    Doc below;
    below << hardLine() << results(callable);
    header = Doc() << group(std::move(header)) << indent(std::move(below));
  } else {
    header << results(callable);
  }
  if (!callable.bodyIsExpr) {
    header << " ";
    Doc head = group(std::move(header));
    return Doc() << std::move(head) << block(*callable.body);
  }
  Doc head = group(std::move(header));
  Doc body;
  body << (isBelow ? hardLine() : line()) << expr(*callable.body->result);
  return group(Doc() << std::move(head) << " =" << indent(std::move(body), isBelow ? 4 : 2));
}

Doc PrinterImpl::fn(const FnDeclaration &node) {
  Doc doc = callable("fn", node, node, true, false);
  if (!node.gradient)
    return doc;
  Doc clause;
  finishItem(clause, node.body->range.end);
  itemComments(clause, node.gradient->range.begin, /*isFirst=*/true);
  clause << hardLine() << "gradient" << parameters(node.gradient->parameters);
  if (!node.gradient->bodyIsExpr)
    clause << " " << block(*node.gradient->body);
  else
    clause << " =" << group(indent(Doc() << line() << expr(*node.gradient->body->result)));
  return Doc() << std::move(doc) << indent(std::move(clause));
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
    // A comment behind the name goes before it: where the list breaks, a line may end there.
    uint32_t begin = result.type.range.begin;
    Doc element = callable.resultsInParens ? separated(begin) : commentsBefore(begin);
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
  Doc doc;
  if (node.isList)
    doc << "[";
  doc << name(node.element);
  if (node.argument)
    doc << "(" << expr(*node.argument) << ")";
  if (node.hasShape) {
    std::vector<Doc> elements;
    for (const DimExpr &dim : node.dims) {
      Doc element = separated(dim.range.begin);
      if (dim.rest)
        element << "..." << name(*dim.rest);
      else
        element << expr(*dim.size);
      elements.push_back(std::move(element));
    }
    Doc close = closer(SourceRange{ast.id, node.range.begin, node.range.end - node.isList}, "]");
    doc << bracketed("[", std::move(elements), std::move(close));
  }
  if (node.isList)
    doc << "]";
  return doc;
}

} // namespace nnc::syntax
