// Models: networks and their instances, symbolic dimensions, inputs and outputs.
#include "compiler/sema/Elaborator.h"

#include "llvm/ADT/ScopeExit.h"

namespace nnc::sema {

using namespace ast;

std::vector<OwnedTensor *> Network::tensors() {
  std::vector<OwnedTensor *> found;
  std::vector<Instance *> pending{&root};
  while (!pending.empty()) {
    Instance *each = pending.back();
    pending.pop_back();
    for (const auto &tensor : each->tensors)
      found.push_back(tensor.get());
    for (const auto &child : llvm::reverse(each->children))
      pending.push_back(child.get());
  }
  return found;
}

void Network::forgetOutputs() {
  std::vector<Instance *> pending{&root};
  while (!pending.empty()) {
    Instance *each = pending.back();
    pending.pop_back();
    each->wasApplied = false;
    for (const auto &child : each->children)
      pending.push_back(child.get());
  }
}

static std::unique_ptr<Network> makeNetwork(const ModelDeclaration &decl,
                                            std::vector<GivenArgument> arguments, SourceRange range,
                                            std::string prefix) {
  auto network = std::make_unique<Network>();
  network->name = decl.name.text;
  network->decl = &decl;
  network->arguments = std::make_shared<std::vector<GivenArgument>>(std::move(arguments));
  network->range = range;
  network->root.layer = decl.name.text;
  network->root.decl = &decl;
  network->root.range = decl.name.range;
  network->root.path = network->root.draws.path = std::move(prefix);
  return network;
}

Network &Elaborator::addNetwork(const ModelDeclaration &decl, std::vector<GivenArgument> arguments,
                                SourceRange range, std::string prefix) {
  owned.push_back(makeNetwork(decl, std::move(arguments), range, std::move(prefix)));
  networks.push_back(owned.back().get());
  return *owned.back();
}

Network *Elaborator::networkOf(const ModelDeclaration &decl) const {
  if (frame && frame->instance && frame->instance->ownsParameters)
    return nullptr; // in a layer or another model
  for (Network *network : networks)
    if (network->decl == &decl)
      return network;
  return nullptr;
}

void Elaborator::beginFunction() {
  passes = 0;
  for (const auto &network : owned)
    for (OwnedTensor *tensor : network->tensors())
      tensor->current = tensor->node;
}

Value Elaborator::applyNetwork(Network &network, const std::vector<GivenArgument> &inputs,
                               SourceRange range, const void *place) {
  if (!mayEnter(*network.decl, range) || !network.decl->body)
    return Unknown{};
  network.wasCalled = true;
  Frame callee;
  callee.decl = network.decl;
  callee.callable = network.decl;
  callee.site = network.isAlone ? nullptr : siteFor(range, network.name);
  callee.place = place;
  Value value =
      runLayer(network.root, callee, *network.arguments, network.range, inputs, range, nullptr);
  const Sequence *several = value.asSequence();
  llvm::ArrayRef<Value> outputs =
      several ? llvm::ArrayRef<Value>(*several->elements) : llvm::ArrayRef<Value>(&value, 1);
  std::vector<const Node *> given;
  for (const ast::Parameter &input : network.decl->inputs)
    if (const Node *node = callee.inputNodes.lookup(&input))
      given.push_back(node);
  for (const Value &each : outputs)
    if (const Tensor *output = each.asTensor())
      networkOutputs[output->node] = given;
  if (network.inputTypes.empty() && !value.isUnknown())
    for (const ast::Parameter &input : network.decl->inputs)
      if (const Node *node = callee.inputNodes.lookup(&input)) {
        network.inputTypes.push_back(node->type);
        IndexRange *range = rangeOf(node);
        network.inputRanges.push_back(range ? *range : IndexRange());
      }
  return value;
}

Diagnostic *Elaborator::refuseComputedDim(const Type &type, const std::string &port,
                                          SourceRange range) {
  for (const Dim &dim : type.shape)
    if (!isSettled(dim) && !dim.asSymbol())
      return &error(Code::UnsettledShape, range,
                    "a dimension of '" + port + "' is " + dim.str() +
                        "; at the edge of a model it must be a number or a name");
  return nullptr;
}

/// In the frame of the model, whose settings are bound.
bool Elaborator::declareModelInputs(const ModelDeclaration &decl, ModelInputs &result) {
  bool ok = true;
  for (const ast::Parameter &input : decl.inputs) {
    if (!input.type && isPartial) { // the parser may have dropped it
      ok = false;
      continue;
    }
    auto refuse = [&](Code code, SourceRange range, const std::string &message) -> Diagnostic & {
      ok = false;
      return error(code, range, message);
    };
    if (!input.type) {
      refuse(Code::ModelInput, input.range,
             "the input '" + input.name.text + "' of a model needs a type");
      continue;
    }
    bool hasRest = false;
    auto bindSymbol = [&](const Expr *size) {
      const auto *name = llvm::dyn_cast_or_null<NameExpr>(size);
      if (!name || !name->qualifiers.empty() || isBound(*name))
        return;
      bindDim(name->name, Dim::symbol(name->name.text));
      result.dims.push_back(name->name.text);
    };
    for (const DimExpr &dim : input.type->dims) {
      hasRest |= dim.rest.has_value();
      if (dim.rest)
        refuse(Code::ModelInput, dim.range,
               "the input '" + input.name.text + "' of a model cannot have a rest of dimensions")
            .suggest("name each dimension, or give its size");
      else
        bindSymbol(dim.size.get());
    }
    bindSymbol(input.type->argument.get());
    if (hasRest)
      continue;
    const std::string &element = input.type->element.text;
    if ((isTypeName(element) && !elementNamed(element) && element != "index") ||
        input.type->isList) {
      refuse(Code::ModelInput, input.type->element.range,
             "the input '" + input.name.text +
                 "' of a model needs an element type such as f32, not '" + element + "'");
      continue;
    }
    auto type = resolveType(*input.type, /*report=*/true);
    if (!type) {
      ok = false;
      continue;
    }
    for (size_t i = 0; i < type->shape.size(); ++i)
      if (auto size = type->shape[i].constant(); size && *size < 1)
        refuse(Code::DimensionNotPositive, input.type->dims[i].range,
               "a dimension of input '" + input.name.text + "' is " + std::to_string(*size) +
                   "; it must be at least 1")
            .suggest(*size < 0 ? "a size that is not known has a name, such as 'batch'" : "");
    ok &= !refuseComputedDim(*type, input.name.text, input.type->range);
    if (!tensorBytes(*type))
      refuse(Code::TensorTooLarge, input.type->range,
             "one example of '" + input.name.text + "' takes more than 2^40 bytes");
    graph.setPlace(input.name.range, nullptr);
    const Node *node = graph.input(*type);
    auto limit = indexLimit(*input.type);
    if (isInteger(type->element))
      ranges[node] = {limit, limit.has_value(), input.name.text, input.name.range};
    result.ports.push_back({input.name.text, *type, input.name.range});
    result.nodes.push_back(node);
  }
  return ok;
}

std::optional<Elaborator::ModelInputs> Elaborator::symbolicInputs(const Network &network) {
  const ModelDeclaration &decl = *network.decl;
  Frame body;
  body.decl = &decl;
  body.callable = &decl;
  body.file = decl.name.range.file;
  FrameGuard guard(*this, body);
  bool hasGiven = !network.arguments->empty();
  for (const ast::Parameter &parameter : decl.parameters)
    if (!parameter.defaultValue && !hasGiven) {
      error(Code::ModelInput, parameter.range,
            "the argument '" + parameter.name.text + "' of a model needs a default")
          .suggest("write '" + parameter.name.text + " = ...'");
      return std::nullopt;
    }
  ModelInputs inputs;
  if (!bindParameters(decl.parameters, *network.arguments, decl.name.text, network.range,
                      decl.name.range) ||
      !declareModelInputs(decl, inputs))
    return std::nullopt;
  return inputs;
}

std::optional<std::vector<Port>> Elaborator::modelOutputs(const ModelDeclaration &decl,
                                                          const Value &value,
                                                          std::vector<Function::Result> &results) {
  std::vector<Value> values{value};
  if (const Sequence *sequence = value.asSequence())
    values = *sequence->elements;
  std::vector<Port> ports;
  SourceRange range = decl.body->result ? decl.body->result->range : decl.name.range;
  for (size_t i = 0; i < values.size(); ++i) {
    const Tensor *tensor = values[i].asTensor();
    if (values[i].isUnknown())
      return std::nullopt;
    if (!tensor) {
      error(Code::ResultShape, range,
            "a model's result must be a tensor, found " + values[i].describe());
      return std::nullopt;
    }
    std::string name = "output";
    SourceRange where = range;
    if (i < decl.results.size()) {
      where = decl.results[i].type.range;
      if (decl.results[i].name)
        name = decl.results[i].name->text, where = decl.results[i].name->range;
    }
    if (values.size() > 1 && name == "output")
      name += std::to_string(i);
    bool taken = llvm::any_of(ports, [&](const Port &port) { return port.name == name; });
    if (taken) {
      error(Code::DuplicateName, where,
            "two results of '" + decl.name.text + "' are called '" + name + "'");
      return std::nullopt;
    }
    for (const ast::Parameter &input : decl.inputs)
      if (input.name.text == name) {
        error(Code::DuplicateName, where,
              "the result '" + name + "' of '" + decl.name.text + "' is called like an input")
            .note(input.name.range, "the input is declared here")
            .suggest("recipes and programs tell inputs and outputs apart by their names");
        return std::nullopt;
      }
    if (Diagnostic *refused = refuseComputedDim(tensor->node->type, name, where)) {
      refused->suggest("a result of a known size, or of the size of an input, can be handed out");
      return std::nullopt;
    }
    ports.push_back({name, tensor->node->type, where});
    if (IndexRange *known = rangeOf(tensor->node);
        known && known->limit && known->limit->constant())
      ports.back().limit = known->limit;
    results.push_back({name, tensor->node});
  }
  return ports;
}

static void describeLayers(const Instance &root, std::vector<LayerInfo> &layers) {
  std::vector<std::pair<const Instance *, unsigned>> pending{{&root, 0}};
  while (!pending.empty()) {
    auto [each, depth] = pending.back();
    pending.pop_back();
    if (each != &root) {
      LayerInfo &info =
          layers.emplace_back(LayerInfo{each->path, each->layer, each->output, {}, depth - 1});
      for (const auto &tensor : each->tensors)
        if (!tensor->isState)
          info.parameters.push_back(tensor->path);
    }
    for (const auto &child : llvm::reverse(each->children))
      pending.emplace_back(child.get(), depth + 1);
  }
}

void Elaborator::describeNetworks(llvm::ArrayRef<Network *> made, Model &model) {
  for (Network *network : made) {
    model.networks.push_back(network->name);
    describeLayers(network->root, model.layers);
    for (OwnedTensor *tensor : network->tensors()) {
      sema::Parameter &parameter =
          (tensor->isState ? model.states : model.parameters).emplace_back();
      parameter.path = tensor->path;
      parameter.type = tensor->type;
      parameter.range = tensor->userRange;
      if (tensor->initial)
        parameter.init =
            graph.cut("init." + tensor->path, {{Input::Kind::Seed, "seed", tensor->seed}},
                      {{tensor->path, tensor->initial}});
    }
  }
}

std::vector<Input> Elaborator::tensorInputs(llvm::ArrayRef<Network *> made) {
  std::vector<Input> parameters, states;
  for (Network *network : made)
    for (OwnedTensor *tensor : network->tensors())
      if (tensor->isState)
        states.push_back({Input::Kind::LayerState, tensor->path, tensor->node});
      else
        parameters.push_back({Input::Kind::Parameter, tensor->path, tensor->node});
  parameters.insert(parameters.end(), states.begin(), states.end());
  return parameters;
}

/// The name that leads every input: what a call takes examples along.
static std::string batchOf(llvm::ArrayRef<Port> inputs) {
  std::string batch;
  for (const Port &input : inputs) {
    if (input.type.shape.empty())
      continue;
    auto name = input.type.shape.front().asSymbol();
    if (!name || (!batch.empty() && *name != batch))
      return "";
    batch = *name;
  }
  return batch;
}

bool Elaborator::elaborateModel(const ModelDeclaration &decl) {
  size_t errorsBefore = diagnostics->errorCount();
  owned.push_back(makeNetwork(decl, {}, decl.name.range, ""));
  Network &network = *owned.back();
  network.isAlone = true;
  beginFunction();
  entered.insert(&decl);
  auto inputs = symbolicInputs(network);
  if (!inputs)
    return false;
  graph.setPlace(decl.name.range, nullptr);
  Type number{Element::I64, {}};
  FunctionContext draws;
  draws.seed = graph.input(number);
  draws.draw = graph.input(number);
  draws.example = graph.input(number);
  std::vector<GivenArgument> given;
  for (auto [port, node] : llvm::zip(inputs->ports, inputs->nodes))
    given.push_back({std::nullopt, Tensor{node}, port.range});
  // Training makes the instances; prediction is what this model can do.
  Value value;
  for (bool training : {true, false}) {
    beginFunction();
    draws.training = training;
    ContextGuard guard(*this, draws);
    value = applyNetwork(network, given, decl.name.range);
    if (diagnostics->errorCount() != errorsBefore || value.isUnknown())
      return false;
  }
  Model result;
  result.name = decl.name.text;
  result.doc = decl.doc;
  result.range = decl.name.range;
  std::vector<Function::Result> results;
  auto ports = modelOutputs(decl, value, results);
  if (!ports)
    return false;
  result.outputs = std::move(*ports);
  result.inputs = inputs->ports;
  result.dims = inputs->dims;
  result.batchDim = batchOf(result.inputs);
  describeNetworks({&network}, result);
  std::vector<Input> all, context{{Input::Kind::Seed, "seed", draws.seed},
                                  {Input::Kind::Draw, "draw", draws.draw},
                                  {Input::Kind::Example, "example", draws.example}};
  for (auto [port, node] : llvm::zip(result.inputs, inputs->nodes)) {
    port.limit = limitOf(node);
    all.push_back({Input::Kind::ModelInput, port.name, node});
  }
  size_t ownInputs = all.size();
  for (const Input &tensor : tensorInputs({&network}))
    all.push_back(tensor);
  all.insert(all.end(), context.begin(), context.end());
  Function used = graph.cutUsed("predict", llvm::ArrayRef(all).drop_front(ownInputs), results);
  std::vector<Input> kept(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(ownInputs));
  kept.insert(kept.end(), used.inputs.begin(), used.inputs.end());
  used.inputs = std::move(kept);
  result.predict = std::move(used);
  program.models.push_back(std::move(result));
  return diagnostics->errorCount() == errorsBefore;
}

} // namespace nnc::sema
