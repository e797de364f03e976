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

/// Whether some function of the recipe reads the input of this name.
static bool isReadByRecipe(const Program &program, SourceRange range) {
  for (const Model &model : program.models) {
    auto port = llvm::find_if(model.inputs, [&](const Port &each) {
      return each.range.file == range.file && each.range.begin <= range.begin &&
             range.end <= each.range.end;
    });
    if (port == model.inputs.end() || !model.recipe)
      continue;
    std::vector<const Function *> functions;
    for (const StepBlock &block : model.recipe->blocks)
      functions.push_back(&block.objective);
    for (const Evaluation::Pass &pass : model.recipe->evaluation.passes)
      functions.push_back(&pass.accumulate);
    for (const Function *function : functions) {
      std::vector<const Node *> roots;
      addResults(*function, roots);
      NodeSet used = reach(std::move(roots));
      if (llvm::any_of(function->inputs, [&](const Input &input) {
            return input.kind == Input::Kind::Field && input.name == port->name &&
                   used.contains(input.node);
          }))
        return true;
    }
  }
  return false;
}

/// What the model is for: its losses, or without a recipe its outputs.
static NodeSet effective(const Model &model) {
  std::vector<const Node *> roots;
  if (!model.recipe)
    addResults(model.predict, roots);
  else
    for (const StepBlock &block : model.recipe->blocks)
      addResults(block.objective, roots);
  return reach(std::move(roots));
}

/// Parameters by path with their nodes, as the model's functions have them.
static std::map<std::string, const Node *> parameterNodes(const Model &model) {
  std::map<std::string, const Node *> nodes;
  auto note = [&](const Function &function) {
    for (const Input &input : function.inputs)
      if (input.kind == Input::Kind::Parameter)
        nodes.emplace(input.name, input.node);
  };
  note(model.predict);
  if (model.recipe)
    for (const StepBlock &block : model.recipe->blocks)
      note(block.objective);
  return nodes;
}

static void reportParameters(const Model &model, const SourceManager &sources,
                             Diagnostics &diagnostics) {
  NodeSet used = effective(model);
  std::map<std::string, const Node *> nodes = parameterNodes(model);
  // A layer of the library is the user's at the call; its parameters share one warning there.
  std::map<std::pair<uint32_t, uint32_t>, std::pair<SourceRange, std::vector<std::string>>> places;
  for (const Parameter &parameter : model.parameters) {
    auto it = nodes.find(parameter.path);
    const Node *node = it == nodes.end() ? nullptr : it->second;
    llvm::StringRef own = llvm::StringRef(parameter.path).rsplit('.').second;
    bool isMeant = (own.empty() ? llvm::StringRef(parameter.path) : own).starts_with("_");
    bool isFrozen = model.recipe && llvm::is_contained(model.recipe->frozen, parameter.path);
    if (isMeant || isFrozen || (node && used.contains(node)))
      continue;
    SourceRange place = parameter.range;
    for (const CallSite *site = node ? node->site : nullptr; site && sources.isStd(place.file);
         site = site->caller)
      place = site->call;
    if (sources.isStd(place.file))
      place = model.range;
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
                 std::string(model.recipe ? "no loss depends on "
                                          : "no output of the model depends on ") +
                     llvm::join(names, ", "))
        .suggest("a parameter that is meant to have no effect begins with '_'");
  }
}

void reportUnused(const Program &program, llvm::ArrayRef<UnusedName> names,
                  const SourceManager &sources, Diagnostics &diagnostics) {
  for (const UnusedName &each : names)
    if (each.kind != "input" || !isReadByRecipe(program, each.range))
      diagnostics
          .warning(Code::UnusedName, each.range,
                   "the " + each.kind + " '" + each.text + "' is never used")
          .suggest(each.kind == "input" ? "a model takes what its outputs or its recipe need"
                                        : "a name that begins with '_' may stay unused");
  for (const Model &model : program.models)
    reportParameters(model, sources, diagnostics);
}

} // namespace nnc::sema
