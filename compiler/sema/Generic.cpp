// Checks declarations that nothing uses: their arguments are names and unknowns, so that only what
// is wrong for every caller is reported.
#include "compiler/sema/Data.h"
#include "compiler/sema/Optimizers.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"

namespace nnc::sema {

using namespace ast;

/// A value that stands for any argument. A rest has `rank` dimensions.
Value Elaborator::genericValue(const ast::Parameter &parameter, unsigned rank) {
  if (!parameter.type)
    return Unknown{};
  const std::string &element = parameter.type->element.text;
  if (!parameter.type->hasShape) {
    if (element == "int")
      return Dim::symbol(parameter.name.text);
    bool isFraction =
        element == "float" || (elementNamed(element) && isFloat(*elementNamed(element)));
    if (isFraction)
      return Tensor{graph.input(Type{Element::F64, {}}), true};
    if (!isTypeName(element))
      resolveType(*parameter.type, /*report=*/true);
    return Unknown{};
  }
  if (element == "float" && !frame->floatElement)
    frame->floatElement = Element::F32;
  if (element == "int" && !frame->intElement)
    frame->intElement = Element::I32;
  if (element == "any" && !frame->anyElement)
    frame->anyElement = Element::F32;
  for (const DimExpr &dim : parameter.type->dims) {
    if (dim.rest && !frame->root.findHere(dim.rest->text)) {
      Shape rest;
      for (unsigned i = 0; i < rank; ++i)
        rest.push_back(Dim::symbol(dim.rest->text + "$" + std::to_string(i)));
      bindRest(*dim.rest, rest);
    }
  }
  for (const Name *name : unboundNames(*parameter.type))
    bindDim(*name, Dim::symbol(name->text));
  auto type = resolveType(*parameter.type, /*report=*/true);
  if (!type)
    return Unknown{};
  return Tensor{graph.input(*type)};
}

bool Elaborator::declareGenerically(llvm::ArrayRef<ast::Parameter> parameters, unsigned rank) {
  for (const ast::Parameter &parameter : parameters)
    if (!parameter.type || !parameter.type->hasShape)
      frame->root.declare(
          parameter.name.text,
          {Variable::Kind::Argument, genericValue(parameter, rank), parameter.name.range});
  bool ok = true;
  for (const ast::Parameter &parameter : parameters) {
    if (parameter.type && parameter.type->hasShape) {
      Value value = genericValue(parameter, rank);
      ok &= !value.isUnknown();
      frame->root.declare(parameter.name.text,
                          {Variable::Kind::Argument, value, parameter.name.range});
    }
    if (!parameter.defaultValue)
      continue;
    // A default is checked against its type as any argument is.
    Value value = eval(*parameter.defaultValue);
    if (!parameter.type || parameter.type->hasShape || value.isUnknown())
      continue;
    TypedValue typed{&*parameter.type, &value, parameter.defaultValue->range,
                     "the default of '" + parameter.name.text + "'", parameter.range};
    fitScalar(typed);
  }
  return ok;
}

void Elaborator::runGenerically(const Declaration &decl, const Callable &callable, unsigned rank) {
  passes = 0;
  Instance root;
  root.layer = decl.name.text;
  root.decl = &decl;
  root.range = decl.name.range;
  Frame body;
  body.decl = &decl;
  body.callable = &callable;
  body.file = decl.name.range.file;
  if (llvm::isa<LayerDeclaration>(decl))
    body.instance = &root;
  FrameGuard guard(*this, body);
  graph.setPlace(decl.name.range, nullptr);

  // A function may be an initialiser, and a schedule or optimizer has a step.
  seed = llvm::isa<FnDeclaration>(decl) ? graph.input(Type{Element::I64, {}}) : nullptr;
  bool hasStep = llvm::isa<ScheduleDeclaration>(decl) || llvm::isa<OptimizerDeclaration>(decl);
  step = hasStep ? graph.input(Type{Element::F64, {}}) : nullptr;
  OptimizerState state;
  llvm::scope_exit leave([&] {
    seed = step = nullptr;
    optimizer = nullptr;
  });
  if (hasStep)
    body.root.declare("step", {Variable::Kind::Implicit, Tensor{step, true}, decl.name.range});
  Type parameterType{Element::F32, {}};
  if (llvm::isa<OptimizerDeclaration>(decl)) {
    for (unsigned i = 0; i < rank; ++i)
      parameterType.shape.push_back(Dim::symbol("param$" + std::to_string(i)));
    for (llvm::StringRef name : {"param", "grad"})
      body.root.declare(
          name, {Variable::Kind::Implicit, Tensor{graph.input(parameterType)}, decl.name.range});
    state.type = parameterType;
    optimizer = &state;
  }
  if (!declareGenerically(callable.parameters, rank) ||
      !declareGenerically(callable.inputs, rank) || !callable.body)
    return;

  // What only the context of a call knows, as an initialiser's shape, is unknown too.
  if (callable.results.size() == 1 && callable.results.front().type.hasShape && seed) {
    const TypeExpr &type = callable.results.front().type;
    for (const DimExpr &dim : type.dims)
      if (dim.rest && !frame->root.findHere(dim.rest->text)) {
        Shape rest;
        for (unsigned i = 0; i < rank; ++i)
          rest.push_back(Dim::symbol(dim.rest->text + "$" + std::to_string(i)));
        bindRest(*dim.rest, rest);
      }
    bool isDirected = llvm::none_of(
        callable.parameters, [](const ast::Parameter &p) { return p.type && p.type->hasShape; });
    if (isDirected)
      for (const Name *name : unboundNames(type))
        bindDim(*name, Dim::symbol(name->text));
    if (type.element.text == "float" && !frame->floatElement)
      frame->floatElement = Element::F32;
  }
  std::optional<Type> result;
  if (callable.results.size() == 1 && callable.results.front().type.hasShape)
    result = resolveType(callable.results.front().type, /*report=*/false);
  Value value = evalBlock(*callable.body, result ? &*result : nullptr);
  if (llvm::isa<OptimizerDeclaration>(decl) && callable.body->result)
    coerce(value, parameterType, callable.body->result->range,
           "the value of the optimizer '" + decl.name.text + "'", Code::ResultShape);
  else
    finishResults(std::move(value), *callable.body, nullptr, decl.name.text);
}

/// The sizes of a rest `...s` are called `s$0` and so on; a reader knows them by the rest itself.
static std::string withoutGenericNames(llvm::StringRef text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$') {
      result += text[i];
      continue;
    }
    size_t begin = result.size();
    while (begin > 0 && (llvm::isAlnum(result[begin - 1]) || result[begin - 1] == '_'))
      --begin;
    // A parameter of any rank is `f32[...]`.
    if (llvm::StringRef(result).drop_front(begin) == "param")
      result.resize(begin);
    result.insert(begin, "...");
    while (i + 1 < text.size() && llvm::isDigit(text[i + 1]))
      ++i;
  }
  return result;
}

