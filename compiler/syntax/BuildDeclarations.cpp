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
  if (auto *import = context->importDeclaration()) {
    if (!import->STRING())
      return nullptr;
    auto node = std::make_unique<ImportDeclaration>();
    node->name = {string(import->STRING()).value, range(import->STRING())};
    return node;
  }
  if (auto *fn = context->fnDeclaration()) {
    auto node = callable<FnDeclaration>(fn);
    if (node) {
      fillSignature(*node, {fn->parameterList()}, /*lastIsInputs=*/false);
      fillResults(*node, fn->results());
      fillBody(*node, fn->body(), node->name);
    }
    return node;
  }
  if (auto *layer = context->layerDeclaration()) {
    auto node = callable<LayerDeclaration>(layer);
    if (node) {
      fillSignature(*node, layer->parameterList(), /*lastIsInputs=*/true);
      fillResults(*node, layer->results());
      fillBody(*node, layer->body(), node->name);
    }
    return node;
  }
  if (auto *model = context->modelDeclaration()) {
    auto node = callable<ModelDeclaration>(model);
    if (node) {
      node->hasParameterList = model->parameterList().size() > 1;
      fillSignature(*node, model->parameterList(), /*lastIsInputs=*/true);
      fillResults(*node, model->results());
      fillBody(*node, model->body(), node->name);
    }
    return node;
  }
  if (auto *optimizer = context->optimizerDeclaration()) {
    auto node = callable<OptimizerDeclaration>(optimizer);
    if (node) {
      fillSignature(*node, {optimizer->parameterList()}, /*lastIsInputs=*/false);
      fillBody(*node, optimizer->body(), node->name);
    }
    return node;
  }
  if (auto *schedule = context->scheduleDeclaration()) {
    auto node = callable<ScheduleDeclaration>(schedule);
    if (node) {
      fillSignature(*node, {schedule->parameterList()}, /*lastIsInputs=*/false);
      fillResults(*node, schedule->results());
      fillBody(*node, schedule->body(), node->name);
    }
    return node;
  }
  if (auto *set = context->dataDeclaration())
    return data(set);
  if (auto *recipe = context->trainDeclaration())
    return train(recipe);
  return nullptr;
}

/// The node with its name; nothing where not even that was read.
template <typename Node, typename RuleContext>
std::unique_ptr<Node> Builder::callable(RuleContext *context) {
  if (!context->NAME())
    return nullptr;
  auto node = std::make_unique<Node>();
  node->name = name(context->NAME());
  return node;
}

void Builder::fillSignature(Callable &callable,
                            const std::vector<NnParser::ParameterListContext *> &lists,
                            bool lastIsInputs) {
  for (size_t i = 0; i < lists.size(); ++i) {
    if (!lists[i])
      continue;
    bool isInputs = lastIsInputs && i + 1 == lists.size();
    for (NnParser::ParameterContext *child : lists[i]->parameter())
      if (child->NAME())
        (isInputs ? callable.inputs : callable.parameters).push_back(parameter(child));
  }
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

void Builder::fillBody(Callable &callable, NnParser::BodyContext *context, const Name &name) {
  if (context && context->block()) {
    callable.body = block(context->block(), /*wantsValue=*/true, "the body of '" + name.text + "'");
    return;
  }
  // `= e`, or nothing after an error.
  SourceRange at = context ? range(context) : name.range;
  callable.bodyIsExpr = true;
  callable.body = std::make_unique<Block>();
  callable.body->result = expression(context ? context->expression() : nullptr, at);
  callable.body->range = callable.body->result->range;
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
  if (!context || !context->NAME()) {
    result.element = name(nullptr);
    result.range = context ? range(context) : result.element.range;
    return result;
  }
  result.element = name(context->NAME());
  result.hasShape = context->LBRACKET() || context->INDEX_BRACKET();
  for (NnParser::DimensionContext *child : context->dimension())
    result.dims.push_back(dimension(child));
  result.range = range(context);
  return result;
}

DimExpr Builder::dimension(NnParser::DimensionContext *context) {
  DimExpr result;
  result.range = range(context);
  if (context->ELLIPSIS())
    result.rest = name(context->NAME());
  else
    result.size = operation(context->operation(), result.range);
  return result;
}

} // namespace nnc::syntax
