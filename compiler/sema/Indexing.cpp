// `x[:, t]`, `x[a..b]`, `table[indices]`, `dims[0]`.
#include "compiler/sema/Elaborator.h"

#include "llvm/Support/MathExtras.h"

namespace nnc::sema {

using namespace ast;

Value Elaborator::indexSequence(const Sequence &sequence, const IndexExpr &expr) {
  const IndexItem &item = expr.items.front();
  if (expr.items.size() != 1 || item.isRange || !item.first) {
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

/// Whether `last` <= `size` follows from every symbolic dimension being at least 1. Sufficient, not
/// necessary: where no symbol counts against it, the difference is smallest with all symbols at 1.
static bool isAtMost(const Dim &last, const Dim &size) {
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

/// Rows of `table`, one for each index.
Value Elaborator::gather(const Node *table, const Node *indices, SourceRange range) {
  if (!isInteger(indices->type.element)) {
    error(Code::ElementMismatch, range,
          "an index must be an integer, found " + indices->type.str());
    return Unknown{};
  }
  if (table->type.shape.empty()) {
    error(Code::IndexOutOfRange, range, "a scalar has no elements to choose from");
    return Unknown{};
  }
  if (auto count = table->type.shape.front().constant())
    if (!requireIndexBelow(indices, *count, range))
      return Unknown{};
  if (indices->type.element == Element::U8)
    indices = graph.cast(indices, Element::I32);
  Shape shape(indices->type.shape);
  shape.append(table->type.shape.begin() + 1, table->type.shape.end());
  return tensor(graph.make("gather", {table, indices}, Type{table->type.element, shape},
                           {{"axis", int64_t(0)}}));
}

namespace {
/// What an index asks of one dimension.
struct Cut {
  int64_t offset = 0;
  Dim size;
  bool drops = false;
};
} // namespace

Value Elaborator::evalIndex(const IndexExpr &expr) {
  Value base = eval(*expr.base);
  if (base.isUnknown() || expr.items.empty())
    return Unknown{};
  if (const Sequence *sequence = base.asSequence())
    return indexSequence(*sequence, expr);
  if (!base.asTensor()) {
    error(Code::OperandType, expr.base->range, base.describe() + " cannot be indexed");
    return Unknown{};
  }
  const Node *node = base.asTensor()->node;
  const Shape full = node->type.shape;
  if (expr.items.size() > full.size()) {
    error(Code::IndexOutOfRange, expr.range,
          std::to_string(expr.items.size()) + " indices for a tensor " + node->type.str());
    return Unknown{};
  }
  std::vector<Cut> cuts;
  for (size_t i = 0; i < full.size(); ++i) {
    Cut cut{0, full[i], false};
    if (i >= expr.items.size()) {
      cuts.push_back(cut);
      continue;
    }
    const IndexItem &item = expr.items[i];
    bool isRange = item.isRange || !item.first; // `:` is a range without ends
    Value first = item.first ? eval(*item.first) : Value(Dim(0));
    Value last = item.last ? eval(*item.last) : Value(full[i]);
    if (first.isUnknown() || last.isUnknown())
      return Unknown{};
    if (!isRange && first.asTensor()) {
      graph.setPlace(expr.range, frame->site);
      if (expr.items.size() == 1)
        return gather(node, first.asTensor()->node, expr.range);
      error(Code::OperandType, item.range, "a tensor of indices must be the only index");
      return Unknown{};
    }
    if (!first.asInt() || !last.asInt()) {
      error(Code::OperandType, item.range,
            "an index must be an integer, found " +
                (first.asInt() ? last.describe() : first.describe()));
      return Unknown{};
    }
    // Where a size is only known at run time, so are places counted from its end.
    auto known = full[i].constant();
    auto fromEnd = [&](const Dim &dim) {
      auto value = dim.constant();
      return value && *value < 0 && known ? Dim(*value + *known) : dim;
    };
    Dim begin = fromEnd(*first.asInt());
    Dim end = isRange ? fromEnd(*last.asInt()) : Dim::add(begin, Dim(1)).value_or(Dim(0));
    auto size = Dim::subtract(end, begin);
    auto offset = begin.constant();
    if (!size || !offset) {
      if (!isGeneric)
        error(Code::NotCompileTime, item.range,
              "the start of an index must be known at compile time, found '" + begin.str() + "'");
      return Unknown{};
    }
    auto length = size->constant(), stop = end.constant();
    bool fits = *offset >= 0 && (!length || *length >= 1) && (!known || !stop || *stop <= *known);
    if (!fits) {
      error(Code::IndexOutOfRange, item.range,
            "index " + quote(item.range) + " does not lie in a dimension of size " + full[i].str())
          .suggest("indices count from 0, or from the end where negative; a range leaves out its "
                   "end, and is not empty");
      return Unknown{};
    }
    if ((!known || !stop) && !isAtMost(end, full[i]) && !isGeneric) {
      error(Code::IndexOutOfRange, item.range,
            "whether index " + quote(item.range) + " lies in a dimension of size " + full[i].str() +
                " is not known before the program runs")
          .suggest("a size that both have, such as '0.." + full[i].str() + "', is known to fit");
      return Unknown{};
    }
    cuts.push_back({*offset, *size, !isRange});
  }

  graph.setPlace(expr.range, frame->site);
  Shape sliced, kept;
  std::vector<int64_t> offsets, strides(full.size(), 1);
  for (const Cut &cut : cuts) {
    sliced.push_back(cut.size);
    offsets.push_back(cut.offset);
    if (!cut.drops)
      kept.push_back(cut.size);
  }
  if (sliced != full)
    node = graph.makeSized("slice", {node}, Type{node->type.element, sliced},
                           {{"offsets", offsets}, {"strides", strides}});
  if (kept != sliced)
    node = graph.makeSized("reshape", {node}, Type{node->type.element, kept});
  return Tensor{node};
}

} // namespace nnc::sema
