// Arithmetic and printing of symbolic dimensions.
#include "compiler/sema/Dim.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <set>

namespace nnc::sema {

namespace {

/// Larger polynomials than any program needs are refused, so that none can exhaust memory.
constexpr size_t maxTerms = 64, maxDegree = 16, maxAtomLength = 256;

using Terms = Dim::Terms;

bool isSmall(const Terms &terms) {
  return terms.size() <= maxTerms &&
         llvm::all_of(terms, [](const auto &term) { return term.first.size() <= maxDegree; });
}

bool addTerm(Terms &terms, const std::vector<std::string> &atoms, int64_t coefficient) {
  int64_t &slot = terms[atoms];
  if (llvm::AddOverflow(slot, coefficient, slot))
    return false;
  if (slot == 0)
    terms.erase(atoms);
  return true;
}

/// The quotient of one product by another, where every atom of `divisor` occurs in `atoms`.
std::optional<std::vector<std::string>> divideAtoms(const std::vector<std::string> &atoms,
                                                    const std::vector<std::string> &divisor) {
  if (!std::includes(atoms.begin(), atoms.end(), divisor.begin(), divisor.end()))
    return std::nullopt;
  std::vector<std::string> rest;
  std::set_difference(atoms.begin(), atoms.end(), divisor.begin(), divisor.end(),
                      std::back_inserter(rest));
  return rest;
}

/// Divides by one term; nothing where a coefficient or an atom is left over.
std::optional<Terms> divideByTerm(const Terms &terms, const std::vector<std::string> &atoms,
                                  int64_t coefficient) {
  Terms result;
  for (const auto &[product, c] : terms) {
    auto rest = divideAtoms(product, atoms);
    bool overflows = c == std::numeric_limits<int64_t>::min() && coefficient == -1;
    if (!rest || overflows || c % coefficient != 0)
      return std::nullopt;
    if (!addTerm(result, *rest, c / coefficient))
      return std::nullopt;
  }
  return result;
}

int64_t content(const Terms &terms) {
  int64_t divisor = 0;
  for (const auto &[atoms, c] : terms) {
    if (c == std::numeric_limits<int64_t>::min())
      return 1;
    divisor = std::gcd(divisor, c);
  }
  return divisor == 0 ? 1 : divisor;
}

bool isIdentifierStart(char c) { return llvm::isAlpha(c) || c == '_'; }
bool isIdentifierPart(char c) { return llvm::isAlnum(c) || c == '_' || c == '$'; }

std::string wrapped(const Dim &dim) {
  std::string text = dim.str();
  bool isLone = dim.asSymbol() || (dim.constant() && *dim.constant() >= 0);
  return isLone ? text : "(" + text + ")";
}

/// Reads back what str() wrote. Only used on our own text, so it may give up on anything else.
class Reader {
public:
  explicit Reader(llvm::StringRef text) : text(text) {}

  std::optional<Dim> sum() {
    std::optional<Dim> result = product();
    while (result) {
      if (eat(" + ")) {
        auto right = product();
        result = right ? Dim::add(*result, *right) : std::nullopt;
      } else if (eat(" - ")) {
        auto right = product();
        result = right ? Dim::subtract(*result, *right) : std::nullopt;
      } else {
        break;
      }
    }
    return result;
  }

  std::optional<Dim> factor() {
    if (eat("(")) {
      auto inner = sum();
      if (inner && eat(" / ")) {
        auto right = factor();
        inner = right ? Dim::divide(*inner, *right) : std::nullopt;
      }
      return inner && eat(")") ? inner : std::nullopt;
    }
    bool negative = eat("-");
    llvm::StringRef word = text.take_while(isIdentifierPart);
    text = text.drop_front(word.size());
    int64_t number = 0;
    if (!word.empty() && isIdentifierStart(word.front())) {
      Dim symbol = Dim::symbol(word.str());
      return negative ? Dim::subtract(Dim(0), symbol) : std::optional<Dim>(symbol);
    }
    if (word.getAsInteger(10, number))
      return std::nullopt;
    return Dim(negative ? -number : number);
  }

  bool eat(llvm::StringRef token) { return text.consume_front(token); }
  bool atEnd() const { return text.empty(); }

private:
  std::optional<Dim> product() {
    std::optional<Dim> result = factor();
    while (result && eat(" * ")) {
      auto right = factor();
      result = right ? Dim::multiply(*result, *right) : std::nullopt;
    }
    return result;
  }

