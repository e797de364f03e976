// What an expression is worth while a program is elaborated: a number known to the compiler, a
// tensor of the program to be, or something callable.
#pragma once

#include "compiler/sema/Program.h"
#include "compiler/syntax/Ast.h"

#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace nnc::sema {

struct Primitive;
struct InstanceSlot;
struct Value;

/// Stands for what could not be worked out; whatever uses it is silent. It arises from a reported
/// error, or, where a declaration is checked without being used, from what only a caller knows.
struct Unknown {};

/// A tensor. A weak one is a scalar computed in f64 (it depends on `step`, say) that takes the
/// element type of what it meets.
struct Tensor {
  const Node *node;
  bool weak = false;
};

/// Several values: a tuple, a list, the sizes of a rest `...s`.
struct Sequence {
  std::shared_ptr<const std::vector<Value>> elements;
  unsigned depth = 1; ///< of nesting, bounded
  bool isTuple = false;
  std::shared_ptr<const std::vector<SourceRange>> places = nullptr; ///< of elements, where written
};

/// An argument as a call gives it.
struct GivenArgument;

/// A layer or model with its settings: one instance, however often it is applied.
struct LayerValue {
  const ast::Declaration *decl;
  std::shared_ptr<const std::vector<GivenArgument>> arguments;
  SourceRange range;
  std::shared_ptr<InstanceSlot> slot;
  bool isBare = false; ///< made of a name without settings: `let norm = layer_norm`
};

/// A declared function, layer, model or optimizer, by name.
struct DeclValue {
  const ast::Declaration *decl;
};

/// A name of a primitive.
struct PrimitiveValue {
  const Primitive *primitive;
};

struct Value {
  std::variant<Unknown, Dim, double, bool, std::string, Tensor, Sequence, LayerValue, DeclValue,
               PrimitiveValue>
      data;

  Value() = default;
  template <typename T> Value(T value) : data(std::move(value)) {}

  bool isUnknown() const { return std::holds_alternative<Unknown>(data); }
  const Dim *asInt() const { return std::get_if<Dim>(&data); }
  const double *asFloat() const { return std::get_if<double>(&data); }
  const bool *asBool() const { return std::get_if<bool>(&data); }
  const std::string *asString() const { return std::get_if<std::string>(&data); }
  const Tensor *asTensor() const { return std::get_if<Tensor>(&data); }
  const Sequence *asSequence() const { return std::get_if<Sequence>(&data); }
  const LayerValue *asLayer() const { return std::get_if<LayerValue>(&data); }
  const DeclValue *asDecl() const { return std::get_if<DeclValue>(&data); }
  const PrimitiveValue *asPrimitive() const { return std::get_if<PrimitiveValue>(&data); }

  /// An int or a float.
  bool isNumber() const { return asInt() || asFloat(); }
  bool isWeak() const { return asTensor() && asTensor()->weak; }
  /// A tensor with an element type of its own.
  bool isStrong() const { return asTensor() && !asTensor()->weak; }
  bool isCallable() const { return asLayer() || asDecl() || asPrimitive(); }

  /// For messages: "the integer 64", "a tensor f32[batch, 64]", "a layer".
  std::string describe() const;
};

struct GivenArgument {
  std::optional<ast::Name> name;
  Value value;
  SourceRange range;
  const ast::Expr *source = nullptr; ///< as it is written, where it is
};

/// The sequence of integers that is a shape.
Value shapeValue(llvm::ArrayRef<Dim> shape);
/// The shortest text that reads back as the same number.
std::string numberText(double number);
/// A number as a double; nothing for a symbolic integer.
std::optional<double> numberOf(const Value &value);

} // namespace nnc::sema
