// Data sets and training recipes.
#include "compiler/syntax/Builder.h"

using namespace nnc::ast;

namespace nnc::syntax {

std::unique_ptr<Declaration> Builder::data(NnParser::DataDeclarationContext *context) {
  if (!context->NAME())
    return nullptr;
  auto node = std::make_unique<DataDeclaration>();
  node->name = name(context->NAME());
  node->columns = parameters(context->parameterList());
  node->entries = section(context->section(), /*isRecipe=*/false);
  return node;
}

std::unique_ptr<Declaration> Builder::train(NnParser::TrainDeclarationContext *context) {
  auto node = std::make_unique<TrainDeclaration>();
  for (NnParser::TrainedModelContext *child : context->trainedModel()) {
    ExprPtr called = child->path() ? path(child->path(), range(child)) : nullptr;
    if (!called || !llvm::isa<NameExpr>(called.get()))
      continue;
    TrainDeclaration::Model model;
    model.range = range(child);
    model.path.reset(llvm::cast<NameExpr>(called.release()));
    if (NnParser::ArgumentsContext *arguments = child->arguments()) {
      model.hasArguments = true;
      for (NnParser::ArgumentContext *argument : arguments->argument())
        addArgument(model.arguments, argument);
    }
    node->models.push_back(std::move(model));
  }
  if (node->models.empty())
    return nullptr;
  node->name = node->models.front().path->name;
  node->entries = section(context->section(), /*isRecipe=*/true);
  return node;
}

std::vector<Entry> Builder::section(NnParser::SectionContext *context, bool isRecipe) {
  std::vector<Entry> entries;
  if (context)
    for (NnParser::EntryContext *child : context->entry())
      if (child->letStatement() || !child->NAME().empty())
        entries.push_back(entry(child, isRecipe));
  return entries;
}

Entry Builder::entry(NnParser::EntryContext *context, bool isRecipe) {
  Entry result;
  result.range = range(context);
  if (NnParser::LetStatementContext *child = context->letStatement()) {
    result.kind = Entry::Kind::Let;
    result.let = std::make_unique<LetStatement>();
    fill(*result.let, child);
    return result;
  }
  result.key = name(context->NAME(0));
  if (context->ASSIGN()) {
    bool isNamed = context->NAME().size() > 1;
    result.kind = isNamed ? Entry::Kind::Named : Entry::Kind::Column;
    result.name = name(context->NAME().back());
    result.value = expression(context->expression(), result.range);
    if (isRecipe && !isNamed) {
      if (!llvm::isa<ErrorExpr>(result.value.get()))
        diagnostics
            .error(Code::UnexpectedToken, range(context->ASSIGN()),
                   "unexpected '=' behind '" + result.key.text + "'")
            .suggest("a setting is written '" + result.key.text +
                     " VALUE', a value of your own 'let " + result.key.text + " = VALUE'");
      result.kind = Entry::Kind::Line;
      result.arguments.push_back({std::nullopt, error(result.range)});
      result.value = nullptr;
    }
    return result;
  }
  if (context->section()) {
    result.kind = Entry::Kind::Section;
    result.name = name(orNull(context->NAME(), 1));
    for (NnParser::NamedArgumentContext *child : context->namedArgument()) {
      Argument argument;
      if (child->NAME())
        argument.name = name(child->NAME());
      argument.value = expression(child->expression(), range(child));
      result.arguments.push_back(std::move(argument));
    }
    result.entries = section(context->section(), isRecipe);
    return result;
  }
  anyOrder = isRecipe && result.key.text == "data";
  for (NnParser::ArgumentContext *child : context->argument())
    addArgument(result.arguments, child);
  anyOrder = false;
  for (Terminal *selector : context->STRING())
    result.selectors.push_back(std::make_unique<StringExpr>(string(selector)));
  return result;
}

} // namespace nnc::syntax
