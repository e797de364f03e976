// Puts the parts of the analysis in order.
#include "compiler/sema/Sema.h"

#include "compiler/sema/Elaborator.h"
#include "compiler/sema/NameCheck.h"
#include "compiler/sema/Primitives.h"
#include "compiler/sema/Recipe.h"
#include "compiler/sema/Unused.h"

namespace nnc::sema {

using namespace ast;

static void requireDeclaration(const File &file, SourceManager &sources, Diagnostics &diagnostics) {
  bool hasAny = llvm::any_of(file.declarations,
                             [](const auto &decl) { return !llvm::isa<ImportDeclaration>(*decl); });
  if (hasAny || diagnostics.hasErrors())
    return;
  auto end = static_cast<uint32_t>(sources.text(file.id).size());
  diagnostics.error(Code::NoModel, SourceRange{file.id, end, end}, "the file declares no model")
      .suggest("a program begins with 'model name(x: f32[batch, 4]) -> ... { ... }'");
}

namespace {

/// Elaborates the recipe of a file, then its models by themselves.
class Analysis {
public:
  Analysis(const File &file, Modules &modules, Elaborator &elaborator, Diagnostics &diagnostics,
           const DataFiles *files)
      : file(file), modules(modules), elaborator(elaborator), diagnostics(diagnostics),
        files(files) {}

  void run() {
    findRecipe();
    bool ok = true;
    if (recipe) {
      ok = elaborateRecipe(elaborator, *recipe, files);
      if (!ok && !diagnostics.hasErrors())
        diagnostics.error(Code::UnsettledShape, recipe->name.range,
                          "the recipe of '" + recipe->name.text + "' cannot be worked out");
    }
    for (const File *each : modules.userFiles())
      for (const auto &decl : each->declarations)
        if (const auto *model = llvm::dyn_cast<ModelDeclaration>(decl.get()))
          elaborateAlone(*model, ok);
    for (const File *each : modules.userFiles())
      for (const auto &decl : each->declarations) {
        // What is wrong with a 'let' may have been told to a check that came to nothing.
        if (elaborator.wasEntered(*decl) && !llvm::isa<LetDeclaration>(*decl))
          continue;
        if (const auto *data = llvm::dyn_cast<DataDeclaration>(decl.get()))
          DataElaborator(elaborator, *data, files).run();
        else
          elaborator.checkGenerically(*decl);
      }
  }

private:
  void findRecipe() {
    for (const auto &decl : file.declarations) {
      const auto *train = llvm::dyn_cast<TrainDeclaration>(decl.get());
      if (!train)
        continue;
      if (!recipe) {
        recipe = train;
        continue;
      }
      diagnostics.error(Code::DuplicateName, train->name.range, "the file has a second recipe")
          .note(recipe->name.range, "the first one is here")
          .suggest("a file has one; another file may import the model and train it otherwise");
    }
    if (!recipe)
      return;
    for (const TrainDeclaration::Model &each : recipe->models) {
      if (!each.path)
        continue;
      const NameExpr &path = *each.path;
      const Declaration *found =
          path.qualifiers.empty()
              ? modules.find(file.id, path.name.text)
              : modules.findIn(file.id, path.qualifiers.front().text, path.name.text).decl;
      if (const auto *model = llvm::dyn_cast_or_null<ModelDeclaration>(found))
        trained.push_back(model);
    }
  }

  /// A model by itself, to predict; the recipe's own was elaborated with it. One that the recipe
  /// trains with others may need what the recipe alone gives.
  void elaborateAlone(const ModelDeclaration &model, bool recipeIsFine) {
    bool isTrained = llvm::is_contained(trained, &model);
    if (isTrained && recipeIsFine && trained.size() == 1)
      return;
    if (!isTrained) {
      if (!elaborator.elaborateModel(model) && !diagnostics.hasErrors())
        diagnostics.error(Code::UnsettledShape, model.name.range,
                          "the result of '" + model.name.text + "' cannot be worked out");
      return;
    }
    if (!recipeIsFine && elaborator.wasEntered(model))
      return; // what is wrong with it was said
    Diagnostics own;
    Diagnostics &outer = elaborator.exchangeDiagnostics(own);
    size_t models = elaborator.program.models.size();
    bool ok = elaborator.elaborateModel(model);
    elaborator.exchangeDiagnostics(outer);
    if (!ok)
      elaborator.program.models.resize(models);
    if (recipeIsFine)
      return;
    // Without the recipe a size may be open that it would settle.
    for (const auto &each : own.all())
      if (each->code != Code::UnsettledDimension && each->code != Code::UnsettledShape &&
          each->code != Code::NotCompileTime)
        diagnostics.add(*each);
  }

  const File &file;
  Modules &modules;
  Elaborator &elaborator;
  Diagnostics &diagnostics;
  const DataFiles *files;
  const TrainDeclaration *recipe = nullptr;
  std::vector<const ModelDeclaration *> trained;
};

} // namespace

std::unique_ptr<Program> analyze(const File &file, SourceManager &sources, Diagnostics &diagnostics,
                                 const DataFiles *files) {
  auto program = std::make_unique<Program>();
  const bool isPartial = diagnostics.hasErrors();
  requireDeclaration(file, sources, diagnostics);
  Modules modules(sources, diagnostics);
  modules.load(file);
  std::vector<UnusedName> unused;
  for (const File *each : modules.userFiles())
    for (const auto &decl : each->declarations)
      checkNames(*decl, modules, diagnostics, unused);

  Elaborator elaborator(*program, sources, diagnostics, modules, isPartial);
  elaborator.files = files;
  Analysis(file, modules, elaborator, diagnostics, files).run();
  if (diagnostics.hasErrors())
    return nullptr;
  reportUnused(*program, unused, diagnostics);
  return program;
}

std::vector<PrimitiveInfo> primitives() {
  std::vector<PrimitiveInfo> infos;
  for (const Primitive *primitive : allPrimitives())
    infos.push_back({primitive->name.str(), primitive->signature(), primitive->doc.str()});
  return infos;
}

} // namespace nnc::sema
