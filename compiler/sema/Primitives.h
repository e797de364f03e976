// The functions below the standard library: each one entry of a table with its signature, its
// words, and the function that checks its arguments and builds its nodes.
#pragma once

#include "compiler/sema/Elaborator.h"

namespace nnc::sema {

/// A call whose arguments have been put to the parameters of the signature.
struct PrimitiveCall {
  Elaborator &elaborator;
  const Primitive &primitive;
  std::vector<const GivenArgument *> arguments; ///< null where left out
  SourceRange range;
  const Type *expected;

  bool has(size_t index) const { return arguments[index] != nullptr; }
  const Value &value(size_t index) const { return arguments[index]->value; }
  SourceRange rangeOf(size_t index) const { return arguments[index]->range; }
  /// A tensor argument, or null after an error.
  const Node *tensor(size_t index) const;
  /// A tensor argument with float elements (u8 becomes f32), or null after an error.
  const Node *floatTensor(size_t index) const;
  bool flag(size_t index, bool otherwise, bool &ok) const;
  std::optional<int64_t> integer(size_t index) const;
  /// One axis, counted from the end where negative.
  std::optional<int64_t> axis(size_t index, size_t rank) const;
  /// One axis or a list of them, sorted; all where left out.
  std::optional<std::vector<int64_t>> axes(size_t index, size_t rank) const;
  Value poison(Code code, SourceRange where, std::string message) const {
    elaborator.error(code, where, std::move(message));
    return Unknown{};
  }
};

struct Primitive {
  llvm::StringLiteral name;
  /// `sum(x, axis = all, keep = false)`: parameters with a default may be left out.
  llvm::StringLiteral signature;
  llvm::StringLiteral doc;
  Value (*build)(const PrimitiveCall &call);
  llvm::StringLiteral op = "";      ///< the nn operation, where several primitives share `build`
  double (*fold)(double) = nullptr; ///< its value for numbers
};

const Primitive *findPrimitive(llvm::StringRef name);
/// All of them, in the order of the listing.
std::vector<const Primitive *> allPrimitives();

Value callPrimitive(Elaborator &elaborator, const Primitive &primitive,
                    llvm::ArrayRef<GivenArgument> arguments, SourceRange range,
                    const Type *expected);

/// The tables of the groups.
llvm::ArrayRef<Primitive> elementwisePrimitives();
llvm::ArrayRef<Primitive> reductionPrimitives();
llvm::ArrayRef<Primitive> shapePrimitives();
llvm::ArrayRef<Primitive> indexPrimitives();
llvm::ArrayRef<Primitive> fillPrimitives();

} // namespace nnc::sema
