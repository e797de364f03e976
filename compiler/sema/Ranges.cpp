// What is known of the values of integers that choose an element: class labels, tokens.
#include "compiler/sema/Dimensions.h"
#include "compiler/sema/Elaborator.h"
#include "compiler/sema/Needs.h"
#include "compiler/sema/OpFacts.h"

namespace nnc::sema {

IndexRange *Elaborator::rangeOf(const Node *node) {
  // Chains of such operations are as long as the program, so no recursion.
  while (true) {
    if (auto it = ranges.find(node); it != ranges.end())
      return isInteger(node->type.element) ? &it->second : nullptr;
    if (node->operands.empty() || !factsOf(node->op).carriesIndex)
      return nullptr;
    node = node->operands.front();
  }
}

/// Whether `a` <= `b` is known.
static bool isAtMost(const Dim &a, const Dim &b) {
  auto room = Dim::subtract(b, a);
  auto constant = room ? room->constant() : std::nullopt;
  return constant && *constant >= 0;
}

bool checkIndex(Elaborator &e, const Value &number, const Dim &limit, SourceRange range,
                const std::string &what) {
  const Dim *index = number.asInt();
  if (!index)
    return true; // no integer, which is told elsewhere
  auto next = Dim::add(*index, Dim(1));
  bool isKnown = index->constant() && (limit.constant() || *index->constant() < 0);
  if (next && isSurelyAtMost(Dim(0), *index) && isSurelyAtMost(*next, limit))
    return true;
  if (!isKnown && e.isGeneric)
    return true;
  e.error(Code::ClassRange, range,
          what + " is " + index->str() + ", but lies in 0.." + limit.str() +
              (isKnown ? "" : ", which is not known before the program runs"));
  return false;
}

bool Elaborator::requireConstantBelow(const Node *constant, const Dim &count, SourceRange range) {
  llvm::ArrayRef<int64_t> numbers = wholeNumbers(*constant);
  auto last = count.constant();
  auto isOutside = [&](int64_t number) { return number < 0 || (last && number >= *last); };
  const auto *wrong = llvm::find_if(numbers, isOutside);
  if (wrong == numbers.end())
    return true;
  auto places = listed.find(constant);
  SourceRange place =
      places == listed.end() ? constant->range : places->second[wrong - numbers.begin()];
  bool isUsers = place.isValid() && !sources.isStd(place.file);
  Diagnostic &diagnostic = error(Code::IndexOutOfRange, isUsers ? place : range,
                                 "index " + std::to_string(*wrong) +
                                     " does not lie in a dimension of size " + count.str());
  bool isWithin = range.file == place.file && range.begin <= place.begin && place.end <= range.end;
  if (isUsers && !isWithin && !sources.isStd(range.file))
    diagnostic.note(range, "it chooses here");
  diagnostic.suggest(
      *wrong < 0 ? "in a tensor indices count from 0; a number alone may count from the end: x[-1]"
                 : "indices count from 0, so that the last of " + count.str() + " is " +
                       std::to_string(*last - 1));
  return false;
}

bool Elaborator::requireIndexBelow(const Node *index, const Dim &count, SourceRange range) {
  const Node *constant = findConstant(index);
  if (constant && !requireConstantBelow(constant, count, range))
    return false;
  IndexRange *known = rangeOf(index);
  if (!known)
    return true;
  if (!known->isDeclared) {
    if (!known->limit || isAtMost(count, *known->limit))
      known->limit = count;
    return true;
  }
  if (!known->limit || isAtMost(*known->limit, count))
    return true;
  Diagnostic &diagnostic = error(
      Code::ClassRange, range,
      (known->name.empty() ? std::string("the index has") : "'" + known->name + "' has") + " " +
          known->limit->str() + " values, but there are " + count.str() + " to choose from");
  if (known->range.isValid())
    diagnostic.note(known->range, known->name.empty() ? "it is made here"
                                                      : "'" + known->name + "' is declared here");
  diagnostic.suggest("an index(n) chooses from n");
  return false;
}

std::optional<Dim> Elaborator::limitOf(const Node *node) const {
  auto it = ranges.find(node);
  return it == ranges.end() ? std::nullopt : it->second.limit;
}

} // namespace nnc::sema
