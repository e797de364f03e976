// Recipes, from the syntax to the functions of a model.
#include "compiler/sema/Recipe.h"

#include "compiler/sema/Mentions.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace nnc::sema {

using namespace ast;

/// What `step` and `steps` are in evaluation where the plan is in epochs: past any schedule.
static constexpr int64_t endOfPlan = 1'000'000'000;

/// A `let` that a setting reads must be known when the program is compiled.
void RecipeElaborator::keepSettingsConstant() {
  for (const Entry &entry : decl.entries) {
    const RecipeKey *key =
        entry.kind == Entry::Kind::Line ? findRecipeKey(entry.key.text) : nullptr;
    if (!key || !key->read || key->name == "keep" || key->name == "stop")
      continue;
    std::vector<const Expr *> goals;
    for (const Argument &argument : entry.arguments)
      goals.push_back(argument.value.get());
    for (const Entry *let : neededBy(goals, nullptr)) {
      settingLets.insert(let);
      for (const Name &name : let->let->pattern.names)
        constants.insert(name.text);
    }
  }
}

/// The inputs that may occur in functions of a kind.
std::vector<Input> RecipeElaborator::inputsOf(Run::Kind kind) {
  std::vector<Input> inputs;
  if (kind == Run::Kind::Predict)
    inputs = predictInputs;
  else
    for (const Field &field : fields)
      inputs.push_back({Input::Kind::Field, field.name, field.node});
  inputs.insert(inputs.end(), tensors.begin(), tensors.end());
  if (kind == Run::Kind::Training) {
    inputs.push_back({Input::Kind::Step, "step", step});
    inputs.push_back({Input::Kind::Steps, "steps", steps});
  }
  inputs.push_back({Input::Kind::Seed, "seed", seed});
  inputs.push_back({Input::Kind::Draw, "draw", draw});
  inputs.push_back({Input::Kind::Example, "example", example});
  for (const Number &number : numbers)
    inputs.push_back({Input::Kind::Number, number.name, number.node});
  return inputs;
}

/// Whether a function, or a body in it, has an operation whose gradient is declared.
static bool declaresGradient(const Node &node) {
  if (node.op == "with_gradient")
    return true;
  for (const auto &body : node.bodies)
    for (const Node *inner : body->nodes)
      if (declaresGradient(*inner))
        return true;
  return false;
}

void RecipeElaborator::cutObjectives() {
  llvm::DenseSet<const Node *> behind; // nodes whose gradient passes a declared one
  for (size_t i = 0; i < blocks.size(); ++i) {
    Block &block = *blocks[i];
    std::vector<Function::Result> results = block.results;
    for (Network *network : networks)
      for (OwnedTensor *tensor : network->tensors()) {
        if (!tensor->isState)
          continue;
        auto renewed =
            llvm::find_if(block.states, [&](const auto &state) { return state.first == tensor; });
        results.push_back(
            {tensor->path, renewed == block.states.end() ? tensor->node : renewed->second});
      }
    // Parameters, states and fields are all there, in their order; of the rest what is used.
    std::vector<Input> all = inputsOf(Run::Kind::Training);
    std::vector<Input> used = usedInputs(all, results);
    llvm::erase_if(all, [&](const Input &input) {
      bool stays = input.kind == Input::Kind::Field || input.kind == Input::Kind::Parameter ||
                   input.kind == Input::Kind::LayerState;
      return !stays &&
             llvm::none_of(used, [&](const Input &each) { return each.node == input.node; });
    });
    StepBlock &made = recipe.blocks[i];
    for (const Function::Result &loss : block.results)
      made.losses.push_back(loss.name);
    made.objective = e.graph.cut("objective" + (block.section ? "." + block.name : ""),
                                 std::move(all), std::move(results));
    limitBatch(made.objective);
    for (const Node *node : llvm::reverse(made.objective.nodes))
      if (behind.contains(node) || declaresGradient(*node))
        behind.insert(node->operands.begin(), node->operands.end());
  }
  size_t parameter = 0;
  for (const Input &input : tensors)
    if (input.kind == Input::Kind::Parameter)
      model.parameters[parameter++].hasDeclaredGradient = behind.contains(input.node);
}

void RecipeElaborator::finishFunctions() {
  std::vector<Input> inputs = inputsOf(Run::Kind::Evaluation);
  Evaluation known = std::move(recipe.evaluation);
  recipe.evaluation = totals->finish(inputs, std::move(evaluated));
  recipe.evaluation.losses = std::move(known.losses);
  recipe.evaluation.metrics = std::move(known.metrics);
  recipe.evaluation.classes = std::move(known.classes);
  for (const Evaluation::Pass &pass : recipe.evaluation.passes)
    limitBatch(pass.accumulate);
  for (const Network *network : networks)
    warnOfBatchOfOne(network->root);

  std::vector<Input> used = usedInputs(inputsOf(Run::Kind::Predict), predicted);
  // A model takes what it declares, a recipe that calls its models what its predictions read.
  if (!callsModels || predictions.empty())
    for (const Input &input : llvm::reverse(predictInputs))
      if (llvm::none_of(used, [&](const Input &each) { return each.node == input.node; }))
        used.insert(used.begin(), input);
  for (const Input &input : used)
    if (input.kind == Input::Kind::ModelInput)
      model.inputs.push_back(
          {input.name, input.node->type, input.node->range, e.limitOf(input.node)});
  model.predict = e.graph.cut("predict", std::move(used), std::move(predicted));
}

