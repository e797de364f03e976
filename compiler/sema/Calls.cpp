// Calls and pipes: what is called, and inlining of functions.
#include "compiler/sema/Elaborator.h"
#include "compiler/sema/Primitives.h"

#include "llvm/ADT/ScopeExit.h"

#include <set>

namespace nnc::sema {

using namespace ast;

std::vector<GivenArgument> Elaborator::evalArguments(llvm::ArrayRef<Argument> arguments) {
  std::vector<GivenArgument> given;
  for (const Argument &argument : arguments)
    given.push_back(
        {argument.name, eval(*argument.value), argument.value->range, argument.value.get()});
  return given;
}

/// What is called is never a column of data; where a network and its output share a name, a call
/// means the network.
Value Elaborator::evalCallee(const Expr &callee) {
  const auto *name = llvm::dyn_cast<NameExpr>(&callee);
  if (!name)
    return eval(callee);
  if (!name->qualifiers.empty())
    return evalQualified(*name);
  if (Variable *variable = scope->find(name->name.text); variable && !variable->value.isCallable())
    if (const Declaration *decl = modules.find(frame->file, name->name.text))
      if (const auto *model = llvm::dyn_cast<ModelDeclaration>(decl); model && networkOf(*model))
        return DeclValue{decl};
  return lookup(name->name);
}

Value Elaborator::evalCall(const CallExpr &call, const Type *expected) {
  Value callee = evalCallee(*call.callee);
  std::vector<GivenArgument> arguments = evalArguments(call.arguments);
  if (callee.isUnknown())
    return Unknown{};
  return apply(callee, std::move(arguments), call.range, expected, &call);
}

Value Elaborator::evalPipe(const PipeExpr &pipe, const Type *expected) {
  Value input = eval(*pipe.input);
  if (!pipe.stage)
    return Unknown{};
  SourceRange range = pipe.stage->range;
  return applyStage(*pipe.stage, std::move(input), range, range, expected);
}

Value Elaborator::applyRepeat(const RepeatExpr &repeat, Value input, SourceRange inputRange,
                              SourceRange range, const Type *expected) {
  if (!repeat.count || !repeat.stage)
    return Unknown{};
  auto count = evalConstantInt(*repeat.count, "the count of 'repeat'");
  if (count && *count < 0) {
    error(Code::TooManyIterations, repeat.count->range,
          "the count of 'repeat' is " + std::to_string(*count) + "; it must be at least 0");
    return Unknown{};
  }
  if (count && !mayPass(*count, repeat.count->range))
    return Unknown{};
  if (!count) {
    ++uncertain;
    applyStage(*repeat.stage, std::move(input), inputRange, range, nullptr);
    --uncertain;
    return Unknown{};
  }
  for (int64_t i = 0; i < *count && !aborted; ++i) {
    frame->passes.push_back(static_cast<uintptr_t>(i));
    input = applyStage(*repeat.stage, std::move(input), inputRange, repeat.stage->range,
                       i + 1 == *count ? expected : nullptr);
    frame->passes.pop_back();
  }
  return input;
}

/// `x |> f` is f(x), `x |> f(a)` is f(x, a) of a function and f(a)(x) of a layer.
Value Elaborator::applyStage(const Expr &stage, Value input, SourceRange inputRange,
                             SourceRange range, const Type *expected) {
  if (const auto *repeat = llvm::dyn_cast<RepeatExpr>(&stage))
    return applyRepeat(*repeat, std::move(input), inputRange, range, expected);
  GivenArgument piped{std::nullopt, std::move(input), inputRange};
  auto isLayer = [&](const Value &callee) {
    const DeclValue *decl = callee.asDecl();
    const auto *model = decl ? llvm::dyn_cast<ModelDeclaration>(decl->decl) : nullptr;
    return decl && (llvm::isa<LayerDeclaration>(decl->decl) || (model && !networkOf(*model)));
  };
  const auto *call = llvm::dyn_cast<CallExpr>(&stage);
  if (!call) {
    Value callee = evalCallee(stage);
    if (callee.isUnknown())
      return Unknown{};
    if (isLayer(callee)) // `x |> dense`: what it lacks is an argument
      return applyLayer(makeLayer(*callee.asDecl()->decl, {}, range, &stage), {piped}, range,
                        expected, &stage);
    return apply(callee, {piped}, range, expected, &stage);
  }
  Value callee = evalCallee(*call->callee);
  std::vector<GivenArgument> arguments = evalArguments(call->arguments);
  if (callee.isUnknown())
    return Unknown{};
  if (const LayerValue *bare = callee.asLayer(); bare && bare->isBare && !arguments.empty())
    return applyLayer(makeLayer(*bare->decl, std::move(arguments), range, call), {piped}, range,
                      expected, call);
  if (isLayer(callee)) {
    const Declaration &decl = *callee.asDecl()->decl;
    const auto *layer = llvm::dyn_cast<LayerDeclaration>(&decl);
    bool hasSettings =
        layer ? !layer->parameters.empty() : !llvm::cast<ModelDeclaration>(decl).parameters.empty();
    if (hasSettings || arguments.empty())
      return applyLayer(makeLayer(decl, std::move(arguments), range, call), {piped}, range,
                        expected, call);
  }
  arguments.insert(arguments.begin(), piped);
  return apply(callee, std::move(arguments), range, expected, call);
}

Value Elaborator::apply(const Value &callee, std::vector<GivenArgument> arguments,
                        SourceRange range, const Type *expected, const void *place) {
  if (const DeclValue *decl = callee.asDecl())
    return applyDecl(*decl->decl, std::move(arguments), range, expected, place);
  if (const LayerValue *layer = callee.asLayer()) {
    bool isSetting = layer->isBare && !arguments.empty() && !arguments.front().value.asTensor() &&
                     !arguments.front().value.isUnknown();
    if (isSetting)
      return makeLayer(*layer->decl, std::move(arguments), range, place);
    return applyLayer(*layer, arguments, range, expected, place);
  }
  if (const PrimitiveValue *primitive = callee.asPrimitive()) {
    noteLogits(primitive->primitive->name, arguments);
    return callPrimitive(*this, *primitive->primitive, arguments, range, expected);
  }
  if (!callee.isUnknown())
    error(Code::NotCallable, range, "'" + quote(range) + "' calls " + callee.describe())
        .suggest(callee.asTensor() ? "'[...]' takes elements of a tensor, '*' multiplies"
                                   : "functions and layers can be called");
  return Unknown{};
}

/// `dense(x, 8)`, where the first setting is a number: said here, with the tensor at its place, for
/// a layer is only told its settings once it is applied.
static bool refuseTensorAsSetting(Elaborator &e, const std::string &layer,
                                  const ast::Parameter &first,
                                  llvm::ArrayRef<GivenArgument> arguments) {
  const GivenArgument &given = arguments.front();
  const std::optional<TypeExpr> &type = first.type;
  if (!type || type->hasShape || type->isList || !isTypeName(type->element.text) ||
      given.value.asTensor()->node->type.shape.empty())
    return false;
  std::string settings;
  for (const GivenArgument &each : arguments.drop_front())
    settings += (settings.empty() ? "" : ", ") + (each.name ? each.name->text + ": " : "") +
                e.quote(each.range);
  e.error(Code::ArgumentType, given.range,
          "argument '" + first.name.text + "' of '" + layer + "' should be " +
              (type->element.text == "int" ? "an " : "a ") + type->element.text + ", found " +
              given.value.describe())
      .suggest("a layer has its settings in parentheses, and is applied to tensors: '" +
               e.quote(given.range) + " |> " + layer +
               (settings.empty() ? "(...)" : "(" + settings + ")") + "'");
  return true;
}

Value Elaborator::applyDecl(const Declaration &decl, std::vector<GivenArgument> arguments,
                            SourceRange range, const Type *expected, const void *place) {
  if (const auto *fn = llvm::dyn_cast<FnDeclaration>(&decl))
    return callFunction(*fn, std::move(arguments), range, expected, place);
  const Callable *callable = nullptr;
  if (const auto *layer = llvm::dyn_cast<LayerDeclaration>(&decl)) {
    callable = layer;
  } else if (const auto *model = llvm::dyn_cast<ModelDeclaration>(&decl)) {
    if (Network *network = networkOf(*model))
      return applyNetwork(*network, arguments, range, place);
    callable = model;
  }
  if (!callable) {
    error(Code::NotCallable, range,
          "'" + decl.name.text + "' is " + Value(DeclValue{&decl}).describe() +
              ", which cannot be called here");
    return Unknown{};
  }
  // `flatten(x)` is `flatten()(x)`: tensors given at once to a layer that needs no arguments.
  bool givesTensor =
      !arguments.empty() && !arguments.front().name && arguments.front().value.asTensor();
  bool needsNone = llvm::all_of(callable->parameters, [](const ast::Parameter &parameter) {
    return !!parameter.defaultValue;
  });
  bool applies = !arguments.empty() && (callable->parameters.empty() || (givesTensor && needsNone));
  if (applies)
    return applyLayer(makeLayer(decl, {}, range, place), arguments, range, expected, place);
  if (llvm::any_of(arguments, [](const GivenArgument &each) { return each.value.isUnknown(); }))
    return Unknown{};
  if (givesTensor &&
      refuseTensorAsSetting(*this, decl.name.text, callable->parameters.front(), arguments))
    return Unknown{};
  return makeLayer(decl, std::move(arguments), range, place);
}

const CallSite *Elaborator::siteFor(SourceRange call, const std::string &callee) {
  program.sites.push_back(
      std::make_unique<CallSite>(CallSite{call, callee, frame ? frame->site : nullptr}));
  return program.sites.back().get();
}

/// Refuses calls nested too deeply, as a recursion that does not end makes them.
bool Elaborator::mayEnter(const Declaration &decl, SourceRange range) {
  // A branch that may not be taken tells nothing but unknown names, and those of another
  // declaration are found there.
  if (isGeneric && uncertain > 0)
    return false;
  entered.insert(&decl);
  bool isRecursive = false;
  for (Frame *each = frame; each && !isRecursive; each = each->caller)
    isRecursive = each->decl == &decl;
  // Whether a recursion ends is known where it is called with numbers.
  if (isRecursive && (isGeneric || uncertain > 0))
    return false;
  if (callDepth < limits.calls)
    return true;
  if (isRecursive)
    error(Code::Recursion, range,
          "'" + decl.name.text + "' calls itself, more than " + std::to_string(limits.calls - 1) +
              " calls deep")
        .suggest("every call is inlined: a recursion ends by an 'if' that is decided at compile "
                 "time");
  else
    error(Code::ElaborationTooDeep, range,
          "calls are nested more than " + std::to_string(limits.calls - 1) + " deep")
        .suggest("every call is inlined; 'for' and 'repeat' do a thing many times without depth");
  aborted = true;
  return false;
}

/// The names of dimensions in the result that no input settles make a function take its shape from
/// where it is used. Such a function may also be told: `zeros([batch, 4])`, `zeros(shape: [batch,
/// 4])`.
std::optional<Type> Elaborator::takeShapeArgument(const Callable &callable,
                                                  std::vector<GivenArgument> &arguments,
                                                  const Type *expected) {
  std::optional<Type> wanted;
  if (expected)
    wanted = *expected;
  if (callable.results.size() != 1 || !callable.results.front().type.hasShape)
    return wanted;
  std::set<std::string> settled;
  for (const ast::Parameter &parameter : callable.parameters) {
    settled.insert(parameter.name.text);
    if (parameter.type && parameter.type->hasShape)
      for (const Name *name : unboundNames(*parameter.type))
        settled.insert(name->text);
  }
  auto open = unboundNames(callable.results.front().type);
  bool isDirected =
      llvm::any_of(open, [&](const Name *name) { return !settled.contains(name->text); });
  if (!isDirected || settled.contains("shape"))
    return wanted;
  size_t positional = llvm::count_if(arguments, [](const GivenArgument &a) { return !a.name; });
  auto it = llvm::find_if(arguments,
                          [](const GivenArgument &a) { return a.name && a.name->text == "shape"; });
  if (it == arguments.end() && positional == callable.parameters.size() + 1)
    it = llvm::find_if(arguments,
                       [](const GivenArgument &a) { return !a.name && a.value.asSequence(); });
  if (it == arguments.end())
    return wanted;
  auto shape = shapeOf(it->value, it->range);
  arguments.erase(it);
  if (!shape)
    return std::nullopt;
  return Type{expected ? expected->element : Element::F32, *shape};
}

/// Settles the names in a sole result that no input settles, by what the caller expects, and says
/// what so is expected of the body.
bool Elaborator::expectResult(const Callable &callable, const std::optional<Type> &wanted,
                              const std::string &name, SourceRange range,
                              std::optional<Type> &result) {
  if (callable.results.size() != 1)
    return true;
  const TypeExpr &type = callable.results.front().type;
  if (!type.hasShape) {
    if (elementNamed(type.element.text))
      result = resolveType(type, /*report=*/false);
    return true;
  }
  if (!unboundNames(type).empty() && !wanted && llvm::isa<FnDeclaration>(frame->decl)) {
    error(Code::UnsettledShape, range, "the shape of '" + quote(range) + "' is not known here")
        .suggest("say it: " + name + "(shape: [...])");
    return false;
  }
  if (wanted && !bindResultFrom(*wanted))
    return false;
  result = resolveType(type, /*report=*/false);
  return true;
}

/// Notes what is normalised as logits: by log_softmax, or as both sides of a binary cross entropy,
/// softplus(-x) and softplus(x). What calls the function takes logits, whatever its name.
void Elaborator::noteLogits(llvm::StringRef function, llvm::ArrayRef<GivenArgument> arguments) {
  const Tensor *tensor = arguments.empty() ? nullptr : arguments.front().value.asTensor();
  if (!tensor || isGeneric)
    return;
  const Node *x = tensor->node;
  bool isNegated = x->op == "neg";
  if (isNegated)
    x = x->operands.front();
  if (function == "log_softmax" && !isNegated)
    logits[x].isSoftmax = true;
  else if (function == "softplus")
    (isNegated ? logits[x].isNegated : logits[x].isPlain) = true;
}

/// Softmax in front of a loss that takes logits trains, badly, without a word. `fn` has been
/// applied to the arguments.
void Elaborator::warnOfSoftmax(const FnDeclaration &fn, llvm::ArrayRef<GivenArgument> arguments,
                               SourceRange call) {
  if (isGeneric || sources.isStd(call.file))
    return;
  for (const GivenArgument &argument : arguments) {
    const Tensor *tensor = argument.value.asTensor();
    auto use = tensor ? logits.find(tensor->node) : logits.end();
    if (use == logits.end())
      continue;
    const bool hasSigmoid = use->second.isPlain && use->second.isNegated;
    if (!use->second.isSoftmax && !hasSigmoid)
      continue;
    const Node *node = tensor->node;
    while (node->op == "reshape" || node->op == "cast" || node->op == "transpose" ||
           node->op == "slice")
      node = node->operands.front();
    bool isSoftmax = node->site && node->site->callee == "softmax" && node->op == "div";
    if (!isSoftmax && node->op != "sigmoid")
      continue;
    std::string culprit = isSoftmax ? "softmax" : "sigmoid";
    std::string builtIn = hasSigmoid ? "sigmoid" : "softmax";
    warning(Code::SoftmaxAsLogits, argument.range,
            "'" + fn.name.text + "' takes logits, but is given the result of '" + culprit + "'")
        .note(isSoftmax ? node->site->call : node->range, "'" + culprit + "' is applied here")
        .suggest("leave '" + culprit + "' out: '" + fn.name.text + "' has " +
                 (culprit == builtIn ? "it" : "a " + builtIn) + " built in");
    logits.erase(use); // once for each value
  }
}

Value Elaborator::callFunction(const FnDeclaration &fn, std::vector<GivenArgument> arguments,
                               SourceRange range, const Type *expected, const void *place) {
  if (!mayEnter(fn, range) || !fn.body)
    return Unknown{};
  if (sources.isStd(fn.name.range.file))
    noteLogits(fn.name.text, arguments);
  Frame callee;
  callee.decl = &fn;
  callee.callable = &fn;
  callee.file = fn.name.range.file;
  callee.site = siteFor(range, fn.name.text);
  callee.place = place;
  ++callDepth;
  llvm::scope_exit leave([&] { --callDepth; });
  FrameGuard guard(*this, callee);
  std::optional<Type> wanted = takeShapeArgument(fn, arguments, expected);
  if (!bindParameters(fn.parameters, arguments, fn.name.text, range, fn.name.range))
    return Unknown{};
  std::optional<Type> result;
  if (!expectResult(fn, wanted, fn.name.text, range, result))
    return Unknown{};
  const Type *inner = result ? &*result : fn.results.empty() ? expected : nullptr;

  // A function with a gradient of its own sees arguments of its own.
  std::vector<const Node *> inputs, actual;
  std::vector<const ast::Parameter *> names;
  if (fn.gradient)
    for (const ast::Parameter &parameter : fn.parameters) {
      Variable *variable = callee.root.findHere(parameter.name.text);
      const Tensor *tensor =
          variable && variable->value.isStrong() ? variable->value.asTensor() : nullptr;
      if (!tensor || !isFloat(tensor->node->type.element))
        continue;
      actual.push_back(tensor->node);
      inputs.push_back(graph.input(tensor->node->type));
      names.push_back(&parameter);
      variable->value = Tensor{inputs.back()};
    }
  bool isOwn = !inputs.empty();
  regions += isOwn;
  ownGradients += isOwn;
  Scope before(callee.root);
  Value value = evalBlock(*fn.body, inner);
  value = finishResults(std::move(value), *fn.body, inner, fn.name.text);
  if (isOwn) {
    callee.root = before; // what the body renewed is the gradient's as it was
    value = finishWithGradient(fn, value, inputs, names, actual, range);
  }
  regions -= isOwn;
  ownGradients -= isOwn;
  warnOfSoftmax(fn, arguments, range);
  return value;
}

} // namespace nnc::sema
