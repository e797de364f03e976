// Declarations: signatures, types, bodies, documentation.
#include "compiler/syntax/Builder.h"

using namespace nnc::ast;

namespace nnc::syntax {

SourceRange Builder::range(const Context *context) const {
  SourceRange first = info(context->start).range;
  // A rule that failed may have no last token, or one before its first.
  const antlr4::Token *stop = context->stop;
  if (!stop || stop->getTokenIndex() < context->start->getTokenIndex())
    return first;
  return between(first, info(stop).range);
}

Name Builder::name(Terminal *terminal) const {
  if (!terminal)
    return {"", {fileId, 0, 0}};
  SourceRange where = range(terminal);
  return {sources.text(where).str(), where};
}

std::vector<Name> Builder::names(const std::vector<Terminal *> &terminals) const {
  std::vector<Name> result;
  for (Terminal *terminal : terminals)
    result.push_back(name(terminal));
  return result;
}

/// The text of the `///` lines before a declaration, of those after offset `after`.
std::string Builder::documentation(const TokenInfo &first, uint32_t after) const {
  std::string text;
  auto comment = llvm::partition_point(tokens.comments,
                                       [&](const Comment &c) { return c.range.begin < after; });
  for (; comment != tokens.comments.end() && comment->range.begin < first.range.begin; ++comment) {
    if (!comment->isDoc)
      continue;
    llvm::StringRef line = sources.text(comment->range).drop_front(3);
    line.consume_front(" ");
    text += (text.empty() ? "" : "\n") + line.rtrim().str();
  }
  return text;
}

std::unique_ptr<File> Builder::file(NnParser::FileContext *context) {
  auto file = std::make_unique<File>();
  file->id = fileId;
  file->comments = tokens.comments;
  uint32_t after = 0;
  for (NnParser::DeclarationContext *child : context->declaration()) {
    std::unique_ptr<Declaration> built = declaration(child);
    if (built) {
      built->range = range(child);
      built->doc = documentation(info(child->start), after);
      file->declarations.push_back(std::move(built));
    }
    after = range(child).end;
  }
  return file;
}

std::unique_ptr<Declaration> Builder::declaration(NnParser::DeclarationContext *context) {
  if (auto *child = context->importDeclaration())
    return import(child);
  if (auto *child = context->letStatement()) {
    auto node = std::make_unique<LetDeclaration>();
    fill(node->let, child);
    if (node->let.pattern.names.empty())
      return nullptr;
    node->let.range = range(child);
    node->name = node->let.pattern.names.front();
    return node;
  }
  if (auto *child = context->fnDeclaration())
    return fn(child);
  if (auto *child = context->layerDeclaration()) {
    auto node = callable<LayerDeclaration>(child, child->parameterList(), /*lastIsInputs=*/true,
                                           child->results());
    if (node)
      node->body = body(child->body(), node->name.range, "'" + node->name.text + "'");
    return node;
  }
  if (auto *child = context->modelDeclaration()) {
    auto node = callable<ModelDeclaration>(child, child->parameterList(), /*lastIsInputs=*/true,
                                           child->results());
    if (node)
      node->body = body(child->body(), node->name.range, "'" + node->name.text + "'");
    return node;
  }
  if (auto *child = context->optimizerDeclaration()) {
    auto node = callable<OptimizerDeclaration>(child, child->parameterList(),
                                               /*lastIsInputs=*/true, nullptr);
    if (node)
      node->body = body(child->body(), node->name.range, "'" + node->name.text + "'");
    return node;
  }
  if (auto *child = context->dataDeclaration())
    return data(child);
  if (auto *child = context->trainDeclaration())
    return train(child);
  return nullptr;
}

std::unique_ptr<Declaration> Builder::import(NnParser::ImportDeclarationContext *context) {
  if (!context->STRING())
    return nullptr;
  auto node = std::make_unique<ImportDeclaration>();
  node->name = {string(context->STRING()).value, range(context->STRING())};
  if (context->NAME())
    node->alias = name(context->NAME());
  return node;
}

std::unique_ptr<Declaration> Builder::fn(NnParser::FnDeclarationContext *context) {
  auto node = callable<FnDeclaration>(context, {context->parameterList()}, /*lastIsInputs=*/false,
                                      context->results());
  if (!node)
    return nullptr;
  node->body = body(context->body(), node->name.range, "'" + node->name.text + "'");
  if (NnParser::GradientClauseContext *child = context->gradientClause()) {
    GradientClause clause;
    clause.range = range(child);
    clause.parameters = parameters(child->parameterList());
    clause.bodyIsExpr = !child->body() || !child->body()->block();
    clause.body = body(child->body(), clause.range, "the gradient of '" + node->name.text + "'");
    node->gradient = std::move(clause);
  }
  return node;
}

/// The node with its signature; nothing where not even the name was read.
template <typename Node, typename RuleContext>
std::unique_ptr<Node> Builder::callable(RuleContext *context,
                                        const std::vector<NnParser::ParameterListContext *> &lists,
                                        bool lastIsInputs, NnParser::ResultsContext *results) {
  if (!context->NAME())
    return nullptr;
  auto node = std::make_unique<Node>();
  node->name = name(context->NAME());
  // An optimizer's only list is that of its settings: its inputs are missing, which was reported.
  bool isOptimizer = std::is_same_v<Node, OptimizerDeclaration>;
  size_t settings = isOptimizer || !lastIsInputs ? 1 : lists.size() - (lists.empty() ? 0 : 1);
  for (size_t i = 0; i < lists.size(); ++i)
    (i < settings ? node->parameters : node->inputs) = parameters(lists[i]);
  node->hasParameterList = lists.size() > 1;
  node->bodyIsExpr = !context->body() || !context->body()->block();
  fillResults(*node, results);
  return node;
}

void Builder::fillResults(Callable &callable, NnParser::ResultsContext *context) {
  if (!context)
    return;
  callable.resultsInParens = context->LPAREN() != nullptr;
  for (NnParser::ResultContext *child : context->result()) {
    Result result;
    if (child->NAME())
      result.name = name(child->NAME());
    result.type = type(child->type());
    callable.results.push_back(std::move(result));
  }
}

std::unique_ptr<Block> Builder::body(NnParser::BodyContext *context, SourceRange at,
                                     const std::string &owner) {
  if (context && context->block())
    return block(context->block(), Value::Wanted, "the body of " + owner);
  // `= e`, or nothing after an error.
  auto result = std::make_unique<Block>();
  result->result =
      expression(context ? context->expression() : nullptr, context ? range(context) : at);
  result->range = result->result->range;
  return result;
}

std::vector<Parameter> Builder::parameters(NnParser::ParameterListContext *context) {
  std::vector<Parameter> result;
  if (context)
    for (NnParser::ParameterContext *child : context->parameter())
      if (child->NAME())
        result.push_back(parameter(child));
  return result;
}

Parameter Builder::parameter(NnParser::ParameterContext *context) {
  Parameter result;
  result.name = name(context->NAME());
  result.range = range(context);
  if (context->type())
    result.type = type(context->type());
  if (context->ASSIGN())
    result.defaultValue = expression(context->expression(), result.range);
  return result;
}

TypeExpr Builder::type(NnParser::TypeContext *context) {
  TypeExpr result;
  if (context && context->type()) {
    result = type(context->type());
    if (result.isList)
      diagnostics.error(Code::UnexpectedToken, result.range, "a list holds no lists");
    result.isList = true;
    result.range = range(context);
    return result;
  }
  if (!context || !context->NAME()) {
    result.element = name(nullptr);
    result.range = context ? range(context) : result.element.range;
    return result;
  }
  result.range = range(context);
  result.element = name(context->NAME());
  if (context->expression())
    result.argument = expression(context->expression(), result.range);
  result.hasShape = context->LBRACKET() != nullptr;
  for (NnParser::DimensionContext *child : context->dimension())
    result.dims.push_back(dimension(child));
  return result;
}

DimExpr Builder::dimension(NnParser::DimensionContext *context) {
  DimExpr result;
  result.range = range(context);
  if (context->ELLIPSIS())
    result.rest = name(context->NAME());
  else
    result.size = expression(context->expression(), result.range);
  return result;
}

} // namespace nnc::syntax
