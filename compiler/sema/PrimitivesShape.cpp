// Primitives that change shapes without computing: reshape, transpose, squeeze, and sizes.
#include "compiler/sema/Primitives.h"

namespace nnc::sema {

namespace {

Value reshape(const PrimitiveCall &call) {
  Elaborator &e = call.elaborator;
  const Node *x = call.tensor(0);
  auto shape = x ? e.shapeOf(call.value(1), call.rangeOf(1)) : std::nullopt;
  if (!shape)
    return Unknown{};
  if (llvm::count(*shape, Dim(-1)) > 1) {
    const Sequence *sizes = call.value(1).asSequence();
    auto last = llvm::find(llvm::reverse(*shape), Dim(-1)).base() - 1 - shape->begin();
    e.error(Code::ReshapeSize, sizes->places ? (*sizes->places)[last] : call.rangeOf(1),
            "one size alone may be -1, which is what the others leave over")
        .suggest("give the others; a size may be computed, as in [batch, n / 2, -1]");
    return Unknown{};
  }
  auto before = product(x->type.shape), after = product(*shape);
  for (Dim &dim : *shape) {
    if (!(dim == Dim(-1)) || !before || !after)
      continue;
    auto others = Dim::multiply(*after, Dim(-1));
    auto rest = others ? Dim::divide(*before, *others) : std::nullopt;
    if (rest && rest->isWhole()) {
      dim = *rest;
      after = before;
    }
    break;
  }
  if (!before || !after || !(*before == *after)) {
    e.error(Code::ReshapeSize, call.range, "'reshape' must keep the number of elements")
        .detail("from " + str(x->type.shape) + (before ? ", " + before->str() + " elements" : ""))
        .detail("to   " + str(*shape) + (after ? ", " + after->str() + " elements" : ""))
        .suggest("'size(...)' multiplies dimensions: reshape(x, [batch, size(s)])");
    return Unknown{};
  }
  if (x->type.shape == *shape)
    return Tensor{x};
  return e.tensor(e.graph.makeSized("reshape", {x}, Type{x->type.element, *shape}));
}

Value transpose(const PrimitiveCall &call) {
  Elaborator &e = call.elaborator;
  const Node *x = call.tensor(0);
  if (!x)
    return Unknown{};
  auto rank = static_cast<int64_t>(x->type.shape.size());
  std::vector<int64_t> permutation;
  if (call.has(1)) {
    // Every axis once, in the order given.
    auto sorted = call.axes(1, rank);
    const Sequence *given = call.value(1).asSequence();
    if (!sorted)
      return Unknown{};
    if (!given || static_cast<int64_t>(sorted->size()) != rank)
      return call.poison(Code::AxisOutOfRange, call.rangeOf(1),
                         "'transpose' takes each of the " + std::to_string(rank) + " axes once");
    for (const Value &each : *given->elements) {
      int64_t axis = *each.asInt()->constant();
      permutation.push_back(axis < 0 ? axis + rank : axis);
    }
  } else {
    if (rank < 2)
      return call.poison(Code::AxisOutOfRange, call.rangeOf(0),
                         "'transpose' swaps the last two dimensions, but " +
                             call.value(0).describe() + " has fewer");
    for (int64_t i = 0; i < rank; ++i)
      permutation.push_back(i);
    std::swap(permutation[rank - 1], permutation[rank - 2]);
  }
  Shape shape;
  for (int64_t axis : permutation)
    shape.push_back(x->type.shape[axis]);
  return Tensor{
      e.graph.make("transpose", {x}, Type{x->type.element, shape}, {{"permutation", permutation}})};
}

/// Drops dimensions of size 1: one axis, a list, or without `axis` the last.
Value squeeze(const PrimitiveCall &call) {
  Elaborator &e = call.elaborator;
  const Node *x = call.tensor(0);
  if (!x)
    return Unknown{};
  size_t rank = x->type.shape.size();
  auto axes = call.axes(1, rank);
  if (!axes)
    return Unknown{};
  Shape shape;
  for (size_t i = 0; i < rank; ++i) {
    if (!llvm::is_contained(*axes, static_cast<int64_t>(i))) {
      shape.push_back(x->type.shape[i]);
      continue;
    }
    if (x->type.shape[i] == Dim(1))
      continue;
    e.error(Code::ReshapeSize, call.range,
            "'squeeze' drops dimensions of size 1, but axis " + std::to_string(i) + " has size " +
                x->type.shape[i].str())
        .detail("the tensor has shape " + x->type.str());
    return Unknown{};
  }
  return e.tensor(e.graph.makeSized("reshape", {x}, Type{x->type.element, shape}));
}

Value rank(const PrimitiveCall &call) {
  if (call.value(0).isNumber() || call.value(0).isWeak())
    return Dim(0);
  const Node *x = call.tensor(0);
  return x ? Value(Dim(static_cast<int64_t>(x->type.shape.size()))) : Unknown{};
}

Value size(const PrimitiveCall &call) {
  Elaborator &e = call.elaborator;
  std::optional<Shape> shape;
  if (const Tensor *tensor = call.value(0).asTensor())
    shape = tensor->node->type.shape;
  else
    shape = e.shapeOf(call.value(0), call.rangeOf(0));
  if (!shape)
    return Unknown{};
  if (auto count = product(*shape))
    return *count;
  return call.poison(Code::IntegerOverflow, call.range,
                     "the number of elements does not fit in a 64-bit integer");
}

Value shape(const PrimitiveCall &call) {
  const Node *x = call.tensor(0);
  return x ? shapeValue(x->type.shape) : Unknown{};
}

const Primitive table[] = {
    {"reshape",
     {{"x"}, {"shape"}},
     "The same elements in another shape; one size may be -1, for what is left over.",
     reshape},
    {"transpose",
     {{"x"}, {"axes", PrimitiveParameter::None{"swapped"}}},
     "Dimensions in another order; without `axes`, the last two swapped.",
     transpose},
    {"squeeze",
     {{"x"}, {"axis", int64_t(-1)}},
     "Without the axis, or each of a list, which has size 1.",
     squeeze},
    {"size", {{"x"}}, "The number of elements of a tensor or a list of dimensions.", size},
    {"shape", {{"x"}}, "The dimensions of a tensor, as a list.", shape},
    {"rank", {{"x"}}, "The number of dimensions of a tensor.", rank},
};

} // namespace

llvm::ArrayRef<Primitive> shapePrimitives() { return table; }

} // namespace nnc::sema
