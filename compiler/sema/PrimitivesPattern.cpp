// Primitives that name dimensions in a pattern: einsum and rearrange.
#include "compiler/sema/Primitives.h"

#include "llvm/ADT/StringExtras.h"

namespace nnc::sema {

namespace {

Value badPattern(const PrimitiveCall &call, const std::string &why, const std::string &hint = "") {
  call.elaborator.error(Code::MalformedPattern, call.range, why).suggest(hint);
  return Unknown{};
}

Value tooManyDimensions(const PrimitiveCall &call, size_t rank) {
  return call.poison(Code::TensorTooLarge, call.range,
                     "a tensor on the way has " + std::to_string(rank) + " dimensions; at most " +
                         std::to_string(call.elaborator.limits.rank) + " are supported");
}

bool isPatternName(llvm::StringRef word) {
  return !word.empty() && !llvm::isDigit(word.front()) &&
         llvm::all_of(word, [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

/// The names of a term without groups. Nothing where a word is no name.
std::optional<std::vector<std::string>> namesOf(llvm::StringRef term, size_t rank) {
  llvm::SmallVector<llvm::StringRef, 8> words;
  llvm::SplitString(term, words);
  std::vector<std::string> names;
  // `bij`, as other languages have it: a letter for each dimension.
  if (words.size() == 1 && rank > 1 && words.front().size() == rank && isPatternName(words.front()))
    for (char letter : words.front())
      names.push_back(std::string(1, letter));
  else
    for (llvm::StringRef word : words)
      names.push_back(word.str());
  for (const std::string &name : names)
    if (!isPatternName(name))
      return std::nullopt;
  return names;
}

/// A tensor with a name for each dimension.
struct Named {
  const Node *node;
  std::vector<std::string> names;
};

/// Sums over dimensions that neither the result nor another operand names.
Named dropUnneeded(Elaborator &e, Named operand, const std::vector<std::string> &needed) {
  std::vector<int64_t> axes;
  std::vector<std::string> kept;
  for (size_t i = 0; i < operand.names.size(); ++i)
    if (llvm::is_contained(needed, operand.names[i]))
      kept.push_back(operand.names[i]);
    else
      axes.push_back(static_cast<int64_t>(i));
  return {sumOver(e, operand.node, axes), kept};
}

/// Of dimensions with one name, the elements whose places along them are equal. The rest becomes 0
/// and is summed away, so that sizes may be symbolic and no element is moved.
Named takeDiagonals(Elaborator &e, Named operand) {
  for (size_t j = 1; j < operand.names.size();) {
    size_t i = llvm::find(operand.names, operand.names[j]) - operand.names.begin();
    if (i == j) {
      ++j;
      continue;
    }
    const Type type = operand.node->type;
    Shape square{type.shape[i], type.shape[j]};
    const Node *rows =
        e.graph.makeSized("iota", {}, Type{Element::I32, square}, {{"axis", int64_t(0)}});
    const Node *columns =
        e.graph.makeSized("iota", {}, Type{Element::I32, square}, {{"axis", int64_t(1)}});
    const Node *same = e.graph.make("compare", {rows, columns}, Type{Element::Bool, square},
                                    {{"predicate", std::string("eq")}});
    same = e.graph.makeSized(
        "broadcast", {same}, Type{Element::Bool, type.shape},
        {{"dimensions", std::vector<int64_t>{static_cast<int64_t>(i), static_cast<int64_t>(j)}}});
    const Node *zero = e.broadcast(e.graph.constant(type.element, int64_t(0)), type.shape);
    const Node *chosen = e.graph.make("select", {same, operand.node, zero}, type);
    operand.node = sumOver(e, chosen, {static_cast<int64_t>(j)});
    operand.names.erase(operand.names.begin() + static_cast<std::ptrdiff_t>(j));
  }
  return operand;
}

const Node *transposed(Elaborator &e, const Named &operand, const std::vector<std::string> &order) {
  std::vector<int64_t> permutation;
  Shape shape;
  for (const std::string &name : order) {
    auto at = llvm::find(operand.names, name) - operand.names.begin();
    permutation.push_back(at);
    shape.push_back(operand.node->type.shape[at]);
  }
  if (llvm::is_sorted(permutation))
    return operand.node;
  return e.graph.make("transpose", {operand.node}, Type{operand.node->type.element, shape},
                      {{"permutation", permutation}});
}

/// The product of two, summed over the names that nobody needs.
Named contract(Elaborator &e, Named a, Named b, const std::vector<std::string> &needed) {
  std::vector<std::string> forA(needed), forB(needed);
  forA.insert(forA.end(), b.names.begin(), b.names.end());
  forB.insert(forB.end(), a.names.begin(), a.names.end());
  a = dropUnneeded(e, std::move(a), forA);
  b = dropUnneeded(e, std::move(b), forB);
  std::vector<std::string> letters, result;
  std::string terms[3];
  auto letterOf = [&](const std::string &name) {
    auto it = llvm::find(letters, name);
    size_t index = it - letters.begin();
    if (it == letters.end())
      letters.push_back(name);
    return static_cast<char>(index < 26 ? 'a' + index : 'A' + index - 26);
  };
  Shape shape;
  auto note = [&](const Named &operand, std::string &term) {
    for (auto [name, size] : llvm::zip(operand.names, operand.node->type.shape)) {
      term += letterOf(name);
      if (llvm::is_contained(needed, name) && !llvm::is_contained(result, name)) {
        result.push_back(name);
        shape.push_back(size);
      }
    }
  };
  note(a, terms[0]);
  note(b, terms[1]);
  // In the order of the final result where that has them all.
  std::vector<std::string> order;
  for (const std::string &name : needed)
    if (llvm::is_contained(result, name) && !llvm::is_contained(order, name))
      order.push_back(name);
  Shape ordered;
  for (const std::string &name : order) {
    terms[2] += letterOf(name);
    ordered.push_back(shape[llvm::find(result, name) - result.begin()]);
  }
  return {e.graph.make("contract", {a.node, b.node}, Type{a.node->type.element, ordered},
                       {{"equation", terms[0] + "," + terms[1] + "->" + terms[2]}}),
          order};
}

Value einsum(const PrimitiveCall &call) {
  Elaborator &e = call.elaborator;
  std::vector<GivenArgument> given(call.variadic);
  const std::string *text = given.empty() ? nullptr : given.front().value.asString();
  if (!text)
    return badPattern(call, "'einsum' takes a pattern, then tensors",
                      "einsum(\"b i, i j -> b j\", x, w)");
  auto [left, right] = llvm::StringRef(*text).split("->");
  if (!llvm::StringRef(*text).contains("->"))
    return badPattern(call, "the pattern has no '->'", "such as \"b i, i j -> b j\"");
  llvm::SmallVector<llvm::StringRef, 4> terms;
  left.split(terms, ',');
  if (terms.size() != given.size() - 1)
    return badPattern(call, "the pattern has " + std::to_string(terms.size()) + " operands, but " +
                                std::to_string(given.size() - 1) + " tensors are given");
  // The pattern of each step lists the names of all that follow.
  if (constexpr size_t most = 52; terms.size() > most)
    return badPattern(call, "'einsum' takes at most " + std::to_string(most) + " tensors");
  std::vector<Named> operands;
  std::vector<std::pair<std::string, Dim>> sizes;
  std::optional<Element> element;
  for (auto [term, argument] : llvm::zip(terms, llvm::ArrayRef(given).drop_front())) {
    const Node *node = call.tensor(argument);
    if (!node)
      return Unknown{};
    Element own = node->type.element == Element::U8 || node->type.element == Element::Bool
                      ? Element::F32
                      : node->type.element;
    auto common = element ? commonElement(*element, own) : own;
    if (!common) {
      e.error(Code::ElementMismatch, argument.range, "'einsum' takes tensors of one element type")
          .detail("one is " + std::string(spelling(*element)))
          .detail("one is " + std::string(spelling(own)))
          .suggest(conversionHint(*element, own));
      return Unknown{};
    }
    element = common;
    auto names = namesOf(term, node->type.shape.size());
    if (!names)
      return badPattern(call, "'" + term.trim().str() + "' is no list of names",
                        "names with spaces between them: \"b i, i j -> b j\"");
    if (names->size() != node->type.shape.size()) {
      e.error(Code::ShapeMismatch, argument.range,
              "'" + term.trim().str() + "' names " + std::to_string(names->size()) +
                  " dimensions of a tensor with " + std::to_string(node->type.shape.size()))
          .detail("the tensor is " + node->type.str());
      return Unknown{};
    }
    for (size_t i = 0; i < names->size(); ++i) {
      const std::string &name = (*names)[i];
      auto known = llvm::find_if(sizes, [&](const auto &size) { return size.first == name; });
      if (known == sizes.end()) {
        sizes.emplace_back(name, node->type.shape[i]);
      } else if (!(known->second == node->type.shape[i])) {
        e.error(Code::ShapeMismatch, argument.range,
                "'" + name + "' is " + known->second.str() + " elsewhere, but " +
                    node->type.shape[i].str() + " here")
            .detail("the tensor is " + node->type.str());
        return Unknown{};
      }
    }
    operands.push_back({node, *names});
  }
  if (sizes.size() > 52)
    return badPattern(call, "a pattern names at most 52 dimensions");
  std::vector<std::string> result;
  llvm::SmallVector<llvm::StringRef, 8> words;
  llvm::SplitString(right, words);
  auto isKnown = [&](llvm::StringRef word) {
    return llvm::any_of(sizes, [&](const auto &size) { return size.first == word; });
  };
  bool areLetters = words.size() == 1 && words.front().size() > 1 && !isKnown(words.front());
  for (llvm::StringRef word : words) {
    std::vector<std::string> parts;
    if (areLetters)
      for (char letter : word)
        parts.push_back(std::string(1, letter));
    else
      parts.push_back(word.str());
    for (const std::string &name : parts) {
      if (!isKnown(name))
        return badPattern(call, "'" + name + "' of the result is in no operand");
      if (llvm::is_contained(result, name))
        return badPattern(call, "'" + name + "' stands twice in the result");
      result.push_back(name);
    }
  }
  for (Named &operand : operands) {
    if (operand.node->type.element != *element)
      operand.node = e.graph.cast(operand.node, *element);
    operand = takeDiagonals(e, std::move(operand));
  }
  Named all = operands.front();
  for (size_t i = 1; i < operands.size(); ++i) {
    // What later operands name stays.
    std::vector<std::string> needed(result);
    for (size_t j = i + 1; j < operands.size(); ++j)
      needed.insert(needed.end(), operands[j].names.begin(), operands[j].names.end());
    all = contract(e, std::move(all), operands[i], needed);
    if (all.names.size() > e.limits.rank)
      return tooManyDimensions(call, all.names.size());
    if (!tensorBytes(all.node->type))
      return call.poison(Code::TensorTooLarge, call.range,
                         "the product takes more than 2^40 bytes: " + all.node->type.str());
  }
  all = dropUnneeded(e, std::move(all), result);
  return Tensor{transposed(e, all, result)};
}

/// `b t (h d)`: a list of groups, of one name each but for those in parentheses.
std::optional<std::vector<std::vector<std::string>>> groupsOf(llvm::StringRef term) {
  std::vector<std::vector<std::string>> groups;
  bool isOpen = false;
  while (!(term = term.ltrim()).empty()) {
    if (term.consume_front("(")) {
      if (isOpen)
        return std::nullopt;
      isOpen = true;
      groups.emplace_back();
      continue;
    }
    if (term.consume_front(")")) {
      if (!isOpen)
        return std::nullopt;
      isOpen = false;
      continue;
    }
    llvm::StringRef word = term.take_until([](char c) { return c == ' ' || c == '(' || c == ')'; });
    term = term.drop_front(word.size());
    if (!isPatternName(word) && word != "1")
      return std::nullopt;
    if (isOpen)
      groups.back().push_back(word.str());
    else
      groups.push_back(word == "1" ? std::vector<std::string>() : std::vector{word.str()});
  }
  return isOpen ? std::nullopt : std::optional(groups);
}

Value rearrange(const PrimitiveCall &call) {
  Elaborator &e = call.elaborator;
  const Node *x = call.tensor(0);
  const std::string *text = call.value(1).asString();
  if (!x)
    return Unknown{};
  const char *example = "such as \"b t (h d) -> b h t d\"";
  if (!text || !llvm::StringRef(*text).contains("->"))
    return badPattern(call, "'rearrange' takes a pattern with '->'", example);
  auto [left, right] = llvm::StringRef(*text).split("->");
  auto from = groupsOf(left), to = groupsOf(right);
  if (!from || !to)
    return badPattern(call, "the pattern is not made of names and groups in parentheses", example);
  if (from->size() != x->type.shape.size()) {
    e.error(Code::ShapeMismatch, call.range,
            "the pattern has " + std::to_string(from->size()) + " dimensions, the tensor " +
                std::to_string(x->type.shape.size()))
        .detail("the tensor is " + x->type.str());
    return Unknown{};
  }
  llvm::StringMap<Dim> sizes;
  for (const GivenArgument &size : call.sizes) {
    if (!size.value.asInt())
      return call.poison(Code::ArgumentType, size.range,
                         "a size is an integer, found " + size.value.describe());
    if (auto known = size.value.asInt()->constant(); known && *known < 1)
      return call.poison(Code::DimensionNotPositive, size.range,
                         "'" + size.name->text + "' is " + std::to_string(*known) +
                             "; it must be at least 1");
    if (!sizes.try_emplace(size.name->text, *size.value.asInt()).second)
      return call.poison(Code::DuplicateArgument, size.range,
                         "'" + size.name->text + "' is given twice");
  }
  // The sizes of all names: given, or the one that is left over of each group.
  Named parts{x, {}};
  Shape split;
  for (size_t i = 0; i < from->size(); ++i) {
    Dim rest = x->type.shape[i];
    const std::string *open = nullptr;
    for (const std::string &name : (*from)[i]) {
      if (llvm::is_contained(parts.names, name))
        return badPattern(call, "'" + name + "' stands twice on the left");
      parts.names.push_back(name);
      auto it = sizes.find(name);
      if (it == sizes.end() && open)
        return badPattern(call, "neither '" + *open + "' nor '" + name + "' has a size",
                          "give one: " + *open + ": 4");
      if (it == sizes.end()) {
        open = &name;
        continue;
      }
      auto quotient = Dim::divide(rest, it->second);
      bool isWhole = quotient && quotient->isWhole();
      // Whether names of a declaration that nobody used divide, its callers know.
      if (!isWhole && e.isGeneric && !(rest.constant() && it->second.constant()))
        return Unknown{};
      if (!isWhole) {
        e.error(Code::ReshapeSize, call.range,
                "a dimension of size " + x->type.shape[i].str() + " does not split by " + name +
                    " = " + it->second.str())
            .detail("the tensor is " + x->type.str());
        return Unknown{};
      }
      rest = *quotient;
    }
    if (open)
      sizes[*open] = rest;
    else if (!(rest == Dim(1)) && e.isGeneric)
      return Unknown{};
    else if (!(rest == Dim(1))) {
      e.error(Code::ReshapeSize, call.range,
              "the sizes of a group multiply to another number than " + x->type.shape[i].str())
          .detail("the tensor is " + x->type.str());
      return Unknown{};
    }
    for (const std::string &name : (*from)[i])
      split.push_back(sizes[name]);
  }
  if (split.size() > e.limits.rank || to->size() > e.limits.rank)
    return tooManyDimensions(call, std::max(split.size(), to->size()));
  for (const GivenArgument &size : call.sizes)
    if (!llvm::is_contained(parts.names, size.name->text))
      return badPattern(call, "'" + size.name->text + "' is not in the pattern");
  std::vector<std::string> order;
  Shape merged;
  for (const auto &group : *to) {
    std::optional<Dim> dim = Dim(1);
    for (const std::string &name : group) {
      if (!llvm::is_contained(parts.names, name))
        return badPattern(call, "'" + name + "' stands on the right alone");
      if (llvm::is_contained(order, name))
        return badPattern(call, "'" + name + "' stands twice on the right");
      order.push_back(name);
      dim = dim ? Dim::multiply(*dim, sizes[name]) : std::nullopt;
    }
    if (!dim)
      return call.poison(Code::TensorTooLarge, call.range, "a dimension is too large");
    merged.push_back(*dim);
  }
  for (const std::string &name : parts.names)
    if (!llvm::is_contained(order, name))
      return badPattern(call, "'" + name + "' stands on the left alone",
                        "'einsum' and 'sum' reduce dimensions");
  Element element = x->type.element;
  if (split != x->type.shape)
    parts.node = e.graph.makeSized("reshape", {x}, Type{element, split});
  const Node *moved = transposed(e, parts, order);
  if (moved->type.shape == merged)
    return Tensor{moved};
  return e.tensor(e.graph.makeSized("reshape", {moved}, Type{element, merged}));
}

const Primitive table[] = {
    {"einsum",
     {{"pattern"}},
     "Products summed over the names that the result lacks: einsum(\"b i, i j -> b j\", x, w).",
     einsum,
     "",
     nullptr,
     /*isVariadic=*/true},
    {"rearrange",
     {{"x"}, {"pattern"}},
     "Dimensions split, merged and in another order: rearrange(x, \"b t (h d) -> b h t d\", h: 4).",
     rearrange,
     "",
     nullptr,
     false,
     /*takesSizes=*/true},
};

} // namespace

llvm::ArrayRef<Primitive> patternPrimitives() { return table; }

} // namespace nnc::sema
