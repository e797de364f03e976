// Models: symbolic dimensions, inputs and outputs, the paths of parameters, the finished functions.
#include "compiler/sema/Elaborator.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/xxhash.h"

#include <set>

namespace nnc::sema {

using namespace ast;

/// A dimension of `type` that is neither a number nor a name. A program reads the sizes of its
/// inputs and outputs off its data, and does no arithmetic on them.
static std::optional<Dim> computedDim(const Type &type) {
  for (const Dim &dim : type.shape)
    if (!dim.constant() && !dim.asSymbol())
      return dim;
  return std::nullopt;
}

static std::string computedDimMessage(const Dim &dim, const std::string &port) {
  return "a dimension of '" + port + "' is " + dim.str() +
         "; at the edge of a model it must be a number or a name";
}

bool Elaborator::declareModelInputs(const ModelDeclaration &decl, Model &result) {
  bool ok = true;
  for (const ast::Parameter &input : decl.inputs) {
    if (!input.type && isPartial) { // the parser may have dropped it
      frame->root.declare(input.name.text, {Variable::Kind::Argument, Unknown{}, input.range});
      ok = false;
      continue;
    }
    if (!input.type) {
      error(Code::ModelInput, input.range,
            "the input '" + input.name.text + "' of a model needs a type");
      ok = false;
      continue;
    }
    bool hasRest = false;
    for (const DimExpr &dim : input.type->dims) {
      if (dim.rest) {
        hasRest = true;
        error(Code::ModelInput, dim.range,
              "the input '" + input.name.text + "' of a model cannot have a rest of dimensions")
            .suggest("name each dimension, or give its size");
        ok = false;
        continue;
      }
      const auto *name = llvm::dyn_cast<NameExpr>(dim.size.get());
      if (!name || frame->root.findHere(name->name.text))
        continue;
      bindDim(name->name, Dim::symbol(name->name.text));
      result.dims.push_back(name->name.text);
    }
    if (hasRest)
      continue;
    const std::string &element = input.type->element.text;
    if (isTypeName(element) && !elementNamed(element)) {
      error(Code::ModelInput, input.type->element.range,
            "the input '" + input.name.text +
                "' of a model needs an element type such as f32, "
                "not '" +
                element + "'");
      ok = false;
      continue;
    }
    auto type = resolveType(*input.type, /*report=*/true);
    if (!type) {
      ok = false;
      continue;
    }
    for (size_t i = 0; i < type->shape.size(); ++i)
      if (auto size = type->shape[i].constant(); size && *size < 1) {
        error(Code::DimensionNotPositive, input.type->dims[i].range,
              "a dimension of input '" + input.name.text + "' is " + std::to_string(*size) +
                  "; it must be at least 1");
        ok = false;
      }
    if (auto dim = computedDim(*type)) {
      error(Code::UnsettledShape, input.type->range, computedDimMessage(*dim, input.name.text));
      ok = false;
    }
    if (!tensorBytes(*type)) {
      error(Code::TensorTooLarge, input.type->range,
            "one example of '" + input.name.text + "' takes more than 2^40 bytes");
      ok = false;
    }
    graph.setPlace(input.name.range, nullptr);
    const Node *node = graph.input(*type);
    indexBounds[node] = {input.name.text, std::nullopt, /*declared=*/false, input.name.range};
    result.inputs.push_back({input.name.text, *type, input.range});
    result.forward.inputs.push_back({Input::Kind::ModelInput, input.name.text, node});
    // A name that is taken was reported with all names of the signature.
    ok &= frame->root.declare(input.name.text,
                              {Variable::Kind::Argument, Tensor{node}, input.name.range});
  }
  return ok;
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
    if (auto dim = computedDim(tensor->node->type)) {
      error(Code::UnsettledShape, where, computedDimMessage(*dim, name))
          .suggest("a result of a known size, or of the size of an input, can be handed out");
      return std::nullopt;
    }
    ports.push_back({name, tensor->node->type, where});
    results.push_back({name, tensor->node});
  }
  return ports;
}

