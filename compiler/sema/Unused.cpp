// Warns about unused names, and about parameters that nothing depends on.
#include "compiler/sema/Unused.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <map>

namespace nnc::sema {

/// Of a model without a recipe: parameters that no output needs.
static void reportParameters(const Model &model, const SourceManager &sources,
                             Diagnostics &diagnostics) {
  llvm::DenseSet<const Node *> used;
  std::vector<const Node *> pending;
  for (const Function::Result &result : model.predict.results)
    pending.push_back(result.node);
  while (!pending.empty()) {
    const Node *node = pending.back();
    pending.pop_back();
    if (used.insert(node).second)
      pending.insert(pending.end(), node->operands.begin(), node->operands.end());
  }
  // A layer of the library is the user's at the call; its parameters share one warning there.
  std::map<std::pair<uint32_t, uint32_t>, std::pair<SourceRange, std::vector<std::string>>> places;
  for (const Input &input : model.predict.inputs) {
    llvm::StringRef own = llvm::StringRef(input.name).rsplit('.').second;
    if (input.kind != Input::Kind::Parameter || used.contains(input.node) ||
        (own.empty() ? llvm::StringRef(input.name) : own).starts_with("_"))
      continue;
    SourceRange place = input.node->range;
    for (const CallSite *site = input.node->site; site && sources.isStd(place.file);
         site = site->caller)
      place = site->call;
    auto &entry = places[{place.file.index, place.begin}];
    entry.first = place;
    entry.second.push_back("'" + input.name + "'");
  }
  for (auto &[key, entry] : places) {
    auto &[place, names] = entry;
    bool isKnown = llvm::any_of(diagnostics.all(), [&](const auto &each) {
      return each->code == Code::UnusedName && each->range == place;
    });
    if (isKnown)
      continue;
    if (names.size() > 3)
      names = {names.front(), "...", names.back()};
    diagnostics
        .warning(Code::UnusedParameter, place,
                 "no output of the model depends on " + llvm::join(names, ", "))
        .suggest("a parameter that is meant to have no effect begins with '_'");
  }
}

void reportUnused(const Program &program, llvm::ArrayRef<UnusedName> names,
                  const SourceManager &sources, Diagnostics &diagnostics) {
  for (const UnusedName &each : names)
    diagnostics
        .warning(Code::UnusedName, each.range,
                 "the " + each.kind + " '" + each.text + "' is never used")
        .suggest(each.kind == "input" ? "a model takes what its outputs need"
                                      : "a name that begins with '_' may stay unused");
  for (const Model &model : program.models)
    if (!model.recipe)
      reportParameters(model, sources, diagnostics);
}

} // namespace nnc::sema
