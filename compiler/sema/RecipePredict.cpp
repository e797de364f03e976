// What a trained model predicts: the lines of its recipe, or its outputs.
#include "compiler/sema/Mentions.h"
#include "compiler/sema/Recipe.h"

#include "llvm/ADT/StringExtras.h"

namespace nnc::sema {

using namespace ast;

/// Where the dimension written as `dims[i]` stands in a shape; a rest of dimensions takes as many
/// as are left, and has no place of its own.
static std::optional<size_t> placeOf(size_t i, llvm::ArrayRef<DimExpr> dims, size_t rank) {
  const auto *rest = llvm::find_if(dims, [](const DimExpr &dim) { return dim.rest.has_value(); });
  if (rest == dims.end() || i < static_cast<size_t>(rest - dims.begin()))
    return i;
  if (dims.begin() + i == rest)
    return std::nullopt;
  return rank - (dims.size() - i);
}

/// The types of a model's inputs in prediction: those of its first application, but for the sizes
/// that it computed. A model may be called on two batches joined; prediction gives it one.
static std::vector<Type> typesInPrediction(const Elaborator &e, const Network &network) {
  std::vector<Type> types = network.inputTypes;
  for (size_t i = 0; i < types.size(); ++i) {
    const ast::Parameter &input = network.decl->inputs[i];
    if (!input.type)
      continue;
    llvm::ArrayRef<DimExpr> dims = input.type->dims;
    for (size_t j = 0; j < dims.size(); ++j) {
      const auto *name = llvm::dyn_cast_or_null<NameExpr>(dims[j].size.get());
      auto place = placeOf(j, dims, types[i].shape.size());
      if (!name || !name->qualifiers.empty() || !place || *place >= types[i].shape.size())
        continue;
      Dim &dim = types[i].shape[*place];
      if (!e.isSettled(dim) && !dim.asSymbol())
        dim = Dim::symbol("batch");
    }
  }
  return types;
}

/// Inputs of prediction for those of a model. False after an error.
bool RecipeElaborator::declareModelInputs(const Network &network, Run &run,
                                          std::vector<GivenArgument> &given) {
  std::vector<Type> types = typesInPrediction(e, network);
  for (size_t i = 0; i < types.size(); ++i) {
    const ast::Parameter &input = network.decl->inputs[i];
    if (e.refuseComputedDim(types[i], input.name.text,
                            input.type ? input.type->range : input.range))
      return false;
    e.graph.setPlace(input.name.range, nullptr);
    const Node *node = e.graph.input(types[i]);
    e.ranges[node] = network.inputRanges[i];
    predictInputs.push_back({Input::Kind::ModelInput, input.name.text, node});
    given.push_back({std::nullopt, Tensor{node}, input.range});
    run.frame.root.declare(input.name.text,
                           {Variable::Kind::Argument, Tensor{node}, input.name.range});
  }
  return true;
}

/// Without lines: the outputs of the first network.
void RecipeElaborator::predictOutputs() {
  Network &network = *networks.front();
  auto run = startRun(Run::Kind::Predict);
  FrameGuard frame(e, run->frame);
  ContextGuard context(e, contextOf(run->kind));
  e.beginFunction();
  std::vector<GivenArgument> given;
  if (!declareModelInputs(network, *run, given))
    return;
  network.forgetOutputs(); // training may have joined batches
  Value value = e.applyNetwork(network, given, decl.models.front().range, &decl);
  if (value.isUnknown())
    return;
  if (auto ports = e.modelOutputs(*network.decl, value, predicted))
    model.outputs = std::move(*ports);
}

/// `predict digit = argmax(logits)`: of the inputs of a model that is not called, else of columns.
void RecipeElaborator::predictLines() {
  auto run = startRun(Run::Kind::Predict);
  FrameGuard frame(e, run->frame);
  ContextGuard context(e, contextOf(run->kind));
  e.beginFunction();
  std::vector<GivenArgument> given;
  if (!callsModels) {
    if (!declareModelInputs(*networks.front(), *run, given))
      return;
  } else {
    for (const Field &field : fields) {
      predictInputs.push_back({Input::Kind::ModelInput, field.name, field.node});
      run->frame.root.declare(field.name,
                              {Variable::Kind::Argument, Tensor{field.node}, field.range});
    }
  }
  std::vector<const Expr *> goals;
  for (const Line &line : predictions)
    goals.push_back(line.value);
  ExampleAnalysis examples(Dim::symbol("batch"));
  examples.trust(e.networkOutputs);
  for (const Input &input : predictInputs)
    if (const Shape &shape = input.node->type.shape;
        !shape.empty() && shape.front() == Dim::symbol("batch"))
      examples.giveExamples(input.node, e.limitOf(input.node));
  e.hintForUnknown = "a prediction knows what the model takes, and no other column";
  // Those that no line reads are not there to be found.
  if (!callsModels)
    for (const Result &result : networks.front()->decl->results)
      if (result.name)
        e.meantNames.push_back(result.name->text);
  for (const Entry *let : lets)
    for (const Name &name : let->let->pattern.names)
      e.meantNames.push_back(name.text);
  runLets(*run, nullptr, neededBy(goals, nullptr));
  for (const Line &line : predictions) {
    Value value = evalIn(*run, *line.value);
    if (value.isUnknown())
      continue;
    const Tensor *tensor = value.asTensor();
    const Node *node = tensor ? tensor->node : nullptr;
    e.graph.setPlace(line.value->range, nullptr);
    if (value.isNumber() || value.isWeak())
      node = e.toNode(value,
                      value.isWeak() && node->type.element == Element::Bool ? Element::Bool
                                                                            : Element::F32,
                      line.value->range);
    if (!node) {
      e.error(Code::ResultShape, line.value->range,
              "a prediction is a tensor, found " + value.describe());
      continue;
    }
    if (Diagnostic *refused = e.refuseComputedDim(node->type, line.name, line.value->range)) {
      refused->suggest("a result of a known size, or of the size of an input, can be handed out");
      continue;
    }
    bool isExact = examples.of(node).isExact();
    warnOfMeetings(e, examples);
    if (!isExact) {
      refuseMeeting("prediction", line, examples.causeOf(node),
                    "'predict' takes any number of examples, and each by itself");
      continue;
    }
    // What is given can be handed out, but not under the same node: an output is a result.
    model.outputs.push_back({line.name, node->type, line.range});
    predicted.push_back({line.name, node});
  }
  e.hintForUnknown.clear();
  e.meantNames.clear();
  for (const Input &input : predictInputs)
    for (const Line &line : predictions)
      if (line.name == input.name)
        e.error(Code::DuplicateName, line.range,
                "a prediction is called '" + line.name + "' like what it is made from")
            .suggest("write 'predict NAME = ...'");
}

void RecipeElaborator::predict() {
  if (networks.empty() || (networks.front()->inputTypes.empty() && !callsModels))
    return; // never applied, and so reported
  if (!predictions.empty())
    predictLines();
  else if (!networks.front()->inputTypes.empty())
    predictOutputs();
}

} // namespace nnc::sema
