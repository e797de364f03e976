// Puts the parts of the analysis in order.
#include "compiler/sema/Sema.h"

#include "compiler/sema/Elaborator.h"
#include "compiler/sema/NameCheck.h"
#include "compiler/sema/Primitives.h"
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

/// The recipe of the file: its model comes first. Null where there is none.
static const TrainDeclaration *findRecipe(const File &file, Diagnostics &diagnostics) {
  const TrainDeclaration *first = nullptr;
  for (const auto &decl : file.declarations) {
    const auto *train = llvm::dyn_cast<TrainDeclaration>(decl.get());
    if (train && first)
      diagnostics.error(Code::DuplicateName, train->name.range, "the file has a second recipe")
          .note(first->name.range, "the first one is here")
          .suggest("a file that imports the model can have a recipe of its own for it");
    else if (train)
      first = train;
  }
  return first;
}

std::unique_ptr<Program> analyze(const File &file, SourceManager &sources,
                                 Diagnostics &diagnostics) {
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
  const TrainDeclaration *train = findRecipe(file, diagnostics);
  if (train && !elaborator.elaborateRecipe(*train) && !diagnostics.hasErrors())
    diagnostics.error(Code::UnsettledShape, train->name.range,
                      "the recipe of '" + train->name.text + "' cannot be worked out");
  elaborator.forgetNetworks();
  // One that the recipe trains alone has no form of its own besides; where its recipe has errors, it
  // is looked at by itself, too.
  const Declaration *trained =
      train && train->models.size() == 1 && !diagnostics.hasErrors() && !program->models.empty()
          ? modules.find(file.id, program->models.front().name)
          : nullptr;
  for (const File *each : modules.userFiles())
    for (const auto &decl : each->declarations)
      if (const auto *model = llvm::dyn_cast<ModelDeclaration>(decl.get());
          model && model != trained && !elaborator.elaborateModel(*model) &&
          !diagnostics.hasErrors())
        diagnostics.error(Code::UnsettledShape, model->name.range,
                          "the result of '" + model->name.text + "' cannot be worked out");
  for (const File *each : modules.userFiles())
    for (const auto &decl : each->declarations)
      if (!elaborator.wasEntered(*decl))
        elaborator.checkGenerically(*decl);
  if (diagnostics.hasErrors())
    return nullptr;
  reportUnused(*program, unused, sources, diagnostics);
  return program;
}

std::vector<PrimitiveInfo> primitives() {
  std::vector<PrimitiveInfo> infos;
  for (const Primitive *primitive : allPrimitives())
    infos.push_back({primitive->name.str(), primitive->signature(), primitive->doc.str()});
  return infos;
}

} // namespace nnc::sema
