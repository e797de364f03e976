// Parameters, and states: of a layer, of an optimizer, of a scan.
#include "compiler/sema/Elaborator.h"
#include "compiler/sema/Scan.h"

namespace nnc::sema {

using namespace ast;

/// Sizes of parameters are known at compile time, at least 1, and fit in memory.
bool Elaborator::checkDims(const Shape &shape, const TypeExpr &type, llvm::StringRef what) {
  for (size_t i = 0; i < shape.size(); ++i) {
    bool oneToOne = shape.size() == type.dims.size();
    SourceRange range = oneToOne ? type.dims[i].range : type.range;
    auto size = shape[i].constant();
    if (!isSettled(shape[i]) && !isGeneric) {
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

/// What a body may own: nothing after an error.
static bool ownsTensors(Elaborator &e, const Name &name, llvm::StringRef kind) {
  const Frame &frame = *e.frame;
  bool isLayer = frame.decl && (llvm::isa<LayerDeclaration, ModelDeclaration>(*frame.decl));
  if (frame.selects > 0) {
    e.error(Code::ParameterOutsideLayer, name.range,
            "a " + kind.str() +
                " cannot be declared in an 'if' whose condition is known at run "
                "time")
        .suggest("declare it before the 'if'");
    return false;
  }
  if (isLayer && frame.instance && frame.instance->ownsParameters)
    return true;
  Diagnostic &diagnostic = e.error(
      kind == "state" ? Code::StateOutsideOptimizer : Code::ParameterOutsideLayer, name.range,
      isLayer           ? "the layer '" + frame.decl->name.text + "' has " +
                              (kind == "state" ? "states" : "parameters") +
                              ", so only a layer or a model can use it"
      : kind == "state" ? "a state can only be declared in a layer, an optimizer or a scan"
                        : "a parameter can only be declared in a layer or a model");
  if (!isLayer && frame.decl && llvm::isa<FnDeclaration>(frame.decl))
    diagnostic.suggest("write 'layer' instead of 'fn'");
  return false;
}

OwnedTensor *Elaborator::ownTensor(const Name &name, const Type &type, bool isState,
                                   const Expr *init, SourceRange declared) {
  Instance &instance = *frame->instance;
  Place place = placeHere(&name);
  if (auto it = instance.tensorAt.find(place); it != instance.tensorAt.end()) {
    if (it->second->type == type)
      return it->second;
    error(Code::SharedLayerDiffers, name.range,
          "'" + instance.layer + "' is applied twice and shares its parameters, but '" + name.text +
              "' differs")
        .detail("it was " + it->second->type.str())
        .detail("it is  " + type.str())
        .note(instance.range, "the layer is made here")
        .suggest("'" + instance.layer + "(...)' written at each place is a layer of its own there");
    return nullptr;
  }
  for (const auto &other : instance.tensors)
    if (other->name == name.text && !(other->range == name.range)) {
      error(Code::DuplicateName, name.range,
            "'" + instance.layer + "' already has a parameter or state '" + name.text + "'")
          .note(other->range, "it is first declared here");
      return nullptr;
    }
  auto made = std::make_unique<OwnedTensor>();
  made->name = name.text;
  made->path = (instance.path.empty() ? "" : instance.path + ".") + name.text;
  for (uintptr_t pass : frame->passes)
    made->path += "." + std::to_string(pass);
  made->type = type;
  made->isState = isState;
  made->range = made->userRange = name.range;
  for (const CallSite *site = frame->site; site && sources.isStd(made->userRange.file);
       site = site->caller)
    made->userRange = site->call;
  graph.setPlace(name.range, frame->site);
  made->node = made->current = graph.input(type);
  made->seed = graph.input(Type{Element::I64, {}});
  std::string what = "the initial value of '" + name.text + "'";
  DrawPlaces draws{made->path, {}};
  Value initial = init ? evalInitial(*init, type, made->seed, draws, what, declared) : Value();
  if (const Tensor *tensor = initial.asTensor()) {
    for (const Node *input : graph.inputsOf(tensor->node))
      if (input != made->seed && !isGeneric) {
        error(Code::InitialValueNotConstant, init->range,
              what + " depends on a tensor that is only known when the program runs")
            .suggest("an initial value is made of numbers, sizes and random numbers");
        return nullptr;
      }
    made->initial = tensor->node;
  }
  OwnedTensor *result = made.get();
  instance.tensorAt[place] = result;
  instance.tensors.push_back(std::move(made));
  return result;
}

void Elaborator::evalParam(const ParamStatement &param) {
  std::string what = "parameter '" + param.name.text + "'";
  auto poison = [&] { declareLocal(param.name, {Variable::Kind::Parameter, Unknown{}, {}}); };
  if (!ownsTensors(*this, param.name, "parameter"))
    return poison();
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
  if (!isFloat(type->element)) {
    error(Code::ElementMismatch, param.type.range,
          what + " has elements " + spelling(type->element) + ", but only floats can be trained")
        .suggest("'state' declares what is kept and not trained");
    return poison();
  }
  OwnedTensor *owned =
      ownTensor(param.name, *type, /*isState=*/false, param.init.get(), param.type.range);
  if (!owned)
    return poison();
  declareLocal(param.name, {Variable::Kind::Parameter, Tensor{owned->node}, {}, &param.type});
}

/// A state of an optimizer: one for each parameter that it updates.
static Variable optimizerState(Elaborator &e, const StateStatement &state, const Type &type) {
  OptimizerState &optimizer = *e.frame->optimizer;
  Variable variable{Variable::Kind::State, Unknown{}, {}, &state.type};
  for (const OptimizerState::State &other : optimizer.states)
    if (other.name == state.name.text) {
      e.error(Code::DuplicateName, state.name.range,
              "the optimizer already has a state '" + state.name.text + "'");
      return variable;
    }
  if (!optimizer.seed)
    optimizer.seed = e.graph.input(Type{Element::I64, {}});
  Value initial =
      state.init ? e.evalInitial(*state.init, type, optimizer.seed, optimizer.draws,
                                 "the initial value of '" + state.name.text + "'", state.type.range)
                 : Value();
  if (!initial.asTensor())
    return variable;
  for (const Node *input : e.graph.inputsOf(initial.asTensor()->node))
    if (input != optimizer.seed && input != optimizer.parameter && !e.isGeneric) {
      e.error(Code::InitialValueNotConstant, state.init->range,
              "the initial value of the state '" + state.name.text +
                  "' depends on what is only known when the program runs")
          .suggest("a state begins with numbers, or with the parameter's initial value");
      return variable;
    }
  e.graph.setPlace(state.name.range, e.frame->site);
  const Node *input = e.graph.input(type);
  variable.slot = static_cast<int>(optimizer.states.size());
  variable.value = Tensor{input};
  optimizer.states.push_back({state.name.text, input, initial.asTensor()->node, input});
  return variable;
}

void Elaborator::evalState(const StateStatement &state) {
  std::string what = "state '" + state.name.text + "'";
  auto poison = [&] { declareLocal(state.name, {Variable::Kind::State, Unknown{}, {}}); };
  bool inOptimizer = frame->optimizer != nullptr;
  if (!frame->scan && inOptimizer && !frame->passes.empty()) {
    error(Code::StateOutsideOptimizer, state.name.range, "a state cannot be declared in a loop")
        .suggest("declare it before the loop");
    return poison();
  }
  if (!frame->scan && !inOptimizer && !ownsTensors(*this, state.name, "state"))
    return poison();
  if (frame->selects > 0) {
    error(Code::StateOutsideOptimizer, state.name.range,
          "a state cannot be declared in an 'if' whose condition is known at run time");
    return poison();
  }
  if (scope->findHere(state.name.text))
    return poison(); // and so reported
  std::optional<Type> type = resolveType(state.type, /*report=*/true);
  if (!type)
    return poison();
  if (frame->scan)
    return declareScanState(state, *type);
  if (!inOptimizer && !checkDims(type->shape, state.type, what))
    return poison();
  if (!tensorBytes(*type)) {
    error(Code::TensorTooLarge, state.type.range, what + " takes more than 2^40 bytes")
        .detail("its type is " + type->str());
    return poison();
  }
  if (inOptimizer) {
    declareLocal(state.name, optimizerState(*this, state, *type));
    return;
  }
  OwnedTensor *owned =
      ownTensor(state.name, *type, /*isState=*/true, state.init.get(), state.type.range);
  if (!owned)
    return poison();
  if (context.training == std::optional(true))
    carryOwned(openScan, *owned);
  declareLocal(state.name,
               {Variable::Kind::State, Tensor{owned->current}, {}, &state.type, -1, owned});
}

/// Within a scan, and those around it, a state that training may renew is what the pass before
/// left.
void Elaborator::carryOwned(ScanState *scan, OwnedTensor &tensor) {
  if (!scan || llvm::any_of(scan->owned, [&](const auto &each) { return each.tensor == &tensor; }))
    return;
  carryOwned(scan->around, tensor);
  const Node *initial = tensor.current;
  tensor.current = graph.input(tensor.type);
  scan->owned.push_back({&tensor, tensor.current, initial, tensor.current});
}

/// Keeps the newest value of a state where its owner finds it.
void Elaborator::renewState(const AssignStatement &assign, const Variable &variable) {
  const Tensor *tensor = variable.value.asTensor();
  if (!tensor)
    return;
  if (variable.owned) {
    if (ownGradients > 0 && context.training != std::optional(false)) {
      error(Code::NotAssignable, assign.name.range,
            "the state '" + assign.name.text +
                "' of a layer cannot be renewed in a function with a gradient of its own")
          .suggest("apply the layer before or after that function");
      return;
    }
    if (context.training != std::optional(true))
      return;
    // Of a layer in a branch: renewed where the branch is taken.
    const Node *old = variable.owned->current, *renewed = tensor->node;
    for (auto [condition, isTaken] : llvm::reverse(choices)) {
      const Node *where = broadcast(condition, old->type.shape);
      renewed = graph.make("select", {where, isTaken ? renewed : old, isTaken ? old : renewed},
                           old->type);
    }
    variable.owned->current = renewed;
  } else if (frame->scan && variable.slot >= 0) {
    frame->scan->states[variable.slot].value = tensor->node;
  } else if (frame->optimizer && variable.slot >= 0) {
    frame->optimizer->states[variable.slot].value = tensor->node;
  }
}

} // namespace nnc::sema
