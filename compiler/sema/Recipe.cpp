// Recipes: settings, loss and metrics.
#include "compiler/sema/Recipe.h"

#include "compiler/sema/Planned.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringExtras.h"

#include <set>

namespace nnc::sema {

using namespace ast;

static const std::vector<std::string> &settingKeys() {
  static const std::vector<std::string> keys = {"data",  "loss",   "metric", "optimizer",
                                                "batch", "epochs", "steps",  "seed"};
  return keys;
}

/// A batch this large holds more examples than any data set.
static constexpr int64_t maxBatch = 1 << 24;

/// What a line of a training log holds besides metrics (runtime/loop/Trainer.cpp).
static constexpr llvm::StringLiteral logKeys[] = {
    "event", "step", "epoch", "loss", "seconds", "examples_per_second", "test_loss", "message"};

bool RecipeElaborator::findModel() {
  const Declaration *found = e.modules.find(decl.name.range.file, decl.name.text);
  modelDecl = llvm::dyn_cast_or_null<ModelDeclaration>(found);
  if (!found && e.isPartial)
    return false;
  if (!modelDecl) {
    std::vector<std::string> candidates;
    for (const File *file : e.modules.userFiles())
      for (const auto &each : file->declarations)
        if (llvm::isa<ModelDeclaration>(*each))
          candidates.push_back(each->name.text);
    std::string near =
        candidates.size() == 1 ? candidates.front() : nearest(decl.name.text, candidates);
    e.error(Code::UnknownModel, decl.name.range,
            found ? "'" + decl.name.text + "' is " + Value(DeclValue{found}).describe() +
                        ", not a model"
                  : "there is no model '" + decl.name.text + "'")
        .suggest(!near.empty()        ? "did you mean '" + near + "'?"
                 : candidates.empty() ? "'model' declares one"
                                      : "there are: " + llvm::join(candidates, ", "));
    return false;
  }
  for (const Elaborator::ModelEntry &entry : e.modelEntries)
    if (entry.decl == modelDecl && entry.index < e.program.models.size()) {
      model = &e.program.models[entry.index];
      parameterNodes = entry.parameterNodes;
    }
  return true;
}

const Setting *RecipeElaborator::setting(llvm::StringRef key) const {
  auto it = settings.find(key);
  return it == settings.end() ? nullptr : it->second;
}

void RecipeElaborator::collectSettings() {
  std::set<std::string> misspelt; // and so not missing
  for (const Setting &each : decl.settings) {
    if (!llvm::is_contained(settingKeys(), each.key.text)) {
      std::string near = nearest(each.key.text, settingKeys());
      misspelt.insert(near);
      std::string later = plannedSettingHint(each.key.text);
      e.error(Code::UnknownSetting, each.key.range, "unknown setting '" + each.key.text + "'")
          .suggest(!later.empty() ? later
                   : near.empty()
                       ? "known settings: data loss metric optimizer batch epochs steps seed"
                       : "did you mean '" + near + "'?");
      continue;
    }
    auto [it, isNew] = settings.try_emplace(each.key.text, &each);
    if (!isNew)
      e.error(Code::DuplicateSetting, each.key.range,
              "the setting '" + each.key.text + "' is given twice")
          .note(it->second->key.range, "it is first given here")
          .suggest("a recipe gives each setting once; 'loss' and 'metric' take several values");
    if (each.isEvery)
      e.error(Code::SettingValue, each.range, "'" + each.key.text + "' does not take 'every'");
    if (!each.bindings.empty() && each.key.text != "data")
      e.error(Code::SettingValue, each.bindings.front().range, "only 'data' gives names with 'as'");
    bool hasSelector = llvm::any_of(each.entries, [](const SettingEntry &entry) {
      return entry.selectorGlob || entry.selectsRest;
    });
    if (hasSelector && each.key.text != "optimizer")
      e.error(Code::SettingValue, each.range, "only 'optimizer' takes 'for'");
    bool takesNames = each.key.text == "loss" || each.key.text == "metric";
    bool takesSeveral = takesNames || each.key.text == "optimizer";
    if (each.entries.size() > 1 && !takesSeveral)
      e.error(Code::SettingValue, each.range, "'" + each.key.text + "' takes one value");
    for (const SettingEntry &entry : each.entries)
      if (entry.name && llvm::is_contained(settingKeys(), entry.name->text))
        e.error(Code::SettingValue, entry.name->range,
                "'" + entry.name->text + "' is a setting, which is written without '='");
      else if (entry.name && !takesNames)
        e.error(Code::SettingValue, entry.name->range,
                "the value of '" + each.key.text + "' has no name");
  }
  for (llvm::StringRef needed : {"data", "loss", "optimizer"})
    if (!e.isPartial && !misspelt.contains(needed.str()) &&
        (!setting(needed) || setting(needed)->entries.empty()))
      e.error(Code::MissingSetting, decl.name.range,
              "the recipe has no '" + needed.str() + "' setting")
          .suggest(needed == "data"   ? "such as 'data mnist(image, label)'"
                   : needed == "loss" ? "such as 'loss cross_entropy(logits, label)'"
                                      : "such as 'optimizer adam(lr: 1e-3)'");
}

/// Outputs and inputs of the model are names in the recipe.
void RecipeElaborator::declareModelNames() {
  Scope &scope = e.frame->root;
  auto declare = [&](const std::string &name, Value value, SourceRange where) {
    scope.declare(name, {Variable::Kind::Argument, std::move(value), where});
  };
  if (!model) {
    for (const Result &result : modelDecl->results)
      declare(result.name ? result.name->text : "output", Unknown{}, result.type.range);
    for (const ast::Parameter &input : modelDecl->inputs)
      declare(input.name.text, Unknown{}, input.range);
    return;
  }
  e.graph.setPlace(decl.name.range, nullptr);
  for (const Port &output : model->outputs) {
    const Node *node = e.graph.input(output.type);
    declare(output.name, Tensor{node}, output.range);
    inputs.push_back({Input::Kind::ModelOutput, output.name, node});
  }
  for (const Port &input : model->inputs) {
    const Node *node = e.graph.input(input.type);
    declare(input.name, Tensor{node}, input.range);
    inputs.push_back({Input::Kind::ModelInput, input.name, node});
  }
}

/// A scalar as f32, whatever float it is computed in.
Value RecipeElaborator::evalScalar(const Expr &expr, llvm::StringRef what, Code code) {
  Type expected{Element::F32, {}};
  Value value = e.eval(expr, &expected);
  if (value.isUnknown())
    return value;
  const Tensor *tensor = value.asTensor();
  bool isScalar = value.isNumber() || (tensor && tensor->node->type.shape.empty() &&
                                       tensor->node->type.element != Element::Bool);
  if (!isScalar) {
    e.error(code, expr.range, what.str() + " must be a single number")
        .detail("it is " + value.describe())
        .suggest(tensor && !tensor->node->type.shape.empty()
                     ? "'mean(...)' averages over all elements"
                     : "");
    return Unknown{};
  }
  if (value.isNumber())
    return e.coerce(value, expected, expr.range, what, code);
  return e.cast(value, Element::F32, expr.range);
}

std::string RecipeElaborator::entryName(const SettingEntry &entry, llvm::StringRef otherwise) {
  if (entry.name)
    return entry.name->text;
  const Expr *expr = entry.value.get();
  if (const auto *pipe = llvm::dyn_cast<PipeExpr>(expr))
    expr = pipe->stage.get();
  if (const auto *call = llvm::dyn_cast<CallExpr>(expr))
    expr = call->callee.get();
  if (const auto *name = llvm::dyn_cast<NameExpr>(expr); name && otherwise == "metric")
    return name->name.text;
  return otherwise.str();
}

/// Whether a gradient of the loss flows back through the model's outputs to one of its parameters.
bool RecipeElaborator::dependsOnParameters(const Node *loss) {
  llvm::DenseSet<const Node *> trained;
  for (const auto &[parameter, node] : llvm::zip_equal(model->parameters, parameterNodes))
    if (!parameter.isBuffer)
      trained.insert(node);
  for (const Node *output : e.graph.trainableInputsOf(loss))
    for (const auto &[input, result] : llvm::zip(inputs, model->forward.results))
      if (input.node == output && input.kind == Input::Kind::ModelOutput &&
          llvm::any_of(e.graph.trainableInputsOf(result.node),
                       [&](const Node *node) { return trained.contains(node); }))
        return true;
  return false;
}

void RecipeElaborator::evalLosses() {
  const Setting *losses = setting("loss");
  if (!losses)
    return;
  std::vector<Function::Result> results;
  bool ok = true;
  for (const SettingEntry &entry : losses->entries) {
    if (entry.name && llvm::is_contained(settingKeys(), entry.name->text))
      continue; // `epochs = 5` after a loss, reported as a setting
    std::string name = entryName(entry, "loss");
    Value value = evalScalar(*entry.value, "the loss", Code::LossNotScalar);
    SourceRange range = entry.name ? entry.name->range : entry.value->range;
    // A metric may refer to a loss by its name.
    if (!e.frame->root.declare(name, {Variable::Kind::Let, value, range}))
      e.error(Code::DuplicateName, range, "'" + name + "' already has a meaning in this recipe");
    const Tensor *tensor = value.asTensor();
    ok &= tensor != nullptr;
    if (!tensor)
      continue;
    results.push_back({name, tensor->node});
    if (model && !dependsOnParameters(tensor->node))
      e.error(Code::LossWithoutParameters, entry.value->range,
              "no gradient of this loss reaches a parameter of '" + model->name + "'")
          .suggest("a loss is made of the model's outputs, by operations that have a derivative");
  }
  if (ok)
    recipe.loss = e.graph.cut("loss", inputs, std::move(results));
}

void RecipeElaborator::evalMetrics() {
  std::vector<Function::Result> results;
  if (const Setting *metrics = setting("metric")) {
    for (const SettingEntry &entry : metrics->entries) {
      std::string name = entryName(entry, "metric");
      Value value = evalScalar(*entry.value, "the metric '" + name + "'", Code::MetricNotScalar);
      SourceRange range = entry.name ? entry.name->range : entry.value->range;
      if (llvm::any_of(results, [&](const Function::Result &r) { return r.name == name; }))
        e.error(Code::DuplicateName, range, "two metrics are called '" + name + "'")
            .suggest("name them: metric a = ...  b = ...");
      if (llvm::is_contained(logKeys, name))
        e.error(Code::DuplicateName, range,
                "a metric cannot be called '" + name + "': a training log uses that name")
            .suggest("name it: metric my_" + name + " = ...");
      if (const Tensor *tensor = value.asTensor())
        results.push_back({name, tensor->node});
    }
  }
  recipe.metrics = e.graph.cut("metrics", inputs, std::move(results));
}

/// The value of a setting that is a whole number of at least `least`.
std::optional<int64_t> RecipeElaborator::evalCount(llvm::StringRef key, int64_t least) {
  const Setting *found = setting(key);
  if (!found || found->entries.empty())
    return std::nullopt;
  const Expr &expr = *found->entries.front().value;
  auto count = e.evalConstantInt(expr, "'" + key.str() + "'");
  if (count && *count < least) {
    e.error(Code::SettingValue, expr.range,
            "'" + key.str() + "' is " + std::to_string(*count) + "; it must be at least " +
                std::to_string(least));
    return std::nullopt;
  }
  return count;
}

/// No tensor may outgrow what can be addressed once the batch has its size.
void RecipeElaborator::limitBatch() {
  const Setting *found = setting("batch");
  SourceRange range =
      found && !found->entries.empty() ? found->entries.front().value->range : decl.name.range;
  if (recipe.batch > maxBatch) {
    e.error(Code::SettingValue, range,
            "'batch' is " + std::to_string(recipe.batch) + "; it may be at most " +
                std::to_string(maxBatch));
    return;
  }
  if (!model)
    return;
  auto sizeOf = [&](llvm::StringRef) -> std::optional<int64_t> { return recipe.batch; };
  for (const Node *node : model->forward.nodes) {
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
}

bool RecipeElaborator::run() {
  size_t before = e.diagnostics->errorCount();
  Frame frame;
  frame.file = decl.name.range.file;
  FrameGuard guard(e, frame);
  collectSettings();
  e.passes = 0;
  recipe.model = decl.name.text;
  recipe.range = decl.name.range;
  if (auto count = evalCount("batch", 1))
    recipe.batch = *count;
  recipe.epochs = evalCount("epochs", 1);
  recipe.steps = evalCount("steps", 1);
  if (auto count = evalCount("seed", 0))
    recipe.seed = static_cast<uint64_t>(*count);
  if (!findModel())
    return false;
  limitBatch();
  declareModelNames();
  size_t beforeData = e.diagnostics->errorCount();
  bindData();
  e.hasUnknownFields = e.diagnostics->errorCount() != beforeData || e.isPartial || !setting("data");
  if (llvm::none_of(modelDecl->results, [](const Result &result) { return result.name; }))
    e.hintForUnknown = "the model names no output; '-> logits: f32[batch, 10]' would";
  evalLosses();
  evalMetrics();
  e.hasUnknownFields = false;
  e.hintForUnknown.clear();
  evalOptimizer();
  for (BoundField &each : bound) {
    each.field.bounds = e.indexBounds.lookup(each.node).bounds;
    recipe.data.fields.push_back(std::move(each.field));
  }
  if (e.diagnostics->errorCount() != before || !model)
    return false;
  e.program.recipes.push_back(std::move(recipe));
  return true;
}

bool Elaborator::elaborateRecipe(const TrainDeclaration &decl) {
  return RecipeElaborator(*this, decl).run();
}

} // namespace nnc::sema
