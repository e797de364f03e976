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
    given.push_back({argument.name, eval(*argument.value), argument.value->range});
  return given;
}

/// What is called is never a field of data.
Value Elaborator::evalCallee(const Expr &callee) {
  const auto *name = llvm::dyn_cast<NameExpr>(&callee);
  return name ? lookup(name->name) : eval(callee);
}

Value Elaborator::evalCall(const CallExpr &call, const Type *expected) {
  Value callee = evalCallee(*call.callee);
  std::vector<GivenArgument> arguments = evalArguments(call.arguments);
  if (callee.isUnknown())
    return Unknown{};
  return apply(callee, std::move(arguments), call.range, expected);
}

Value Elaborator::evalPipe(const PipeExpr &pipe, const Type *expected) {
  Value input = eval(*pipe.input);
  SourceRange inputRange = pipe.stageRange;
  if (!pipe.repeat)
    return applyStage(*pipe.stage, std::move(input), inputRange, pipe.stageRange, expected);
  auto count = evalConstantInt(*pipe.repeat, "the count of 'repeat'");
  if (count && *count < 0) {
    error(Code::TooManyIterations, pipe.repeat->range,
          "the count of 'repeat' is " + std::to_string(*count) + "; it must be at least 0");
    return Unknown{};
  }
  if (count && !mayPass(*count, pipe.repeat->range))
    return Unknown{};
  ++frame->loops;
  llvm::scope_exit leave([&] { --frame->loops; });
  if (!count) {
    ++uncertain;
    applyStage(*pipe.stage, std::move(input), inputRange, pipe.stageRange, nullptr);
    --uncertain;
    return Unknown{};
  }
  for (int64_t i = 0; i < *count && !aborted; ++i)
    input = applyStage(*pipe.stage, std::move(input), inputRange, pipe.stageRange, nullptr);
  return input;
}

/// `x |> f` is f(x), `x |> f(a)` is f(x, a) of a function and f(a)(x) of a layer.
Value Elaborator::applyStage(const Expr &stage, Value input, SourceRange inputRange,
                             SourceRange range, const Type *expected) {
  GivenArgument piped{std::nullopt, std::move(input), inputRange};
  const auto *call = llvm::dyn_cast<CallExpr>(&stage);
  if (!call) {
    Value callee = evalCallee(stage);
    const auto *decl = callee.asDecl();
    if (decl && llvm::isa<LayerDeclaration, ModelDeclaration>(*decl->decl)) {
      // `x |> dense`: what it lacks is an argument.
      LayerValue layer{decl->decl, std::make_shared<std::vector<GivenArgument>>(), range,
                       std::make_shared<Instance *>(nullptr)};
      return applyLayer(layer, {piped}, range, expected);
    }
    return callee.isUnknown() ? Unknown{} : apply(callee, {piped}, range, expected);
  }
  Value callee = evalCallee(*call->callee);
  std::vector<GivenArgument> arguments = evalArguments(call->arguments);
  if (callee.isUnknown())
    return Unknown{};
  if (const DeclValue *decl = callee.asDecl()) {
    const auto *layer = llvm::dyn_cast<LayerDeclaration>(decl->decl);
    const auto *model = llvm::dyn_cast<ModelDeclaration>(decl->decl);
    if ((layer && !layer->parameters.empty()) || (model && !model->parameters.empty()) ||
        ((layer || model) && arguments.empty())) {
      LayerValue value{decl->decl,
                       std::make_shared<std::vector<GivenArgument>>(std::move(arguments)), range,
                       std::make_shared<Instance *>(nullptr)};
      return applyLayer(value, {piped}, range, expected);
    }
  }
  arguments.insert(arguments.begin(), piped);
  return apply(callee, std::move(arguments), range, expected);
}

Value Elaborator::apply(const Value &callee, std::vector<GivenArgument> arguments,
                        SourceRange range, const Type *expected) {
  if (const DeclValue *decl = callee.asDecl())
    return applyDecl(*decl->decl, std::move(arguments), range, expected);
  if (const LayerValue *layer = callee.asLayer())
    return applyLayer(*layer, arguments, range, expected);
  if (const PrimitiveValue *primitive = callee.asPrimitive())
    return callPrimitive(*this, *primitive->primitive, arguments, range, expected);
  if (!callee.isUnknown())
    error(Code::NotCallable, range, "'" + quote(range) + "' calls " + callee.describe())
        .suggest(callee.asTensor() ? "'[...]' takes elements of a tensor, '*' multiplies"
                                   : "functions and layers can be called");
  return Unknown{};
}

