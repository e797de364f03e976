// Which lines a recipe has, and whether those that were written have the right form.
#include "compiler/sema/ForeignNames.h"
#include "compiler/sema/Recipe.h"

#include "llvm/ADT/StringExtras.h"

namespace nnc::sema {

using namespace ast;

llvm::ArrayRef<RecipeKey> recipeKeys() {
  using R = RecipeElaborator;
  static const std::vector<RecipeKey> keys = {
      {.name = "data", .example = "data mnist(image, label)"},
      {.name = "split",
       .example = "split valid: 0.1, seed: 1",
       .least = 0,
       .most = 0,
       .named = {"valid", "seed"},
       .read = &R::readSplit},
      {.name = "augment",
       .example = "augment image = random_shift(image, 2)",
       .isNamed = true,
       .mustBeNamed = true,
       .several = true},
      {.name = "load",
       .example = "load \"weights.safetensors\", under: \"backbone\"",
       .named = {"under"},
       .several = true,
       .read = &R::readLoad},
      {.name = "freeze", .example = "freeze \"backbone.*\"", .most = UINT_MAX, .several = true},
      {.name = "loss",
       .example = "loss cross_entropy(logits, label)",
       .isNamed = true,
       .several = true,
       .inStep = true},
      {.name = "metric",
       .example = "metric accuracy(logits, label)",
       .isNamed = true,
       .several = true},
      {.name = "optimizer",
       .example = "optimizer adam(lr: 1e-3)",
       .several = true,
       .takesSelectors = true,
       .inStep = true},
      {.name = "clip",
       .example = "clip norm: 1.0",
       .least = 0,
       .most = 0,
       .named = {"norm", "value"},
       .inStep = true},
      {.name = "accumulate", .example = "accumulate 2", .read = &R::readAccumulate},
      {.name = "ema", .example = "ema 0.999", .read = &R::readAverage},
      {.name = "batch", .example = "batch 32", .read = &R::readBatch},
      {.name = "epochs", .example = "epochs 5", .read = &R::readEpochs},
      {.name = "steps", .example = "steps 2000", .read = &R::readSteps},
      {.name = "seed", .example = "seed 42", .read = &R::readSeed},
      {.name = "shuffle", .example = "shuffle false", .read = &R::readShuffle},
      {.name = "evaluate",
       .example = "evaluate every: 500",
       .least = 0,
       .most = 0,
       .named = {"every"},
       .read = &R::readEvaluate},
      {.name = "keep",
       .example = "keep max: accuracy",
       .least = 0,
       .most = 0,
       .named = {"max", "min"},
       .read = &R::readKeep},
      {.name = "stop",
       .example = "stop patience: 8, min: loss",
       .least = 0,
       .most = 0,
       .named = {"patience", "max", "min"},
       .read = &R::readStop},
      {.name = "predict",
       .example = "predict digit = argmax(logits)",
       .isNamed = true,
       .several = true},
      {.name = "budget",
       .example = "budget memory: \"64MiB\"",
       .least = 0,
       .most = 0,
       .named = {"memory"},
       .read = &R::readBudget},
      {.name = "precision",
       .example = "precision \"bf16\"",
       .read = &R::readPrecision},
      {.name = "step",
       .example = "step judge { ... }",
       .least = 0,
       .most = 0,
       .named = {"every"},
       .hasSection = true,
       .several = true},
  };
  return keys;
}

const RecipeKey *findRecipeKey(llvm::StringRef name) {
  const auto *key =
      llvm::find_if(recipeKeys(), [&](const auto &each) { return each.name == name; });
  return key == recipeKeys().end() ? nullptr : key;
}

/// The names of lines in a recipe or its steps.
static std::vector<std::string> recipeKeyNames(bool inStep) {
  std::vector<std::string> names;
  for (const RecipeKey &key : recipeKeys())
    if (!inStep || key.inStep)
      names.push_back(key.name.str());
  names.push_back("let");
  return names;
}

static std::string listOfKeys(bool inStep) {
  return (inStep ? "a step has: " : "a recipe has: ") + llvm::join(recipeKeyNames(inStep), " ");
}

/// What other programs call a line, and the two that sit together in 0.1.
static llvm::StringRef otherName(llvm::StringRef key) {
  static constexpr std::pair<llvm::StringLiteral, llvm::StringLiteral> names[] = {
      {"batch_size", "batch"},    {"average", "ema"},       {"early_stopping", "stop"},
      {"metrics", "metric"},      {"losses", "loss"},       {"dataset", "data"},
      {"optimiser", "optimizer"}, {"memory", "budget"},     {"validate", "evaluate"},
      {"eval", "evaluate"},       {"save", "keep"},         {"epoch", "epochs"},
      {"weights", "load"},        {"gradient_clip", "clip"}};
  for (const auto &[from, to] : names)
    if (from == key)
      return to;
  return "";
}

void RecipeElaborator::unknownKey(const Entry &entry, bool inStep) {
  const std::string &key = entry.key.text;
  std::string near = otherName(key).str();
  if (near.empty())
    near = nearest(key, recipeKeyNames(/*inStep=*/false));
  misspelt.insert(near);
  const std::string foreign = hintForLine(key);
  e.error(Code::UnknownSetting, entry.key.range,
          "'" + key + "' is not a line of a " + (inStep ? "step" : "recipe"))
      .suggest(!foreign.empty() ? foreign
               : !near.empty()  ? "did you mean '" + near + "'?"
                                : listOfKeys(inStep));
}

bool RecipeElaborator::checkForm(const Entry &entry, const RecipeKey &key, bool inStep) {
  std::string name = "'" + key.name.str() + "'";
  auto example = [&] { return "such as '" + key.example.str() + "'"; };
  if (inStep && !key.inStep) {
    e.error(Code::MisplacedSetting, entry.key.range,
            name + " belongs to the recipe, not to one of its steps")
        .suggest(listOfKeys(/*inStep=*/true));
    return false;
  }
  bool ok = true;
  auto wrong = [&](Code code, SourceRange range, const std::string &message) {
    e.error(code, range, message).suggest(example());
    ok = false;
  };
  if (entry.kind == Entry::Kind::Section && !key.hasSection)
    wrong(Code::SettingValue, entry.key.range, name + " has no lines of its own");
  else if (entry.kind != Entry::Kind::Section && key.hasSection)
    wrong(Code::SettingValue, entry.range, name + " has a name and lines of its own");
  else if (entry.kind == Entry::Kind::Named && !key.isNamed)
    wrong(Code::SettingValue, entry.name.range, name + " takes no name");
  else if (entry.kind == Entry::Kind::Line && key.mustBeNamed)
    wrong(Code::SettingValue, entry.range, name + " needs a name and '='");
  if (!entry.selectors.empty() && !key.takesSelectors)
    wrong(Code::SettingValue, entry.selectors.front()->range, "only 'optimizer' takes 'for'");
  if (!ok)
    return false;
  if (entry.kind == Entry::Kind::Named)
    return entry.value != nullptr;
  unsigned values = 0;
  std::set<std::string> seen;
  for (const Argument &argument : entry.arguments) {
    if (!argument.value)
      return false; // the parser said so
    if (!argument.name) {
      if (++values == key.most + 1)
        wrong(Code::SettingValue, argument.value->range,
              key.most == 0 ? name + " takes its values by name"
                            : name + " takes one value" +
                                  (key.several ? "; each has a line of its own" : ""));
      continue;
    }
    const std::string &given = argument.name->text;
    if (!llvm::is_contained(key.named, given)) {
      std::vector<std::string> known(key.named.begin(), key.named.end());
      std::string near = nearest(given, known);
      e.error(Code::UnknownArgument, argument.name->range, name + " has no '" + given + ":'")
          .suggest(near.empty() ? key.isNamed ? "a name stands before '=': '" + key.name.str() +
                                                    " " + given + " = ...'"
                                              : example()
                                : "did you mean '" + near + "'?");
      ok = false;
    } else if (!seen.insert(given).second) {
      e.error(Code::DuplicateArgument, argument.name->range, "'" + given + "' is given twice");
      ok = false;
    }
  }
  bool wantsNamed = key.least == 0 && !key.named.empty() && !key.hasSection;
  if (ok && (values < key.least || (wantsNamed && seen.empty()))) {
    e.error(Code::SettingValue, entry.range, name + " has no value").suggest(example());
    ok = false;
  }
  return ok;
}

void RecipeElaborator::addLoss(const Entry &entry, Block &block) {
  bool isNamed = entry.kind == Entry::Kind::Named;
  const Expr *value = isNamed ? entry.value.get() : entry.arguments.front().value.get();
  block.losses.push_back(
      {&entry, value, isNamed ? entry.name.text : "", isNamed ? entry.name.range : value->range});
}

void RecipeElaborator::addSection(const Entry &entry) {
  auto block = std::make_unique<Block>();
  block->section = &entry;
  block->name = entry.name.text;
  block->range = entry.name.range;
  for (const auto &other : blocks)
    if (other->section && other->name == block->name)
      e.error(Code::DuplicateName, entry.name.range, "two steps are called '" + block->name + "'")
          .note(other->range, "the other is here");
  hasSteps = true;
  for (const Entry &each : entry.entries)
    collect(each, block.get());
  blocks.push_back(std::move(block));
}

/// The function that a metric or prediction without a name is called after.
static std::string calleeName(const Expr &expr) {
  const Expr *inner = &expr;
  if (const auto *pipe = llvm::dyn_cast<PipeExpr>(inner))
    inner = pipe->stage.get();
  if (const auto *call = llvm::dyn_cast<CallExpr>(inner))
    inner = call->callee.get();
  const auto *name = llvm::dyn_cast<NameExpr>(inner);
  return name ? name->name.text : "";
}

void RecipeElaborator::collect(const Entry &entry, Block *block) {
  const bool inStep = block != nullptr;
  switch (entry.kind) {
  case Entry::Kind::Let:
    (inStep ? block->lets : lets).push_back(&entry);
    return;
  case Entry::Kind::Column:
    e.error(Code::MisplacedSetting, entry.name.range,
            "'" + entry.name.text + " = ...' is no line of a recipe")
        .suggest(findRecipeKey(entry.name.text)
                     ? "'" + entry.name.text + "' is written without '='"
                     : "'let " + entry.name.text + " = ...' names a value");
    misspelt.insert(entry.name.text);
    return;
  default:
    break;
  }
  const RecipeKey *key = findRecipeKey(entry.key.text);
  if (!key)
    return unknownKey(entry, inStep);
  if (!key->several && (!inStep || key->inStep)) {
    const Entry *&first = inStep ? block->clip : settings[entry.key.text];
    if (first) {
      e.error(Code::DuplicateSetting, entry.key.range, "'" + entry.key.text + "' is given twice")
          .note(first->key.range, "it is first given here");
      return;
    }
    first = &entry;
  }
  if (!checkForm(entry, *key, inStep)) {
    misspelt.insert(entry.key.text);
    if (!key->several && !inStep)
      settings[entry.key.text] = nullptr;
    if (inStep && !key->several)
      block->clip = nullptr;
    return;
  }
  checkedLines.insert(&entry);
  if (key->name == "step")
    return addSection(entry);
  if (key->name == "augment") {
    augments.push_back(&entry);
  } else if (key->name == "freeze") {
    freezes.push_back(&entry);
  } else if (key->name == "loss" || key->name == "optimizer") {
    Block &target = inStep ? *block : *blocks.front();
    if (key->name == "loss")
      addLoss(entry, target);
    else
      target.optimizers.push_back(&entry);
  } else if (key->name == "metric" || key->name == "predict") {
    bool isNamed = entry.kind == Entry::Kind::Named;
    const Expr *value = isNamed ? entry.value.get() : entry.arguments.front().value.get();
    Line line{&entry, value, isNamed ? entry.name.text : calleeName(*value),
              isNamed ? entry.name.range : value->range};
    if (line.name.empty() && !llvm::isa<ErrorExpr, StringExpr>(*value))
      e.error(Code::SettingValue, value->range, "this " + key->name.str() + " needs a name")
          .suggest("write '" + key->name.str() + " NAME = ...'");
    auto &list = key->name == "metric" ? metrics : predictions;
    for (const Line &other : list)
      if (other.name == line.name && !line.name.empty())
        e.error(Code::DuplicateName, line.range,
                "two " + key->name.str() + "s are called '" + line.name + "'")
            .note(other.range, "the other is here")
            .suggest("write '" + key->name.str() + " NAME = ...'");
    list.push_back(std::move(line));
  }
}

/// Losses without a name are called "loss", in a step like the step, and several after their
/// functions.
void RecipeElaborator::nameLosses() {
  std::map<std::string, SourceRange> taken;
  for (auto &block : blocks) {
    auto isUnnamed = [](const Line &line) { return line.name.empty(); };
    bool isOnly = llvm::count_if(block->losses, isUnnamed) == 1;
    for (Line &line : block->losses) {
      if (line.name.empty()) {
        std::string callee = calleeName(*line.value);
        line.name = isOnly || callee.empty() ? block->section ? block->name : "loss" : callee;
      } else if (line.name == "loss") {
        e.error(Code::DuplicateName, line.range, "'loss' is the sum of all losses")
            .suggest("a loss without a name needs none: 'loss ...'");
      }
      auto [it, isNew] = taken.try_emplace(line.name, line.range);
      if (!isNew)
        e.error(Code::DuplicateName, line.range, "two losses are called '" + line.name + "'")
            .note(it->second, "the other is here")
            .suggest("write 'loss NAME = ...'");
    }
  }
  for (const Line &metric : metrics) {
    static constexpr llvm::StringLiteral reserved[] = {
        "event",      "step",    "epoch", "loss",     "seconds",       "examples_per_second",
        "test_loss",  "message", "lr",    "patience", "train_seconds", "peak_rss_bytes",
        "interrupted"};
    auto keyOf = [](const auto &loss) { return "loss_" + loss.first; };
    if (llvm::is_contained(reserved, metric.name))
      e.error(Code::DuplicateName, metric.range,
              "a metric cannot be called '" + metric.name + "': a training log uses that name")
          .suggest("write 'metric my_" + metric.name + " = ...'");
    else if (auto it = taken.find(metric.name); it != taken.end())
      e.error(Code::DuplicateName, metric.range,
              "a metric and a loss are called '" + metric.name + "'")
          .note(it->second, "the loss is here");
    else if (auto logged =
                 llvm::find_if(taken, [&](const auto &loss) { return keyOf(loss) == metric.name; });
             logged != taken.end())
      e.error(Code::DuplicateName, metric.range,
              "a metric cannot be called '" + metric.name +
                  "': so a training log calls the loss '" + logged->first + "'")
          .note(logged->second, "the loss is here")
          .suggest("write 'metric my_" + metric.name + " = ...'");
  }
}

void RecipeElaborator::requireKeys() {
  if (e.isPartial || mayBeMisspelt(""))
    return;
  auto missing = [&](SourceRange range, const std::string &where, llvm::StringRef key) {
    if (mayBeMisspelt(key))
      return;
    e.error(Code::MissingSetting, range, where + " has no '" + key.str() + "'")
        .suggest("such as '" + findRecipeKey(key)->example.str() + "'");
  };
  for (const auto &block : blocks) {
    std::string where = block->section ? "the step '" + block->name + "'" : "the recipe";
    SourceRange range = block->section ? block->range : decl.name.range;
    if (block->losses.empty())
      missing(range, where, "loss");
    if (block->optimizers.empty())
      missing(range, where, "optimizer");
  }
}

void RecipeElaborator::collect() {
  blocks.push_back(std::make_unique<Block>());
  blocks.front()->range = decl.name.range;
  for (const Entry &entry : decl.entries)
    collect(entry, nullptr);
  if (hasSteps) {
    Block &whole = *blocks.front();
    for (const Line &loss : whole.losses)
      e.error(Code::MisplacedSetting, loss.entry->key.range,
              "a recipe with steps has its losses in them")
          .note(blocks[1]->range, "a step is here");
    for (const Entry *optimizer : whole.optimizers)
      e.error(Code::MisplacedSetting, optimizer->key.range,
              "a recipe with steps has its optimizers in them")
          .note(blocks[1]->range, "a step is here");
    blocks.erase(blocks.begin());
    const Entry *clip = setting("clip");
    if (clip && llvm::all_of(blocks, [](const auto &block) { return block->clip != nullptr; }))
      e.error(Code::MisplacedSetting, clip->key.range,
              "nothing is clipped by this, for every step has a 'clip' of its own")
          .note(blocks.front()->clip->key.range, "that of the first step is here");
  }
  nameLosses();
  requireKeys();
}

} // namespace nnc::sema
