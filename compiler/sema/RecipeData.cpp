// The `data` line of a recipe: which columns it binds, and under which names.
#include "compiler/sema/Recipe.h"

#include "llvm/ADT/StringExtras.h"

namespace nnc::sema {

using namespace ast;

bool RecipeElaborator::isField(llvm::StringRef name) const {
  return llvm::any_of(fields, [&](const Field &field) { return field.name == name; });
}

void RecipeElaborator::bindColumn(const Argument &argument,
                                  std::vector<DataElaborator::Bound> &bound) {
  const auto *name = llvm::dyn_cast_or_null<NameExpr>(argument.value.get());
  if (!name || !name->qualifiers.empty()) {
    if (argument.value && !llvm::isa<ErrorExpr>(*argument.value))
      e.error(Code::SettingValue, argument.value->range, "a data set is given names of columns")
          .suggest("'image: pixels' takes the column 'pixels' as 'image'");
    isDataBroken = true;
    return;
  }
  const Name &binding = argument.name ? *argument.name : name->name;
  for (const DataElaborator::Bound &other : bound)
    if (other.name == binding.text) {
      e.error(Code::DuplicateName, binding.range, "'" + binding.text + "' is bound twice")
          .note(other.range, "it is first bound here")
          .suggest("'NAME: " + name->name.text + "' gives the column another name");
      return;
    }
  for (const DeclaredField &field : data->fields)
    if (field.name == name->name.text) {
      bound.push_back({&field, binding.text, binding.range});
      return;
    }
  isDataBroken = true;
  unknownFields.push_back({binding.text, nullptr, binding.range});
  std::vector<std::string> candidates;
  for (const DeclaredField &field : data->fields)
    candidates.push_back(field.name);
  const Declaration &declared = data->declaration();
  std::string near = nearest(name->name.text, candidates);
  Diagnostic &diagnostic =
      e.error(Code::UnknownField, name->range,
              "the data set '" + declared.name.text + "' has no column '" + name->name.text + "'");
  if (!e.sources.isStd(declared.name.range.file))
    diagnostic.note(declared.name.range, "the data set is declared here");
  if (!near.empty())
    diagnostic.suggest("did you mean '" + near + "'?");
  else if (argument.name && llvm::is_contained(candidates, argument.name->text))
    diagnostic.suggest("the new name stands first: '" + name->name.text + ": " +
                       argument.name->text + "'");
  else
    diagnostic.suggest("its columns: " + llvm::join(candidates, ", "));
}

/// Names that a broken line would bring: what uses them is silent.
void RecipeElaborator::declareUnknownColumns(const Expr &value) {
  isDataBroken = true;
  if (const auto *call = llvm::dyn_cast<CallExpr>(&value))
    for (const Argument &argument : call->arguments)
      if (const auto *name = llvm::dyn_cast_or_null<NameExpr>(argument.value.get())) {
        const Name &binding = argument.name ? *argument.name : name->name;
        unknownFields.push_back({binding.text, nullptr, binding.range});
      }
}

void RecipeElaborator::bindData() {
  const Entry *entry = setting("data");
  if (!entry) {
    isDataBroken = settings.count("data") != 0 || e.isPartial;
    return;
  }
  const Expr &value = *entry->arguments.front().value;
  const auto *name = llvm::dyn_cast<NameExpr>(&value);
  const auto *call = llvm::dyn_cast<CallExpr>(&value);
  if (call)
    name = llvm::dyn_cast<NameExpr>(call->callee.get());
  if (!name) {
    if (!llvm::isa<ErrorExpr>(value))
      e.error(Code::SettingValue, value.range, "'data' takes a data set")
          .suggest("such as 'data mnist(image, label)'");
    return declareUnknownColumns(value);
  }
  e.hintForUnknown = "a data set of your own is declared in the file: 'data " + name->name.text +
                     "(x: f32[4], y: f32) { train npy(x: \"x.npy\", y: \"y.npy\") }'";
  Value found = e.evalName(*name);
  e.hintForUnknown.clear();
  const auto *decl = found.asDecl();
  const auto *declared = decl ? llvm::dyn_cast<DataDeclaration>(decl->decl) : nullptr;
  if (!declared) {
    if (!found.isUnknown())
      e.error(Code::SettingValue, name->range,
              "'" + name->name.text + "' is " + found.describe() + ", not a data set");
    return declareUnknownColumns(value);
  }
  data = std::make_unique<DataElaborator>(e, *declared, files);
  e.noteEntered(*declared);
  bool isWhole = data->run();
  std::vector<DataElaborator::Bound> bound;
  if (call)
    for (const Argument &argument : call->arguments)
      bindColumn(argument, bound);
  else
    for (const DeclaredField &field : data->fields)
      bound.push_back({&field, field.name, name->range});
  if (call && call->arguments.empty())
    e.error(Code::SettingValue, value.range, "no column is named")
        .suggest("as in '" + declared->name.text + "(" +
                 (data->fields.empty() ? "" : data->fields.front().name) + ")'");
  for (const DataElaborator::Bound &each : bound)
    if (!each.field->node)
      unknownFields.push_back({each.name, nullptr, each.range});
  llvm::erase_if(bound, [](const DataElaborator::Bound &each) { return !each.field->node; });
  isDataBroken |= !isWhole || !unknownFields.empty();
  Dim batch = Dim::symbol("batch");
  auto taken = bound.empty() ? std::nullopt : data->take(bound, batch);
  if (!taken) {
    isDataBroken = true;
    for (const DataElaborator::Bound &each : bound)
      unknownFields.push_back({each.name, nullptr, each.range});
    return;
  }
  taken->validShare = validShare;
  taken->validSeed = validSeed;
  for (size_t i = 0; i < bound.size(); ++i) {
    const Port &port = taken->fields[i];
    e.graph.setPlace(port.range, nullptr);
    const Node *node = e.graph.input(port.type);
    if (port.limit)
      e.ranges[node] = {port.limit, /*isDeclared=*/true, port.name, port.range};
    else if (isInteger(port.type.element))
      e.ranges[node] = {std::nullopt, /*isDeclared=*/false, port.name, port.range};
    fields.push_back(
        {port.name, node, port.range, data->isCategory(bound[i].field->node), port.classesOf});
  }
  recipe.data = std::move(*taken);
}

/// Which number a class has is found when the data is read, and isn't kept for recipes: a column
/// that says whether it is this class costs nothing more.
std::optional<Value> RecipeElaborator::refuseClass(const Node *category, const std::string &name,
                                                   SourceRange range) {
  auto field = llvm::find_if(fields, [&](const Field &each) { return each.node == category; });
  if (field == fields.end() || !field->isCategory)
    return std::nullopt;
  Diagnostic &diagnostic =
      e.error(Code::OperandType, range,
              "the class \"" + name + "\" of '" + field->name +
                  "' is known in the code of its data set alone, not in a recipe");
  const Declaration &declared = data->declaration();
  if (!e.sources.isStd(declared.name.range.file))
    diagnostic.note(declared.name.range, "the data set is declared here");
  diagnostic.suggest("make the comparison a column there, 'NAME = category(...) == \"" + name +
                     "\"', and take it in the recipe's 'data'");
  return Unknown{};
}

} // namespace nnc::sema
