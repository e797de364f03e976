// Descriptions of values for messages.
#include "compiler/sema/Value.h"

#include "compiler/sema/Types.h"

#include <charconv>

namespace nnc::sema {

bool Value::isListOfNumbers() const {
  const Sequence *list = asSequence();
  return list && !list->isTuple && !list->elements->empty() &&
         llvm::all_of(*list->elements, [](const Value &each) { return each.isNumber(); });
}

static const char *describe(const ast::Declaration &decl) {
  using Kind = ast::Declaration::Kind;
  switch (decl.kind) {
  case Kind::Import:
    return "an import";
  case Kind::Fn:
    return "a function";
  case Kind::Layer:
    return "a layer";
  case Kind::Model:
    return "a model";
  case Kind::Optimizer:
    return "an optimizer";
  case Kind::Let:
    return "a value";
  case Kind::Data:
    return "a data set";
  case Kind::Train:
    return "a recipe";
  }
  return "a declaration";
}

std::string Value::describe() const {
  if (const Dim *dim = asInt())
    return "the integer " + dim->str();
  if (const double *number = asFloat())
    return "the number " + numberText(*number);
  if (const bool *truth = asBool())
    return *truth ? "the bool true" : "the bool false";
  if (asString())
    return "a string";
  if (const Tensor *tensor = asTensor())
    return tensor->weak ? tensor->node->type.element == Element::Bool
                              ? "a condition known at run time"
                              : "a number known at run time"
                        : "a tensor " + tensor->node->type.str();
  if (const Sequence *sequence = asSequence())
    return (sequence->isTuple ? "a tuple of " : "a list of ") +
           std::to_string(sequence->elements->size());
  if (asLayer())
    return "a layer not yet applied to a tensor";
  if (const DeclValue *decl = asDecl())
    return sema::describe(*decl->decl);
  if (asPrimitive())
    return "a function";
  return "an unknown value";
}

std::string numberText(double number) {
  char text[32];
  auto end = std::to_chars(text, text + sizeof(text), number).ptr;
  return {text, end};
}

Value shapeValue(llvm::ArrayRef<Dim> shape) {
  auto elements = std::make_shared<std::vector<Value>>(shape.begin(), shape.end());
  return Sequence{std::move(elements)};
}

std::optional<double> numberOf(const Value &value) {
  if (const double *number = value.asFloat())
    return *number;
  if (const Dim *dim = value.asInt())
    if (auto constant = dim->constant())
      return static_cast<double>(*constant);
  return std::nullopt;
}

} // namespace nnc::sema
