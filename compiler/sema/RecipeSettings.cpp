// The plain settings of a recipe: counts, shares, words.
#include "compiler/sema/Needs.h"
#include "compiler/sema/Recipe.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"

namespace nnc::sema {

using namespace ast;

/// A batch this large holds more examples than any data set.
static constexpr int64_t maxBatch = 1 << 24;

const Entry *RecipeElaborator::setting(llvm::StringRef key) const {
  auto it = settings.find(key);
  return it == settings.end() ? nullptr : it->second;
}

const Expr *RecipeElaborator::argument(const Entry &entry, llvm::StringRef name) const {
  for (const Argument &argument : entry.arguments)
    if ((argument.name ? llvm::StringRef(argument.name->text) : "") == name)
      return argument.value.get();
  return nullptr;
}

/// A whole number in [least, most].
std::optional<int64_t> RecipeElaborator::countOf(const Expr &expr, const std::string &what,
                                                 int64_t least, int64_t most) {
  auto count = e.evalConstantInt(expr, what);
  if (!count || (*count >= least && *count <= most))
    return count;
  e.error(Code::SettingValue, expr.range,
          what + " is " + std::to_string(*count) + "; it " +
              (*count < least ? "must be at least " + std::to_string(least)
                              : "may be at most " + std::to_string(most)));
  return std::nullopt;
}

/// A number between 0 and 1, of which a share is neither, and another may be 0.
std::optional<double> RecipeElaborator::fractionOf(const Expr &expr, const std::string &what,
                                                   bool isShare) {
  Value value = e.eval(expr);
  if (value.isUnknown())
    return std::nullopt;
  auto number = numberOf(value);
  if (number && (isShare ? *number > 0 && *number < 1 : *number >= 0 && *number < 1))
    return number;
  e.error(Code::SettingValue, expr.range,
          what + " is a number " + (isShare ? "between 0 and 1" : "from 0 to below 1") +
              ", found " + value.describe());
  return std::nullopt;
}

std::optional<std::string> RecipeElaborator::stringOf(const Expr &expr, const std::string &what,
                                                      llvm::StringRef example) {
  const auto *text = llvm::dyn_cast<StringExpr>(&expr);
  if (text && !text->value.empty() && text->value.find('\0') == std::string::npos)
    return text->value;
  if (!llvm::isa<ErrorExpr>(expr))
    e.error(Code::SettingValue, expr.range, what + " is text in quotes")
        .suggest("such as " + example.str());
  return std::nullopt;
}

void RecipeElaborator::readBatch(const Entry &entry) {
  if (auto count = countOf(*entry.arguments.front().value, "'batch'", 1, maxBatch))
    recipe.batch = *count;
}

void RecipeElaborator::readEpochs(const Entry &entry) {
  recipe.epochs = countOf(*entry.arguments.front().value, "'epochs'", 1);
}

void RecipeElaborator::readSteps(const Entry &entry) {
  recipe.steps = countOf(*entry.arguments.front().value, "'steps'", 1);
}

void RecipeElaborator::readSeed(const Entry &entry) {
  if (auto count = countOf(*entry.arguments.front().value, "'seed'", 0))
    recipe.seed = static_cast<uint64_t>(*count);
}

void RecipeElaborator::readShuffle(const Entry &entry) {
  const Expr &expr = *entry.arguments.front().value;
  Value value = e.eval(expr);
  if (const bool *truth = value.asBool())
    recipe.shuffle = *truth;
  else if (!value.isUnknown())
    e.error(Code::SettingValue, expr.range,
            "'shuffle' is true or false, found " + value.describe());
}

void RecipeElaborator::readAccumulate(const Entry &entry) {
  if (auto count = countOf(*entry.arguments.front().value, "'accumulate'", 1, 1 << 20))
    recipe.accumulate = *count;
}

void RecipeElaborator::readAverage(const Entry &entry) {
  recipe.average = fractionOf(*entry.arguments.front().value, "'ema'", /*isShare=*/false);
}

void RecipeElaborator::readEvaluate(const Entry &entry) {
  recipe.evaluateEvery = countOf(*argument(entry, "every"), "'every'", 1);
}

std::optional<Goal> RecipeElaborator::goalOf(const Entry &entry) {
  const Expr *most = argument(entry, "max"), *least = argument(entry, "min");
  const Expr *of = most ? most : least;
  std::string key = entry.key.text;
  if (!of || (most && least)) {
    e.error(Code::SettingValue, entry.range,
            of ? "'" + key + "' wants either the largest or the smallest value"
               : "'" + key + "' does not say of what")
        .suggest("such as '" + std::string(findRecipeKey(key)->example) + "'");
    return std::nullopt;
  }
  const auto *name = llvm::dyn_cast<NameExpr>(of);
  if (!name || !name->qualifiers.empty()) {
    if (!llvm::isa<ErrorExpr>(*of))
      e.error(Code::SettingValue, of->range,
              "'" + key + "' takes the name of a loss or metric, or 'loss' for their sum");
    return std::nullopt;
  }
  return Goal{most != nullptr, name->name.text};
}

void RecipeElaborator::readKeep(const Entry &entry) { recipe.keep = goalOf(entry); }

void RecipeElaborator::readStop(const Entry &entry) {
  recipe.stop = goalOf(entry);
  const Expr *patience = argument(entry, "patience");
  if (!patience)
    e.error(Code::SettingValue, entry.range, "'stop' does not say how long it waits")
        .suggest("such as 'stop patience: 8, min: loss'");
  else if (auto count = countOf(*patience, "'patience'", 1))
    recipe.patience = *count;
}

/// Goals are names of losses and metrics of this recipe.
void RecipeElaborator::checkGoals() {
  std::vector<std::string> known = {"loss"};
  auto add = [&](const std::vector<Line> &lines) {
    for (const Line &line : lines)
      if (!llvm::is_contained(known, line.name)) // a lone loss has the name of the sum
        known.push_back(line.name);
  };
  for (const auto &block : blocks)
    add(block->losses);
  add(metrics);
  for (llvm::StringRef key : {"keep", "stop"}) {
    const std::optional<Goal> &goal = key == "keep" ? recipe.keep : recipe.stop;
    const Entry *entry = setting(key);
    if (!goal || !entry || llvm::is_contained(known, goal->of))
      continue;
    const Expr *of = argument(*entry, goal->isMax ? "max" : "min");
    std::string near = nearest(goal->of, known);
    e.error(Code::UnknownName, of->range,
            "no loss or metric of the recipe is called '" + goal->of + "'")
        .suggest(near.empty() ? "there are: " + llvm::join(known, ", ")
                              : "did you mean '" + near + "'?");
  }
}

void RecipeElaborator::readBudget(const Entry &entry) {
  const Expr &expr = *argument(entry, "memory");
  auto text = stringOf(expr, "'memory'", "\"64MiB\"");
  if (!text)
    return;
  llvm::StringRef rest = *text;
  double number = 0;
  size_t digits = rest.find_first_not_of("0123456789.");
  bool isNumber = !rest.substr(0, digits).getAsDouble(number);
  llvm::StringRef unit = digits == llvm::StringRef::npos ? "" : rest.substr(digits).trim();
  double factor = llvm::StringSwitch<double>(unit)
                      .Case("B", 1)
                      .Case("kB", 1e3)
                      .Case("MB", 1e6)
                      .Case("GB", 1e9)
                      .Case("KiB", 0x1p10)
                      .Case("MiB", 0x1p20)
                      .Case("GiB", 0x1p30)
                      .Case("TiB", 0x1p40)
                      .Default(0);
  double bytes = number * factor;
  if (!isNumber || factor == 0 || !(bytes >= 1) || bytes > 0x1p62) {
    e.error(Code::SettingValue, expr.range, "'memory' is a number of bytes with its unit")
        .suggest("such as \"64MiB\"; units are B, KiB, MiB, GiB, kB, MB, GB");
    return;
  }
  recipe.budgetBytes = static_cast<int64_t>(bytes);
  recipe.budgetRange = expr.range;
}

void RecipeElaborator::readLoad(const Entry &entry) {
  auto file = stringOf(*argument(entry, ""), "what 'load' reads", "\"weights.safetensors\"");
  std::string under;
  if (const Expr *prefix = argument(entry, "under")) {
    auto text = stringOf(*prefix, "'under'", "\"backbone\"");
    if (!text)
      return;
    under = *text;
  }
  if (file)
    recipe.loads.push_back({*file, under});
}

void RecipeElaborator::readSplit(const Entry &entry) {
  if (!setting("data") && !settings.count("data"))
    e.error(Code::SettingValue, entry.range, "there is no data to split")
        .suggest("'data' names a data set");
  const Expr *valid = argument(entry, "valid");
  if (!valid) {
    e.error(Code::SettingValue, entry.range, "'split' does not say how much is for validation")
        .suggest("such as 'split valid: 0.1, seed: 1'");
    return;
  }
  validShare = fractionOf(*valid, "'valid'", /*isShare=*/true).value_or(0);
  if (const Expr *value = argument(entry, "seed"))
    if (auto count = countOf(*value, "'seed'", 0))
      validSeed = static_cast<uint64_t>(*count);
}

void RecipeElaborator::readPrecision(const Entry &entry) {
  const Expr &expr = *entry.arguments.front().value;
  auto name = stringOf(expr, "the precision of products", "'precision \"bf16\"'");
  if (!name)
    return;
  if (llvm::is_contained({"f32", "tf32", "bf16"}, llvm::StringRef(*name))) {
    recipe.precision = *name;
    return;
  }
  e.error(Code::SettingValue, expr.range, "there is no precision '" + *name + "'")
      .suggest("f32, tf32 and bf16 are what products of f32 can be multiplied in; where elements "
               "are another type, they say it: 'image: f16[batch, 784]'");
}

void RecipeElaborator::readSettings() {
  // In the order of the file, so that its first mistake is reported first.
  for (const Entry &entry : decl.entries) {
    if (entry.kind != Entry::Kind::Line)
      continue;
    const RecipeKey *key = findRecipeKey(entry.key.text);
    if (!key || !key->read)
      continue;
    bool isRead = key->several ? checkedLines.count(&entry) != 0 : setting(key->name) == &entry;
    if (isRead)
      (this->*key->read)(entry);
  }
  for (const auto &block : blocks)
    if (block->section)
      if (const Expr *every = argument(*block->section, "every"))
        if (auto count = countOf(*every, "'every'", 1))
          block->every = *count;
  checkGoals();
  checkPlan();
}

/// What waits for evaluations needs a part to evaluate on. Without data there are drawn examples.
void RecipeElaborator::checkWatched() {
  if (!recipe.data || isDataBroken || mayBeMisspelt("split") || settings.count("split"))
    return;
  const Data &given = *recipe.data;
  auto isTest = [](const auto &each) { return each.part == "test"; };
  if (llvm::any_of(given.sources, isTest) || llvm::any_of(given.splits, isTest))
    return;
  for (llvm::StringRef key : {"evaluate", "keep", "stop"})
    if (const Entry *entry = setting(key))
      e.error(Code::MissingSetting, entry->range,
              "'" + key.str() + "' has nothing to evaluate on: the data set '" + given.name +
                  "' has a part to train on and no other")
          .suggest("'split valid: 0.1, seed: 1' in the recipe sets a tenth of it aside");
}

/// A recipe without data has no epochs.
void RecipeElaborator::checkPlan() {
  if (settings.count("data") || e.isPartial || mayBeMisspelt("data"))
    return;
  for (llvm::StringRef key : {"epochs", "shuffle"})
    if (const Entry *entry = setting(key))
      e.error(Code::SettingValue, entry->range,
              "without data there is nothing to go through, and so no '" + key.str() + "'")
          .suggest(key == "epochs" ? "'steps' says how many updates there are" : "");
  if (!settings.count("steps") && !settings.count("epochs") && !mayBeMisspelt("steps"))
    e.error(Code::MissingSetting, decl.name.range,
            "a recipe without data needs to know how many 'steps' it has")
        .suggest("such as 'steps 2000', or 'data mnist(image, label)'");
}

/// What is loaded goes below a part of the model that there is.
void RecipeElaborator::checkLoads() {
  for (const Entry *entry : checkedLines) {
    const Expr *under = entry->key.text == "load" ? argument(*entry, "under") : nullptr;
    const auto *text = llvm::dyn_cast_or_null<StringExpr>(under);
    if (!text)
      continue;
    std::vector<std::string> parts;
    bool isThere = false;
    for (const Parameter &parameter : model.parameters) {
      isThere |= llvm::StringRef(parameter.path).starts_with(text->value + ".");
      std::string first = llvm::StringRef(parameter.path).split('.').first.str();
      if (!llvm::is_contained(parts, first) && first != parameter.path)
        parts.push_back(first);
    }
    if (isThere)
      continue;
    std::string near = nearest(text->value, parts);
    e.error(Code::SelectorWithoutMatch, text->range,
            "no parameter of the model lies under \"" + text->value + "\"")
        .suggest(!near.empty()   ? "did you mean \"" + near + "\"?"
                 : parts.empty() ? ""
                                 : "there are: " + llvm::join(parts, ", "));
  }
}

/// What must be in memory whatever the plan: too much of it is an error before anything is built.
void RecipeElaborator::checkBudget() {
  if (!recipe.budgetBytes)
    return;
  int64_t parameters = 0, states = 0;
  auto add = [](int64_t &sum, const Type &type) {
    if (auto bytes = tensorBytes(type))
      sum = llvm::AddOverflow(sum, *bytes, sum) ? INT64_MAX : sum;
  };
  for (const Parameter &parameter : model.parameters)
    add(parameters, parameter.type);
  for (const Parameter &state : model.states)
    add(parameters, state.type);
  if (recipe.average)
    for (const Parameter &parameter : model.parameters) {
      add(states, parameter.type);
      // Kept in f32 as well where the parameter is narrower.
      if (Type wide = parameter.type;
          wide.element == Element::F16 || wide.element == Element::BF16) {
        wide.element = Element::F32;
        add(states, wide);
      }
    }
  for (const StepBlock &block : recipe.blocks)
    for (const Update &update : block.updates)
      for (const Function &init : update.stateInit)
        add(states, init.results.front().node->type);
  int64_t sum = 0;
  if (llvm::AddOverflow(parameters, states, sum))
    sum = INT64_MAX;
  if (sum <= *recipe.budgetBytes)
    return;
  e.error(Code::BudgetExceeded, recipe.budgetRange,
          "the budget of " + bytesText(*recipe.budgetBytes) + " is not met: " + bytesText(sum) +
              " are needed before any activation")
      .detail("parameters and states of layers: " + bytesText(parameters))
      .detail("states of the optimizer" + std::string(recipe.average ? " and averages" : "") +
              ": " + bytesText(states))
      .suggest("fewer or narrower layers, an optimizer with fewer states, or a larger budget");
}

/// No tensor may outgrow what can be addressed once the batch has its size, nor be without
/// elements.
void RecipeElaborator::limitBatch(const Function &function) {
  const Entry *entry = setting("batch");
  SourceRange range = entry ? entry->arguments.front().value->range : decl.name.range;
  auto sizeOf = [&](llvm::StringRef) -> std::optional<int64_t> { return recipe.batch; };
  for (const Node *node : function.nodes) {
    Type type = node->type;
    bool isSymbolic = false;
    for (Dim &dim : type.shape)
      if (!dim.constant()) {
        isSymbolic = true;
        if (auto size = dim.evaluate(sizeOf))
          dim = *size;
      }
    if (isSymbolic && !tensorBytes(type)) {
      e.error(Code::TensorTooLarge, range,
              "with a batch of " + std::to_string(recipe.batch) +
                  " a tensor takes more than 2^40 bytes")
          .note(node->range, "it is computed here, as " + node->type.str());
      return;
    }
  }
  for (const Need &need : needsOf(function)) {
    auto size = need.size.evaluate(sizeOf);
    if (!size || *size >= need.least)
      continue;
    bool isChosen = need.of == Need::Of::Indices;
    e.error(
         Code::DimensionNotPositive, range,
         "with a batch of " + std::to_string(recipe.batch) +
             (isChosen ? " a listed index lies beyond its dimension" : " a tensor has no elements"))
        .note(e.userPlaceOf(*need.node),
              isChosen ? "it chooses here" : "it is computed here, as " + need.node->type.str());
    return;
  }
}

/// The mean over a batch of one example is that example: normalised by it, all become 0, and
/// nothing is learnt.
void RecipeElaborator::warnOfBatchOfOne(const Instance &instance) {
  for (const auto &child : instance.children)
    warnOfBatchOfOne(*child);
  const bool isNorm = instance.layer == "batch_norm" && instance.decl &&
                      e.sources.isStd(instance.decl->name.range.file);
  if (!isNorm || !instance.wasApplied)
    return;
  const bool isOne =
      llvm::all_of(llvm::ArrayRef<Dim>(instance.output.shape).drop_back(), [&](const Dim &dim) {
        return dim.evaluate([&](llvm::StringRef) -> std::optional<int64_t> {
          return recipe.batch;
        }) == std::optional<int64_t>(1);
      });
  if (!isOne)
    return;
  const Entry *entry = setting("batch");
  e.warning(Code::BatchOfOne, entry ? entry->arguments.front().value->range : instance.range,
            "'batch_norm' is given one number of each feature, so its result is always 0")
      .note(instance.range, "it is applied here, to " + instance.output.str())
      .suggest("a batch of several examples, or 'layer_norm', which looks at each by itself");
}

} // namespace nnc::sema
