// The functions below the standard library: each one entry of a table with its parameters, its
// words, and the function that checks its arguments and builds its nodes.
#pragma once

#include "compiler/sema/Elaborator.h"

namespace nnc::sema {

/// A parameter, and what it is where it is left out.
struct PrimitiveParameter {
  /// No value: what the word says.
  struct None {
    llvm::StringLiteral word;
  };
  llvm::StringLiteral name = "";
  std::variant<std::monostate, None, int64_t, double, bool, llvm::StringLiteral> otherwise =
      std::monostate{};

  bool isRequired() const { return std::holds_alternative<std::monostate>(otherwise); }
  /// The default as a value; Unknown where there is none.
  Value defaultValue() const;
};

/// A call whose arguments have been put to the parameters; defaults stand for what was left out.
struct PrimitiveCall {
  Elaborator &elaborator;
  const Primitive &primitive;
  std::vector<GivenArgument> arguments;
  std::vector<bool> given;             ///< whether the argument has a value, written or default
  std::vector<GivenArgument> variadic; ///< of a primitive that takes any number of tensors
  std::vector<GivenArgument> sizes;    ///< named ones that are no parameters
  SourceRange range;
  const Type *expected;

  bool has(size_t index) const { return given[index]; }
  const Value &value(size_t index) const { return arguments[index].value; }
  SourceRange rangeOf(size_t index) const { return arguments[index].range; }
  /// A tensor argument, or null after an error.
  const Node *tensor(size_t index) const { return tensor(arguments[index]); }
  const Node *tensor(const GivenArgument &argument) const;
  /// A tensor argument with float elements (u8 and bool become f32), or null after an error.
  const Node *floatTensor(size_t index) const;
  std::optional<bool> flag(size_t index) const;
  std::optional<int64_t> integer(size_t index) const;
  /// One axis, counted from the end where negative.
  std::optional<int64_t> axis(size_t index, size_t rank) const;
  /// One axis or a list of them, sorted; all where left out or "all".
  std::optional<std::vector<int64_t>> axes(size_t index, size_t rank) const;
  bool hasAxes(size_t index) const;
  /// Known integers, `count` of them: a list, or one number for all.
  std::optional<std::vector<int64_t>> integers(size_t index, size_t count) const;
  Value poison(Code code, SourceRange where, std::string message) const {
    elaborator.error(code, where, std::move(message));
    return Unknown{};
  }
};

struct Primitive {
  llvm::StringLiteral name;
  PrimitiveParameter parameters[6]; ///< up to the first without a name
  llvm::StringLiteral doc;
  Value (*build)(const PrimitiveCall &call);
  llvm::StringLiteral op = "";      ///< the nn operation, where several primitives share `build`
  double (*fold)(double) = nullptr; ///< its value for numbers
  /// Takes any number of tensors in place of the first parameter.
  bool isVariadic = false;
  /// Takes integers by names of the caller's, as in rearrange(x, "...", h: 4).
  bool takesSizes = false;

  llvm::ArrayRef<PrimitiveParameter> list() const;
  /// `sum(x, axis = all, keep = false)`
  std::string signature() const;
};

const Primitive *findPrimitive(llvm::StringRef name);
/// All of them, in the order of the listing.
const std::vector<const Primitive *> &allPrimitives();

Value callPrimitive(Elaborator &elaborator, const Primitive &primitive,
                    llvm::ArrayRef<GivenArgument> arguments, SourceRange range,
                    const Type *expected);

/// Elements and shapes of several values, made equal; `with` takes part in the shape. False after
/// an error.
bool meetAll(const PrimitiveCall &call, llvm::ArrayRef<size_t> indices,
             llvm::MutableArrayRef<const Node *> nodes, const Shape *with, bool &weak);
/// max(x, y) and min(x, y) of two values.
Value buildExtremum(const PrimitiveCall &call, size_t first, size_t second);
/// The sum over axes, as a node.
const Node *sumOver(Elaborator &elaborator, const Node *x, std::vector<int64_t> axes);

/// The tables of the groups.
llvm::ArrayRef<Primitive> elementwisePrimitives();
llvm::ArrayRef<Primitive> reductionPrimitives();
llvm::ArrayRef<Primitive> shapePrimitives();
llvm::ArrayRef<Primitive> joinPrimitives();
llvm::ArrayRef<Primitive> patternPrimitives();
llvm::ArrayRef<Primitive> windowPrimitives();
llvm::ArrayRef<Primitive> indexPrimitives();
llvm::ArrayRef<Primitive> fillPrimitives();
llvm::ArrayRef<Primitive> compileTimePrimitives();
llvm::ArrayRef<Primitive> dataPrimitives();

} // namespace nnc::sema
