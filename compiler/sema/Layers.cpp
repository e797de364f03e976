// Layers: instances, their parameters and buffers, and what they compute.
#include "compiler/sema/Elaborator.h"

#include "llvm/ADT/ScopeExit.h"

namespace nnc::sema {

using namespace ast;

/// The next child of the current instance: a new one, or the same as in the first application.
Instance *Elaborator::childInstance(const Declaration &decl, SourceRange range) {
  Instance *parent = frame->instance;
  if (!parent || !parent->ownsParameters) {
    detached.push_back(std::make_unique<Instance>());
    Instance *instance = detached.back().get();
    instance->layer = decl.name.text;
    instance->decl = &decl;
    instance->range = range;
    instance->ownsParameters = false;
    return instance;
  }
  if (parent->replayed) {
    if (parent->nextChild < parent->children.size() &&
        parent->children[parent->nextChild]->decl == &decl) {
      Instance *child = parent->children[parent->nextChild++].get();
      child->replayed = true;
      child->nextChild = child->nextParameter = 0;
      return child;
    }
    error(Code::SharedLayerDiffers, range,
          "'" + parent->layer +
              "' is applied twice and shares its parameters, but here it takes "
              "another course than the first time")
        .note(parent->range, "it is first applied here")
        .suggest("'" + parent->layer + "(...)' written at each place is a layer of its own there");
    return nullptr;
  }
  auto child = std::make_unique<Instance>();
  child->layer = decl.name.text;
  child->decl = &decl;
  child->range = range;
  child->inLoop = frame->loops > 0;
  parent->children.push_back(std::move(child));
  return parent->children.back().get();
}

Value Elaborator::applyLayer(const LayerValue &layer, const std::vector<GivenArgument> &inputs,
                             SourceRange range, const Type *expected) {
  const Declaration &decl = *layer.decl;
  const Callable *callable = nullptr;
  if (const auto *model = llvm::dyn_cast<ModelDeclaration>(&decl))
    callable = model;
  else
    callable = llvm::cast<LayerDeclaration>(&decl);
  if (!mayEnter(decl, range) || !callable->body)
    return Unknown{};

  Frame callee;
  callee.decl = &decl;
  callee.callable = callable;
  callee.file = decl.name.range.file;
  callee.site = siteFor(range, decl.name.text);
  ++callDepth;
  llvm::scope_exit leave([&] { --callDepth; });
  Frame *caller = frame;
  FrameGuard guard(*this, callee);
  // The compile-time arguments are checked even where the tensors are not known.
  bool ok = bindParameters(callable->parameters, *layer.arguments, decl.name.text, layer.range,
                           decl.name.range);
  if (!ok || !bindParameters(callable->inputs, inputs, decl.name.text, range, decl.name.range))
    return Unknown{};

  Instance *instance = *layer.instance;
  if (instance) {
    instance->replayed = true;
    instance->nextChild = instance->nextParameter = 0;
  } else {
    frame = caller;
    instance = childInstance(decl, range);
    frame = &callee;
    if (!instance)
      return Unknown{};
    *layer.instance = instance;
  }
  callee.instance = instance;

  std::optional<Type> result;
  if (callable->results.size() == 1 && callable->results.front().type.hasShape)
    result = resolveType(callable->results.front().type, /*report=*/false);
  const Type *inner = result ? &*result : callable->results.empty() ? expected : nullptr;
  Value value =
      finishResults(evalBlock(*callable->body, inner), *callable->body, inner, decl.name.text);
  if (const Tensor *tensor = value.asTensor())
    instance->output = tensor->node->type;
  return value;
}

/// Sizes of parameters are known at compile time, at least 1, and fit in memory.
bool Elaborator::checkDims(const Shape &shape, const TypeExpr &type, llvm::StringRef what) {
  for (size_t i = 0; i < shape.size(); ++i) {
    bool oneToOne = shape.size() == type.dims.size();
    SourceRange range = oneToOne ? type.dims[i].range : type.range;
    auto size = shape[i].constant();
    if (!size && !isGeneric) {
      error(Code::NotCompileTime, range,
            "the size '" + shape[i].str() + "' of " + what.str() +
                " is only known when the program runs");
      return false;
    }
    if (size && *size < 1) {
      std::string name = oneToOne ? "dimension '" + quote(range) + "'" : "a dimension";
      error(Code::DimensionNotPositive, range,
            name + " of " + what.str() + " is " + std::to_string(*size) +
                "; it must be at least 1");
      return false;
    }
  }
  return true;
}

void Elaborator::evalParam(const ParamStatement &param) {
  std::string kind = param.isBuffer ? "buffer" : "parameter";
  std::string what = kind + " '" + param.name.text + "'";
  auto poison = [&] { declareLocal(param.name, {Variable::Kind::Parameter, Unknown{}, {}}); };
  bool isLayer = frame->decl && (llvm::isa<LayerDeclaration>(frame->decl) ||
                                 llvm::isa<ModelDeclaration>(frame->decl));
  if (!isLayer || !frame->instance || !frame->instance->ownsParameters) {
    Diagnostic &diagnostic =
        error(Code::ParameterOutsideLayer, param.name.range,
              isLayer ? "the layer '" + frame->decl->name.text +
                            "' has parameters, so only a layer or a model can use it"
                      : "a " + kind + " can only be declared in a layer or a model");
    if (!isLayer && frame->decl && llvm::isa<FnDeclaration>(frame->decl))
      diagnostic.suggest("write 'layer' instead of 'fn'");
    return poison();
  }
  if (scope->findHere(param.name.text))
    return poison(); // and so reported
  std::optional<Type> type = resolveType(param.type, /*report=*/true);
  if (!type || !checkDims(type->shape, param.type, what))
    return poison();
  if (!tensorBytes(*type)) {
    error(Code::TensorTooLarge, param.type.range, what + " takes more than 2^40 bytes")
        .detail("its type is " + type->str());
    return poison();
  }
  if (!param.isBuffer && !isFloat(type->element)) {
    error(Code::ElementMismatch, param.type.range,
          what + " has elements " + spelling(type->element) + ", but only floats can be trained")
        .suggest("'buffer' declares state that is not trained");
    return poison();
  }
  declareLocal(param.name, {param.isBuffer ? Variable::Kind::Buffer : Variable::Kind::Parameter,
                            parameterValue(param, *type),
                            {}});
}

Value Elaborator::parameterValue(const ParamStatement &param, const Type &type) {
  Instance &instance = *frame->instance;
  if (instance.replayed) {
    size_t index = instance.nextParameter++;
    if (index < instance.parameters.size() && instance.parameters[index]->name == param.name.text &&
        instance.parameters[index]->type == type)
      return Tensor{instance.parameters[index]->node};
    error(Code::SharedLayerDiffers, param.name.range,
          "'" + instance.layer + "' is applied twice and shares its parameters, but '" +
              param.name.text + "' differs")
        .detail("it is now " + type.str())
        .note(instance.range, "it is first applied here")
        .suggest("'" + instance.layer + "(...)' written at each place is a layer of its own there");
    return Unknown{};
  }
  auto pending = std::make_unique<PendingParameter>();
  pending->name = param.name.text;
  pending->inLoop = frame->loops > 0;
  pending->type = type;
  pending->isBuffer = param.isBuffer;
  pending->range = param.name.range;
  graph.setPlace(param.name.range, frame->site);
  pending->node = graph.input(type);
  pending->seed = graph.input(Type{Element::I64, {}});
  for (const auto &other : instance.parameters)
    if (other->name == pending->name && !(other->inLoop && pending->inLoop)) {
      error(Code::DuplicateName, param.name.range,
            "'" + instance.layer + "' already has a parameter '" + pending->name + "'")
          .note(other->range, "it is first declared here");
      return Unknown{};
    }

  const Node *outerSeed = seed;
  auto *outerRandom = randomNodes;
  seed = pending->seed;
  randomNodes = &pending->randomNodes;
  Value initial = param.init ? eval(*param.init, &type) : Value();
  if (param.init)
    initial =
        coerce(initial, type, param.init->range, "the initial value of '" + pending->name + "'",
               Code::ShapeMismatch, param.type.range);
  seed = outerSeed;
  randomNodes = outerRandom;

  if (const Tensor *tensor = initial.asTensor()) {
    for (const Node *input : graph.inputsOf(tensor->node))
      if (input != pending->seed && !isGeneric) {
        error(Code::InitialValueNotConstant, param.init->range,
              "the initial value of '" + pending->name +
                  "' depends on a tensor that is only known when the program runs")
            .suggest("an initial value is made of numbers, sizes and random numbers");
        break;
      }
    pending->initial = tensor->node;
  }
  const Node *node = pending->node;
  instance.parameters.push_back(std::move(pending));
  return Tensor{node};
}

} // namespace nnc::sema
