// Warns about unused names, and about parameters that nothing depends on.
#include "compiler/sema/Unused.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <map>

namespace nnc::sema {

using NodeSet = llvm::DenseSet<const Node *>;

/// What the roots are computed from, themselves included.
static NodeSet reach(std::vector<const Node *> pending) {
  NodeSet seen;
  while (!pending.empty()) {
    const Node *node = pending.back();
    pending.pop_back();
    if (seen.insert(node).second)
      pending.insert(pending.end(), node->operands.begin(), node->operands.end());
  }
  return seen;
}

static void addResults(const Function &function, std::vector<const Node *> &roots) {
  for (const Function::Result &result : function.results)
    roots.push_back(result.node);
}

/// Of a model without a recipe: parameters that no output needs.
static void reportParameters(const Model &model, Diagnostics &diagnostics) {
  std::vector<const Node *> roots;
  addResults(model.predict, roots);
  NodeSet used = reach(std::move(roots));
  std::map<std::string, const Node *> nodes;
  for (const Input &input : model.predict.inputs)
    if (input.kind == Input::Kind::Parameter)
      nodes.emplace(input.name, input.node);
  // A layer of the library is the user's at the call; its parameters share one warning there.
  std::map<std::pair<uint32_t, uint32_t>, std::pair<SourceRange, std::vector<std::string>>> places;
  for (const Parameter &parameter : model.parameters) {
    auto it = nodes.find(parameter.path);
    const Node *node = it == nodes.end() ? nullptr : it->second;
    llvm::StringRef own = llvm::StringRef(parameter.path).rsplit('.').second;
    bool isMeant = (own.empty() ? llvm::StringRef(parameter.path) : own).starts_with("_");
    if (isMeant || (node && used.contains(node)))
      continue;
    SourceRange place = parameter.range;
    auto &entry = places[{place.file.index, place.begin}];
    entry.first = place;
    entry.second.push_back("'" + parameter.path + "'");
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
                  Diagnostics &diagnostics) {
  for (const UnusedName &each : names)
    diagnostics
        .warning(Code::UnusedName, each.range,
                 "the " + each.kind + " '" + each.text + "' is never used")
        .suggest(each.kind == "input" ? "a model takes what its outputs need"
                                      : "a name that begins with '_' may stay unused");
  for (const Model &model : program.models)
    if (!model.recipe) // of a recipe, its elaboration says which no loss reaches
      reportParameters(model, diagnostics);
}

} // namespace nnc::sema
