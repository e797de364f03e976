// The `optimizer` setting of a recipe: which rule updates which parameter.
#include "compiler/sema/Recipe.h"

#include "llvm/ADT/StringExtras.h"

namespace nnc::sema {

using namespace ast;

bool matchesGlob(llvm::StringRef pattern, llvm::StringRef path) {
  // The classic two pointers: on a mismatch, the last star takes one character more.
  size_t p = 0, s = 0, star = llvm::StringRef::npos, mark = 0;
  while (s < path.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = s;
    } else if (p < pattern.size() && pattern[p] == path[s]) {
      ++p;
      ++s;
    } else if (star != llvm::StringRef::npos) {
      p = star + 1;
      s = ++mark;
    } else {
      return false;
    }
  }
  return pattern.drop_front(p).find_first_not_of('*') == llvm::StringRef::npos;
}

/// Checks names and arguments of an optimizer though there is no model to update.
void RecipeElaborator::checkEntryWithoutModel(const SettingEntry &entry) {
  auto [optimizer, arguments] = findDeclaration<OptimizerDeclaration>(*entry.value);
  if (optimizer)
    e.elaborateUpdate(*optimizer, arguments, entry.value->range, "w", Type{Element::F32, {Dim(1)}});
}

void RecipeElaborator::addUpdates(const Setting &setting) {
  std::vector<const SettingEntry *> chosen(model->parameters.size());
  for (const SettingEntry &entry : setting.entries) {
    if (!entry.value)
      continue;
    bool isLast = &entry == &setting.entries.back() || (&entry)[1].name;
    if (!isLast && !entry.selectorGlob) {
      e.error(Code::SettingValue, entry.value->range,
              "nothing is left for the optimizers after this one")
          .suggest("'for rest' comes last");
      return;
    }
    size_t matches = 0, taken = 0;
    for (size_t i = 0; i < model->parameters.size(); ++i) {
      const sema::Parameter &parameter = model->parameters[i];
      bool isMatch = !entry.selectorGlob || matchesGlob(entry.selectorGlob->value, parameter.path);
      if (parameter.isBuffer || !isMatch)
        continue;
      ++matches;
      if (!chosen[i]) {
        chosen[i] = &entry;
        ++taken;
      }
    }
    if (entry.selectorGlob && matches > 0 && taken == 0)
      e.error(Code::SelectorWithoutMatch, entry.selectorGlob->range,
              "what matches \"" + entry.selectorGlob->value +
                  "\" is updated by an optimizer before this one")
          .suggest("the first that matches a parameter updates it");
    if (entry.selectorGlob && matches == 0) {
      std::vector<std::string> paths;
      for (const sema::Parameter &parameter : model->parameters)
        if (paths.size() < 8)
          paths.push_back(parameter.path);
      e.error(Code::SelectorWithoutMatch, entry.selectorGlob->range,
              "no parameter of '" + model->name + "' matches \"" + entry.selectorGlob->value + "\"")
          .suggest(paths.empty() ? "it has no parameters"
                                 : "its parameters: " + llvm::join(paths, ", "));
    }
  }
  for (size_t i = 0; i < model->parameters.size(); ++i) {
    const sema::Parameter &parameter = model->parameters[i];
    if (parameter.isBuffer)
      continue;
    if (!chosen[i]) {
      e.error(Code::ParameterWithoutOptimizer, setting.range,
              "no optimizer updates the parameter '" + parameter.path + "'")
          .note(parameter.range, "the parameter is declared here")
          .suggest("add one 'for rest'");
      continue;
    }
    auto [optimizer, arguments] = findDeclaration<OptimizerDeclaration>(*chosen[i]->value);
    if (!optimizer)
      continue;
    auto update = e.elaborateUpdate(*optimizer, arguments, chosen[i]->value->range, parameter.path,
                                    parameter.type);
    if (update)
      recipe.updates.push_back(std::move(*update));
  }
}

void RecipeElaborator::evalOptimizer() {
  const Setting *found = setting("optimizer");
  if (!found || found->entries.empty())
    return;
  std::vector<std::string> texts;
  for (const SettingEntry &entry : found->entries) {
    texts.push_back(e.quote(entry.value->range, llvm::StringRef::npos));
    if (entry.selectorGlob)
      texts.back() += " for \"" + entry.selectorGlob->value + "\"";
    else if (entry.selectsRest)
      texts.back() += " for rest";
  }
  recipe.optimizer = llvm::join(texts, "; ");
  bool isUsed = model && llvm::any_of(model->parameters,
                                      [](const sema::Parameter &p) { return !p.isBuffer; });
  if (!isUsed) {
    for (const SettingEntry &entry : found->entries)
      checkEntryWithoutModel(entry);
    return;
  }
  addUpdates(*found);
}

} // namespace nnc::sema