bool Elaborator::elaborateModel(const ModelDeclaration &decl) {
  size_t errorsBefore = diagnostics->errorCount();
  auto state = std::make_unique<ModelState>();
  passes = 0;
  state->root.layer = decl.name.text;
  state->root.decl = &decl;
  state->root.range = decl.name.range;
  entered.insert(&decl);
  Model result;
  result.name = decl.name.text;
  result.doc = decl.doc;
  result.range = decl.name.range;

  Frame body;
  body.decl = &decl;
  body.callable = &decl;
  body.file = decl.name.range.file;
  body.instance = &state->root;
  FrameGuard guard(*this, body);
  for (const ast::Parameter &parameter : decl.parameters)
    if (!parameter.defaultValue) {
      error(Code::ModelInput, parameter.range,
            "the argument '" + parameter.name.text + "' of a model needs a default")
          .suggest("write '" + parameter.name.text + " = ...'");
      return false;
    }
  if (!bindParameters(decl.parameters, {}, decl.name.text, decl.name.range, decl.name.range))
    return false;
  if (!declareModelInputs(decl, result) || !decl.body)
    return false;

  std::optional<Type> expected;
  if (decl.results.size() == 1)
    expected = resolveType(decl.results.front().type, /*report=*/false);
  Value value = evalBlock(*decl.body, expected ? &*expected : nullptr);
  value = finishResults(std::move(value), *decl.body, nullptr, decl.name.text);
  if (diagnostics->errorCount() != errorsBefore)
    return false;
  if (value.isUnknown())
    return false;
  auto ports = modelOutputs(decl, value, result.forward.results);
  if (!ports)
    return false;
  result.outputs = std::move(*ports);
  nameParameters(result, *state);
  finishModel(result);
  models.push_back(std::move(state));
  return diagnostics->errorCount() == errorsBefore;
}

namespace {

/// Gives every name among siblings its segment: bare where it occurs once and outside loops, else
/// numbered.
class Segments {
public:
  void count(const std::string &name, bool inLoop) {
    Entry &entry = entries[name];
    ++entry.total;
    entry.inLoop |= inLoop;
  }
  std::string next(const std::string &name) {
    Entry &entry = entries[name];
    if (entry.total == 1 && !entry.inLoop)
      return name;
    return name + "." + std::to_string(entry.used++);
  }

private:
  struct Entry {
    unsigned total = 0, used = 0;
    bool inLoop = false;
  };
  llvm::StringMap<Entry> entries;
};

/// Visits the tree in order of appearance and collects its parameters with their paths.
void collect(Instance &instance, const std::string &path, unsigned depth,
             std::vector<PendingParameter *> &parameters, std::vector<LayerInfo> &layers) {
  Segments segments;
  for (const auto &parameter : instance.parameters)
    segments.count(parameter->name, parameter->inLoop);
  for (const auto &child : instance.children)
    segments.count(child->layer, child->inLoop);
  std::string prefix = path.empty() ? "" : path + ".";

  size_t layer = layers.size();
  if (depth > 0)
    layers.push_back({path, instance.layer, instance.output, {}, depth - 1});
  for (const auto &parameter : instance.parameters) {
    parameter->path = prefix + segments.next(parameter->name);
    parameters.push_back(parameter.get());
    if (depth > 0)
      layers[layer].parameters.push_back(parameter->path);
  }
  for (const auto &child : instance.children)
    collect(*child, prefix + segments.next(child->layer), depth + 1, parameters, layers);
}

} // namespace

/// The site of a random node: a number of its own, made from the path so that edits elsewhere don't
/// change it.
static void setSites(llvm::ArrayRef<PendingParameter *> parameters) {
  std::set<int64_t> taken;
  for (const PendingParameter *parameter : parameters)
    for (size_t i = 0; i < parameter->randomNodes.size(); ++i) {
      int64_t site = llvm::xxHash64(parameter->path + "#" + std::to_string(i)) & 0x7fffffff;
      while (!taken.insert(site).second)
        site = (site + 1) & 0x7fffffff;
      for (Attribute &attribute : parameter->randomNodes[i]->attributes)
        if (attribute.name == "site")
          attribute.value = site;
    }
}

void Elaborator::nameParameters(Model &result, ModelState &state) {
  std::vector<PendingParameter *> parameters;
  collect(state.root, "", 0, parameters, result.layers);
  setSites(parameters);
  ModelEntry entry{llvm::cast<ModelDeclaration>(state.root.decl), program.models.size(), {}};
  for (PendingParameter *parameter : parameters) {
    sema::Parameter &made = result.parameters.emplace_back();
    made.path = parameter->path;
    made.type = parameter->type;
    made.isBuffer = parameter->isBuffer;
    made.range = parameter->range;
    if (parameter->initial)
      made.init =
          graph.cut("init." + parameter->path, {{Input::Kind::Seed, "seed", parameter->seed}},
                    {{parameter->path, parameter->initial}});
    result.forward.inputs.push_back(
        {parameter->isBuffer ? Input::Kind::Buffer : Input::Kind::Parameter, parameter->path,
         parameter->node});
    if (parameter->isBuffer)
      result.forward.results.push_back(
          {parameter->path, parameter->newValue ? parameter->newValue : parameter->node});
    entry.parameterNodes.push_back(parameter->node);
  }
  modelEntries.push_back(std::move(entry));
}

void Elaborator::finishModel(Model &result) {
  // The model's inputs are the first ones of its function.
  for (auto [port, input] : llvm::zip(result.inputs, result.forward.inputs))
    port.bounds = indexBounds.lookup(input.node).bounds;
  result.forward =
      graph.cut("forward", std::move(result.forward.inputs), std::move(result.forward.results));
  program.models.push_back(std::move(result));
}

} // namespace nnc::sema
