// Data sets and training recipes.
#include "compiler/syntax/Builder.h"

using namespace nnc::ast;

namespace nnc::syntax {

std::unique_ptr<Declaration> Builder::data(NnParser::DataDeclarationContext *context) {
  if (context->NAME().empty())
    return nullptr;
  auto node = std::make_unique<DataDeclaration>();
  node->name = name(context->NAME(0));
  node->format = name(orNull(context->NAME(), 1));
  for (NnParser::DataItemContext *item : context->dataItem()) {
    if (item->dataField() && item->dataField()->NAME())
      node->fields.push_back(dataField(item->dataField()));
    else if (item->dataSplit())
      node->splits.push_back(dataSplit(item->dataSplit()));
  }
  return node;
}

DataField Builder::dataField(NnParser::DataFieldContext *context) {
  DataField field;
  field.name = name(context->NAME());
  field.type = type(context->type());
  field.range = range(context);
  if (context->IN()) {
    field.low = operation(orNull(context->operation(), 0), field.range);
    field.high = operation(orNull(context->operation(), 1), field.range);
  }
  return field;
}

DataSplit Builder::dataSplit(NnParser::DataSplitContext *context) {
  DataSplit split;
  split.name = name(context->NAME() ? context->NAME() : context->TRAIN());
  split.range = range(context);
  for (NnParser::DataFileContext *file : context->dataFile())
    if (file->NAME() && file->STRING())
      split.files.push_back({name(file->NAME()), string(file->STRING())});
  return split;
}

std::unique_ptr<Declaration> Builder::train(NnParser::TrainDeclarationContext *context) {
  if (!context->NAME())
    return nullptr;
  auto node = std::make_unique<TrainDeclaration>();
  node->name = name(context->NAME());
  for (NnParser::SettingContext *child : context->setting())
    if (child->settingKey())
      node->settings.push_back(setting(child));
  return node;
}

Setting Builder::setting(NnParser::SettingContext *context) {
  Setting result;
  SourceRange key = range(context->settingKey());
  result.key = {sources.text(key).str(), key};
  result.range = range(context);
  result.isEvery = context->EVERY() != nullptr;
  SettingEntry first;
  if (NnParser::EntryContext *child = context->entry()) {
    if (child->NAME())
      first.name = name(child->NAME());
    first.value = expression(child->expression(), range(child));
    select(first, child->selector());
  } else {
    first.value = error(key);
  }
  result.entries.push_back(std::move(first));
  for (NnParser::FurtherEntryContext *child : context->furtherEntry())
    result.entries.push_back(furtherEntry(child));
  if (context->bindings())
    result.bindings = names(context->bindings()->NAME());
  return result;
}

SettingEntry Builder::furtherEntry(NnParser::FurtherEntryContext *context) {
  SettingEntry result;
  if (!context->NAME()) {
    result.value = error(range(context));
  } else if (context->ASSIGN()) {
    result.name = name(context->NAME());
    result.value = expression(context->expression(), range(context));
  } else {
    result.value = named(context->NAME(), context->arguments());
  }
  select(result, context->selector());
  return result;
}

/// `for "*.w"`, `for rest`
void Builder::select(SettingEntry &entry, NnParser::SelectorContext *context) {
  if (!context)
    return;
  if (context->STRING()) {
    entry.selectorGlob.emplace(string(context->STRING()));
  } else if (context->NAME()) {
    Name word = name(context->NAME());
    entry.selectsRest = word.text == "rest";
    if (!entry.selectsRest)
      diagnostics
          .error(Code::UnexpectedToken, word.range,
                 "expected a pattern or 'rest' after 'for', found '" + word.text + "'")
          .suggest("a pattern of parameter names is a string: \"*.w\"");
  }
}

} // namespace nnc::syntax
