// Dimensions: integer polynomials over named, symbolic dimensions.
#pragma once

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nnc::sema {

/// `10`, `batch`, `4 * units`, `h * w * c`, `h / 2` (exact): a sum of integer multiples of products
/// of atoms. An atom is a symbol's name, or an exact division that did not simplify, written as
/// text: its divisor cancels with factors beside it, so `2 * (h / 2)` is `h`. Two dimensions are
/// equal when their normal forms are. Symbols live in the scope of one model: whatever instantiates
/// a layer replaces the layer's own dimension names first.
class Dim {
public:
  Dim(int64_t constant = 0);
  static Dim symbol(const std::string &name);

  std::optional<int64_t> constant() const;
  /// The symbol's name where this is a lone symbol.
  std::optional<std::string> asSymbol() const;
  /// Whether no quotient is left in it: a whole number whatever whole numbers the symbols are.
  bool isWhole() const;
  /// Each symbol that occurs.
  std::vector<std::string> symbols() const;
  std::string str() const;

  bool operator==(const Dim &other) const { return terms == other.terms; }
  bool operator<(const Dim &other) const { return terms < other.terms; }

  /// These report overflow of 64 bits as nullopt; divide also an inexact division.
  static std::optional<Dim> add(const Dim &a, const Dim &b);
  static std::optional<Dim> subtract(const Dim &a, const Dim &b);
  static std::optional<Dim> multiply(const Dim &a, const Dim &b);
  static std::optional<Dim> divide(const Dim &a, const Dim &b);

  /// The parts of an atom that is a quotient, `(h / 2)`; nothing where it is a symbol.
  static std::optional<std::pair<Dim, Dim>> quotient(llvm::StringRef atom);
  /// The value once every symbol has one; nothing on overflow, an unknown symbol or a division with
  /// a remainder.
  std::optional<int64_t>
  evaluate(llvm::function_ref<std::optional<int64_t>(llvm::StringRef symbol)> valueOf) const;

  /// A product of atoms (sorted, with repetition) -> its coefficient; never 0. The empty product is
  /// the constant.
  using Terms = std::map<std::vector<std::string>, int64_t>;
  const Terms &normalForm() const { return terms; }

private:
  static std::optional<Dim> normalized(Terms terms);
  static std::optional<std::optional<Dim>> cancelled(const std::vector<std::string> &atoms,
                                                     int64_t coefficient);
  static std::optional<Dim> whole(const Dim &part, const Dim &parts);

  Terms terms;
};

using Shape = llvm::SmallVector<Dim, 4>;

} // namespace nnc::sema
