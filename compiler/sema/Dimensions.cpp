// Dimensions as they are written: which names they read, what these stand for, and what a type in
// a signature so means.
#include "compiler/sema/Dimensions.h"

#include "compiler/sema/Elaborator.h"
#include "compiler/sema/ForeignNames.h"
#include "compiler/sema/NameCheck.h"

namespace nnc::sema {

using namespace ast;

static void collectNames(const Expr &expr, std::vector<const Name *> &names) {
  if (const auto *name = llvm::dyn_cast<NameExpr>(&expr)) {
    if (name->qualifiers.empty())
      names.push_back(&name->name);
  } else if (const auto *index = llvm::dyn_cast<IndexExpr>(&expr)) {
    collectNames(*index->base, names);
    for (const IndexItem &item : index->items)
      for (const Expr *end : {item.first.get(), item.last.get()})
        if (end)
          collectNames(*end, names);
  } else if (const auto *unary = llvm::dyn_cast<UnaryExpr>(&expr)) {
    collectNames(*unary->operand, names);
  } else if (const auto *binary = llvm::dyn_cast<BinaryExpr>(&expr)) {
    collectNames(*binary->lhs, names);
    collectNames(*binary->rhs, names);
  } else if (const auto *call = llvm::dyn_cast<CallExpr>(&expr)) {
    for (const ast::Argument &argument : call->arguments)
      collectNames(*argument.value, names);
  }
}

std::vector<const Name *> dimNames(const Expr &dim) {
  std::vector<const Name *> names;
  collectNames(dim, names);
  return names;
}

std::vector<const Name *> dimNames(const TypeExpr &type) {
  std::vector<const Name *> names;
  for (const DimExpr &dim : type.dims) {
    if (dim.rest)
      names.push_back(&*dim.rest);
    else if (dim.size)
      collectNames(*dim.size, names);
  }
  if (type.argument)
    collectNames(*type.argument, names);
  return names;
}

/// A dimension may be a name of the signature, a local one, or a `let` of the file.
static bool isNameBound(Elaborator &e, const Name &name) {
  if (e.scope->find(name.text))
    return true;
  const Declaration *decl = e.modules.find(e.frame->file, name.text);
  return decl && llvm::isa<LetDeclaration>(decl);
}

std::vector<const Name *> Elaborator::unboundNames(const TypeExpr &type) {
  std::vector<const Name *> unbound = dimNames(type);
  llvm::erase_if(unbound, [&](const Name *name) { return isNameBound(*this, *name); });
  return unbound;
}

bool Elaborator::isBound(const Expr &dim) {
  return llvm::all_of(dimNames(dim), [&](const Name *name) { return isNameBound(*this, *name); });
}

/// Says of each name in `names` that no input settles it.
void Elaborator::reportUnsettled(llvm::ArrayRef<const Name *> names, llvm::StringRef of) {
  for (const Name *name : names) {
    if (isNameBound(*this, *name))
      continue;
    std::vector<std::string> candidates;
    if (diagnostics->errorCount() < mostSuggestions)
      scope->collect(candidates);
    std::string near = nearest(name->text, candidates);
    error(Code::UnsettledDimension, name->range,
          "the dimension '" + name->text + "'" + of.str() + " is settled by no input")
        .suggest(near.empty() ? "give it a size, or name it in the shape of an input"
                              : "did you mean '" + near + "'?");
  }
}

void Elaborator::bindDim(const Name &name, const Dim &dim) {
  scope->declare(name.text, {Variable::Kind::Dim, dim, name.range});
}

void Elaborator::bindRest(const Name &name, llvm::ArrayRef<Dim> dims) {
  scope->declare(name.text, {Variable::Kind::Dim, shapeValue(dims), name.range});
}

/// Whether a weak scalar is the quotient of sizes.
static bool isPartQuotient(const Node *node) {
  return node->op == "div" && node->type.shape.empty();
}

bool Elaborator::isKnownWhole(const Dim &size, SourceRange range) {
  // Whether the sizes of a declaration that nobody used divide, its callers know.
  if (isGeneric || size.isWhole() || isSettled(size))
    return true;
  error(Code::NotWhole, range,
        "the dimension '" + size.str() + "' is not known to be a whole number")
      .suggest("'/' divides exactly; whether it can is only known of numbers");
  return false;
}

std::optional<Dim> Elaborator::evalDim(const Expr &expr, bool report) {
  if (!isBound(expr)) {
    if (report)
      reportUnsettled(dimNames(expr), "");
    return std::nullopt;
  }
  Value value = eval(expr);
  if (const Dim *dim = value.asInt())
    return isKnownWhole(*dim, expr.range) ? std::optional(*dim) : std::nullopt;
  if (value.isUnknown())
    return std::nullopt;
  if (const double *number = value.asFloat()) {
    Diagnostic &diagnostic = error(Code::NotWhole, expr.range,
                                   "the dimension '" + quote(expr.range) + "' is " +
                                       numberText(*number) + ", not a whole number");
    for (const Name *name : dimNames(expr))
      if (Variable *variable = scope->find(name->text); variable && variable->value.asInt())
        diagnostic.detail("'" + name->text + "' is " + variable->value.asInt()->str());
    diagnostic.suggest("'/' divides exactly; 'floor_div' and 'ceil_div' round");
  } else if (const Tensor *tensor = value.asTensor(); tensor && isPartQuotient(tensor->node)) {
    error(Code::NotWhole, expr.range,
          "the dimension '" + quote(expr.range) + "' is not known to be a whole number");
  } else {
    error(Code::OperandType, expr.range,
          "a dimension must be an integer, found " + value.describe());
  }
  return std::nullopt;
}

std::optional<Shape> Elaborator::shapeOfDims(llvm::ArrayRef<DimExpr> dims, bool report) {
  Shape shape;
  for (const DimExpr &dim : dims) {
    if (!dim.rest) {
      auto size = dim.size ? evalDim(*dim.size, report) : std::nullopt;
      if (!size)
        return std::nullopt;
      shape.push_back(*size);
      continue;
    }
    Variable *variable = scope->find(dim.rest->text);
    if (!variable) {
      if (report)
        error(Code::UnsettledDimension, dim.range,
              "the rest '..." + dim.rest->text + "' is settled by no input");
      return std::nullopt;
    }
    auto sizes = shapeOf(variable->value, dim.range);
    if (!sizes)
      return std::nullopt;
    shape.append(sizes->begin(), sizes->end());
  }
  return shape;
}

std::optional<Element> Elaborator::elementHere(llvm::StringRef name) const {
  if (name == "float")
    return frame->floatElement.value_or(Element::F32);
  if (name == "int")
    return frame->intElement;
  if (name == "any")
    return frame->anyElement;
  return name == "index" ? Element::I32 : elementNamed(name);
}

/// Of an `int` or `any` that no argument settled, and of what no tensor can hold.
void Elaborator::reportNoElement(const TypeExpr &type) {
  const std::string &name = type.element.text;
  bool isOpen = name == "int" || name == "any";
  if (isOpen && isGeneric) // which callers may settle
    return;
  error(Code::UnknownType, type.element.range,
        isOpen ? "'" + name + "' is settled by no argument here"
               : "a tensor cannot have elements of type '" + name + "'")
      .suggest(std::string("name an element type, such as ") + (name == "int" ? "i32" : "f32"));
}

std::optional<Type> Elaborator::resolveType(const TypeExpr &type, bool report) {
  const std::string &name = type.element.text;
  std::optional<Element> element = elementHere(name);
  if (report && name == "float")
    frame->floatElement = element;
  if (!element && report && isTypeName(name) && !type.isList) {
    reportNoElement(type);
    return std::nullopt;
  }
  if (!element && report && !name.empty() && !isTypeName(name)) { // the parser said what lacks
    std::string near = elementForForeign(name).str();
    if (near.empty())
      near = nearest(name, typeNames());
    error(Code::UnknownType, type.element.range, "unknown type '" + name + "'")
        .suggest(near.empty() ? "" : "did you mean '" + near + "'?");
  }
  if (report && type.isList) {
    error(Code::UnknownType, type.range, "a list can only be a setting");
    return std::nullopt;
  }
  if (report && (name == "index") != (type.argument != nullptr)) {
    error(Code::UnknownType, type.element.range,
          name == "index" ? "'index' needs the number of values, as in 'index(10)'"
                          : "only 'index' takes a number of values");
    return std::nullopt;
  }
  if (!element || type.isList)
    return std::nullopt;
  if (report && type.argument && !evalDim(*type.argument, /*report=*/true))
    return std::nullopt;
  auto shape = shapeOfDims(type.dims, report);
  if (!shape)
    return std::nullopt;
  return Type{*element, *shape};
}

std::optional<Dim> Elaborator::indexLimit(const TypeExpr &type) {
  return type.element.text == "index" && type.argument ? evalDim(*type.argument, /*report=*/false)
                                                       : std::nullopt;
}

/// Finds the one unbound name in `expr` such that it equals `target`: `2 * n` = 20 gives n = 10.
bool Elaborator::solve(const Expr &expr, const Dim &target) {
  if (const auto *name = llvm::dyn_cast<NameExpr>(&expr)) {
    bindDim(name->name, target);
    return true;
  }
  const auto *binary = llvm::dyn_cast<BinaryExpr>(&expr);
  if (!binary)
    return false;
  bool leftBound = isBound(*binary->lhs), rightBound = isBound(*binary->rhs);
  if (leftBound == rightBound)
    return false;
  auto known = evalDim(leftBound ? *binary->lhs : *binary->rhs, /*report=*/true);
  if (!known)
    return false;
  const Expr &open = leftBound ? *binary->rhs : *binary->lhs;
  std::optional<Dim> rest;
  switch (binary->op) {
  case BinaryOp::Add:
    rest = Dim::subtract(target, *known);
    break;
  case BinaryOp::Subtract:
    rest = leftBound ? Dim::subtract(*known, target) : Dim::add(target, *known);
    break;
  case BinaryOp::Multiply:
    rest = Dim::divide(target, *known);
    break;
  case BinaryOp::Divide:
    rest = leftBound ? std::nullopt : Dim::multiply(target, *known);
    break;
  default:
    break;
  }
  return rest && solve(open, *rest);
}

} // namespace nnc::sema