void Elaborator::checkGenerically(const Declaration &decl) {
  if (const auto *data = llvm::dyn_cast<DataDeclaration>(&decl)) {
    checkData(*this, *data);
    return;
  }
  const Callable *callable = nullptr;
  if (const auto *fn = llvm::dyn_cast<FnDeclaration>(&decl))
    callable = fn;
  else if (const auto *layer = llvm::dyn_cast<LayerDeclaration>(&decl))
    callable = layer;
  else if (const auto *optimizer = llvm::dyn_cast<OptimizerDeclaration>(&decl))
    callable = optimizer;
  else if (const auto *schedule = llvm::dyn_cast<ScheduleDeclaration>(&decl))
    callable = schedule;
  if (!callable)
    return;

  // An error counts where it arises at every rank of the rests.
  constexpr unsigned ranks = 4;
  Diagnostics *outer = diagnostics;
  std::vector<Diagnostics> runs(ranks);
  isGeneric = true;
  for (unsigned rank = 0; rank < ranks && !aborted; ++rank) {
    diagnostics = &runs[rank];
    runGenerically(decl, *callable, rank);
  }
  isGeneric = false;
  diagnostics = outer;
  auto report = [&](const Diagnostic &each) {
    Diagnostic &copy = diagnostics->error(each.code, each.range, withoutGenericNames(each.message));
    for (const std::string &detail : each.details)
      copy.detail(withoutGenericNames(detail));
    copy.notes = each.notes;
    copy.hint = each.hint;
  };
  if (aborted) { // a limit was hit, whatever the rank
    for (const Diagnostics &run : runs)
      for (const auto &each : run.all())
        report(*each);
    return;
  }
  auto occursIn = [](const Diagnostics &run, const Diagnostic &sought) {
    return llvm::any_of(run.all(), [&](const auto &each) { return each->range == sought.range; });
  };
  for (const auto &each : runs[1].all()) {
    bool everywhere =
        llvm::all_of(runs, [&](const Diagnostics &run) { return occursIn(run, *each); });
    if (everywhere)
      report(*each);
  }
}

} // namespace nnc::sema