Value Elaborator::applyDecl(const Declaration &decl, std::vector<GivenArgument> arguments,
                            SourceRange range, const Type *expected) {
  if (const auto *fn = llvm::dyn_cast<FnDeclaration>(&decl))
    return callFunction(decl, *fn, std::move(arguments), range, expected);
  if (const auto *schedule = llvm::dyn_cast<ScheduleDeclaration>(&decl)) {
    if (step)
      return callFunction(decl, *schedule, std::move(arguments), range, expected);
    error(Code::NotCallable, range,
          "'" + decl.name.text + "' is a schedule: it stands in the arguments of an optimizer");
    return Unknown{};
  }
  const Callable *callable = nullptr;
  if (const auto *layer = llvm::dyn_cast<LayerDeclaration>(&decl))
    callable = layer;
  else if (const auto *model = llvm::dyn_cast<ModelDeclaration>(&decl))
    callable = model;
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
  LayerValue layer{&decl, nullptr, range, std::make_shared<Instance *>(nullptr)};
  if (applies) {
    layer.arguments = std::make_shared<std::vector<GivenArgument>>();
    return applyLayer(layer, arguments, range, expected);
  }
  layer.arguments = std::make_shared<std::vector<GivenArgument>>(std::move(arguments));
  return layer;
}

const CallSite *Elaborator::siteFor(SourceRange call, const std::string &callee) {
  program.sites.push_back(
      std::make_unique<CallSite>(CallSite{call, callee, frame ? frame->site : nullptr}));
  return program.sites.back().get();
}

/// Refuses recursion, which would never end, and calls nested too deeply.
bool Elaborator::mayEnter(const Declaration &decl, SourceRange range) {
  entered.insert(&decl);
  for (Frame *each = frame; each; each = each->caller) {
    if (each->decl != &decl)
      continue;
    std::string path = "'" + decl.name.text + "'";
    for (Frame *back = frame; back != each; back = back->caller)
      if (back->decl)
        path = "'" + back->decl->name.text + "' calls " + path;
    error(Code::Recursion, range,
          "'" + decl.name.text + "' calls itself" +
              (frame == each ? "" : ": '" + decl.name.text + "' calls " + path))
        .suggest("every call is inlined, which would never end; 'for' and 'repeat' do a thing many "
                 "times");
    return false;
  }
  if (callDepth >= limits.calls) {
    error(Code::ElaborationTooDeep, range,
          "calls are nested more than " + std::to_string(limits.calls) + " deep")
        .suggest("every call is inlined; 'for' and 'repeat' do a thing many times without depth");
    return false;
  }
  return true;
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

Value Elaborator::callFunction(const Declaration &decl, const Callable &callable,
                               std::vector<GivenArgument> arguments, SourceRange range,
                               const Type *expected) {
  if (!mayEnter(decl, range) || !callable.body)
    return Unknown{};
  Frame callee;
  callee.decl = &decl;
  callee.callable = &callable;
  callee.file = decl.name.range.file;
  callee.site = siteFor(range, decl.name.text);
  ++callDepth;
  llvm::scope_exit leave([&] { --callDepth; });
  FrameGuard guard(*this, callee);
  std::optional<Type> wanted = takeShapeArgument(callable, arguments, expected);
  if (!bindParameters(callable.parameters, arguments, decl.name.text, range, decl.name.range))
    return Unknown{};
  if (llvm::isa<ScheduleDeclaration>(decl))
    callee.root.declare("step", {Variable::Kind::Implicit, Tensor{step, true}, decl.name.range});

  const Type *inner = nullptr;
  std::optional<Type> result;
  if (callable.results.empty()) {
    inner = expected;
  } else if (callable.results.size() == 1 && callable.results.front().type.hasShape) {
    const TypeExpr &type = callable.results.front().type;
    if (!unboundNames(type).empty() && !wanted) {
      error(Code::UnsettledShape, range, "the shape of '" + quote(range) + "' is not known here")
          .suggest("say it: " + decl.name.text + "(shape: [...])");
      return Unknown{};
    }
    if (wanted && !bindResultFrom(*wanted))
      return Unknown{};
    result = resolveType(type, /*report=*/false);
    if (result)
      inner = &*result;
  }
  Value value = evalBlock(*callable.body, inner);
  return finishResults(std::move(value), *callable.body, inner, decl.name.text);
}

} // namespace nnc::sema
