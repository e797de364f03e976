// Checks declarations that nothing uses: their arguments are names and unknowns, so that only what
// is wrong for every caller is reported.
#include "compiler/sema/Elaborator.h"

#include "llvm/ADT/StringExtras.h"

namespace nnc::sema {

using namespace ast;

/// A value that stands for any argument. A rest has `rank` dimensions.
Value Elaborator::genericValue(const ast::Parameter &parameter, unsigned rank) {
  if (!parameter.type || parameter.type->isList)
    return Unknown{};
  const std::string &element = parameter.type->element.text;
  if (!parameter.type->hasShape) {
    if (element == "int")
      return Dim::symbol(parameter.name.text);
    bool isFraction =
        element == "float" || (elementNamed(element) && isFloat(*elementNamed(element)));
    if (isFraction)
      return Tensor{graph.input(Type{Element::F64, {}}), true};
    if (element == "index" || (elementNamed(element) && isInteger(*elementNamed(element))))
      return Unknown{};
    if (!isTypeName(element))
      resolveType(*parameter.type, /*report=*/true);
    return Unknown{};
  }
  settleGenericElement(element);
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
  const Node *node = graph.input(*type);
  if (auto limit = indexLimit(*parameter.type))
    ranges[node] = {limit, true, parameter.name.text, parameter.name.range};
  return Tensor{node};
}

bool Elaborator::declareGenerically(llvm::ArrayRef<ast::Parameter> parameters, unsigned rank) {
  for (const ast::Parameter &parameter : parameters)
    if (!parameter.type || !parameter.type->hasShape)
      frame->root.declare(
          parameter.name.text,
          {llvm::isa<FnDeclaration>(frame->decl) ? Variable::Kind::Input : Variable::Kind::Argument,
           genericValue(parameter, rank), parameter.name.range});
  bool ok = true;
  bool areInputs =
      parameters.data() == frame->callable->inputs.data() || llvm::isa<FnDeclaration>(frame->decl);
  auto kind = areInputs ? Variable::Kind::Input : Variable::Kind::Argument;
  for (const ast::Parameter &parameter : parameters) {
    if (parameter.type && parameter.type->hasShape) {
      Value value = genericValue(parameter, rank);
      ok &= !value.isUnknown();
      frame->root.declare(parameter.name.text,
                          {kind, value, parameter.name.range, &*parameter.type});
      if (const Tensor *tensor = value.asTensor())
        frame->inputNodes[&parameter] = tensor->node;
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

  // Who calls it may draw, and know the step; whether it is training is open.
  FunctionContext open;
  open.seed = graph.input(Type{Element::I64, {}});
  open.step = graph.input(Type{Element::F64, {}});
  open.steps = graph.input(Type{Element::F64, {}});
  ContextGuard context(*this, std::move(open));
  OptimizerState state;
  if (llvm::isa<OptimizerDeclaration>(decl)) {
    state.draws.path = "optimizer";
    body.optimizer = &state;
  }
  if (!declareGenerically(callable.parameters, rank) ||
      !declareGenerically(callable.inputs, rank) || !callable.body)
    return;

  // What only the context of a call knows, as an initialiser's shape, is unknown too.
  if (callable.results.size() == 1 && callable.results.front().type.hasShape &&
      llvm::isa<FnDeclaration>(decl)) {
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
  }
  std::optional<Type> result;
  if (callable.results.size() == 1 && callable.results.front().type.hasShape)
    result = resolveType(callable.results.front().type, /*report=*/false);
  // A function with a gradient of its own is checked with it.
  const auto *fn = llvm::dyn_cast<FnDeclaration>(&decl);
  std::vector<const Node *> inputs;
  std::vector<const ast::Parameter *> names;
  if (fn && fn->gradient)
    for (const ast::Parameter &parameter : fn->parameters)
      if (Variable *variable = body.root.findHere(parameter.name.text);
          variable && variable->value.isStrong() &&
          isFloat(variable->value.asTensor()->node->type.element)) {
        inputs.push_back(variable->value.asTensor()->node);
        names.push_back(&parameter);
      }
  Scope before(body.root);
  Value value = evalBlock(*callable.body, result ? &*result : nullptr);
  if (llvm::isa<OptimizerDeclaration>(decl)) {
    const Node *w =
        callable.inputs.empty() ? nullptr : body.inputNodes.lookup(&callable.inputs.front());
    if (w && callable.body->result)
      coerce(value, w->type, callable.body->result->range,
             "the value of the optimizer '" + decl.name.text + "'", Code::ResultShape);
    return;
  }
  value = finishResults(std::move(value), *callable.body, nullptr, decl.name.text);
  if (inputs.empty())
    return;
  body.root = before;
  finishWithGradient(*fn, value, inputs, names, inputs, decl.name.range);
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
  if (const auto *let = llvm::dyn_cast<LetDeclaration>(&decl)) {
    Frame file;
    file.file = decl.name.range.file;
    FrameGuard guard(*this, file);
    evalTopLevelLet(*let, decl.name);
    return;
  }
  const Callable *callable = nullptr;
  if (const auto *fn = llvm::dyn_cast<FnDeclaration>(&decl))
    callable = fn;
  else if (const auto *layer = llvm::dyn_cast<LayerDeclaration>(&decl))
    callable = layer;
  else if (const auto *optimizer = llvm::dyn_cast<OptimizerDeclaration>(&decl))
    callable = optimizer;
  if (!callable || aborted)
    return;

  // An error counts where it arises at every rank of the rests.
  constexpr unsigned ranks = 4;
  Diagnostics *outer = diagnostics;
  std::vector<Diagnostics> runs(ranks);
  const size_t stepsBefore = steps;
  isGeneric = true;
  for (unsigned rank = 0; rank < ranks && !aborted; ++rank) {
    diagnostics = &runs[rank];
    runGenerically(decl, *callable, rank);
  }
  isGeneric = false;
  diagnostics = outer;
  steps = stepsBefore;
  // A limit hit in a branch that may not be taken ends this check alone.
  if (aborted && llvm::none_of(runs, [](const Diagnostics &run) { return run.hasErrors(); }))
    aborted = false;
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
