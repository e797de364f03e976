// `x[:, t]`, `x[a..b]`, `table[indices]`, `dims[0]`.
#include "compiler/sema/Dimensions.h"
#include "compiler/sema/Elaborator.h"

#include "llvm/Support/MathExtras.h"

namespace nnc::sema {

using namespace ast;

Value Elaborator::indexSequence(const Sequence &sequence, const IndexExpr &expr) {
  const IndexItem &item = expr.items.front();
  if (expr.items.size() != 1 || item.kind != IndexItem::Kind::Index || !item.first) {
    error(Code::IndexOutOfRange, expr.range, "a list or tuple takes one integer as index");
    return Unknown{};
  }
  auto index = evalConstantInt(*item.first, "an index");
  if (!index)
    return Unknown{};
  auto size = static_cast<int64_t>(sequence.elements->size());
  if (*index < -size || *index >= size) {
    error(Code::IndexOutOfRange, item.range,
          "index " + std::to_string(*index) + " of a list of " + std::to_string(size))
        .suggest("indices count from 0, or from the end where negative");
    return Unknown{};
  }
  return (*sequence.elements)[*index < 0 ? *index + size : *index];
}

// Sufficient, not necessary: where no symbol counts against it, the difference is smallest with all
// symbols at 1.
bool isSurelyAtMost(const Dim &last, const Dim &size) {
  std::optional<Dim> room = Dim::subtract(size, last);
  if (!room)
    return false;
  int64_t least = 0;
  for (const auto &[atoms, coefficient] : room->normalForm()) {
    if (!atoms.empty() && coefficient < 0)
      return false;
    if (llvm::AddOverflow(least, coefficient, least))
      return false;
  }
  return least >= 0;
}

/// What `table` has at each index along `axis`: the index's dimensions stand in its place.
Value Elaborator::gather(const Node *table, const Node *indices, int64_t axis, SourceRange range) {
  if (!isInteger(indices->type.element)) {
    error(Code::ElementMismatch, range,
          "an index must be an integer, found " + indices->type.str());
    return Unknown{};
  }
  if (!requireIndexBelow(indices, table->type.shape[axis], range))
    return Unknown{};
  if (indices->type.element == Element::U8)
    indices = graph.cast(indices, Element::I32);
  auto rank = static_cast<int64_t>(table->type.shape.size());
  auto permuted = [&](const Node *node, const std::vector<int64_t> &permutation) {
    Shape shape;
    for (int64_t each : permutation)
      shape.push_back(node->type.shape[each]);
    return graph.make("transpose", {node}, Type{node->type.element, shape},
                      {{"permutation", permutation}});
  };
  if (axis > 0) {
    std::vector<int64_t> first{axis};
    for (int64_t i = 0; i < rank; ++i)
      if (i != axis)
        first.push_back(i);
    table = permuted(table, first);
  }
  Shape shape(indices->type.shape);
  shape.append(table->type.shape.begin() + 1, table->type.shape.end());
  Value rows = tensor(graph.make("gather", {table, indices}, Type{table->type.element, shape},
                                 {{"axis", int64_t(0)}}));
  auto indexRank = static_cast<int64_t>(indices->type.shape.size());
  if (axis == 0 || indexRank == 0 || !rows.asTensor())
    return rows;
  // The dimensions before the axis come back to the front.
  std::vector<int64_t> back;
  for (int64_t i = 0; i < axis; ++i)
    back.push_back(indexRank + i);
  for (int64_t i = 0; i < indexRank; ++i)
    back.push_back(i);
  for (int64_t i = indexRank + axis; i < indexRank + rank - 1; ++i)
    back.push_back(i);
  return Tensor{permuted(rows.asTensor()->node, back)};
}

/// What an index asks of one dimension.
struct Elaborator::Cut {
  int64_t offset = 0;
  Dim size;
  bool drops = false;
  const Node *chosen = nullptr;            ///< indices known at run time
  bool isNew = false;                      ///< a dimension of size 1 that was not there
  std::optional<Dim> begin = std::nullopt; ///< instead of `offset`, where that is known at run time
};

std::optional<Elaborator::Cut> Elaborator::cutAlong(const IndexItem &item, const Dim &size) {
  bool isRange = item.kind == IndexItem::Kind::Range;
  Value first = item.first ? eval(*item.first) : Value(Dim(0));
  Value last = item.last ? eval(*item.last) : Value(size);
  if (first.isUnknown() || last.isUnknown())
    return std::nullopt;
  if (!isRange && first.isStrong())
    return Cut{0, size, false, first.asTensor()->node, false};
  if (!first.asInt() || !last.asInt()) {
    error(Code::OperandType, item.range,
          "an index must be an integer, found " +
              (first.asInt() ? last.describe() : first.describe()))
        .suggest(first.asTensor() || last.asTensor()
                     ? "the ends of a range are known at compile time"
                 : first.asSequence() ? "'take' chooses several: take(x, [2, 0], axis: 1)"
                                      : "'/' divides exactly; 'floor_div' and 'ceil_div' round");
    return std::nullopt;
  }
  auto known = size.constant();
  auto fromEnd = [&](const Dim &dim) -> std::optional<Dim> {
    auto value = dim.constant();
    return value && *value < 0 ? Dim::add(size, dim) : dim;
  };
  auto begin = fromEnd(*first.asInt());
  auto end = begin && !isRange ? Dim::add(*begin, Dim(1)) : fromEnd(*last.asInt());
  auto length = begin && end ? Dim::subtract(*end, *begin) : std::nullopt;
  if (!length) {
    error(Code::IntegerOverflow, item.range,
          "'" + quote(item.range) + "' does not fit in a 64-bit integer");
    return std::nullopt;
  }
  auto offset = begin->constant(), count = length->constant(), stop = end->constant();
  bool fits =
      (!offset || *offset >= 0) && (!count || *count >= 1) && (!known || !stop || *stop <= *known);
  if (!fits) {
    error(Code::IndexOutOfRange, item.range,
          "index " + quote(item.range) + " does not lie in a dimension of size " + size.str())
        .suggest("indices count from 0, or from the end where negative; a range leaves out its "
                 "end, and is not empty");
    return std::nullopt;
  }
  bool isKnown = isSurelyAtMost(*end, size) &&
                 (offset || (isSurelyAtMost(Dim(0), *begin) && isSurelyAtMost(Dim(1), *length)));
  if (!isKnown && !isGeneric) {
    bool isFromEnd = !(*begin == *first.asInt() && (!isRange || *end == *last.asInt()));
    error(Code::IndexOutOfRange, item.range,
          "whether index " + quote(item.range) + " lies in a dimension of size " + size.str() +
              " is not known before the program runs")
        .suggest(hasOpenSize(size) ? hintForOpenSize.str()
                 : isFromEnd
                     ? "a dimension has at least 1 element, more are known where its size is"
                     : "a size that both have, such as '0.." + size.str() + "', is known to fit");
    return std::nullopt;
  }
  Cut cut{offset.value_or(0), *length, !isRange, nullptr, false};
  if (!offset)
    cut.begin = *begin;
  return cut;
}

/// The part of `node` that begins where only a run knows: its places are computed and gathered.
Value Elaborator::cutFrom(const Node *node, int64_t axis, const Cut &cut, SourceRange range) {
  Type places{Element::I64, {cut.size}};
  const Node *begin = graph.broadcastTo(graph.cast(dimNode(*cut.begin), Element::I64), {cut.size});
  const Node *counted = graph.makeSized("iota", {}, places, {{"axis", int64_t(0)}});
  return gather(node, graph.make("add", {counted, begin}, places), axis, range);
}

/// One slice for all ranges, one reshape for what is dropped and inserted.
const Node *Elaborator::cutAll(const Node *node, llvm::ArrayRef<Cut> cuts) {
  Shape sliced, kept;
  std::vector<int64_t> offsets;
  for (const Cut &cut : cuts) {
    if (cut.isNew) {
      kept.push_back(Dim(1));
      continue;
    }
    sliced.push_back(cut.size);
    offsets.push_back(cut.offset);
    if (!cut.drops)
      kept.push_back(cut.size);
  }
  if (sliced != node->type.shape) {
    std::vector<int64_t> strides(sliced.size(), 1);
    node = graph.makeSized("slice", {node}, Type{node->type.element, sliced},
                           {{"offsets", offsets}, {"strides", strides}});
  }
  if (kept != sliced)
    node = graph.makeSized("reshape", {node}, Type{node->type.element, kept});
  return node;
}

Value Elaborator::evalIndex(const IndexExpr &expr) {
  Value base = eval(*expr.base);
  if (base.isUnknown() || expr.items.empty())
    return Unknown{};
  if (const Sequence *sequence = base.asSequence())
    return indexSequence(*sequence, expr);
  if (!base.isStrong()) {
    error(Code::OperandType, expr.base->range, base.describe() + " cannot be indexed");
    return Unknown{};
  }
  const Node *node = base.asTensor()->node;
  const Shape full = node->type.shape;
  size_t used = llvm::count_if(expr.items, [](const IndexItem &item) {
    return item.kind == IndexItem::Kind::Index || item.kind == IndexItem::Kind::Range;
  });
  size_t rests = llvm::count_if(
      expr.items, [](const IndexItem &item) { return item.kind == IndexItem::Kind::Rest; });
  if (used > full.size() || rests > 1) {
    error(Code::IndexOutOfRange, expr.range,
          rests > 1 ? "an index has one '...'"
                    : std::to_string(used) + " indices for a tensor " + node->type.str());
    return Unknown{};
  }
  std::vector<Cut> cuts;
  size_t axis = 0;
  auto keep = [&](size_t count) {
    for (size_t i = 0; i < count; ++i, ++axis)
      cuts.push_back({0, full[axis], false, nullptr, false});
  };
  SourceRange chosenRange;
  for (const IndexItem &item : expr.items) {
    if (item.kind == IndexItem::Kind::New) {
      cuts.push_back({0, Dim(1), false, nullptr, true});
    } else if (item.kind == IndexItem::Kind::Rest) {
      keep(full.size() - used);
    } else {
      auto cut = cutAlong(item, full[axis++]);
      if (!cut)
        return Unknown{};
      cuts.push_back(*cut);
      chosenRange = cut->chosen ? item.range : chosenRange;
    }
  }
  keep(full.size() - axis);
  auto isChosen = [](const Cut &cut) { return cut.chosen != nullptr; };
  if (llvm::count_if(cuts, isChosen) > 1) {
    error(Code::OperandType, chosenRange, "one index alone may be a tensor")
        .suggest("'x[i][:, j]' chooses one after the other; 'pick(x, i)' takes one element of each "
                 "last dimension");
    return Unknown{};
  }
  if (size_t rank = llvm::count_if(cuts, [](const Cut &cut) { return !cut.drops; });
      rank > limits.rank) {
    error(Code::TensorTooLarge, expr.range,
          "the result has " + std::to_string(rank) + " dimensions; at most " +
              std::to_string(limits.rank) + " are supported");
    return Unknown{};
  }
  graph.setPlace(expr.range, frame->site);
  int64_t cutAxis = 0;
  for (const Cut &cut : cuts) {
    if (cut.begin) {
      Value part = cutFrom(node, cutAxis, cut, expr.range);
      if (!part.asTensor())
        return Unknown{};
      node = part.asTensor()->node;
    }
    cutAxis += !cut.isNew;
  }
  node = cutAll(node, cuts);
  auto chosen = llvm::find_if(cuts, isChosen);
  if (chosen == cuts.end())
    return Tensor{node};
  int64_t at = std::count_if(cuts.begin(), chosen, [](const Cut &cut) { return !cut.drops; });
  return gather(node, chosen->chosen, at, chosenRange);
}

} // namespace nnc::sema