/// The symbolic dimensions of what is predicted from, the batch first; data has more.
void RecipeElaborator::collectDims() {
  model.batchDim = "batch";
  model.dims = {"batch"};
  auto add = [&](const Type &type) {
    for (const Dim &dim : type.shape)
      for (const std::string &symbol : dim.symbols())
        if (!llvm::is_contained(model.dims, symbol))
          model.dims.push_back(symbol);
  };
  for (const Port &input : model.inputs)
    add(input.type);
}

/// What a recipe's lines may name beside functions, for a name that is none of it.
std::string RecipeElaborator::namesInScope() const {
  std::vector<std::string> columns, outputs;
  for (const Field &field : fields)
    columns.push_back("'" + field.name + "'");
  if (!callsModels)
    for (const Result &result : networks.front()->decl->results)
      if (result.name)
        outputs.push_back("'" + result.name->text + "'");
  std::string text;
  if (!outputs.empty())
    text += (outputs.size() > 1 ? "outputs " : "the output ") + llvm::join(outputs, ", ");
  if (!columns.empty())
    text += (text.empty() ? "" : " and ") +
            ((columns.size() > 1 ? "the columns " : "the column ") + llvm::join(columns, ", "));
  return text.empty() ? text : "the recipe knows " + text;
}

bool RecipeElaborator::run() {
  size_t before = e.errorCount();
  Frame frame;
  frame.file = decl.name.range.file;
  FrameGuard guard(e, frame);
  owner.layer = "recipe";
  owner.ownsParameters = false;
  owner.draws.path = "recipe";
  owner.range = decl.name.range;
  e.forgetNetworks();
  collect();
  bool hasNetworks = findNetworks();
  if (hasNetworks)
    findWhatIsCalled();
  keepSettingsConstant();
  {
    auto run = startRun(Run::Kind::Settings);
    FrameGuard inner(e, run->frame);
    ContextGuard context(e, contextOf(run->kind));
    runLets(*run, nullptr, settingLets);
    readSettings();
  }
  Type number{Element::F64, {}}, count{Element::I64, {}};
  e.graph.setPlace(decl.name.range, nullptr);
  step = e.graph.input(number);
  steps = e.graph.input(number);
  batch = e.graph.input(number);
  seed = e.graph.input(count);
  draw = e.graph.input(count);
  example = e.graph.input(count);
  planned = e.graph.constant(Element::F64, static_cast<double>(recipe.steps.value_or(endOfPlan)));
  bindData();
  checkWatched();
  if (!hasNetworks)
    return false;
  e.hasUnknownFields = isDataBroken || e.isPartial || mayBeMisspelt("data");
  if (!callsModels && llvm::none_of(networks.front()->decl->results,
                                    [](const Result &result) { return result.name; }))
    e.hintForUnknown = "the model names no output; '-> logits: f32[batch, 10]' would";
  else
    e.hintForUnknown = namesInScope();
  if (callsModels)
    hintForOutputs();
  settleFrozen();
  for (const auto &block : blocks)
    train(*block);
  evaluate();
  predict();
  e.hasUnknownFields = false;
  e.hintForUnknown.clear();
  e.hintForName.clear();
  if (e.errorCount() == before && !e.isPartial)
    for (const Network *network : networks) {
      if (!network->wasCalled)
        e.error(Code::UncalledModel, network->range,
                "the recipe trains '" + network->name + "' and never calls it")
            .suggest("such as '" + network->name + "(...)' in a loss");
      else if (network->inputTypes.empty())
        e.error(Code::UnsettledShape, network->range,
                "the result of '" + network->name + "' cannot be worked out");
    }

  e.describeNetworks(networks, model);
  tensors = e.tensorInputs(networks);
  for (const auto &block : blocks)
    addUpdates(*block);
  bool isBroken = e.errorCount() != before;
  if (!isBroken)
    checkCoverage();
  for (const auto &block : blocks)
    if (!isBroken)
      checkReach(*block);
  recipe.optimizer = describeOptimizers();
  recipe.clip = describeClips();
  recipe.range = decl.name.range;
  recipe.frozen.assign(frozen.begin(), frozen.end());
  llvm::sort(numbers, [](const Number &a, const Number &b) { return a.begin < b.begin; });
  for (const Number &each : numbers)
    recipe.numbers.push_back({each.name, each.value});
  checkBudget();
  if (!isBroken)
    checkLoads();
  if (e.errorCount() != before)
    return false;
  cutObjectives();
  finishFunctions();
  collectDims();
  model.name = networks.front()->name;
  model.doc = networks.front()->decl->doc;
  model.range = networks.front()->decl->name.range;
  model.recipe = std::move(recipe);
  return e.errorCount() == before;
}

} // namespace nnc::sema
