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

static NodeSet reach(const Function &function) {
  std::vector<const Node *> roots;
  for (const Function::Result &result : function.results)
    roots.push_back(result.node);
  return reach(std::move(roots));
}

static const Recipe *findRecipe(const Program &program, const Model &model) {
  auto it =
      llvm::find_if(program.recipes, [&](const Recipe &each) { return each.model == model.name; });
  return it == program.recipes.end() ? nullptr : &*it;
}

/// Whether the loss or a metric reads the input, which the model itself does not.
static bool isReadByRecipe(const Program &program, SourceRange range) {
  for (const Model &model : program.models) {
    auto port = llvm::find_if(model.inputs, [&](const Port &each) {
      return each.range.file == range.file && each.range.begin <= range.begin &&
             range.end <= each.range.end;
    });
    const Recipe *recipe = findRecipe(program, model);
    if (port == model.inputs.end() || !recipe)
      continue;
    for (const Function *function : {&recipe->loss, &recipe->metrics}) {
      NodeSet used = reach(*function);
      if (llvm::any_of(function->inputs, [&](const Input &input) {
            return input.kind == Input::Kind::ModelInput && input.name == port->name &&
                   used.contains(input.node);
          }))
        return true;
    }
  }
  return false;
}

/// What the model is for: the outputs that its loss reads, or all of them, and its buffers.
static NodeSet effective(const Model &model, const Recipe *recipe) {
  NodeSet read = recipe ? reach(recipe->loss) : NodeSet();
  std::vector<const Node *> roots;
  for (const Function::Result &result : model.forward.results) {
    bool isUnread = recipe && llvm::any_of(recipe->loss.inputs, [&](const Input &input) {
                      return input.kind == Input::Kind::ModelOutput && input.name == result.name &&
                             !read.contains(input.node);
                    });
    if (!isUnread)
      roots.push_back(result.node);
  }
  return reach(std::move(roots));
}

static void reportParameters(const Model &model, const Recipe *recipe, const SourceManager &sources,
                             Diagnostics &diagnostics) {
  NodeSet used = effective(model, recipe);
  // A layer of the library is the user's at the call; its parameters share one warning there.
  std::map<std::pair<uint32_t, uint32_t>, std::pair<SourceRange, std::vector<std::string>>> places;
  for (const Input &input : model.forward.inputs) {
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
                 std::string(recipe ? "the loss does not depend on "
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
    reportParameters(model, findRecipe(program, model), sources, diagnostics);
}

} // namespace nnc::sema
