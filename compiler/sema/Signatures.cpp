// Signatures: fits values to declared types, and so settles the names of dimensions.
#include "compiler/sema/Data.h"
#include "compiler/sema/Dimensions.h"
#include "compiler/sema/Elaborator.h"

namespace nnc::sema {

using namespace ast;

void Elaborator::shapeError(const TypedValue &typed, llvm::StringRef detail, Code code) {
  Diagnostic &diagnostic = error(code, typed.range, "the shape of " + typed.what + " does not fit");
  std::string expected = quote(typed.type->range);
  if (auto type = resolveType(*typed.type, /*report=*/false); type && type->str() != expected)
    expected += " = " + type->str();
  diagnostic.detail("expected " + expected);
  diagnostic.detail("found    " + typed.value->asTensor()->node->type.str());
  if (!detail.empty())
    diagnostic.detail(detail.str());
  if (typed.declared.isValid())
    diagnostic.note(typed.declared, "the expected shape is declared here");
  const auto &dims = typed.type->dims;
  const bool isFixed = llvm::none_of(dims, [](const DimExpr &dim) { return dim.rest.has_value(); });
  const Shape &shape = typed.value->asTensor()->node->type.shape;
  auto isOpen = [&](const Dim &dim) { return !dim.constant() && hasOpenSize(dim); };
  diagnostic.suggest(
      llvm::any_of(shape, isOpen) ? hintForOpenSize.str()
      : isFixed && shape.size() + 1 == dims.size()
          ? "'x[..., new]' adds a last dimension of size 1, such as the channel of gray images; "
            "'x[:, new]' one behind the first"
      : isFixed && shape.size() == dims.size() + 1
          ? "'flatten' makes one of all dimensions but the first, 'squeeze' drops one of size 1"
      : code == Code::ResultShape ? "change what is declared, or what is computed"
                                  : "a name or a rest is the same size everywhere in a signature");
}

/// Converts the element where that loses nothing; settles `float`, `int` and `any` at their first
/// tensor.
bool Elaborator::fitElement(TypedValue &typed, std::vector<PendingDim> &pending) {
  const std::string &name = typed.type->element.text;
  if (name == "index")
    return fitIndex(typed, pending);
  const Node *node = typed.value->asTensor()->node;
  Element from = node->type.element;
  std::optional<Element> target = elementNamed(name);
  if (name == "float") {
    if (!frame->floatElement && (isFloat(from) || convertsTo(from, Element::F32)))
      frame->floatElement = isFloat(from) ? from : Element::F32;
    target = frame->floatElement;
  } else if (name == "int") {
    if (!frame->intElement && isInteger(from))
      frame->intElement = from;
    target = frame->intElement;
  } else if (name == "any") {
    if (!frame->anyElement)
      frame->anyElement = from;
    target = frame->anyElement;
  }
  if (target && convertsTo(from, *target)) {
    if (from != *target)
      *typed.value = Tensor{graph.cast(node, *target)};
    return true;
  }
  std::string wanted = target ? spelling(*target) : name;
  IndexRange *range = rangeOf(node);
  bool isClass = range && range->limit && range->isDeclared && !range->name.empty();
  error(Code::ElementMismatch, typed.range,
        typed.what + " has elements " + spelling(from) + ", expected " + wanted)
      .detail("expected " + quote(typed.type->range))
      .detail("found    " + node->type.str())
      .suggest(
          isClass
              ? "'" + range->name + "' is one of " + range->limit->str() +
                    " classes, not an amount: 'cross_entropy' and 'embedding' take it as it is, "
                    "'one_hot(" +
                    range->name + ")' makes " + range->limit->str() + " numbers of it, '" +
                    range->name + " as f32' its number"
          : target          ? "say 'as " + wanted + "' to convert it"
          : name == "float" ? "say 'as f32' to convert it"
                            : "");
  return false;
}

/// Integers known to lie below some number, which becomes, or is, that of the type.
bool Elaborator::fitIndex(TypedValue &typed, std::vector<PendingDim> &pending) {
  const Node *node = typed.value->asTensor()->node;
  if (!isInteger(node->type.element)) {
    error(Code::ElementMismatch, typed.range,
          typed.what + " has elements " + spelling(node->type.element) + ", expected an index")
        .detail("expected " + quote(typed.type->range))
        .detail("found    " + node->type.str())
        .suggest("an index is a number such as a label: 'as i32' converts other numbers, 'argmax' "
                 "finds that of a one-hot row");
    return false;
  }
  if (!typed.type->argument)
    return resolveType(*typed.type, /*report=*/true).has_value();
  pending.push_back({typed.type->argument.get(), typed.type->argument->range, 0, &typed, true});
  return true;
}

/// Compares the number of values of an index with that of its type, or takes the one from the
/// other.
bool Elaborator::settleLimit(const PendingDim &pending) {
  const Node *node = pending.owner->value->asTensor()->node;
  IndexRange *range = rangeOf(node);
  bool isKnown = range && range->limit && range->isDeclared;
  if (!isBound(*pending.size)) {
    if (isKnown && solve(*pending.size, *range->limit))
      return true;
    if (!isGeneric)
      error(Code::UnsettledDimension, pending.owner->range,
            "how many values " + pending.owner->what + " can have is not known")
          .detail("expected " + quote(pending.owner->type->range))
          .suggest("'as index(n)' says it");
    return false;
  }
  auto size = evalDim(*pending.size, /*report=*/true);
  if (!size)
    return false;
  if (!isKnown)
    return requireIndexBelow(node, *size, pending.owner->range);
  if (*range->limit == *size)
    return true;
  Diagnostic &diagnostic = error(Code::ClassRange, pending.owner->range,
                                 pending.owner->what + " is an index(" + range->limit->str() +
                                     "), but an index(" + size->str() + ") is expected");
  std::string written = quote(pending.range);
  diagnostic.detail("expected " + quote(pending.owner->type->range) +
                    (written == size->str() ? "" : ", with " + written + " = " + size->str()));
  if (range->range.isValid())
    diagnostic.note(range->range, "'" + range->name + "' is declared here");
  if (pending.owner->declared.isValid() && !sources.isStd(pending.owner->declared.file))
    diagnostic.note(pending.owner->declared, "the expected number is declared here");
  diagnostic.suggest("as many classes as scores, as many rows as indexes");
  return false;
}

/// `[...s, ...t]` can be compared, but settles nothing: where one rest ended would be a guess.
bool Elaborator::matchSeveralRests(TypedValue &typed) {
  auto open = unboundNames(*typed.type);
  if (!open.empty()) {
    error(Code::UnsettledDimension, open.front()->range,
          "'" + open.front()->text + "' cannot be settled by a shape with several rests");
    return false;
  }
  auto type = resolveType(*typed.type, /*report=*/true);
  if (!type)
    return false;
  if (type->shape == typed.value->asTensor()->node->type.shape)
    return true;
  shapeError(typed, "", typed.code);
  return false;
}

bool Elaborator::matchShape(TypedValue &typed, std::vector<PendingDim> &pending) {
  const auto &dims = typed.type->dims;
  const Shape shape = typed.value->asTensor()->node->type.shape;
  auto rest = llvm::find_if(dims, [](const DimExpr &dim) { return dim.rest.has_value(); });
  if (rest != dims.end() &&
      std::any_of(rest + 1, dims.end(), [](const DimExpr &dim) { return dim.rest.has_value(); }))
    return matchSeveralRests(typed);
  size_t fixed = dims.size() - (rest != dims.end() ? 1 : 0);
  if (shape.size() < fixed || (rest == dims.end() && shape.size() != fixed)) {
    shapeError(typed,
               "expected " + std::string(rest == dims.end() ? "" : "at least ") +
                   std::to_string(fixed) + " dimensions, found " + std::to_string(shape.size()),
               typed.code);
    return false;
  }
  size_t position = 0;
  for (const DimExpr &dim : dims) {
    if (dim.rest) {
      llvm::ArrayRef<Dim> part(shape.data() + position, shape.size() - fixed);
      position += part.size();
      Variable *bound = scope->find(dim.rest->text);
      if (!bound) {
        bindRest(*dim.rest, part);
        continue;
      }
      auto sizes = shapeOf(bound->value, dim.range);
      if (!sizes)
        return false;
      if (llvm::ArrayRef<Dim>(*sizes) != part) {
        shapeError(typed, "'" + dim.rest->text + "' is " + str(*sizes) + " elsewhere", typed.code);
        return false;
      }
      continue;
    }
    const Dim &actual = shape[position++];
    if (!dim.size)
      return false;
    const auto *name = llvm::dyn_cast<NameExpr>(dim.size.get());
    if (name && name->qualifiers.empty() && !isBound(*name))
      bindDim(name->name, actual);
    else
      pending.push_back({dim.size.get(), dim.range, actual, &typed, false});
  }
  return true;
}

/// Compares sizes once their names are bound, and solves those with one name left. Sizes come
/// before the numbers of values: logits say how many classes there are.
bool Elaborator::settlePending(std::vector<PendingDim> pending) {
  std::vector<PendingDim> limits;
  llvm::copy_if(pending, std::back_inserter(limits), [](const PendingDim &p) { return p.isLimit; });
  llvm::erase_if(pending, [](const PendingDim &p) { return p.isLimit; });
  bool ok = true, progress = true;
  while (!pending.empty() && progress) {
    progress = false;
    std::vector<PendingDim> later;
    for (PendingDim &each : pending) {
      const Expr &expr = *each.size;
      if (!isBound(expr)) {
        later.push_back(each);
        continue;
      }
      progress = true;
      auto size = evalDim(expr, /*report=*/true);
      if (!size) {
        ok = false;
      } else if (!(*size == each.actual)) {
        std::string written = quote(expr.range);
        if (written != size->str())
          written += " = " + size->str();
        if (context.data)
          context.data->settleSize(*size, each.actual);
        shapeError(*each.owner,
                   "a dimension should be " + written + ", but is " + each.actual.str(),
                   each.owner->code);
        ok = false;
      }
    }
    if (!progress && !later.empty()) {
      PendingDim each = later.front();
      if (solve(*each.size, each.actual)) {
        progress = true; // and compared in the next round
      } else {
        shapeError(*each.owner, "'" + quote(each.range) + "' cannot be " + each.actual.str(),
                   each.owner->code);
        return false;
      }
    }
    pending = std::move(later);
  }
  for (const PendingDim &limit : limits)
    ok = ok && settleLimit(limit);
  return ok;
}

void Elaborator::settleGenericElement(const std::string &element) {
  if (element == "float" && !frame->floatElement)
    frame->floatElement = Element::F32;
  if (element == "any" && !frame->anyElement)
    frame->anyElement = Element::F32;
  if (element == "int" && !frame->intElement)
    frame->intElement = Element::I32;
}

/// Functions and layers, as settings.
bool Elaborator::fitCallable(TypedValue &typed) {
  bool isLayer = typed.type->element.text == "layer";
  const DeclValue *decl = typed.value->asDecl();
  bool fits = isLayer
                  ? typed.value->asLayer() ||
                        (decl && llvm::isa<LayerDeclaration, ModelDeclaration>(*decl->decl))
                  : typed.value->asPrimitive() || (decl && llvm::isa<FnDeclaration>(*decl->decl));
  if (fits)
    return true;
  Diagnostic &diagnostic = error(Code::ArgumentType, typed.range,
                                 typed.what + " should be a " + (isLayer ? "layer" : "function") +
                                     ", found " + typed.value->describe());
  if (typed.declared.isValid() && !sources.isStd(typed.declared.file))
    diagnostic.note(typed.declared, "it is declared here");
  diagnostic.suggest(isLayer ? "such as dense(64)" : "its name alone, such as relu");
  return false;
}

/// `[int]`
bool Elaborator::fitList(TypedValue &typed) {
  const Sequence *sequence = typed.value->asSequence();
  if (!sequence) {
    error(Code::ArgumentType, typed.range,
          typed.what + " should be a list, found " + typed.value->describe())
        .suggest("such as [256, 64]");
    return false;
  }
  const std::string &element = typed.type->element.text;
  for (const Value &each : *sequence->elements) {
    const DeclValue *decl = each.asDecl();
    bool fits = each.isUnknown() || (element == "int" && each.asInt()) ||
                (element == "float" && each.isNumber()) || (element == "bool" && each.asBool()) ||
                (element == "string" && each.asString()) ||
                (element == "layer" && (each.asLayer() || decl)) ||
                (element == "fn" && (each.asPrimitive() || decl));
    if (fits)
      continue;
    error(Code::ArgumentType, typed.range,
          typed.what + " should be a list of " + element + ", but has " + each.describe());
    return false;
  }
  return true;
}

bool Elaborator::fitScalar(TypedValue &typed) {
  const std::string &name = typed.type->element.text;
  if (typed.type->isList)
    return fitList(typed);
  if (name == "fn" || name == "layer")
    return fitCallable(typed);
  Value &value = *typed.value;
  auto element = elementNamed(name);
  bool fits = false;
  const Tensor *tensor = value.isStrong() ? value.asTensor() : nullptr;
  if (tensor && tensor->node->type.shape.empty() && name != "string" && name != "int") {
    std::vector<PendingDim> pending;
    return fitElement(typed, pending) && settlePending(std::move(pending));
  }
  if (name == "index")
    return fitNumber(typed);
  if (name == "int")
    fits = value.asInt();
  else if (name == "string")
    fits = value.asString();
  else if (name == "bool")
    fits = value.asBool();
  else if (name == "float" || name == "any" || (element && isFloat(*element)))
    fits = value.isNumber() ||
           (value.isWeak() && value.asTensor()->node->type.element != Element::Bool);
  else if (element)
    fits = value.asInt();
  else
    return static_cast<void>(resolveType(*typed.type, /*report=*/true)), false;
  if (fits)
    return true;
  if (tensor && !tensor->node->type.shape.empty() && typed.code == Code::ResultShape) {
    shapeError(typed, "a scalar has no dimensions", typed.code);
    return false;
  }
  Diagnostic &diagnostic =
      error(Code::ArgumentType, typed.range,
            typed.what + " should be " + (name == "int" ? "an " : "a ") +
                (tensor ? "scalar " : "") + name + ", found " + value.describe());
  if (typed.declared.isValid() && !sources.isStd(typed.declared.file))
    diagnostic.note(typed.declared, "it is declared here");
  if (tensor && name == "int")
    diagnostic.suggest("an 'int' is known at compile time; a layer takes tensors in parentheses of "
                       "their own");
  else
    diagnostic.suggest(name == "int" ? "a whole number, such as 64, or the name of a dimension"
                       : name == "bool" && value.asInt()
                           ? "'true' or 'false'; sizes of inputs are not given, they follow from "
                             "what a layer is applied to"
                       : name == "bool"   ? "'true', 'false' or a comparison of numbers"
                       : name == "string" ? "text in quotes"
                                          : "a number, such as 0.5");
  return false;
}

static bool isScalarTensor(const Value &value) {
  return value.isStrong() && value.asTensor()->node->type.shape.empty();
}

static bool isList(const Value &value) {
  return value.asSequence() && !value.asSequence()->isTuple;
}

bool Elaborator::unify(llvm::MutableArrayRef<TypedValue> values) {
  bool ok = true;
  std::vector<PendingDim> pending;
  std::vector<TypedValue *> numbers, lists;
  // `float` is what all float tensors convert to, whatever integers stand before them.
  bool isOpen = !frame->floatElement;
  for (TypedValue &typed : values) {
    if (!isOpen || typed.type->element.text != "float" || !typed.value->isStrong())
      continue;
    Element own = typed.value->asTensor()->node->type.element;
    if (isFloat(own))
      frame->floatElement = commonElement(frame->floatElement.value_or(own), own)
                                .value_or(frame->floatElement.value_or(own));
  }
  for (TypedValue &typed : values) {
    graph.setPlace(typed.range, frame->site);
    if (typed.value->isUnknown()) {
      ok = false;
    } else if (!typed.type->hasShape && typed.type->element.text == "index" &&
               !typed.type->isList && (typed.value->isNumber() || isScalarTensor(*typed.value))) {
      // How many there are, the tensors may say.
      if (typed.value->isNumber())
        numbers.push_back(&typed);
      else
        ok &= fitElement(typed, pending);
    } else if (!typed.type->hasShape) {
      ok &= fitScalar(typed);
    } else if (!isTypeName(typed.type->element.text)) {
      resolveType(*typed.type, /*report=*/true);
      ok = false;
    } else if (typed.value->isStrong()) {
      ok &= fitElement(typed, pending) && matchShape(typed, pending);
    } else if (typed.value->isNumber() || typed.value->isWeak()) {
      numbers.push_back(&typed);
    } else if (isList(*typed.value) && typed.type->element.text != "index") {
      lists.push_back(&typed);
    } else {
      error(Code::ArgumentType, typed.range,
            typed.what + " should be a tensor " + quote(typed.type->range) + ", found " +
                typed.value->describe())
          .suggest(typed.value->isCallable()   ? "apply it to a tensor: 'x |> f(...)', 'f(...)(x)'"
                   : isList(*typed.value)      ? ""
                   : typed.value->asSequence() ? "'let (a, b) = ...' takes a tuple apart"
                                               : "");
      ok = false;
    }
  }
  for (TypedValue *typed : lists)
    ok = ok && fitArray(*typed, pending);
  if (!ok)
    return false;
  ok = settlePending(std::move(pending));
  for (TypedValue *typed : numbers)
    ok = ok && fitNumber(*typed);
  return ok;
}

//===-- Results ------------------------------------------------------------------------------===//

bool Elaborator::bindResultFrom(const Type &expected) {
  const TypeExpr &type = frame->callable->results.front().type;
  // The f32 of a caller that is open itself may only be the default.
  const Frame *caller = frame->caller;
  bool isDefault =
      caller && caller->callable && !caller->floatElement && expected.element == Element::F32;
  if (type.element.text == "float" && !frame->floatElement && isFloat(expected.element) &&
      !isDefault)
    frame->floatElement = expected.element;
  if (type.element.text == "any" && !frame->anyElement)
    frame->anyElement = expected.element;
  if (unboundNames(type).empty())
    return true;
  // The expected type plays the value's part.
  Node stand;
  stand.type = expected;
  Value value = Tensor{&stand};
  TypedValue typed{&type,        &value,     frame->site ? frame->site->call : type.range,
                   "the result", type.range, Code::ResultShape};
  std::vector<PendingDim> pending;
  return matchShape(typed, pending) && settlePending(std::move(pending));
}

Value Elaborator::finishResults(Value value, const Block &body, const Type *expected,
                                const std::string &callee) {
  const auto &results = frame->callable->results;
  if (results.empty() || value.isUnknown())
    return value;
  SourceRange range = body.result ? body.result->range : body.range;
  if (const auto *pipe = llvm::dyn_cast_or_null<PipeExpr>(body.result.get()))
    range = pipe->stage->range;
  std::vector<Value> values{value};
  bool several = results.size() > 1;
  if (several) {
    const Sequence *sequence = value.asSequence();
    if (!sequence || sequence->elements->size() != results.size()) {
      error(Code::ResultShape, range,
            "'" + callee + "' declares " + std::to_string(results.size()) +
                " results, but its value is " + value.describe())
          .note(results.front().type.range, "the results are declared here");
      return Unknown{};
    }
    values = *sequence->elements;
  }
  // Names that only the context knows were bound before; what is left is bound by nothing.
  std::vector<TypedValue> typed;
  for (size_t i = 0; i < results.size(); ++i) {
    if (auto open = unboundNames(results[i].type); !open.empty()) {
      reportUnsettled(open, " of the result");
      return Unknown{};
    }
    std::string what = results[i].name ? "the result '" + results[i].name->text + "' of '"
                                       : std::string("the result of '");
    typed.push_back({&results[i].type, &values[i], range, what + callee + "'",
                     results[i].type.range, Code::ResultShape});
  }
  if (!unify(typed))
    return Unknown{};
  if (!several)
    return values.front();
  return Sequence{std::make_shared<std::vector<Value>>(values), value.asSequence()->depth, true};
}

} // namespace nnc::sema
