// The networks that a recipe trains: which models they are, and whether it calls them.
#include "compiler/sema/Mentions.h"
#include "compiler/sema/Recipe.h"

#include "llvm/ADT/StringExtras.h"

namespace nnc::sema {

using namespace ast;

bool RecipeElaborator::findNetworks() {
  std::vector<std::pair<const ModelDeclaration *, const TrainDeclaration::Model *>> found;
  for (const TrainDeclaration::Model &each : decl.models) {
    if (!each.path)
      continue;
    const Name &name = each.path->name;
    const Declaration *declared = nullptr;
    if (each.path->qualifiers.empty()) {
      declared = e.modules.find(name.range.file, name.text);
    } else {
      Value value = e.evalName(*each.path);
      if (value.isUnknown())
        continue;
      declared = value.asDecl() ? value.asDecl()->decl : nullptr;
    }
    const auto *model = llvm::dyn_cast_or_null<ModelDeclaration>(declared);
    if (!declared && e.isPartial)
      continue;
    if (!model) {
      std::vector<std::string> candidates;
      for (const File *file : e.modules.userFiles())
        for (const auto &other : file->declarations)
          if (llvm::isa<ModelDeclaration>(*other))
            candidates.push_back(other->name.text);
      std::string near =
          candidates.size() == 1 ? candidates.front() : nearest(name.text, candidates);
      e.error(Code::UnknownModel, name.range,
              declared ? "'" + name.text + "' is " + Value(DeclValue{declared}).describe() +
                             ", not a model"
                       : "there is no model '" + name.text + "'")
          .suggest(!near.empty()        ? "did you mean '" + near + "'?"
                   : candidates.empty() ? "'model' declares one"
                                        : "there are: " + llvm::join(candidates, ", "));
      continue;
    }
    bool isTwice = llvm::any_of(found, [&](const auto &other) { return other.first == model; });
    if (isTwice)
      e.error(Code::DuplicateName, name.range,
              "the model '" + name.text + "' is named twice; calls of it are one network");
    else
      found.emplace_back(model, &each);
  }
  for (const auto &[model, written] : found)
    networks.push_back(&e.addNetwork(*model, e.evalArguments(written->arguments), written->range,
                                     found.size() > 1 ? model->name.text : ""));
  return !networks.empty() && found.size() == decl.models.size();
}

/// Every expression of the recipe.
static void forEachExpr(llvm::ArrayRef<Entry> entries,
                        llvm::function_ref<void(const Expr &)> call) {
  for (const Entry &entry : entries) {
    if (entry.let && entry.let->value)
      call(*entry.let->value);
    if (entry.value)
      call(*entry.value);
    for (const Argument &argument : entry.arguments)
      if (argument.value && entry.key.text != "data")
        call(*argument.value);
    forEachExpr(entry.entries, call);
  }
}

static std::vector<std::string> outputNames(const ModelDeclaration &decl) {
  std::vector<std::string> names;
  for (const Result &result : decl.results)
    if (result.name)
      names.push_back(result.name->text);
  return names;
}

/// A recipe that calls no model has its only one applied to what bears the names of its inputs.
void RecipeElaborator::findWhatIsCalled() {
  callsModels = networks.size() > 1;
  forEachExpr(decl.entries, [&](const Expr &expr) {
    visitNames(expr, [&](const NameExpr &name, bool isCalled) {
      for (const Network *network : networks)
        if (network->decl->name.text == name.name.text)
          callsModels |=
              isCalled || !llvm::is_contained(outputNames(*network->decl), name.name.text);
    });
  });
}

bool RecipeElaborator::mentionsOutputs(const std::set<std::string> &names) const {
  if (callsModels || networks.empty())
    return false;
  return llvm::any_of(outputNames(*networks.front()->decl),
                      [&](const std::string &name) { return names.count(name) != 0; });
}

/// A call may happen any number of times, so that its outputs have no names of their own.
void RecipeElaborator::hintForOutputs() {
  for (const Network *network : networks) {
    const ModelDeclaration &model = *network->decl;
    std::string names = llvm::join(outputNames(model), ", ");
    if (model.results.size() > 1)
      names = "(" + names + ")";
    for (const std::string &name : outputNames(model))
      e.hintForName.try_emplace(name, "a recipe that calls its model names what it gives: 'let " +
                                          names + " = " + model.name.text + "(...)'");
  }
}

/// Applies the only model, which the recipe does not call, and declares its outputs.
void RecipeElaborator::applyModel(Run &run) {
  if (run.hasApplied)
    return;
  run.hasApplied = true;
  Network &network = *networks.front();
  const ModelDeclaration &model = *network.decl;
  Scope &root = run.frame.root;
  std::vector<GivenArgument> given;
  bool ok = true;
  for (const ast::Parameter &input : model.inputs) {
    Variable *variable = root.find(input.name.text);
    if (!variable) {
      if (!isDataBroken && !mayBeMisspelt("data")) {
        const Entry *entry = setting("data");
        e.error(Code::MissingInput, entry ? entry->range : decl.name.range,
                "nothing in the recipe is called '" + input.name.text + "', which the model '" +
                    network.name + "' takes")
            .note(input.range, "the input is declared here")
            .suggest(entry
                         ? "a column of the data by that name gives it, or one that is renamed: '" +
                               input.name.text + ": COLUMN'"
                         : "'let " + input.name.text + " = ...' gives it, or a column of data");
      }
      ok = false;
      continue;
    }
    ok &= !variable->value.isUnknown();
    const Tensor *tensor = variable->value.asTensor();
    // Before shapes are compared: the commonest reason why they would not fit.
    if (tensor && input.type && isField(input.name.text) &&
        llvm::none_of(input.type->dims, [](const DimExpr &dim) { return dim.rest.has_value(); }) &&
        input.type->dims.size() + 1 == tensor->node->type.shape.size()) {
      e.error(Code::NoBatch, input.range,
              "to be trained, the input '" + input.name.text +
                  "' needs a leading dimension for the batch")
          .detail("the input  has type " + e.quote(input.type->range))
          .detail("a batch of it has type " + tensor->node->type.str())
          .suggest("such as " + input.type->element.text + "[batch" +
                   (input.type->dims.empty() ? "]" : ", ...]"));
      ok = false;
    }
    given.push_back({std::nullopt, variable->value, variable->declared});
  }
  Value value = ok ? e.applyNetwork(network, given, decl.models.front().range, &decl) : Value();
  const Sequence *several = model.results.size() > 1 ? value.asSequence() : nullptr;
  for (size_t i = 0; i < model.results.size(); ++i) {
    const Result &result = model.results[i];
    if (!result.name)
      continue;
    Value each = several && i < several->elements->size() ? (*several->elements)[i]
                 : model.results.size() > 1               ? Value()
                                                          : value;
    if (root.declare(result.name->text, {Variable::Kind::Argument, each, result.name->range}))
      continue;
    Variable *other = root.find(result.name->text);
    e.error(Code::DuplicateName, other->declared,
            "'" + result.name->text + "' is also an output of the model")
        .note(result.name->range, "the output is declared here")
        .suggest(isField(result.name->text)
                     ? "'NAME: " + result.name->text + "' gives the column another name"
                     : "give it another name");
  }
}

} // namespace nnc::sema