  llvm::StringRef text;
};

void collectSymbols(llvm::StringRef text, std::set<std::string> &symbols) {
  while (!text.empty()) {
    if (!isIdentifierStart(text.front())) {
      text = text.drop_front();
      continue;
    }
    llvm::StringRef word = text.take_while(isIdentifierPart);
    symbols.insert(word.str());
    text = text.drop_front(word.size());
  }
}

} // namespace

Dim::Dim(int64_t constant) {
  if (constant != 0)
    terms[{}] = constant;
}

Dim Dim::symbol(const std::string &name) {
  Dim dim;
  dim.terms[{name}] = 1;
  return dim;
}

std::optional<int64_t> Dim::constant() const {
  if (terms.empty())
    return 0;
  if (terms.size() == 1 && terms.begin()->first.empty())
    return terms.begin()->second;
  return std::nullopt;
}

std::optional<std::string> Dim::asSymbol() const {
  if (terms.size() != 1 || terms.begin()->second != 1 || terms.begin()->first.size() != 1)
    return std::nullopt;
  const std::string &atom = terms.begin()->first.front();
  if (atom.front() == '(')
    return std::nullopt;
  return atom;
}

std::vector<std::string> Dim::symbols() const {
  std::set<std::string> found;
  for (const auto &[atoms, coefficient] : terms)
    for (const std::string &atom : atoms)
      collectSymbols(atom, found);
  return {found.begin(), found.end()};
}

std::string Dim::str() const {
  if (terms.empty())
    return "0";
  // The constant, first in the map, is written last: `2 * n + 1`.
  std::vector<std::pair<const std::vector<std::string> *, int64_t>> ordered;
  for (const auto &[atoms, coefficient] : terms)
    if (!atoms.empty())
      ordered.emplace_back(&atoms, coefficient);
  if (auto it = terms.find({}); it != terms.end())
    ordered.emplace_back(&it->first, it->second);

  std::string text;
  for (auto [atoms, coefficient] : ordered) {
    bool negative = coefficient < 0;
    uint64_t size = negative ? 0 - static_cast<uint64_t>(coefficient) : coefficient;
    if (!text.empty())
      text += negative ? " - " : " + ";
    else if (negative)
      text += "-";
    std::string product = llvm::join(*atoms, " * ");
    if (atoms->empty())
      text += std::to_string(size);
    else if (size != 1)
      text += std::to_string(size) + " * " + product;
    else
      text += product;
  }
  // A lone quotient needs no parentheses.
  if (terms.size() == 1 && terms.begin()->second == 1 && terms.begin()->first.size() == 1 &&
      text.front() == '(')
    return text.substr(1, text.size() - 2);
  return text;
}

bool Dim::isWhole() const {
  return llvm::all_of(terms, [](const auto &term) {
    return llvm::none_of(term.first, [](const std::string &atom) { return atom.front() == '('; });
  });
}

/// A term with one factor `(numerator / denominator)` whose denominator has something in common
/// with the coefficient or the other factors, without that; nothing where there is no such factor.
std::optional<std::optional<Dim>> Dim::cancelled(const std::vector<std::string> &atoms,
                                                 int64_t coefficient) {
  if (coefficient == std::numeric_limits<int64_t>::min())
    return std::nullopt;
  for (auto it = atoms.begin(); it != atoms.end(); ++it) {
    auto parts = quotient(*it);
    if (!parts || parts->second.terms.size() != 1)
      continue;
    const auto &[divisorAtoms, divisor] = *parts->second.terms.begin();
    std::vector<std::string> others(atoms.begin(), it), common, rest, restOfDivisor;
    others.insert(others.end(), it + 1, atoms.end());
    std::set_intersection(others.begin(), others.end(), divisorAtoms.begin(), divisorAtoms.end(),
                          std::back_inserter(common));
    int64_t number = std::gcd(coefficient, divisor);
    if (number == 1 && common.empty())
      continue;
    std::set_difference(others.begin(), others.end(), common.begin(), common.end(),
                        std::back_inserter(rest));
    std::set_difference(divisorAtoms.begin(), divisorAtoms.end(), common.begin(), common.end(),
                        std::back_inserter(restOfDivisor));
    Dim factor, left;
    factor.terms[rest] = coefficient / number;
    left.terms[restOfDivisor] = divisor / number;
    auto less = divide(parts->first, left);
    return less ? multiply(factor, *less) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<Dim> Dim::normalized(Terms terms) {
  if (!isSmall(terms))
    return std::nullopt;
  for (const auto &[atoms, coefficient] : terms) {
    auto less = cancelled(atoms, coefficient);
    if (!less)
      continue;
    if (!*less)
      return std::nullopt;
    Dim others;
    others.terms = terms;
    others.terms.erase(atoms);
    return add(others, **less); // which sees to the other terms
  }
  Dim result;
  result.terms = std::move(terms);
  return result;
}

std::optional<Dim> Dim::add(const Dim &a, const Dim &b) {
  Terms sum = a.terms;
  for (const auto &[atoms, coefficient] : b.terms)
    if (!addTerm(sum, atoms, coefficient))
      return std::nullopt;
  return normalized(std::move(sum));
}

std::optional<Dim> Dim::subtract(const Dim &a, const Dim &b) {
  auto negated = multiply(b, Dim(-1));
  return negated ? add(a, *negated) : std::nullopt;
}

/// The whole that the lone quotient `part` is one of `parts` of: `n` for `n / (k + 1)` and `k + 1`.
std::optional<Dim> Dim::whole(const Dim &part, const Dim &parts) {
  if (part.terms.size() != 1 || part.terms.begin()->second != 1 ||
      part.terms.begin()->first.size() != 1)
    return std::nullopt;
  auto both = quotient(part.terms.begin()->first.front());
  return both && both->second == parts ? std::optional(both->first) : std::nullopt;
}

std::optional<Dim> Dim::multiply(const Dim &a, const Dim &b) {
  if (auto both = whole(a, b))
    return both;
  if (auto both = whole(b, a))
    return both;
  Terms product;
  if (a.terms.size() * b.terms.size() > maxTerms * maxTerms)
    return std::nullopt;
  for (const auto &[left, c] : a.terms) {
    for (const auto &[right, d] : b.terms) {
      std::vector<std::string> atoms;
      std::merge(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(atoms));
      int64_t coefficient = 0;
      if (llvm::MulOverflow(c, d, coefficient) || !addTerm(product, atoms, coefficient))
        return std::nullopt;
    }
  }
  return normalized(std::move(product));
}

std::optional<Dim> Dim::divide(const Dim &a, const Dim &b) {
  if (b.terms.empty())
    return std::nullopt;
  if (a.terms.empty())
    return Dim(0);
  if (a == b)
    return Dim(1);
  Dim numerator = a, denominator = b;
  if (b.terms.size() == 1) {
    const auto &[atoms, coefficient] = *b.terms.begin();
    if (auto quotient = divideByTerm(a.terms, atoms, coefficient)) {
      Dim result;
      result.terms = std::move(*quotient);
      return result;
    }
  }
  // Numbers that don't divide, and a number by a name, are not whole.
  if (a.constant())
    return std::nullopt;
  int64_t common = std::gcd(content(a.terms), content(b.terms));
  if (common > 1) {
    numerator.terms = *divideByTerm(a.terms, {}, common);
    denominator.terms = *divideByTerm(b.terms, {}, common);
  }
  // So are factors that both have.
  const std::vector<std::string> factors = b.terms.begin()->first;
  for (const std::string &factor : factors) {
    auto less = divideByTerm(numerator.terms, {factor}, 1);
    auto lessBelow = less ? divideByTerm(denominator.terms, {factor}, 1) : std::nullopt;
    if (!lessBelow)
      continue;
    numerator.terms = std::move(*less);
    denominator.terms = std::move(*lessBelow);
  }
  std::string atom = "(" + wrapped(numerator) + " / " + wrapped(denominator) + ")";
  if (atom.size() > maxAtomLength)
    return std::nullopt;
  return symbol(atom);
}

std::optional<std::pair<Dim, Dim>> Dim::quotient(llvm::StringRef atom) {
  Reader reader(atom);
  if (!reader.eat("("))
    return std::nullopt;
  auto numerator = reader.factor();
  if (!numerator || !reader.eat(" / "))
    return std::nullopt;
  auto denominator = reader.factor();
  if (!denominator || !reader.eat(")") || !reader.atEnd())
    return std::nullopt;
  return std::make_pair(*numerator, *denominator);
}

std::optional<int64_t>
Dim::evaluate(llvm::function_ref<std::optional<int64_t>(llvm::StringRef)> valueOf) const {
  int64_t sum = 0;
  for (const auto &[atoms, coefficient] : terms) {
    int64_t product = coefficient;
    for (const std::string &atom : atoms) {
      std::optional<int64_t> value;
      if (auto parts = quotient(atom)) {
        auto numerator = parts->first.evaluate(valueOf);
        auto denominator = parts->second.evaluate(valueOf);
        if (!numerator || !denominator || *denominator <= 0 || *numerator % *denominator != 0)
          return std::nullopt;
        value = *numerator / *denominator;
      } else {
        value = valueOf(atom);
      }
      if (!value || llvm::MulOverflow(product, *value, product))
        return std::nullopt;
    }
    if (llvm::AddOverflow(sum, product, sum))
      return std::nullopt;
  }
  return sum;
}

} // namespace nnc::sema
