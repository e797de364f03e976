// The `optimizer`, `clip` and `freeze` lines of a recipe: which rule updates which parameter.
#include "compiler/sema/Recipe.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/GlobPattern.h"

namespace nnc::sema {

using namespace ast;

/// "'a', 'b' and 3 more"
static std::string someOf(llvm::ArrayRef<std::string> names) {
  std::string text;
  size_t shown = names.size() <= 4 ? names.size() : 3;
  for (size_t i = 0; i < shown; ++i)
    text += (i == 0                                           ? ""
             : i + 1 == names.size() && shown == names.size() ? " and "
                                                              : ", ") +
            ("'" + names[i] + "'");
  if (shown < names.size())
    text += " and " + std::to_string(names.size() - shown) + " more";
  return text;
}

/// Which of the paths the pattern matches. Reports a pattern that is none, or matches nothing.
std::vector<unsigned> RecipeElaborator::matching(const StringExpr &pattern,
                                                 llvm::ArrayRef<std::string> paths) {
  std::vector<unsigned> matches;
  auto glob = llvm::GlobPattern::create(pattern.value);
  if (!glob) {
    e.error(Code::SettingValue, pattern.range,
            "this is not a pattern: " + llvm::toString(glob.takeError()))
        .suggest("'*' stands for any text, '?' for a character, as in \"block.*.w\"");
    return matches;
  }
  for (unsigned i = 0; i < paths.size(); ++i)
    if (glob->match(paths[i]))
      matches.push_back(i);
  if (!matches.empty())
    return matches;
  std::string bare = pattern.value;
  llvm::erase(bare, '*');
  std::vector<std::string> bareNames; // what stands behind the last dot, and whole paths
  for (const std::string &path : paths) {
    bareNames.push_back(path);
    bareNames.push_back("." + llvm::StringRef(path).rsplit('.').second.str());
  }
  std::string hint;
  const std::string ending = "*" + pattern.value; // a pattern refers to its text
  auto loose = llvm::GlobPattern::create(ending);
  if (paths.empty())
    hint = "there are no parameters";
  else if (loose && llvm::any_of(paths, [&](const std::string &p) { return loose->match(p); }))
    hint = "did you mean \"*" + pattern.value + "\"?";
  else if (std::string near = nearest(bare, bareNames); !near.empty())
    hint = "did you mean \"" + (near.front() == '.' ? "*" + near : near) + "\"?";
  std::vector<std::string> shown(paths.begin(), paths.begin() + std::min<size_t>(paths.size(), 8));
  Diagnostic &diagnostic =
      e.error(Code::SelectorWithoutMatch, pattern.range,
              "no parameter of '" + networks.front()->name + "' matches \"" + pattern.value + "\"");
  if (!paths.empty() && !hint.empty())
    diagnostic.detail("parameters: " + llvm::join(shown, ", ") +
                      (shown.size() < paths.size() ? ", ..." : ""));
  diagnostic.suggest(hint.empty() ? "its parameters: " + llvm::join(shown, ", ") : hint);
  return matches;
}

/// Patterns of `freeze` are of paths, which are known once the body has been elaborated: that is
/// done in vain here, for the paths alone.
void RecipeElaborator::settleFrozen() {
  if (freezes.empty())
    return;
  Diagnostics ignored;
  Diagnostics &outer = e.exchangeDiagnostics(ignored);
  for (const auto &block : blocks)
    train(*block);
  e.exchangeDiagnostics(outer);
  std::vector<std::string> paths;
  for (Network *network : networks)
    for (const OwnedTensor *tensor : network->tensors())
      if (!tensor->isState)
        paths.push_back(tensor->path);
  for (const Entry *entry : freezes)
    for (const Argument &argument : entry->arguments) {
      const auto *pattern = llvm::dyn_cast<StringExpr>(argument.value.get());
      if (!pattern) {
        if (!llvm::isa<ErrorExpr>(*argument.value))
          e.error(Code::SettingValue, argument.value->range,
                  "'freeze' takes patterns of parameters in quotes")
              .suggest("such as 'freeze \"backbone.*\"'");
        continue;
      }
      if (paths.empty() && ignored.hasErrors())
        continue; // the model itself is broken
      for (unsigned i : matching(*pattern, paths))
        frozen.insert(paths[i]);
    }
}

std::vector<Input> RecipeElaborator::ruleInputs() {
  std::vector<Input> inputs{{Input::Kind::Step, "step", step},
                            {Input::Kind::Steps, "steps", steps},
                            {Input::Kind::Batch, "batch", batch}};
  for (const Number &number : numbers)
    inputs.push_back({Input::Kind::Number, number.name, number.node});
  return inputs;
}

/// The value as a scalar that is known without a batch. Unknown after an error.
Value RecipeElaborator::ruleNumber(const Value &value, SourceRange range, const std::string &what) {
  const Tensor *tensor = value.asTensor();
  if (!tensor)
    return value;
  const Node *node = tensor->node;
  if (!node->type.shape.empty()) {
    e.error(Code::ArgumentType, range, what + " is a number, found " + value.describe())
        .suggest("such as 1e-3, or a function of 'step'");
    return Unknown{};
  }
  std::vector<Input> known = ruleInputs();
  for (const Node *input : e.graph.inputsOf(node))
    if (llvm::none_of(known, [&](const Input &each) { return each.node == input; })) {
      e.error(Code::OptimizerArgument, range,
              what + " depends on more than the step and numbers of the recipe")
          .suggest(
              "an update is computed from 'step', 'steps', 'batch' and numbers, the same for all "
              "examples");
      return Unknown{};
    }
  e.graph.setPlace(range, nullptr);
  return tensor->weak ? value : Tensor{e.graph.cast(node, Element::F64), /*weak=*/true};
}

void RecipeElaborator::addClip(Block &block, StepBlock &into) {
  const Entry *entry = block.clip ? block.clip : setting("clip");
  if (!entry)
    return;
  const Expr *norm = argument(*entry, "norm"), *limit = argument(*entry, "value");
  if (norm && limit) {
    e.error(Code::SettingValue, entry->range, "'clip' takes a norm or a value, not both");
    return;
  }
  const Expr &expr = norm ? *norm : *limit;
  Value value = ruleNumber(e.eval(expr), expr.range, "what 'clip' allows");
  if (value.isUnknown())
    return;
  auto number = numberOf(value);
  if ((number && *number <= 0) || (!number && !value.isWeak())) {
    e.error(Code::SettingValue, expr.range,
            "what 'clip' allows is a number above 0, found " + value.describe());
    return;
  }
  e.graph.setPlace(expr.range, nullptr);
  const Node *node = e.toWeak(value);
  if (node->type.element != Element::F64)
    node = e.graph.cast(node, Element::F64);
  std::vector<Function::Result> results{{"limit", node}};
  std::vector<Input> used = usedInputs(ruleInputs(), results);
  into.clip = Clip{norm ? Clip::Kind::Norm : Clip::Kind::Value,
                   e.graph.cut("clip", std::move(used), std::move(results)), entry->range};
}

/// The declaration and settings of an `optimizer` line. Null after an error.
const OptimizerDeclaration *RecipeElaborator::findOptimizer(const Expr &expr,
                                                            std::vector<GivenArgument> &settings) {
  const auto *name = llvm::dyn_cast<NameExpr>(&expr);
  const auto *call = llvm::dyn_cast<CallExpr>(&expr);
  if (call)
    name = llvm::dyn_cast<NameExpr>(call->callee.get());
  if (!name) {
    if (!llvm::isa<ErrorExpr>(expr))
      e.error(Code::SettingValue, expr.range, "'optimizer' takes one such as 'adam(lr: 1e-3)'");
    return nullptr;
  }
  Value found = e.evalName(*name);
  const auto *decl = found.asDecl();
  const auto *optimizer = decl ? llvm::dyn_cast<OptimizerDeclaration>(decl->decl) : nullptr;
  if (!optimizer) {
    if (!found.isUnknown())
      e.error(Code::SettingValue, name->range,
              "'" + name->name.text + "' is " + found.describe() + ", not an optimizer");
    return nullptr;
  }
  if (call)
    settings = e.evalArguments(call->arguments);
  bool ok = true;
  for (GivenArgument &given : settings) {
    given.value = ruleNumber(given.value, given.range, "this setting of '" + name->name.text + "'");
    ok &= !given.value.isUnknown();
  }
  return ok ? optimizer : nullptr;
}

/// For each parameter the first line of the block that matches it.
std::vector<const Entry *> RecipeElaborator::chooseLines(Block &block,
                                                         llvm::ArrayRef<std::string> paths) {
  std::vector<const Entry *> chosen(paths.size());
  const Entry *whole = nullptr; ///< the line that took all the rest
  for (const Entry *entry : block.optimizers) {
    if (whole) {
      e.error(Code::SettingValue, entry->key.range,
              "nothing is left for the optimizers after the one without 'for'")
          .note(whole->range, "it updates every parameter that no line before it matches")
          .suggest("it comes last");
      continue;
    }
    if (entry->selectors.empty()) {
      whole = entry;
      for (const Entry *&each : chosen)
        each = each ? each : entry;
      continue;
    }
    for (const auto &pattern : entry->selectors) {
      std::vector<unsigned> matches = matching(*pattern, paths);
      bool isNew = matches.empty();
      bool isFrozen = !matches.empty();
      for (unsigned i : matches) {
        isFrozen &= frozen.count(paths[i]) != 0;
        isNew |= !chosen[i] || chosen[i] == entry;
        if (!chosen[i])
          chosen[i] = entry;
      }
      if (isFrozen)
        e.error(Code::SelectorWithoutMatch, pattern->range,
                "what matches \"" + pattern->value + "\" is frozen")
            .note(freezes.front()->range, "it is frozen here");
      else if (!isNew)
        e.error(Code::SelectorWithoutMatch, pattern->range,
                "what matches \"" + pattern->value + "\" is updated by a line before this one")
            .suggest("the first line that matches has the parameter");
    }
  }
  return chosen;
}

void RecipeElaborator::addUpdates(Block &block) {
  StepBlock made;
  made.name = block.name;
  made.every = block.every;
  made.range = block.range;
  // In a run of its own, where the batch is a number: an update has none at hand.
  block.run = startRun(Run::Kind::Training);
  Run &run = *block.run;
  run.frame.root.redeclare(
      "batch", {Variable::Kind::Argument, Tensor{batch, /*weak=*/true}, decl.name.range});
  FrameGuard frame(e, run.frame);
  ContextGuard contextGuard(e, contextOf(run.kind));
  e.beginFunction();
  declareFields(run);
  std::vector<const Expr *> goals;
  for (const Entry *entry : block.optimizers)
    goals.push_back(entry->arguments.front().value.get());
  if (const Entry *clip = block.clip ? block.clip : setting("clip"))
    for (const Argument &argument : clip->arguments)
      goals.push_back(argument.value.get());
  runLets(run, &block, neededBy(goals, &block));
  addClip(block, made);
  std::vector<std::string> paths;
  for (const Parameter &parameter : model.parameters)
    paths.push_back(parameter.path);
  std::vector<const Entry *> chosen = chooseLines(block, paths);
  block.trained.assign(paths.size(), false);
  for (const Entry *entry : block.optimizers) {
    const Expr &expr = *entry->arguments.front().value;
    std::vector<GivenArgument> settings;
    const OptimizerDeclaration *optimizer = findOptimizer(expr, settings);
    if (optimizer && model.parameters.empty()) {
      // Its names are checked though there is nothing to update.
      elaborateRule(e, *optimizer, settings, expr.range,
                    Parameter{"w", Type{Element::F32, {Dim(1)}}, {}, false, {}}, ruleInputs());
      continue;
    }
    for (size_t i = 0; i < paths.size(); ++i) {
      if (chosen[i] != entry || frozen.count(paths[i]))
        continue;
      block.trained[i] = true;
      if (!optimizer)
        continue;
      if (auto update =
              elaborateRule(e, *optimizer, settings, expr.range, model.parameters[i], ruleInputs()))
        made.updates.push_back(std::move(*update));
    }
  }
  // In the order of parameters, whatever the order of lines.
  std::map<std::string, size_t> order;
  for (size_t i = 0; i < paths.size(); ++i)
    order[paths[i]] = i;
  llvm::sort(made.updates, [&](const Update &a, const Update &b) {
    return order[a.parameter] < order[b.parameter];
  });
  recipe.blocks.push_back(std::move(made));
}

/// A parameter has an optimizer or is frozen.
void RecipeElaborator::checkCoverage() {
  std::vector<std::string> left;
  SourceRange first;
  for (size_t i = 0; i < model.parameters.size(); ++i) {
    const Parameter &parameter = model.parameters[i];
    bool isTrained = llvm::any_of(
        blocks, [&](const auto &block) { return i < block->trained.size() && block->trained[i]; });
    if (isTrained || frozen.count(parameter.path))
      continue;
    if (left.empty())
      first = parameter.range;
    left.push_back(parameter.path);
  }
  bool hasOptimizers =
      llvm::all_of(blocks, [](const auto &block) { return !block->optimizers.empty(); });
  if (left.empty() || !hasOptimizers)
    return;
  const Block &block = *blocks.back();
  e.error(Code::ParameterWithoutOptimizer,
          hasSteps ? decl.name.range : block.optimizers.back()->range,
          "no optimizer " + std::string(hasSteps ? "of any step " : "") + "updates the parameter" +
              (left.size() > 1 ? "s " : " ") + someOf(left))
      .note(first, left.size() > 1 ? "the first is declared here" : "it is declared here")
      .suggest("an optimizer without 'for' updates all that are left; 'freeze \"" + left.front() +
               "\"' keeps one as it is");
}

/// Each loss must reach something that its block trains, and something should reach everything.
void RecipeElaborator::checkReach(Block &block) {
  if (block.results.size() != block.losses.size() || model.parameters.empty()) {
    if (model.parameters.empty() && !block.losses.empty() && block.results.size() > 0)
      e.error(Code::LossWithoutParameters, block.losses.front().value->range,
              "there is nothing to train: '" + networks.front()->name + "' has no parameters");
    return;
  }
  llvm::DenseMap<const Node *, size_t> index;
  size_t parameter = 0;
  for (const Input &input : tensors)
    if (input.kind == Input::Kind::Parameter)
      index[input.node] = parameter++;
  std::vector<bool> reached(model.parameters.size());
  auto isFrozen = [&](const Parameter &each) { return frozen.count(each.path) != 0; };
  if (llvm::all_of(model.parameters, isFrozen)) {
    if (&block != blocks.front().get())
      return; // said once
    e.error(Code::LossWithoutParameters, freezes.front()->range,
            "every parameter is frozen: there is nothing left to train")
        .suggest("'freeze \"backbone.*\"' keeps one part of a model as it is");
    return;
  }
  bool isReached = true;
  for (size_t i = 0; i < block.results.size(); ++i) {
    bool reachesAny = false, reachesFrozen = false;
    for (const Node *node : e.graph.trainableInputsOf(block.results[i].node))
      if (auto it = index.find(node); it != index.end()) {
        reached[it->second] = true;
        reachesAny |= block.trained[it->second];
        reachesFrozen |= isFrozen(model.parameters[it->second]);
      }
    if (reachesAny || block.optimizers.empty())
      continue;
    isReached = false;
    if (reachesFrozen) {
      e.error(Code::LossWithoutParameters, block.losses[i].value->range,
              "every parameter that this loss could change " +
                  std::string(block.section ? "in the step '" + block.name + "' " : "") +
                  "is frozen")
          .note(freezes.front()->range, "parameters are frozen here");
      continue;
    }
    e.error(Code::LossWithoutParameters, block.losses[i].value->range,
            "no gradient of this loss reaches a parameter " +
                (block.section ? "that the step '" + block.name + "' updates"
                               : "of '" + networks.front()->name + "'"))
        .suggest("a loss is made of the model's outputs, by operations that have a derivative");
  }
  if (!isReached)
    return;
  // A layer of the library is the user's at the call; its parameters share one warning there.
  std::map<std::pair<uint32_t, uint32_t>, std::pair<SourceRange, std::vector<std::string>>> places;
  parameter = 0;
  for (const Input &input : tensors) {
    if (input.kind != Input::Kind::Parameter)
      continue;
    size_t i = parameter++;
    llvm::StringRef own = llvm::StringRef(input.name).rsplit('.').second;
    if (!block.trained[i] || reached[i] ||
        (own.empty() ? llvm::StringRef(input.name) : own).starts_with("_"))
      continue;
    SourceRange place = input.node->range;
    for (const CallSite *site = input.node->site; site && e.sources.isStd(place.file);
         site = site->caller)
      place = site->call;
    auto &entry = places[{place.file.index, place.begin}];
    entry.first = place;
    entry.second.push_back(input.name);
  }
  for (const auto &[key, entry] : places)
    e.warning(Code::UnusedParameter, entry.first,
              std::string("no gradient of ") +
                  (block.section             ? "a loss of the step '" + block.name + "'"
                   : block.losses.size() > 1 ? "any loss"
                                             : "the loss") +
                  " reaches " + someOf(entry.second))
        .suggest("a parameter that is meant to have no effect begins with '_'");
}

/// What clips the gradients of the blocks, as it is written.
std::string RecipeElaborator::describeClips() {
  std::vector<std::string> texts;
  for (const auto &block : blocks)
    if (const Entry *entry = block->clip ? block->clip : setting("clip"))
      for (const Argument &given : entry->arguments)
        if (given.name && given.value)
          texts.push_back((block->section ? block->name + ": " : "") + given.name->text + ": " +
                          e.quote(given.value->range, llvm::StringRef::npos));
  return llvm::join(texts, "; ");
}

std::string RecipeElaborator::describeOptimizers() const {
  std::vector<std::string> texts;
  for (const auto &block : blocks)
    for (const Entry *entry : block->optimizers) {
      std::string text = block->section ? block->name + ": " : "";
      text += e.quote(entry->arguments.front().value->range, llvm::StringRef::npos);
      for (size_t i = 0; i < entry->selectors.size(); ++i)
        text += (i == 0 ? " for \"" : ", \"") + entry->selectors[i]->value + "\"";
      texts.push_back(std::move(text));
    }
  return llvm::join(texts, "; ");
}

} // namespace nnc::sema
